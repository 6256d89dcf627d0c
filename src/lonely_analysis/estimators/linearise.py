"""Taylor linearisation: the one covariance that every estimator uses.

A *score* is what a row adds to an estimate, already weighted; the estimate's error is the sum of scores.
Scores are added up within PSUs (*PSU totals*), and the spread of the totals within strata gives the
covariance, with replacement at the first stage (Binder 1983, Int Stat Rev 51:279-292; R
``survey::svyrecvar`` without ``fpc``). A *domain* is a part of the sample: rows outside it keep their place
in the design and have score 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.psus import Coded, Psus


def psu_totals(design: Coded, scores: np.ndarray) -> np.ndarray:
    """Add weighted ``scores``, (n,) or (n, k), within PSUs: an array (n_psu, k)."""
    columns = scores.reshape(len(scores), -1).T
    totals = [np.bincount(design.psu, weights=column, minlength=design.n_psu) for column in columns]
    return np.stack(totals, axis=1)


def covariance(design: Coded, scores: np.ndarray, in_domain: np.ndarray | None = None) -> np.ndarray:
    """Return the (k, k) covariance of the sum of weighted ``scores``, (n,) or (n, k).

    ``in_domain`` says which rows were estimated from. It matters only to strata with one PSU: as in R, a
    stratum without rows in the domain neither fails nor counts for the rule ``average``.
    """
    strata = None if in_domain is None else design.stratum_of_psu[design.psu[in_domain]]
    return covariance_of_totals(design, psu_totals(design, scores), strata)


def covariance_of_totals(design: Psus, totals: np.ndarray, strata: Any = None) -> np.ndarray:
    """Return the (k, k) covariance of the sum of PSU ``totals``, (n_psu, k).

    sum_h n_h/(n_h-1) sum_i (t_hi - mean_h)(t_hi - mean_h)' over strata h and their n_h PSUs i. ``strata``
    are the codes of the strata that the domain touches, all when absent.
    """
    inflate = single_psu_factor(design, strata)
    return spread_of_totals(design, totals) * inflate


def spread_of_totals(design: Psus, totals: np.ndarray) -> np.ndarray:
    """Return the covariance of ``covariance_of_totals`` before the rule for strata with one PSU."""
    size = design.psus_in_stratum
    first = np.cumsum(size) - size
    means = stratum_means(design, np.add.reduceat(totals, first, axis=0))
    deviations = totals - means[design.stratum_of_psu]
    deviations *= np.sqrt(stratum_scale(design))[design.stratum_of_psu, None]
    return deviations.T @ deviations


def stratum_means(design: Psus, sums: np.ndarray, strata: slice = slice(None)) -> np.ndarray:
    """Return what PSU totals of a stratum are centred on, given their ``sums``, (n_strata, k).

    It is the stratum's mean; for a stratum with one PSU under ``adjust`` it is the mean of the population,
    which is 0 because the scores of the whole add up to 0.
    """
    size = design.psus_in_stratum[strata]
    means = sums / size[:, None]
    if design.single_psu == "adjust":
        means[size == 1] = 0.0
    return means


def stratum_scale(design: Psus) -> np.ndarray:
    """Return n_h/(n_h-1) for each stratum, 1 where there is one PSU."""
    size = design.psus_in_stratum
    return size / np.maximum(size - 1, 1)


def single_psu_factor(design: Psus, strata: Any = None) -> float:
    """Apply the rule for strata with one PSU: refuse (``fail``), or return the factor of the covariance."""
    if design.psus_in_stratum.min() > 1:
        return 1.0
    touched = np.arange(design.n_strata) if strata is None else np.unique(strata)
    single = touched[design.psus_in_stratum[touched] == 1]
    if not len(single):
        return 1.0
    if design.single_psu == "fail":
        raise DataError(design.single_psu_message(single))
    return single_psu_inflation(design.single_psu, len(touched), len(single))


def single_psu_inflation(rule: str, strata: float, single: float) -> float:
    """Return the factor of a variance from ``strata`` of which ``single`` have one PSU.

    It is 1 except under ``average``, where such strata are given the mean contribution of the others.
    """
    if rule != "average" or not single:
        return 1.0
    return strata / (strata - single) if strata > single else np.nan


def degrees_of_freedom(design: Coded, in_domain: np.ndarray | None = None) -> int:
    """Return PSUs minus strata, counted over domain rows with a weight above 0 (R ``survey::degf``)."""
    counted = design.weights > 0
    if in_domain is not None:
        counted = counted & in_domain
    psus = np.flatnonzero(np.bincount(design.psu[counted], minlength=design.n_psu))
    return len(psus) - len(np.unique(design.stratum_of_psu[psus]))
