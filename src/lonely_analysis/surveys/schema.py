"""The common columns: the one table that adapters are checked against and that the codebook page prints.

A column's *kind* is what it holds: ``yes/no`` a nullable boolean; ``score`` a whole number on a fixed scale;
``count`` a whole number of things; ``measure`` any number; ``category`` one of named levels; ``id`` a label.
``low`` and ``high`` bound the values that a column may hold, whatever the source.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import pandas as pd

from lonely_analysis import files
from lonely_analysis.errors import DataError

TABLE = "codebooks/common_columns.csv"
"""The resource that holds the table: group, name, kind, low, high, levels, unit, wording in two languages."""

NEVER_MISSING = ("person_id", "weight", "stratum", "psu")
"""Columns of the design: a row without them cannot be estimated with."""

SHOWN_CODES = 5
"""How many different wrong codes one message prints."""


class Column(NamedTuple):
    """One row of the table."""

    group: str
    name: str
    kind: str
    low: float | None
    high: float | None
    levels: tuple[str, ...]
    unit: str
    asks: str
    asks_nb: str


@lru_cache(maxsize=1)
def common_columns() -> dict[str, Column]:
    """Return every common column by name, in the order of the codebook page."""
    table = files.read_table(TABLE).astype(object)
    table = table.where(table.notna(), None)
    rows = (_column(row) for row in table.to_dict("records"))
    return {column.name: column for column in rows}


def _column(row: dict[str, object]) -> Column:
    levels = tuple(str(row["levels"]).split("|")) if row["levels"] else ()
    low, high = (None if row[bound] is None else float(str(row[bound])) for bound in ("low", "high"))
    words = {key: str(row[key] or "") for key in ("group", "name", "kind", "unit", "asks", "asks_nb")}
    return Column(low=low, high=high, levels=levels, **words)


def codebook(frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the table of common columns; with ``frame``, only its columns, and how many rows answer each."""
    table = pd.DataFrame([column._asdict() for column in common_columns().values()])
    if frame is None:
        return table
    table = table[table["name"].isin(frame.columns)].reset_index(drop=True)
    return table.assign(n=[int(frame[name].notna().sum()) for name in table["name"]])


def check_frame(frame: pd.DataFrame, *, where: str = "this frame") -> None:
    """Raise one ``DataError`` that lists every problem of ``frame``: column, codes and counts.

    A problem is a column that the table does not know, a value outside its range or levels, a column of the
    wrong kind, or a missing value in a column of the design.
    """
    known = common_columns()
    problems = [f"column {name!r} is not a common column" for name in frame.columns if name not in known]
    for name in frame.columns.intersection(list(known)):
        problems += _problems(frame[name], known[name])
    if problems:
        listed = "\n  ".join(problems)
        raise DataError(f"{where}: {len(problems)} problem(s); correct the adapter or its codes:\n  {listed}")


def _problems(values: pd.Series, column: Column) -> list[str]:
    found = []
    if column.name in NEVER_MISSING and values.isna().any():
        found.append(f"{column.name}: {int(values.isna().sum())} missing, none is allowed")
    present = values.dropna()
    if column.kind == "yes/no":
        return found + _wrong_type(column, present, "a nullable boolean", pd.api.types.is_bool_dtype(values))
    if column.kind in {"score", "count", "measure"}:
        if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            return found + _wrong_type(column, present, "numbers", False)
        return found + _wrong_values(column, present, _outside(present, column))
    return found + _wrong_values(column, present, _unknown(present, column))


def _wrong_type(column: Column, present: pd.Series, wanted: str, right: bool) -> list[str]:
    return [] if right else [f"{column.name}: holds {present.dtype} in {len(present)} rows, not {wanted}"]


def _outside(present: pd.Series, column: Column) -> pd.Series:
    number = present.astype(float)
    wrong = ~number.between(*_bounds(column))
    return wrong if column.kind == "measure" else wrong | (number % 1 != 0)


def _bounds(column: Column) -> tuple[float, float]:
    low = float("-inf") if column.low is None else column.low
    return low, float("inf") if column.high is None else column.high


def _unknown(present: pd.Series, column: Column) -> pd.Series:
    if not column.levels:
        return pd.Series(False, index=present.index)
    return ~present.astype(str).isin(column.levels)


def _wrong_values(column: Column, present: pd.Series, wrong: pd.Series) -> list[str]:
    if not wrong.any():
        return []
    counts = present[wrong].astype(object).value_counts()
    listed = ", ".join(f"{code!r} x {n}" for code, n in counts.head(SHOWN_CODES).items())
    more = ", ..." if len(counts) > SHOWN_CODES else ""
    low, high = _bounds(column)
    allowed = " | ".join(column.levels) or f"{low:g} to {high:g}"
    return [f"{column.name}: {int(wrong.sum())} values outside {allowed} ({listed}{more})"]
