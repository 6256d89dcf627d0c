"""The book room: what a chapter calls. Results come in; sentences, figures, tables and pages go out.

Names are imported on first use, so that a chapter without figures never waits for matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from lonely_analysis.book.show import install as _show_results

_WHERE = {
    "context": ["banner", "cohort", "survey", "truth"],
    "glue": ["put", "recorded", "text"],
    "tables": ["table"],
    "covariates": ["covariates"],
    "exercises": ["answer", "check"],
    "explore": ["explorer"],
    "snapshot": ["real"],
    "verdict_box": ["verdicts"],
    "verdict_page": ["ledger"],
    "codebooks": ["access", "codebook", "columns", "mapping_example"],
    "limits": ["grades", "not_asked", "subjects_asked", "undecided", "without_evidence"],
    "provenance": ["calibration", "calibration_tables", "causal_model", "data_files", "file_tables"],
    "correctness": ["agreement", "benchmarks", "checks", "coverage", "disagreements", "excused", "simulated"],
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = sorted(["figure", *_MODULE_OF])


def __getattr__(name: str) -> Any:
    if name == "figure":
        return import_module("lonely_analysis.book.figure")
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'lonely_analysis.book' has no attribute {name!r}")
    value = getattr(import_module(f"lonely_analysis.book.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])


_show_results()
