"""One door to every survey: ``read_survey``.

An *adapter* is the module that knows one source's variable names; it exposes ``read(path, *, part=None)``
and returns a ``Survey``. Adapters are imported when they are asked for, so that a reader of one source does
not wait for the others.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.survey import Survey

ADAPTERS: dict[str, str] = {
    "synthetic": "lonely_analysis.surveys.synthetic:read",
    "euls": "lonely_analysis.surveys.euls:read",
    "ess": "lonely_analysis.surveys.ess:read",
    "nhanes": "lonely_analysis.surveys.nhanes:read",
    "brfss": "lonely_analysis.surveys.brfss:read",
}
"""Name of a source -> ``module:function`` of its adapter."""

MAPPING_ADAPTER = "lonely_analysis.surveys.mapping:read"
"""The adapter that any other survey can be described to in a YAML file."""


def read_survey(name: str, path: str | Path | None = None, *, part: str | None = None) -> Survey:
    """Read a survey into common columns, bound to its sampling design.

    ``name`` is a key of ``ADAPTERS``, or the path of a YAML mapping (``my_survey.yml``) that describes a
    source of your own. ``path`` is the file or folder of raw data; only ``"synthetic"`` ships with the
    package and needs none. ``part`` picks a part of a source that has several, such as ``part="panel"`` of
    the synthetic survey. Raises ``DataError`` for an unknown name and for a file that cannot be used.
    """
    if not isinstance(name, (str, Path)):
        raise DataError(f"a survey is named by text, such as 'synthetic', not by {type(name).__name__}")
    if Path(name).suffix.lower() in {".yml", ".yaml"}:
        return _adapter(MAPPING_ADAPTER)(path, part=part, mapping=Path(name))
    if name not in ADAPTERS:
        known = ", ".join(ADAPTERS)
        raise DataError(f"no survey is called {name!r}; there are: {known}, or the path of a .yml mapping")
    return _adapter(ADAPTERS[name])(None if path is None else Path(path), part=part)


def _adapter(where: str) -> Callable[..., Survey]:
    module, function = where.split(":")
    return getattr(import_module(module), function)
