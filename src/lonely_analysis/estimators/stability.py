"""Stability between two waves, corrected for measurement error.

The *reliability* of an answer is the part of its variance that is not error. Error is drawn anew at each
wave, so that it looks like change: the observed correlation of two waves is the true one times the
reliability (Spearman 1904, Am J Psychol 15:72-101). For a yes/no answer that holds for the normal quantity
whose threshold the answer is (the *tetrachoric* correlation).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.bivariate_normal import below_both, density, margin_slopes, tetrachoric
from lonely_analysis.estimators.columns import yes_no
from lonely_analysis.estimators.correlation import correlation
from lonely_analysis.estimators.intervals import check_interval, proportion_interval
from lonely_analysis.estimators.linearise import covariance, degrees_of_freedom
from lonely_analysis.estimators.psus import as_design, coded
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import replicate_df, resampled_covariance
from lonely_analysis.estimators.transitions import Pairs, paired
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey


def stability(
    data: Survey | SurveyDesign,
    score: str,
    between: tuple[int, int],
    reliability: float | Sequence[float] = 1.0,
    *,
    person: str = "person_id",
    wave: str = "wave",
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate the correlation of a ``score`` between two waves, corrected for unreliability.

    r / ``reliability``, which is taken as known and as the same at both waves; SE and interval of
    ``correlation`` are divided by it too. Give several reliabilities to see how much depends on them; 1
    is the correlation as observed. R: ``svyvar`` on the wide frame with ``svycontrast``, divided.

    Returns one row a reliability: ``reliability, estimate, se, ci_low, ci_high, n, df``. A corrected
    correlation above 1 is returned as it is: the reliability is too low, or errors of the two waves are
    related. ``replicates`` as in ``correlation``. Raises ``DataError`` for a reliability that is not above 0
    and at most 1, and as ``transitions`` does.
    """
    pairs = paired(as_design(data), score, between, where, person, wave)
    observed = correlation(pairs.design, ["before", "after"], level=level, replicates=replicates)
    rows = [_divided(observed, each) for each in _reliabilities(reliability)]
    return _result(pd.DataFrame(rows), ("reliability",), pairs, score, "correlation", level)


def persistence(
    data: Survey | SurveyDesign,
    outcome: str,
    between: tuple[int, int],
    reliability: float | Sequence[float] = 1.0,
    *,
    person: str = "person_id",
    wave: str = "wave",
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate how many stay and how many become ``outcome`` between two waves, without measurement error.

    The yes/no answer is a normal quantity above a threshold. Its tetrachoric correlation r is solved from
    the shares at each wave and at both; without error it would be r / ``reliability``, and the share of
    yes the same, from which the share of yes again and of new yes follow. ``reliability`` is that of the
    normal quantity, taken as known; 1 gives the transitions as observed. SE by the delta method from the
    design covariance of the three shares; logit intervals. ``replicates`` solves again in each replicate.

    Returns two rows a reliability: ``reliability, before, estimate, se, ci_low, ci_high, n, df``;
    ``before`` is True for those who were ``outcome`` at the earlier wave, and ``estimate`` the share of
    them who are at the later one. ``n`` counts persons in that earlier state who were seen twice; ``df``
    is that of all persons seen twice, because the correction uses them all.

    Raises ``EstimationError`` when the reliability is below the tetrachoric correlation (nobody would
    have changed) or when a cell of the table is empty, and ``DataError`` as ``transitions`` does.
    """
    check_interval("logit", level)
    pairs = paired(as_design(data), outcome, between, where, person, wave)
    reliabilities = _reliabilities(reliability)
    empty = f"{outcome!r} has an empty cell between waves {between[0]} and {between[1]}"
    shares, vcov = _shares(pairs)
    estimates, gradient = _true_transitions(shares, reliabilities, empty)
    if replicates is None:
        variance = gradient @ vcov @ gradient.T
    else:

        def again(other: SurveyDesign) -> np.ndarray:
            return _true_transitions(_shares(replace(pairs, design=other))[0], reliabilities, empty)[0]

        variance = resampled_covariance(pairs.design, replicates, estimates, again)
    df = replicate_df(degrees_of_freedom(coded(pairs.design), pairs.complete), replicates)
    n, se = np.tile(_state_counts(pairs), len(reliabilities)), np.sqrt(np.diag(variance))
    low, high = proportion_interval("logit", estimates, se, n, np.full(len(n), df), level)
    names = {"reliability": np.repeat(reliabilities, 2), "before": np.tile([True, False], len(reliabilities))}
    numbers = {"estimate": estimates, "se": se, "ci_low": low, "ci_high": high, "n": n, "df": df}
    table = pd.DataFrame({**names, **numbers})
    return _result(table, ("reliability", "before"), pairs, outcome, "prevalence", level)


def _reliabilities(given: float | Sequence[float]) -> list[float]:
    values = [float(each) for each in np.atleast_1d(np.asarray(given, dtype=float))]
    wrong = [each for each in values if not 0 < each <= 1]
    if wrong or not values:
        raise DataError(f"a reliability is above 0 and at most 1, not {wrong or 'absent'}")
    return values


def _divided(observed: Estimates, reliability: float) -> dict[str, float]:
    scaled = {name: getattr(observed, name) / reliability for name in ("estimate", "se", "ci_low", "ci_high")}
    return {"reliability": reliability, **scaled, "n": observed.n, "df": observed.df}


def _shares(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of yes before, after and at both waves, and their covariance."""
    rows = coded(pairs.design)
    before, after = (yes_no(pairs.design.frame, name) for name in ("before", "after"))
    answers = np.nan_to_num(np.column_stack([before, after, before * after]))
    weights = np.where(pairs.complete, rows.weights, 0.0)
    if not weights.sum() > 0:
        raise DataError("nobody in the domain was seen at both waves with a weight above 0")
    shares = weights @ answers / weights.sum()
    scores = (answers - shares) * (weights / weights.sum())[:, None]
    return shares, covariance(rows, scores, pairs.complete)


def _true_transitions(
    shares: np.ndarray, reliabilities: list[float], empty: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of yes again and of new yes under each reliability, and their slopes."""
    r = tetrachoric(*shares)
    if np.isnan(r):
        raise EstimationError(f"{empty}: nobody stayed, or nobody changed")
    corrected = [_corrected(shares, r, each) for each in reliabilities]
    estimates, slopes = zip(*corrected, strict=True)
    return np.concatenate(estimates), np.concatenate(slopes)


def _corrected(shares: np.ndarray, r: float, reliability: float) -> tuple[np.ndarray, np.ndarray]:
    """Return yes again and new yes, (2,), when the correlation is ``r`` / ``reliability``; slopes (2, 3)."""
    if abs(r) / reliability >= 1:
        raise EstimationError(
            f"reliability {reliability:g} is not possible: the answers of the two waves correlate {r:.3f}, "
            "and no answer can agree with another more than it is reliable"
        )
    first, second, _ = shares
    h, k = ndtri(first), ndtri(second)
    joint = below_both(h, k, r / reliability)
    # The joint share depends on the margins directly, and through r on all three observed shares.
    observed = np.append(-np.array(margin_slopes(h, k, r)), 1.0) / density(h, k, r)
    slope = np.append(margin_slopes(h, k, r / reliability), 0.0)
    slope = slope + density(h, k, r / reliability) / reliability * observed
    again, newly = joint / first, (second - joint) / (1 - first)
    of_again = (slope - [again, 0, 0]) / first
    of_newly = (np.array([newly, 1, 0]) - slope) / (1 - first)
    return np.array([again, newly]), np.stack([of_again, of_newly])


def _state_counts(pairs: Pairs) -> np.ndarray:
    """Count the persons seen twice, with a weight above 0, who were ``outcome`` earlier and who were not."""
    before = yes_no(pairs.design.frame, "before")[pairs.complete & (coded(pairs.design).weights > 0)]
    return np.array([(before == 1).sum(), (before == 0).sum()])


def _result(
    table: pd.DataFrame,
    by: tuple[str, ...],
    pairs: Pairs,
    outcome: str,
    statistic: str,
    level: float,
) -> Estimates:
    return Estimates(
        table=table,
        source=pairs.design.source,
        note=pairs.note,
        outcome=outcome,
        by=by,
        statistic=statistic,
        method="fisher" if statistic == "correlation" else "logit",
        level=level,
    )
