"""Survival curves estimated again in each replicate: survival only, without the influence of rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lonely_analysis.estimators.adjusted_curves import AdjustedCurve, Baseline
from lonely_analysis.estimators.follow_up import FollowUp
from lonely_analysis.estimators.kaplan_meier import KaplanMeier
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.survival import CoxModel, refit_cox

#: Survival at the times, all groups one after the other, from the weights of all rows of the design.
Again = Callable[[np.ndarray], np.ndarray]


def replicate_survival(again: Again, weights: np.ndarray, replicates: Replicates) -> np.ndarray:
    """Return the survival of each replicate, (replicates, groups x times)."""
    replicates.refuse_other_rows(len(weights))
    return np.stack([again(weights * replicates.row_multipliers(r)) for r in range(len(replicates))])


def groups_again(
    follow: FollowUp, groups: list[np.ndarray], times: np.ndarray, *, nelson_aalen: bool
) -> Again:
    """Return how to estimate the curves of some groups of rows; NaN for a group that was not drawn."""

    def of_group(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        drawn = rows[weights[rows] > 0]
        if not len(drawn):
            return np.full(len(times), np.nan)
        sets = follow.risk_sets(drawn, weights[drawn])
        return KaplanMeier(sets, nelson_aalen=nelson_aalen).survival(times)

    return lambda weights: np.concatenate([of_group(rows, weights) for rows in groups])


def adjusted_again(model: CoxModel, settings: list[np.ndarray], times: np.ndarray) -> Again:
    """Return how to fit the model again and average its curves; NaN where it has no maximum.

    ``settings`` holds the covariates of each group, centred as in the model.
    """

    def again(weights: np.ndarray) -> np.ndarray:
        fit = refit_cox(model.fit, model.follow, model.used, weights)
        if fit is None:
            return np.full(len(settings) * len(times), np.nan)
        drawn, baseline = weights[model.used] > 0, Baseline(fit)
        curves = [AdjustedCurve(fit, baseline, x[drawn] - fit.centre) for x in settings]
        return np.concatenate([curve.survival(times) for curve in curves])

    return again
