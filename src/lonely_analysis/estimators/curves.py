"""Survival curves of a sample: Kaplan-Meier by group, and curves adjusted by standardisation.

*Survival* at t is the share of the population that is alive after t. An *adjusted* curve is the mean of a Cox
model's curves over the sample, with everybody given the same value of one variable (Makuch 1982, J Chronic
Dis 35:437-443). All standard errors come from the derivative of a curve by each row's weight, added within
PSUs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, get_args

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.adjusted_curves import AdjustedCurve, Baseline
from lonely_analysis.estimators.curve_replicates import adjusted_again, groups_again, replicate_survival
from lonely_analysis.estimators.curve_table import (
    Curve,
    CurveInterval,
    SurvivalCurves,
    linearised_covariance,
    stack_curves,
    with_intervals,
)
from lonely_analysis.estimators.follow_up import FollowUp, pandas_frame, read_follow_up, refuse_impossible
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.estimators.kaplan_meier import KaplanMeier
from lonely_analysis.estimators.linearise import psu_totals
from lonely_analysis.estimators.matrix import dense_matrix
from lonely_analysis.estimators.psus import Coded, as_design, coded
from lonely_analysis.estimators.replicates import Replicates, replicate_covariance
from lonely_analysis.estimators.survival import CoxModel
from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

# Influences of this many times are held in memory at once.
_TIMES_AT_ONCE = 32
# More groups than this are a number or an identifier, not groups.
_MOST_GROUPS = 20


class Estimator(Protocol):
    """A curve that can be evaluated at any times."""

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return S at ``times`` and the unweighted influence (n, len(times)) of each row on log S."""
        ...


def survival_curves(
    data: Survey | SurveyDesign | CoxModel,
    by: str | None = None,
    times: Sequence[float] | None = None,
    *,
    time: str = "follow_up_years",
    event: str = "died",
    entry: str | None = None,
    method: Literal["kaplan-meier", "nelson-aalen"] = "kaplan-meier",
    where: pd.Series | str | None = None,
    ci: CurveInterval = "log",
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> SurvivalCurves:
    """Estimate survival at ``times`` (all times of death when absent), for each value of ``by``.

    From a survey or design: the weighted Kaplan-Meier curve prod(1 - d/N) of each group, d and N the weighted
    dying and at risk (R ``svykm``); ``nelson-aalen`` is exp(-sum d/N), the form that ``svykm(se=TRUE)``
    gives. From a Cox model: for each value of ``by`` (a variable of the model) the mean over the weighted
    sample of the model's curves with ``by`` set to that value; ``time``, ``event``, ``entry``, ``where`` and
    ``method`` are then the model's.

    Intervals are z intervals of log S, cut at 1 (``ci="log"``, as ``confint`` of R ``svykm``), or of log(-log
    S), which stay inside 0-1 by themselves. An adjusted curve's SE counts the coefficients, the baseline
    hazard and the sample that is averaged over. Where a whole group has died, S is 0 and its SE missing;
    after a group's last exit S is missing. ``replicates`` estimates the curves again with each replicate's
    weights, the Cox model included; one in which a curve cannot be estimated adds nothing to its variance.

    Raises ``DataError`` for ``by`` with more than 20 values or outside the model, and what ``cox`` raises.
    """
    check_level(level)
    if ci not in get_args(CurveInterval):
        raise DataError(f'ci={ci!r} is no interval of a curve; choose "log" or "log-log"')
    if isinstance(data, CoxModel):
        design, used, method = data.design, data.used, "adjusted"
        times, settings = _times(times, data.follow, used), _settings(data, by)
        curves = _adjusted(data, settings, times)
        again = adjusted_again(data, list(settings.values()), times)
    else:
        design = as_design(data)
        follow = read_follow_up(pandas_frame(design), time, event, entry)
        used = _rows_used(design, follow, by, where)
        times, groups = _times(times, follow, used), _rows_of_groups(design, used, by)
        nelson_aalen = _is_nelson_aalen(method)
        curves = _by_group(coded(design), follow, groups, times, nelson_aalen)
        again = groups_again(follow, list(groups.values()), times, nelson_aalen=nelson_aalen)
    sample = coded(design)
    if replicates is None:
        vcov = linearised_covariance(curves, sample)
    else:
        survival = np.concatenate([curve.survival for curve in curves])
        vcov = replicate_covariance(
            survival, replicate_survival(again, sample.weights, replicates), replicates
        )
    table, vcov = stack_curves(curves, by, times, vcov)
    table = with_intervals(table, ci, level)
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


def _times(times: Sequence[float] | None, follow: FollowUp, used: np.ndarray) -> np.ndarray:
    if times is None:
        return np.unique(follow.exit[used & follow.died])
    asked = np.unique(np.asarray(times, dtype=float))
    if not len(asked) or not np.isfinite(asked).all() or asked[0] < 0:
        raise DataError(f"times= must hold times of 0 or more, in the unit of {follow.names[0]!r}")
    return asked


def _groups(design: SurveyDesign, by: str, used: np.ndarray) -> tuple[np.ndarray, pd.Index]:
    codes = np.full(len(used), -1)
    codes[used], groups = pd.factorize(design.frame[by][used], sort=True)
    if len(groups) > _MOST_GROUPS:
        raise DataError(
            f"{by!r} has {len(groups)} values; curves are drawn for at most {_MOST_GROUPS}: group it first"
        )
    return codes, pd.Index(groups)


def _is_nelson_aalen(method: str) -> bool:
    if method not in ("kaplan-meier", "nelson-aalen"):
        raise DataError(f'method={method!r} is unknown; choose "kaplan-meier" or "nelson-aalen"')
    return method == "nelson-aalen"


def _rows_of_groups(design: SurveyDesign, used: np.ndarray, by: str | None) -> dict[object, np.ndarray]:
    if by is None:
        return {None: np.flatnonzero(used)}
    codes, groups = _groups(design, by, used)
    return {group: np.flatnonzero(codes == code) for code, group in enumerate(groups)}


def _by_group(
    sample: Coded,
    follow: FollowUp,
    groups: dict[object, np.ndarray],
    times: np.ndarray,
    nelson_aalen: bool,
) -> list[Curve]:
    curves = []
    for group, rows in groups.items():
        curve = KaplanMeier(follow.risk_sets(rows, sample.weights[rows]), nelson_aalen=nelson_aalen)
        curves.append(_curve(group, curve, sample, follow, rows, times))
    return curves


def _settings(model: CoxModel, by: str | None) -> dict[object, np.ndarray]:
    """Return, for each value of ``by``, the model's covariates with it set, centred as in the fit."""
    variables = model.layout.encoding.formula.variables
    if by not in variables:
        raise DataError(f"by={by!r} is not a variable of the model; choose one of: {', '.join(variables)}")
    encoding, settings = model.layout.encoding, {}
    for group in _groups(model.design, by, model.used)[1]:
        value = encoding.code(by, group) if by in encoding.labels else float(group)
        settings[group] = dense_matrix(model.layout.setting(**{by: value}))[:, 1:] - model.fit.centre
    return settings


def _adjusted(model: CoxModel, settings: dict[object, np.ndarray], times: np.ndarray) -> list[Curve]:
    sample, baseline, rows = coded(model.design), Baseline(model.fit), np.flatnonzero(model.used)
    return [
        _curve(group, AdjustedCurve(model.fit, baseline, x), sample, model.follow, rows, times)
        for group, x in settings.items()
    ]


def _curve(
    group: object, curve: Estimator, sample: Coded, follow: FollowUp, rows: np.ndarray, times: np.ndarray
) -> Curve:
    """Evaluate a curve some times at once, and add its weighted influences within PSUs."""
    survival, totals = [], []
    for first in range(0, len(times), _TIMES_AT_ONCE):
        value, influence = curve.at(times[first : first + _TIMES_AT_ONCE])
        scores = np.zeros((len(sample.weights), len(value)))
        scores[rows] = influence * sample.weights[rows, None]
        survival.append(value)
        totals.append(psu_totals(sample, scores))
    counts = _counts(follow, rows, times)
    strata = np.unique(sample.stratum_of_psu[sample.psu[rows]])
    return Curve(group, np.concatenate(survival), np.concatenate(totals, axis=1), counts, strata)


def _counts(follow: FollowUp, rows: np.ndarray, times: np.ndarray) -> pd.DataFrame:
    events = [follow.died_by(rows, time) for time in times]
    at_risk = [follow.followed_at(rows, time) for time in times]
    return pd.DataFrame({"time": times, "n": len(rows), "events": events, "at_risk": at_risk})
