"""How often a study of a given size finds an interaction of two yes/no variables.

The four *cells* are neither, the first variable alone, the second alone, both. The interaction is estimated
from the cells' means, or from the logarithms of their risks, as both - first - second + neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri, stdtrit

from lonely_analysis.errors import DataError
from lonely_analysis.results import Result

SIGNS = np.array([1.0, -1.0, -1.0, 1.0])
CELLS = len(SIGNS)
BALANCED = (0.25, 0.25, 0.25, 0.25)


@dataclass(frozen=True, kw_only=True, eq=False)
class Power(Result):
    """One row a sample size: ``n, estimate, se, ci_low, ci_high, simulated, one_only``.

    ``estimate`` is the closed form. ``simulated`` is the share of drawn studies that found the interaction,
    with its ``se`` and interval, and ``one_only`` the share in which the first variable's effect was
    significant at exactly one level of the second; without simulations these are missing.
    """

    effect: float
    level: float
    by: tuple[str, ...] = ("n",)


def interaction_power(
    n: int | Sequence[int],
    effect: float,
    *,
    cells: Sequence[float] = BALANCED,
    risks: Sequence[float] | None = None,
    first: float = 0.0,
    simulations: int = 0,
    seed: int = 1,
    level: float = 0.95,
) -> Power:
    """Return the power of the two-sided test of an interaction, for each sample size in ``n``.

    Without ``risks`` the outcome is a score in standard deviations within cells, ``effect`` is the difference
    of two differences and ``first`` the first variable's effect where the second is absent. With ``risks``,
    those of the cells neither, first and second, ``effect`` is a ratio of ratios and the risk of both
    follows from it. ``cells`` are the shares of the four cells.

    Closed form: Phi(|d|/se - z) + Phi(-|d|/se - z) with se² the sum over cells of 1/n (a score) or (1-p)/(np)
    (the delta method for a log risk; Woolf's). ``simulations`` draws that many studies of each size: scores
    are tested with the pooled variance and t, as ``lm(y ~ a * b)`` in R, risks by Wald's test of the log. A
    study with an empty cell of cases finds nothing.

    Raises ``DataError`` for cells that are not four shares of 1, and for risks that leave (0, 1).
    """
    sizes, shares = np.atleast_1d(np.asarray(n, dtype=float)), _checked(cells)
    p = None if risks is None else _four_risks(risks, effect)
    size = effect if p is None else float(np.log(effect))
    spread = np.ones(CELLS) if p is None else (1 - p) / p
    z = size / np.sqrt((spread / shares).sum() / sizes)
    limit = ndtri((1 + level) / 2)
    table = pd.DataFrame({"n": sizes.astype(int), "estimate": ndtr(abs(z) - limit) + ndtr(-abs(z) - limit)})
    rng, drawn = np.random.default_rng(seed), np.full((len(sizes), 2), np.nan)
    for row, total in enumerate(sizes if simulations else ()):
        counts = np.maximum(np.rint(total * shares), 2)
        study = _scores(rng, counts, (first, effect), simulations) if p is None else None
        points, variances, df = study or _log_risks(rng, counts, p, simulations)
        drawn[row] = _found(points, variances, df, level)
    simulated = drawn[:, 0]
    se = np.sqrt(simulated * (1 - simulated) / max(simulations, 1))
    table = table.assign(
        se=se, ci_low=simulated - limit * se, ci_high=simulated + limit * se, simulated=simulated
    )
    return Power(
        table=table.assign(one_only=drawn[:, 1]), source="simulation", effect=float(effect), level=level
    )


def interaction_sample(
    effect: float,
    *,
    power: float = 0.8,
    cells: Sequence[float] = BALANCED,
    risks: Sequence[float] | None = None,
    main: bool = False,
    level: float = 0.95,
) -> int:
    """Return how many people give this ``power`` to find an interaction, in all four cells together.

    n = (z_level + z_power)² se²(1) / d², where se²(1) is the variance of the interaction in one person and d
    its size: ``effect`` in standard deviations of a score or, with ``risks``, the log of a ratio of odds
    ratios. ``effect``, ``cells`` and ``risks`` are those of ``interaction_power``, which also says by
    simulation whether the closed form holds. ``main=True`` asks for the first variable's effect instead: in a
    score, the difference between all who have it and all who have not. Compare both to see what an
    interaction costs. Raises ``DataError`` for cells that do not add up to 1, impossible risks, and ``main``
    together with ``risks``.
    """
    shares = _checked(cells)
    needed = ndtri((1 + level) / 2) + ndtri(power)
    if main:
        if risks is not None:
            raise DataError("main=True is for scores: leave risks out")
        with_first = shares[1] + shares[3]
        return int(np.ceil(needed**2 * (1 / with_first + 1 / (1 - with_first)) / effect**2))
    p = None if risks is None else _four_risks(risks, effect)
    size = effect if p is None else np.log(effect)
    spread = np.ones(CELLS) if p is None else (1 - p) / p
    return int(np.ceil(needed**2 * (spread / shares).sum() / size**2))


def _checked(cells: Sequence[float]) -> np.ndarray:
    shares = np.asarray(cells, dtype=float)
    if shares.shape != (CELLS,) or (shares <= 0).any() or not np.isclose(shares.sum(), 1):
        raise DataError(
            "cells are four shares above 0 that sum to 1: neither, first alone, second alone, both"
        )
    return shares


def _four_risks(risks: Sequence[float], ratio: float) -> np.ndarray:
    if len(risks) != CELLS - 1 or ratio <= 0:
        raise DataError("risks are three, of neither, first alone and second alone; the effect is a ratio")
    neither, first, second = risks
    four = np.array([neither, first, second, ratio * first * second / neither])
    if (four <= 0).any() or (four >= 1).any():
        raise DataError(f"the four risks must lie between 0 and 1, not {four.round(3).tolist()}")
    return four


def _scores(
    rng: np.random.Generator, counts: np.ndarray, effects: tuple[float, float], studies: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Draw cell means and their variances with the pooled residual variance, whose law is chi-square."""
    first, extra = effects
    truth = np.array([0.0, first, 0.0, first + extra])
    points = rng.normal(truth, 1 / np.sqrt(counts), (studies, CELLS))
    df = counts.sum() - CELLS
    residual = rng.chisquare(df, (studies, 1)) / df
    return points, residual / counts, df


def _log_risks(
    rng: np.random.Generator, counts: np.ndarray, p: np.ndarray, studies: int
) -> tuple[np.ndarray, np.ndarray, float]:
    uniform = rng.random((studies, CELLS))
    cells = zip(uniform.T, counts.astype(int), p, strict=True)
    cases = np.column_stack([binomial_quantile(u, n, risk) for u, n, risk in cells])
    with np.errstate(divide="ignore"):
        return np.log(cases / counts), 1 / cases - 1 / counts, np.inf


def binomial_quantile(uniform: np.ndarray, n: int, p: float) -> np.ndarray:
    """Return the number of cases among ``n`` at each of these numbers from 0 to below 1, as R ``qbinom``.

    Drawing so, and not by ``Generator.binomial``, gives every NumPy the same studies: 2.5 corrected a sign in
    the rejection rule (numpy pull request 31238, an error of Kachitvichyanukul & Schmeiser 1988, Commun ACM
    31:216-222), after which one study accepted or rejected differently shifts all that follow.

    The masses follow from that of the mode by P(k+1) / P(k) = (n-k) p / ((k+1) (1-p)), with no operation
    whose last bit differs between machines. What lies farther out than the reach has a probability below
    1e-18 (Bernstein's inequality), less than the smallest step between two such uniform numbers.
    """
    mode = min(int((n + 1) * p), n)
    reach = 30 + int(10 * np.sqrt(n * p * (1 - p)))
    low, high = max(mode - reach, 0), min(mode + reach, n)
    k = np.arange(low, high, dtype=float)
    steps = (n - k) * p / ((k + 1) * (1 - p))
    below = np.cumprod(1 / steps[: mode - low][::-1])[::-1]
    masses = np.concatenate([below, [1.0], np.cumprod(steps[mode - low :])])
    reached = np.cumsum(masses)
    return low + np.searchsorted(reached, uniform * reached[-1], side="right")


def _found(points: np.ndarray, variances: np.ndarray, df: float, level: float) -> tuple[float, float]:
    """Return the share of studies with a significant interaction, and with one in just one stratum."""
    limit = ndtri((1 + level) / 2) if np.isinf(df) else stdtrit(df, (1 + level) / 2)
    with np.errstate(invalid="ignore"):
        z = points @ SIGNS / np.sqrt(variances.sum(axis=1))
        absent = (points[:, 1] - points[:, 0]) / np.sqrt(variances[:, 0] + variances[:, 1])
        present = (points[:, 3] - points[:, 2]) / np.sqrt(variances[:, 2] + variances[:, 3])
    one = (abs(absent) > limit) != (abs(present) > limit)
    return float((abs(z) > limit).mean()), float(one.mean())
