"""Follow-up: when a row came under observation, when it left, and whether it died.

A row without follow-up (time and event both missing) was never linked to deaths, and leaves the domain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.columns import refuse_huge
from lonely_analysis.estimators.risk_sets import RiskSets, risk_sets
from lonely_analysis.surveys.design import SurveyDesign, require_columns

_VALUES_SHOWN = 5
# Times that differ by less, in units or as a share of their mean, are one time, as in R ``survival``.
_SAME_TIME = float(np.sqrt(np.finfo(float).eps))


@dataclass(frozen=True, eq=False)
class FollowUp:
    """Exit, death and entry of every row, with the ``names`` of their columns; ``missing`` is a mask."""

    names: tuple[str, str, str | None]
    exit: np.ndarray = field(repr=False)
    died: np.ndarray = field(repr=False)
    entry: np.ndarray | None = field(repr=False)
    missing: np.ndarray = field(repr=False)

    def risk_sets(self, rows: np.ndarray, weights: np.ndarray) -> RiskSets:
        """Return the risk sets of some rows with their weights."""
        entry = None if self.entry is None else self.entry[rows]
        return risk_sets(self.exit[rows], self.died[rows], weights, entry)

    def followed_at(self, rows: np.ndarray, time: float) -> int:
        """Count the rows that are under observation at a time."""
        still = self.exit[rows] >= time
        return int((still if self.entry is None else still & (self.entry[rows] < time)).sum())

    def died_by(self, rows: np.ndarray, time: float) -> int:
        """Count the rows that have died by a time."""
        return int((self.died[rows] & (self.exit[rows] <= time)).sum())


def pandas_frame(design: SurveyDesign) -> pd.DataFrame:
    """Return the frame of a design, or refuse another engine's: risk sets need every row in order."""
    if not design.in_memory:
        kind = type(design.frame).__name__
        raise DataError(f"survival analysis orders every row in memory: give it a pandas frame, not {kind}")
    return design.frame


def read_follow_up(frame: pd.DataFrame, time: str, event: str, entry: str | None = None) -> FollowUp:
    """Read follow-up and check it: times of 0 or more, events 0/1, and both or neither in a row."""
    require_columns(list(frame.columns), [time, event, *([entry] if entry else [])])
    exit_, died = _numbers(frame, time), _numbers(frame, event)
    odd = np.unique(died[~np.isnan(died) & ~np.isin(died, (0, 1))])
    if len(odd):
        shown = ", ".join(f"{value:g}" for value in odd[:_VALUES_SHOWN])
        raise DataError(f"{event!r} must be 1 for a death and 0 for none, and has also {shown}: recode it")
    negative = int((exit_ < 0).sum())
    if negative:
        raise DataError(
            f"{time!r} is negative in {negative} rows: correct it, or set time and event to missing there"
        )
    half = int((np.isnan(exit_) != np.isnan(died)).sum())
    if half:
        raise DataError(
            f"{half} rows have only one of {time!r} and {event!r}: each needs the other. Fill it in, or set "
            "both to missing for who was not followed"
        )
    entered = None if entry is None else _numbers(frame, entry)
    exit_, entered = _tied(exit_, entered)
    missing = np.isnan(exit_) if entered is None else np.isnan(exit_) | np.isnan(entered)
    return FollowUp((time, event, entry), exit_, died == 1, entered, missing)


def _tied(exit_: np.ndarray, entry: np.ndarray | None) -> tuple[np.ndarray, np.ndarray | None]:
    """Make times equal that differ by rounding only, as 0.1 + 0.2 and 0.3 do (R ``survival::aeqSurv``)."""
    times = np.unique(exit_ if entry is None else np.concatenate([exit_, entry]))
    times = times[~np.isnan(times)]
    gaps = np.diff(times)
    tied = gaps <= _SAME_TIME * max(1.0, float(np.abs(times).mean())) if len(times) else gaps
    if not np.any(tied):
        return exit_, entry
    distinct = times[np.append(True, ~tied)]

    def earlier(values: np.ndarray) -> np.ndarray:
        place = np.searchsorted(distinct, values, side="right") - 1
        return np.where(np.isnan(values), np.nan, distinct[np.maximum(place, 0)])

    return earlier(exit_), None if entry is None else earlier(entry)


def _numbers(frame: pd.DataFrame, column: str) -> np.ndarray:
    values = frame[column]
    if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values)):
        raise DataError(f"{column!r} must hold numbers, and holds {values.dtype}: convert it")
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    refuse_huge(column, numbers)
    return numbers


def refuse_impossible(follow: FollowUp, used: np.ndarray) -> None:
    """Refuse rows that leave before they enter, and a domain in which nobody dies."""
    time, event, entry = follow.names
    if not used.any():
        raise DataError(
            f"no row is left: each row of the domain has weight 0, or misses {time!r} or a covariate. "
            "Check where="
        )
    if follow.entry is not None:
        late = int((follow.entry >= follow.exit)[used].sum())
        if late:
            raise DataError(
                f"{late} rows enter ({entry!r}) when or after they leave ({time!r}), so that they are never "
                "at risk: correct them, or leave them out with where="
            )
    if not follow.died[used].any():
        raise EstimationError(
            f"no events: {event!r} is 0 in all {int(used.sum())} rows used. Follow longer, or widen where="
        )
