"""Results as plain data and back: what a notebook carries and a snapshot stores.

A *record* holds the class of a result, its table and its simple fields; covariances and fitted objects stay
behind. Floats are rounded to nine significant digits: standard errors from numeric derivatives, such as that
of omega, agree between machines and versions of SciPy to ten.
"""

from __future__ import annotations

import math
import os
from dataclasses import MISSING, fields
from importlib import import_module
from typing import Any

import pandas as pd

from lonely_analysis.book.numerals import steady
from lonely_analysis.results import Result

RECORDED_DIGITS = 9
Record = dict[str, Any]


def as_result(value: Any) -> Any:
    """Wrap a data frame, such as ``model.ratios()``, as a result of the data that the book is built on."""
    if not isinstance(value, pd.DataFrame):
        return value
    source = value.attrs.get("source") or os.environ.get("LONELY_SURVEY") or "synthetic"
    return Result(table=value, source=source)


def to_record(value: Any, kind: str) -> Record:
    """Describe a result, a number or a text as JSON-able data."""
    if not isinstance(value, Result):
        return {"kind": kind, "value": plain(value)}
    simple = {
        field.name: plain(getattr(value, field.name))
        for field in fields(value)
        if field.name != "table" and _is_simple(getattr(value, field.name))
    }
    table = value.to_frame().reset_index(drop=True)
    return {
        "kind": kind,
        "type": f"{type(value).__module__}:{type(value).__name__}",
        "fields": simple,
        "columns": [str(column) for column in table.columns],
        "rows": [[plain(cell) for cell in row] for row in table.itertuples(index=False, name=None)],
    }


def from_record(record: Record, source: str) -> Any:
    """Return the value that a record describes; a result says that it comes from ``source``."""
    if "type" not in record:
        return record["value"]
    table = pd.DataFrame(record["rows"], columns=record["columns"])
    module, name = record["type"].split(":")
    kind: type[Result] = getattr(import_module(module), name)
    simple = {key: tuple(v) if isinstance(v, list) else v for key, v in record["fields"].items()}
    simple |= {"source": source, "table": table}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}
    if not needed <= set(simple):
        kind, simple = Result, {key: simple[key] for key in ("table", "source", "note") if key in simple}
    return kind(**simple)


def plain(value: Any) -> Any:
    """Return a JSON-able value: numbers without the noise of their last digits, missing ones as ``None``."""
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        return steady(value, RECORDED_DIGITS) if math.isfinite(value) else None
    return value if isinstance(value, (bool, int, str)) else str(value)


def _is_simple(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(_is_simple(part) for part in value)
    return value is None or isinstance(value, (bool, int, float, str))
