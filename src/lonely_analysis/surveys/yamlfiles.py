"""YAML as people write it: ``NO`` is Norway, and a number is the number that stands there."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from lonely_analysis.errors import DataError


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the content of a YAML file; raise ``DataError`` for one that is no list of entries."""
    import yaml

    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_loader())
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"{path} cannot be read as YAML: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} is not a codebook: it must be a list of `key: value` entries")
    return content


@lru_cache(maxsize=1)
def _loader() -> type:
    """Make a YAML loader in which ``NO`` is Norway, not false: only ``true`` and ``false`` are booleans."""
    import yaml

    class Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            _refuse_repeats(node)
            return super().construct_mapping(node, deep)

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":bool")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
    return Loader


def _refuse_repeats(node: Any) -> None:
    """Raise an error for a key that stands twice in one place: the later entry would silently win."""
    import yaml

    seen: set[tuple[str, str]] = set()
    for key, _ in node.value:
        written = (key.tag, str(key.value))
        if written in seen:
            raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands twice", key.start_mark)
        seen.add(written)
