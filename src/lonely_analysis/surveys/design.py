"""How a sample was drawn.

A *PSU* (primary sampling unit) is the first thing drawn, often a municipality; PSUs are drawn within
*strata*; a row's *weight* says how many people it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from dataclasses import replace as _replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.parts import Parts

# A message stays readable with this many names in it.
_NAMES_SHOWN = 5

# Squares of weights must neither vanish nor overflow; weights that add up to less or more are a slip.
LEAST_TOTAL, MOST_TOTAL = 1e-100, 1e100

SinglePsuRule = Literal["fail", "adjust", "average", "certainty", "remove"]


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """A frame bound to its sampling design (R ``survey::svydesign(ids, strata, weights, nest = TRUE)``).

    ``frame`` is pandas, any frame that narwhals reads (Polars, a DuckDB relation, Dask, PySpark), or
    ``la.parts``: Parquet files that are taken one at a time.
    ``stratum`` and ``psu`` are optional, and PSUs are nested in strata: the same PSU code in two strata
    means two PSUs. ``single_psu`` says what a stratum with one PSU contributes to the variance, with the
    meanings of R ``survey``'s ``options(survey.lonely.psu=)``. The frame is held as it is now: columns that
    are added to it later are not seen. ``source`` is the short name that results carry.

    Raises ``DataError`` when a column is absent, when a weight is missing, negative, infinite or text, when
    all weights are 0, or when a stratum or PSU is missing. On frames other than pandas the values are
    checked in the first estimate, because a check would be a pass over the data.
    """

    frame: Any = field(repr=False)
    weight: str | None = None
    stratum: str | None = None
    psu: str | None = None
    single_psu: SinglePsuRule = "fail"
    source: str = "data"

    def __post_init__(self) -> None:
        if self.single_psu not in get_args(SinglePsuRule):
            rules = ", ".join(get_args(SinglePsuRule))
            raise DataError(f"single_psu={self.single_psu!r} is no rule; choose one of: {rules}")
        require_columns(column_names(self.frame), [c for c in (self.weight, self.stratum, self.psu) if c])
        if isinstance(self.frame, pd.DataFrame):
            # A shallow copy: pandas copies on write, so that later changes outside cannot reach the design.
            object.__setattr__(self, "frame", self.frame.copy(deep=False))
            _check_values(self)

    @property
    def in_memory(self) -> bool:
        """Whether the frame is pandas; other frames are estimated by group-bys in their own engine."""
        return isinstance(self.frame, pd.DataFrame)

    @cached_property
    def row_weights(self) -> np.ndarray:
        """The weight of each row of a pandas frame as floats, (n,), checked; 1 each where there is none."""
        return _checked_weights(self)

    def replace(self, **changes: Any) -> SurveyDesign:
        """Return the design with some of its fields changed: ``design.replace(single_psu="average")``."""
        return _replace(self, **changes)


def column_names(frame: Any) -> list[str]:
    """Return the columns of a frame of any engine, without reading its rows."""
    if isinstance(frame, pd.DataFrame | Parts):
        return list(frame.columns)
    import narwhals as nw

    try:
        return nw.from_native(frame).collect_schema().names()
    except TypeError as error:
        raise DataError(
            f"a frame is needed (pandas, Polars, DuckDB, Dask or PySpark), not {type(frame).__name__}"
        ) from error


def require_columns(have: list[str], wanted: list[str]) -> None:
    """Raise ``DataError`` for the columns of ``wanted`` that a frame lacks."""
    for column in wanted:
        if have.count(column) == 1:
            continue
        if column in have:
            raise DataError(
                f"column {column!r} occurs {have.count(column)} times: give each column its own name"
            )
        raise DataError(f"no column {column!r} in the data. Columns: {', '.join(map(str, have))}")


def listed(names: list[str], separator: str = ", ") -> str:
    """Return names for a message, the first few of many."""
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return separator.join(names[:_NAMES_SHOWN]) + more


def _checked_weights(design: SurveyDesign) -> np.ndarray:
    if design.weight is None:
        return np.ones(len(design.frame))
    column = design.frame[design.weight]
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise DataError(_no_numbers(design.weight, column))
    weights = column.to_numpy(dtype=float, na_value=np.nan)
    total = float(weights.sum())
    if LEAST_TOTAL < total < MOST_TOTAL and weights.min() >= 0:
        return weights
    check_weights(
        design.weight,
        missing=int(np.isnan(weights).sum()),
        infinite=int(np.isinf(weights).sum()),
        negative=int((weights < 0).sum()),
        total=total,
    )
    return weights


def _no_numbers(name: str, column: pd.Series) -> str:
    """Say how many values are no numbers and show the first; of numbers kept as text, the first of all."""
    wrong = column[pd.to_numeric(column.astype(object), errors="coerce").isna() & column.notna()]
    shown = (
        f"{len(wrong)} of {len(column)} rows hold text" if len(wrong) else "numbers stored as text or labels"
    )
    first = str((wrong if len(wrong) else column).iloc[0])
    return f"weight column {name!r} holds {column.dtype}, not numbers: {shown}, such as {first!r}"


def check_weights(column: str, *, missing: int, infinite: int, negative: int, total: float) -> None:
    """Raise ``DataError`` for weights that cannot be used, given what was counted in the column."""
    for count, what in ((missing, "missing"), (infinite, "infinite"), (negative, "negative")):
        if count:
            raise DataError(
                f"weight column {column!r} has {count} {what} {'value' if count == 1 else 'values'}: "
                "give those rows a weight (0 keeps a row in the design without counting it) or leave them out"
            )
    if not total > 0:
        raise DataError(f"all weights in column {column!r} are 0: no row counts")
    if not LEAST_TOTAL < total < MOST_TOTAL:
        raise DataError(
            f"the weights in column {column!r} add up to {total:g}: divide them by one number, so that they "
            "are of a size that can be squared"
        )


def check_complete(column: str, role: str, missing: int) -> None:
    """Raise ``DataError`` when a row lacks its stratum or PSU."""
    if missing:
        raise DataError(
            f"{role} column {column!r} is missing in {missing} {'row' if missing == 1 else 'rows'}: "
            f"every row needs its {role}, because the variance is computed from it"
        )


def _check_values(design: SurveyDesign) -> None:
    if design.frame.empty:
        raise DataError("the data have no rows: nothing can be estimated")
    _ = design.row_weights
    for column, role in ((design.stratum, "stratum"), (design.psu, "PSU")):
        if column is not None:
            missing = design.frame[column].isna()
            check_complete(column, role, int(missing.sum()) if missing.any() else 0)
