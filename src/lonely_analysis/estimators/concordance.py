"""Discrimination: the C statistic of a Cox model.

A pair of people is *comparable* when one dies while the other is still followed; it is *concordant* when the
one who dies had the higher predicted hazard. C is the share of concordant pairs, with half of those whose
predictions tie (Harrell, Lee & Mark 1996, Stat Med 15:361-387). Pairs weigh the product of the two weights,
as in R ``survival::concordance``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lonely_analysis.estimators.intervals import level_or
from lonely_analysis.estimators.linearise import covariance
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.replicates import Replicates, replicate_covariance
from lonely_analysis.results import Result

if TYPE_CHECKING:
    from lonely_analysis.estimators.survival import CoxModel

# Deaths compared with everybody at once: 256 rows of 10,000 comparisons stay within the processor's cache.
_DEATHS_AT_ONCE = 256
# Equal covariates must give equal predictions, whatever the order of additions: digits beyond these are
# noise.
_PREDICTION_DECIMALS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Concordance(Result):
    """One row: ``estimate, se, ci_low, ci_high, n, df``; ``pairs`` is the weight of all comparable pairs."""

    pairs: float
    level: float


def concordance(
    model: CoxModel, *, level: float | None = None, replicates: Replicates | None = None
) -> Concordance:
    """Estimate how well the model's hazards order the deaths: 0.5 is chance, 1 is perfect.

    C is the weighted share of comparable pairs (one dies while the other is under observation) in which the
    one who dies had the higher predicted hazard; equal predictions count half. The SE is the infinitesimal
    jackknife: the derivative of C by each row's weight, added within PSUs (without a design that of R
    ``concordance`` times n/(n-1)). Coefficients are taken as fixed, as in R; C of the rows that the model was
    fitted to is optimistic. ``replicates`` counts the pairs again with each replicate's weights, under the
    same coefficients. The interval is estimate ± z se. R: ``survival::concordance``.

    Returns one row: ``estimate, se, ci_low, ci_high, n, df``; ``pairs`` is the weight of all pairs.
    """
    fit = model.fit
    eta = np.round(fit.at.x @ fit.beta, _PREDICTION_DECIMALS)
    weights = fit.at.sets.weights
    entry = None if model.follow.entry is None else model.follow.entry[model.used]
    people = (model.follow.exit[model.used], fit.at.sets.died, eta, entry)
    won, met = (sums[:, 0] for sums in _pair_sums(*people, weights[:, None]))
    # Each pair is seen from both of its rows.
    pairs = float(weights @ met) / 2
    estimate = float(weights @ won) / 2 / pairs
    if replicates is None:
        scores = weights * (won - estimate * met) / pairs
        variance = covariance(coded(model.design), model.on_all_rows(scores), model.used)
    else:
        drawn = weights[:, None] * replicates.all_rows(model.used)
        won, met = ((drawn * sums).sum(axis=0) for sums in _pair_sums(*people, drawn))
        # A replicate without a comparable pair has no estimate.
        again = np.divide(won, met, out=np.full_like(won, np.nan), where=met > 0)
        variance = replicate_covariance(np.array([estimate]), again, replicates)
    se = float(np.sqrt(variance[0, 0]))
    confidence = level_or(level, model.level)
    half = ndtri((1 + confidence) / 2) * se
    row = {"estimate": estimate, "se": se, "ci_low": estimate - half, "ci_high": estimate + half}
    table = pd.DataFrame([{**row, "n": model.n, "df": np.inf}])
    return Concordance(table=table, source=model.source, pairs=pairs, level=confidence)


def _pair_sums(
    exit_: np.ndarray, died: np.ndarray, eta: np.ndarray, entry: np.ndarray | None, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """For each row, the weight (n, k) of the concordant and of all comparable others: two arrays (n, k)."""
    won, met = np.zeros(weights.shape), np.zeros(weights.shape)
    for rows in np.array_split(np.flatnonzero(died), died.sum() // _DEATHS_AT_ONCE + 1):
        time = exit_[rows, None]
        # Who is censored in the month of a death was alive then; who dies in the same month cannot be
        # ordered.
        outlived = (exit_ > time) | ((exit_ == time) & ~died)
        if entry is not None:
            outlived &= entry < time
        lead = outlived * (0.5 + 0.5 * np.sign(eta[rows, None] - eta))
        won[rows] += lead @ weights
        met[rows] += outlived @ weights
        won += lead.T @ weights[rows]
        met += outlived.T @ weights[rows]
    return won, met
