"""Allostatic load: one number for how far a body's regulators are from their usual range.

A *count* is the number of markers beyond their limits; a *z-sum* adds up standardised markers, turned so that
higher is worse. There is no agreed definition (Beese, Postma and Graves 2022, Int J Environ Res Public
Health 19:17006): which markers, which limits and what medicine counts for are choices, and all of them are
arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, MissingVariable
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.load_markers import Limit, Marker, marker, published_limits
from lonely_analysis.surveys.survey import Survey

LoadRule = Literal["quartile", "macarthur", "clinical", "z"]
#: Share of the population beyond a quartile limit, and above the limit of a high load.
QUARTER = 0.25
# A cumulated share that misses a quarter by rounding alone has reached it.
_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True, eq=False)
class AllostaticLoad(Result):
    """A load for each row, and one row a marker (and group) that says how it came about.

    ``score`` (index of the data, missing where unknown) and ``high``: above the weighted upper quarter point
    of the score, so that with ties fewer than a quarter are. Columns of a count: ``marker, system, bad_end,
    group, limit, share_high, n``; of a z-sum ``marker, system, bad_end, group, mean, sd, n``.
    """

    rule: str
    score: pd.Series = field(repr=False)
    high: pd.Series = field(repr=False)


def allostatic_load(
    data: Survey | SurveyDesign,
    markers: Sequence[str],
    *,
    rule: LoadRule = "quartile",
    medication: bool = False,
    within: str | None = None,
    minimum: int | None = None,
    where: pd.Series | str | None = None,
) -> AllostaticLoad:
    """Score allostatic load over ``markers``: one load for each row of ``data``, nothing dropped.

    ``rule="quartile"`` counts the markers beyond the weighted quarter point of the sample's own distribution,
    at the marker's bad end (above the upper one; below the lower one for HDL cholesterol and DHEA-S), a value
    at the point not counted. ``"macarthur"`` and ``"clinical"`` count markers beyond published cut points
    (``la.published("allostatic")``), by sex where they differ. ``"z"`` adds up (x - mean)/SD, weighted, the
    sign turned for low bad ends. A weighted quantile is the smallest value at which the cumulated share of
    weight reaches p: R ``survey::svyquantile(qrule="math")``; the SD divides by the sum of the weights.

    ``medication=True`` counts a marker whose medicine a person takes as beyond its limit; if the measured
    value is within the limit and the medicine is unknown, the marker is missing. ``within`` names a column:
    quarter points, means and SDs are then those of each of its groups. ``where`` says whom the load is for:
    others have none and move no quarter point. ``minimum`` markers must be known (default all); with fewer
    than all, the load is the mean over the known ones times the number of markers.

    ``data`` is a Survey or a SurveyDesign of a pandas frame.

    Raises ``MissingVariable`` for an absent column and ``DataError`` for an unknown marker or rule, a marker
    without published limit, ``medication`` with ``"z"``, ``within`` with fixed limits, a minimum outside 1 to
    the number of markers, and a marker that is unknown for everybody.
    """
    design = _design(data)
    chosen = [marker(name) for name in dict.fromkeys(markers)]
    minimum = len(chosen) if minimum is None else minimum
    _check(chosen, rule, medication, within, minimum)
    used = domain_rows(design.frame, where) & (design.row_weights > 0)
    task = _Task(design, rule, medication, used, list(_groups(design, within, used)))
    points, rows = zip(*(_points(task, one) for one in chosen), strict=True)
    score = _total(np.column_stack(points), minimum, used)
    high = np.where(np.isnan(score), np.nan, score > _limit_of_high(score, design.row_weights))
    index = design.frame.index
    return AllostaticLoad(
        table=pd.DataFrame([line for lines in rows for line in lines]),
        source=design.source,
        rule=rule,
        score=pd.Series(score, index=index, name="load").astype("Float64"),
        high=pd.Series(high, index=index, name="high").astype("Float64").astype("boolean"),
    )


def weighted_quantile(values: np.ndarray, weights: np.ndarray, p: float) -> float:
    """Return the smallest value at which the share of weight of values up to it reaches ``p``."""
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(share, p - _ROUNDING)])


@dataclass(frozen=True, eq=False)
class _Task:
    """What all markers are scored with; ``groups`` are names and rows within which limits are computed."""

    design: SurveyDesign
    rule: str
    medication: bool
    used: np.ndarray
    groups: list[tuple[str, np.ndarray]]


def _design(data: Any) -> SurveyDesign:
    design = getattr(data, "design", data)
    if not isinstance(design, SurveyDesign) or not design.in_memory:
        raise DataError("allostatic load needs a Survey, or a SurveyDesign of a pandas frame")
    return design


def _check(chosen: Sequence[Marker], rule: str, medication: bool, within: str | None, minimum: int) -> None:
    if rule not in get_args(LoadRule):
        raise DataError(f"rule={rule!r} is none of: {', '.join(get_args(LoadRule))}")
    if not chosen or not 1 <= minimum <= len(chosen):
        raise DataError(
            f"minimum={minimum} of {len(chosen)} markers: ask for 1 to all of them, and name some"
        )
    if medication and rule == "z":
        raise DataError("medication counts a marker as beyond its limit, and rule='z' has no limits")
    if within is not None and rule not in ("quartile", "z"):
        raise DataError(f"within={within!r} moves limits of the sample, and rule={rule!r} has fixed ones")


def _groups(design: SurveyDesign, within: str | None, used: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    if within is None:
        yield "all", used
        return
    column = _column(design, within)
    for value in column[used].dropna().unique():
        yield str(value), used & (column == value).fillna(False).to_numpy(dtype=bool)


def _column(design: SurveyDesign, name: str) -> pd.Series:
    if name not in design.frame.columns:
        raise MissingVariable(name, design.source)
    return design.frame[name]


def _numbers(design: SurveyDesign, name: str) -> np.ndarray:
    return pd.to_numeric(_column(design, name)).to_numpy(dtype=float, na_value=np.nan)


def _values(design: SurveyDesign, one: Marker) -> np.ndarray:
    if one.ratio_of and one.column not in design.frame.columns:
        above, below = (_numbers(design, name) for name in one.ratio_of)
        return above / below
    return _numbers(design, one.column)


def _points(task: _Task, one: Marker) -> tuple[np.ndarray, list[dict[str, Any]]]:
    """Return what a marker adds to each row's load (NaN where unknown), and its lines of the table."""
    values = _values(task.design, one)
    known = task.used & ~np.isnan(values)
    named = {"marker": one.column, "system": one.system, "bad_end": one.bad_end}
    out, lines = np.full(len(values), np.nan), []
    if not known.any():
        raise DataError(f"{one.column!r} is not known for anybody whom the load is for")
    for name, rows, limit in _limits(task, one, values, known):
        if not (rows & known).any():
            continue
        points, line = _scored(task, one, values, rows & known, limit)
        out[rows & known] = points[rows & known]
        lines.append({**named, "group": name, **line, "n": int((rows & known).sum())})
    return out, lines


def _limits(
    task: _Task, one: Marker, values: np.ndarray, known: np.ndarray
) -> Iterator[tuple[str, np.ndarray, Limit | None]]:
    """Yield groups with their rows and their limit: the sample's own quarter point, or a published one."""
    if task.rule in ("macarthur", "clinical"):
        for limit in published_limits(one.column, task.rule):
            rows = task.used
            if limit.sex != "both":
                rows = rows & (_column(task.design, "sex") == limit.sex).fillna(False).to_numpy(dtype=bool)
            yield limit.sex if limit.sex != "both" else "all", rows, limit
        return
    weights = task.design.row_weights
    for name, rows in task.groups:
        inside = rows & known
        if task.rule == "z" or not inside.any():
            yield name, rows, None
        else:
            high = one.bad_end == "high"
            at = weighted_quantile(values[inside], weights[inside], 1 - QUARTER if high else QUARTER)
            yield name, rows, Limit(at, "above" if high else "below", "both")


def _scored(
    task: _Task, one: Marker, values: np.ndarray, inside: np.ndarray, limit: Limit | None
) -> tuple[np.ndarray, dict[str, float]]:
    weights = task.design.row_weights[inside]
    if limit is None:
        mean = float(np.average(values[inside], weights=weights))
        sd = float(np.sqrt(np.average((values[inside] - mean) ** 2, weights=weights)))
        if sd == 0:
            raise DataError(f"{one.column!r} has one value only: it cannot be standardised")
        return (values - mean) / sd * (1 if one.bad_end == "high" else -1), {"mean": mean, "sd": sd}
    points = limit.beyond(values).astype(float)
    if task.medication and one.medicine:
        points = _treated(points, _numbers(task.design, one.medicine))
    share = points[inside]
    answered = ~np.isnan(share)
    return points, {
        "limit": limit.value,
        "share_high": float(np.average(share[answered], weights=weights[answered])),
    }


def _treated(points: np.ndarray, medicine: np.ndarray) -> np.ndarray:
    """Return 1 beyond the limit or under treatment, NaN within the limit with treatment unknown."""
    return np.where((points == 1) | (medicine == 1), 1.0, np.where(np.isnan(medicine), np.nan, points))


def _total(points: np.ndarray, minimum: int, used: np.ndarray) -> np.ndarray:
    """Return the mean over the known markers times their number, NaN below the minimum or outside."""
    known = ~np.isnan(points)
    count = known.sum(axis=1)
    mean = np.where(known, points, 0.0).sum(axis=1) / np.maximum(count, 1)
    return np.where(used & (count >= minimum), mean * points.shape[1], np.nan)


def _limit_of_high(score: np.ndarray, weights: np.ndarray) -> float:
    known = ~np.isnan(score) & (weights > 0)
    if not known.any():
        raise DataError("nobody has enough markers for a load: ask for fewer with minimum=, or fewer markers")
    return weighted_quantile(score[known], weights[known], 1 - QUARTER)
