"""Are hazards proportional? The score test of Grambsch and Therneau.

A *log hazard ratio* is taken as beta + gamma g(t) for a *transform* g of time; the test is the score test of
gamma = 0 (Grambsch & Therneau 1994, Biometrika 81:515-526), exact rather than the approximation of earlier
software: R ``survival::cox.zph`` from version 3.0 on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.linearise import covariance
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.risk_sets import RiskSets
from lonely_analysis.results import HypothesisTest

if TYPE_CHECKING:
    from lonely_analysis.estimators.survival import CoxModel

Transform = Literal["km", "identity", "log", "rank"]


@dataclass(frozen=True, kw_only=True, eq=False)
class HazardsTest(HypothesisTest):
    """The test of each term and of all (``GLOBAL``): ``term, chi2, df, p, chi2_design, p_design``."""

    transform: str
    score: np.ndarray = field(repr=False)


def proportional_hazards(model: CoxModel, *, transform: Transform = "km") -> HazardsTest:
    """Test whether hazard ratios stay the same over time, term by term and for all terms at once.

    ``chi2`` and ``p`` are those of R ``cox.zph`` for a fit with weights of mean 1. They take the rows as
    independent; ``chi2_design`` and ``p_design`` use the covariance of the same score over PSUs and strata,
    and are the ones to read for a complex sample. A small p says that a hazard ratio changes with time, so
    that the one reported is an average over the follow-up.

    ``transform`` is g(t): ``km`` (1 minus the Kaplan-Meier curve just before t, of all rows used and without
    weights, as in R), ``identity``, ``log`` or ``rank``. Without weights ``chi2`` is ``cox.zph`` of the plain
    fit.

    Raises ``DataError`` for another transform, or ``log`` where a death has time 0.
    """
    fit, sets = model.fit, model.fit.at.sets
    g = _transformed(model, transform)
    _, cross, square = (fit.at.information(power) for power in (None, g, g**2))
    score = fit.at.score(g)
    projection = fit.inverse @ cross
    residuals = fit.at.score_residuals(g) - fit.at.score_residuals() @ projection
    design = coded(model.design)
    spread = covariance(design, model.on_all_rows(residuals * sets.weights[:, None]), model.used)
    # Weights of mean 1 make the model's information that of the number of people seen.
    mean_weight = sets.weights.mean()
    terms = {**model.terms, "GLOBAL": list(range(len(score)))}
    rows = [
        (
            term,
            *_test(score / mean_weight, (square - cross.T @ projection) / mean_weight, at),
            len(at),
            *_test(score, spread, at),
        )
        for term, at in terms.items()
    ]
    table = pd.DataFrame(rows, columns=["term", "chi2", "p", "df", "chi2_design", "p_design"])
    return HazardsTest(
        table=table[["term", "chi2", "df", "p", "chi2_design", "p_design"]],
        source=model.source,
        name=f"score test of proportional hazards, time as {transform}",
        null="each hazard ratio is the same at all times",
        transform=transform,
        score=score,
    )


def _test(score: np.ndarray, variance: np.ndarray, at: list[int]) -> tuple[float, float]:
    """Return chi-squared and p of some coefficients; missing where too few PSUs leave no inverse."""
    # In units of the scores' own spread, so that a rank does not depend on the covariates' units.
    spread = np.sqrt(np.diag(variance)[at])
    part = variance[np.ix_(at, at)] / np.outer(spread, spread)
    if np.linalg.matrix_rank(part, hermitian=True) < len(at):
        return np.nan, np.nan
    standardised = score[at] / spread
    chi2 = float(standardised @ np.linalg.solve(part, standardised))
    return chi2, float(chdtrc(len(at), chi2))


def _transformed(model: CoxModel, transform: str) -> np.ndarray:
    """Return g at each event time, less its mean over the deaths."""
    sets = model.fit.at.sets
    if transform == "km":
        g = _failed_before(sets)
    elif transform == "identity":
        g = sets.times
    elif transform == "log":
        if sets.times[0] <= 0:
            raise DataError('a death at time 0 has no logarithm: use transform="km", "identity" or "rank"')
        g = np.log(sets.times)
    elif transform == "rank":
        followed = np.sort(model.follow.exit[model.used])
        below = np.searchsorted(followed, sets.times, side="left")
        upto = np.searchsorted(followed, sets.times, side="right")
        g = (below + 1 + upto) / 2
    else:
        raise DataError(f"there is no transform {transform!r}: use km, identity, log or rank")
    if len(g) < 2:
        raise EstimationError("all deaths have one time, so that hazards cannot be compared between times")
    return g - np.average(g, weights=sets.deaths)


def _failed_before(sets: RiskSets) -> np.ndarray:
    """One minus the Kaplan-Meier curve just before each event time, each row counting once."""
    alive = np.cumprod(1 - sets.deaths / sets.at_risk(np.ones(len(sets.last))))
    return 1 - np.concatenate(([1.0], alive[:-1]))
