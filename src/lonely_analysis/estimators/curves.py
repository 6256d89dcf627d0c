"""Survival curves of a sample: Kaplan-Meier by group, and curves adjusted by standardisation.

*Survival* at t is the share of the population that is alive after t. An *adjusted* curve is the mean of a Cox
model's curves over the sample, with everybody given the same value of one variable (Makuch 1982, J Chronic
Dis 35:437-443). All standard errors come from the derivative of a curve by each row's weight, added within
PSUs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.adjusted_curves import Baseline, adjusted_curve
from lonely_analysis.estimators.follow_up import FollowUp, pandas_frame, read_follow_up, refuse_impossible
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.estimators.kaplan_meier import KaplanMeier
from lonely_analysis.estimators.linearise import Coded, as_design, coded, covariance_of_totals, psu_totals
from lonely_analysis.estimators.matrix import dense_matrix
from lonely_analysis.estimators.survival import CoxModel
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

# Influences of this many times are held in memory at once.
_TIMES_AT_ONCE = 32
# More groups than this are a number or an identifier, not groups.
_MOST_GROUPS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class SurvivalCurves(Result):
    """One row a group and time: ``by``, then ``time, estimate, se, ci_low, ci_high, n, events, at_risk``.

    ``n`` rows stand behind a curve; ``events`` of them had died by the time and ``at_risk`` were still
    followed at it (all rows of the model for an adjusted curve, which borrows from everybody). ``vcov`` is
    the covariance of the estimates in row order.
    """

    by: str | None
    method: str
    level: float
    vcov: np.ndarray = field(repr=False)

    def _restrict(self, keep: np.ndarray) -> dict[str, Any]:
        return {"vcov": self.vcov[np.ix_(keep, keep)]}

    def difference(self, first: Any, second: Any) -> pd.DataFrame:
        """Return survival of ``second`` minus that of ``first``: ``time, estimate, se, ci_low, ci_high``."""
        at = [np.flatnonzero((self.table[self.by] == group).to_numpy()) for group in (first, second)]
        if not all(map(len, at)):
            raise DataError(
                f"{self.by!r} has the groups {', '.join(map(str, pd.unique(self.table[self.by])))}"
            )
        values = self.table["estimate"].to_numpy()
        gap = values[at[1]] - values[at[0]]
        variance = self.vcov[at[1], at[1]] + self.vcov[at[0], at[0]] - 2 * self.vcov[at[0], at[1]]
        half = ndtri((1 + self.level) / 2) * np.sqrt(variance)
        columns = {"estimate": gap, "se": np.sqrt(variance), "ci_low": gap - half, "ci_high": gap + half}
        return pd.DataFrame({"time": self.table["time"].to_numpy()[at[0]], **columns})


@dataclass(frozen=True, eq=False)
class _Curve:
    """One group's curve: S at the times, PSU totals (n_psu, k) of the influences on log S, and counts."""

    group: Any
    survival: np.ndarray
    totals: np.ndarray
    counts: pd.DataFrame


def survival_curves(
    data: Survey | SurveyDesign | CoxModel,
    by: str | None = None,
    at: Sequence[float] | None = None,
    *,
    time: str = "follow_up_years",
    event: str = "died",
    entry: str | None = None,
    where: pd.Series | str | None = None,
    method: Literal["kaplan-meier", "nelson-aalen"] = "kaplan-meier",
    ci: Literal["log", "log-log"] = "log",
    level: float = 0.95,
) -> SurvivalCurves:
    """Estimate survival at the times ``at`` (all times of death when absent), for each value of ``by``.

    From a survey or design: the weighted Kaplan-Meier curve prod(1 - d/N) of each group, d and N the weighted
    dying and at risk (R ``svykm``); ``nelson-aalen`` is exp(-sum d/N), the form that ``svykm(se=TRUE)``
    gives. From a Cox model: for each value of ``by`` (a variable of the model) the mean over the weighted
    sample of the model's curves with ``by`` set to that value; ``time``, ``event``, ``entry``, ``where`` and
    ``method`` are then the model's.

    Intervals are z intervals of log S, cut at 1 (``ci="log"``, as ``confint`` of R ``svykm``), or of log(-log
    S), which stay inside 0-1 by themselves. An adjusted curve's SE counts the coefficients, the baseline
    hazard and the sample that is averaged over. Where a whole group has died, S is 0 and its SE missing;
    after a group's last exit S is missing.

    Raises ``DataError`` for ``by`` with more than 20 values or outside the model, and what ``cox`` raises.
    """
    check_level(level)
    if ci not in ("log", "log-log"):
        raise DataError(f'ci={ci!r} is no interval of a curve; choose "log" or "log-log"')
    if isinstance(data, CoxModel):
        design, used, method = data.design, data.used, "adjusted"
        times = _times(at, data.follow, used)
        curves = _adjusted(data, by, times)
    else:
        design = as_design(data)
        follow = read_follow_up(pandas_frame(design), time, event, entry)
        used = _rows_used(design, follow, by, where)
        times = _times(at, follow, used)
        curves = _by_group(design, follow, used, by, times, method)
    sample = coded(design)
    table, vcov = _together(curves, by, times, sample, used)
    table = _with_intervals(table, vcov, ci, level)
    return SurvivalCurves(table=table, source=design.source, by=by, method=method, level=level, vcov=vcov)


def _rows_used(
    design: SurveyDesign, follow: FollowUp, by: str | None, where: pd.Series | str | None
) -> np.ndarray:
    used = domain_rows(design.frame, where) & (coded(design).weights > 0) & ~follow.missing
    if by is not None:
        require_columns(list(design.frame.columns), [by])
        used &= design.frame[by].notna().to_numpy()
    refuse_impossible(follow, used)
    return used


def _times(at: Sequence[float] | None, follow: FollowUp, used: np.ndarray) -> np.ndarray:
    if at is None:
        return np.unique(follow.exit[used & follow.died])
    times = np.unique(np.asarray(at, dtype=float))
    if not len(times) or not np.isfinite(times).all() or times[0] < 0:
        raise DataError(f"at= must hold times of 0 or more, in the unit of {follow.names[0]!r}")
    return times


def _groups(design: SurveyDesign, by: str, used: np.ndarray) -> tuple[np.ndarray, pd.Index]:
    codes = np.full(len(used), -1)
    codes[used], groups = pd.factorize(design.frame[by][used], sort=True)
    if len(groups) > _MOST_GROUPS:
        raise DataError(
            f"{by!r} has {len(groups)} values; curves are drawn for at most {_MOST_GROUPS}: group it first"
        )
    return codes, pd.Index(groups)


def _by_group(
    design: SurveyDesign, follow: FollowUp, used: np.ndarray, by: str | None, times: np.ndarray, method: str
) -> list[_Curve]:
    if method not in ("kaplan-meier", "nelson-aalen"):
        raise DataError(f'method={method!r} is unknown; choose "kaplan-meier" or "nelson-aalen"')
    if by is None:
        codes, groups = np.where(used, 0, -1), pd.Index([None])
    else:
        codes, groups = _groups(design, by, used)
    sample = coded(design)
    curves = []
    for code, group in enumerate(groups):
        rows = np.flatnonzero(codes == code)
        weights = sample.weights[rows]
        curve = KaplanMeier(follow.risk_sets(rows, weights), nelson_aalen=method == "nelson-aalen")
        totals = _totals(sample, rows, curve.influence, times)
        curves.append(
            _Curve(group, np.exp(curve.log_survival_at(times)), totals, _counts(follow, rows, times))
        )
    return curves


def _adjusted(model: CoxModel, by: str | None, times: np.ndarray) -> list[_Curve]:
    variables = model.layout.encoding.formula.variables
    if by not in variables:
        raise DataError(f"by={by!r} is not a variable of the model; choose one of: {', '.join(variables)}")
    sample, baseline, rows = coded(model.design), Baseline(model.fit), np.flatnonzero(model.used)
    labels = model.layout.encoding.labels
    curves = []
    for group in _groups(model.design, by, model.used)[1]:
        value = model.layout.encoding.code(by, group) if by in labels else float(group)
        x = dense_matrix(model.layout.setting(**{by: value}))[:, 1:] - model.fit.centre
        survival, _ = adjusted_curve(model.fit, baseline, x, times)
        totals = _totals(sample, rows, lambda part, x=x: _log_influence(model, baseline, x, part), times)
        curves.append(_Curve(group, survival, totals, _counts(model.follow, rows, times)))
    return curves


def _log_influence(model: CoxModel, baseline: Baseline, x: np.ndarray, times: np.ndarray) -> np.ndarray:
    survival, influence = adjusted_curve(model.fit, baseline, x, times)
    return influence / survival


def _totals(
    sample: Coded, rows: np.ndarray, influence: Callable[[np.ndarray], np.ndarray], times: np.ndarray
) -> np.ndarray:
    """Add weighted influences within PSUs, some times at once: an array (n_psu, times)."""
    parts = []
    for first in range(0, len(times), _TIMES_AT_ONCE):
        part = times[first : first + _TIMES_AT_ONCE]
        scores = np.zeros((len(sample.weights), len(part)))
        scores[rows] = influence(part) * sample.weights[rows, None]
        parts.append(psu_totals(sample, scores))
    return np.concatenate(parts, axis=1)


def _counts(follow: FollowUp, rows: np.ndarray, times: np.ndarray) -> pd.DataFrame:
    events = [follow.died_by(rows, time) for time in times]
    at_risk = [follow.followed_at(rows, time) for time in times]
    return pd.DataFrame({"time": times, "n": len(rows), "events": events, "at_risk": at_risk})


def _together(
    curves: list[_Curve], by: str | None, times: np.ndarray, sample: Coded, used: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Stack the curves; the covariance of S comes from that of log S."""
    table = pd.concat([curve.counts for curve in curves], ignore_index=True)
    if by is not None:
        table.insert(0, by, pd.Index([curve.group for curve in curves]).repeat(len(times)))
    survival = np.concatenate([curve.survival for curve in curves])
    totals = np.concatenate([curve.totals for curve in curves], axis=1)
    vcov = covariance_of_totals(sample, totals, sample.stratum_of_psu[sample.psu[used]])
    vcov *= np.outer(survival, survival)
    # Nobody was followed so long, and not because all had died.
    unknown = ((table["at_risk"] == 0) & (survival > 0)).to_numpy() & (table["time"] > 0).to_numpy()
    survival[unknown] = np.nan
    vcov[unknown] = np.nan
    vcov[:, unknown] = np.nan
    table["estimate"], table["se"] = survival, np.sqrt(np.diag(vcov))
    return table, vcov


def _with_intervals(table: pd.DataFrame, vcov: np.ndarray, ci: str, level: float) -> pd.DataFrame:
    survival, z = table["estimate"].to_numpy(), ndtri((1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = -np.log(survival)
        se = np.sqrt(np.diag(vcov)) / survival
        if ci == "log":
            low, high = np.exp(-hazard - z * se), np.minimum(np.exp(-hazard + z * se), 1.0)
        else:
            low, high = (np.exp(-hazard * np.exp(side * z * se / hazard)) for side in (1, -1))
    # Before the first death S is 1 and has no spread.
    certain = survival == 1
    table["ci_low"], table["ci_high"] = np.where(certain, 1.0, low), np.where(certain, 1.0, high)
    first = [column for column in table.columns if column not in ("n", "events", "at_risk")]
    return table[[*first, "n", "events", "at_risk"]]
