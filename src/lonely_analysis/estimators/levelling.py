"""Who gains from a change: inequality in an outcome before and after it, if it reaches some more than others.

*Reach* is the share of those concerned whom the change gets to: one number for all ranks, or one for each.
*Causal* is the part of the association that is taken to be an effect: 1 all of it, 0.5 half, 0 none. Neither
is estimated here. Both are assumptions, and the result says what follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.impact import Change, changed
from lonely_analysis.estimators.influence import FittedRows, Quantities, column_of, fit_rows, quantity_table
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.estimators.matrix import dense_matrix
from lonely_analysis.estimators.regression import FamilyName
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory, replicate_df, resampled_covariance
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

Reach = float | Mapping[Any, float]

NAMES = ("sii_before", "sii_after", "sii_change", "rii_before", "rii_after", "rii_change")
_STEP = 1e-6
"""Relative step of the numerical derivatives: central differences err by about its square."""
_ROUNDS = 50
"""Newton's method on two coefficients settles in fewer than ten."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Levelling(Quantities):
    """Rows ``sii_before, sii_after, sii_change, rii_before, rii_after, rii_change``.

    ``groups`` has the outcome by rank: the rank's column, ``when`` (before, after), ``estimate, se, ci_low,
    ci_high, n, df``. ``se`` of the three ratios is that of their log.
    """

    groups: pd.DataFrame = field(repr=False)


@dataclass(frozen=True, eq=False)
class _ByRank:
    """Outcome by rank before and after and size of the ranks, one after the other (3 G,), by row (n, 3 G)."""

    values: np.ndarray
    contributions: np.ndarray
    n: np.ndarray


@dataclass(frozen=True, eq=False)
class _Question:
    formula: str
    change: Change
    rank: str
    reach: Reach
    causal: float
    family: FamilyName
    where: Any

    def shares(self, labels: tuple[str, ...]) -> np.ndarray:
        """Return by rank the part of the people concerned whom the change gets to and affects."""
        return self.causal * np.array([_reach_of(self.reach, label) for label in labels])


def levelling(
    data: Survey | SurveyDesign,
    formula: str,
    change: Change,
    rank: str,
    *,
    reach: Reach = 1.0,
    causal: float = 1.0,
    family: FamilyName = "logistic",
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Levelling:
    """Estimate the slope and relative index of inequality before and after a change that reaches some.

    The share with the outcome in rank g is p_g before and p_g + causal reach_g d_g after, with d_g the mean,
    over the rank's people, of what the model predicts after ``change`` less what it predicts now. ``sii`` and
    ``rii`` are those of ``slope_index`` over these shares: worst off against best off, above 0 and above 1
    where the outcome is commoner among the worst off. ``sii_change`` is after minus before, ``rii_change``
    after over before: a change nearer to equality levels. SEs count coefficients, people and the ranks'
    sizes; t intervals.

    ``rank`` stands in ``formula`` as ``C(rank)``, worst off first. ``change`` is that of ``counterfactual``;
    ``reach`` is one share for all ranks, or a mapping with one for each. ``replicates`` refits the model and
    shares out the ranks again in each replicate; one in which a rank was not drawn counts as absent.

    Raises ``DataError`` for a share outside 0 to 1 and a rank that is no category of the formula or that
    ``reach`` does not name; ``EstimationError`` where a rank's outcome does not stay above 0.

    R equivalent: ``predict(svyglm)`` on changed data for the shares, and ``lm`` and ``glm`` of them on the
    ridits (``tests/reference/levelling``).
    """
    check_level(level)
    design = design_in_memory(data, "levelling")
    asked = _Question(formula, change, rank, reach, _share("causal", causal), family, where)
    model, labels, ranked = _answer(design, asked)
    values, size = ranked.values, 2 * len(labels)
    theta, k = _indices(values), len(NAMES)
    if replicates is None:
        gradient = np.vstack([_gradient(values), np.eye(size, len(values))])
        if not asked.shares(labels).any():
            # Nobody is moved: the changes are exactly none, and what rounding leaves of them is no error.
            gradient[[NAMES.index(name) for name in NAMES if name.endswith("change")]] = 0.0
        vcov = model.covariance(ranked.contributions @ gradient.T)
    else:

        def again(other: SurveyDesign) -> np.ndarray:
            _, drawn, new = _answer(other, asked)
            if drawn != labels:
                raise EstimationError(f"{len(labels) - len(drawn)} ranks of {rank!r} were not drawn")
            return np.append(_indices(new.values), new.values[:size])

        vcov = resampled_covariance(design, replicates, np.append(theta, values[:size]), again)
    df = replicate_df(model.df, replicates, len(model.coefficients))
    table = quantity_table(NAMES, theta, vcov[:k, :k], model.sample.n, df, level)
    shown = ["estimate", "ci_low", "ci_high"]
    table.loc[3:, shown] = np.exp(table.loc[3:, shown].to_numpy(dtype=float))
    groups = quantity_table([*labels, *labels], values[:size], vcov[k:, k:], model.sample.n, df, level)
    groups.insert(1, "when", np.repeat(["before", "after"], len(labels)))
    return Levelling(
        table=table,
        source=design.source,
        level=level,
        vcov=pd.DataFrame(vcov[:k, :k], NAMES, NAMES),
        groups=groups.rename(columns={"quantity": rank}).assign(n=np.tile(ranked.n, 2)),
    )


def _answer(design: SurveyDesign, asked: _Question) -> tuple[FittedRows, tuple[str, ...], _ByRank]:
    """Fit the model and return it with the ranks' labels and the outcome by rank, before and after."""
    model = fit_rows(design, asked.formula, asked.family, asked.where)
    layout = model.sample.layout
    labels = layout.encoding.labels.get(asked.rank)
    if labels is None:
        raise DataError(
            f"rank {asked.rank!r} is no category of the formula: write C({asked.rank}) in it, worst off first"
        )
    codes = column_of(layout, asked.rank).astype(int)
    ranked = _by_rank(model, codes, asked.shares(labels), asked.change)
    if not (ranked.values > 0).all():
        raise EstimationError("the outcome of a rank is 0 or below: worst and best off cannot form a ratio")
    return model, labels, ranked


def _share(name: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise DataError(f"{name}={value} is no share: use a number from 0 to 1, such as 0.5 for half")
    return float(value)


def _reach_of(reach: Reach, label: str) -> float:
    if not isinstance(reach, Mapping):
        return _share("reach", reach)
    named = {str(key): value for key, value in reach.items()}
    if str(label) not in named:
        raise DataError(f"reach= names {', '.join(named)}, and not the rank {label}")
    return _share("reach", named[str(label)])


def _by_rank(model: FittedRows, codes: np.ndarray, shares: np.ndarray, change: Change) -> _ByRank:
    x = dense_matrix(changed(model.sample.layout, change))
    then, now, weights = model.family.mean(x @ model.coefficients), model.mean, model.weights
    by_coefficient = x * model.family.slope(then)[:, None] - model.x * model.family.slope(now)[:, None]
    y, coefficients = model.sample.outcome, model.contributions()
    columns, values, n = [], [], []
    for code, share in enumerate(shares):
        inside = weights * (codes == code)
        total = inside.sum()
        before, gain = (inside @ y) / total, share * (inside @ (then - now)) / total
        first = inside * (y - before) / total
        moved = inside * (share * (then - now) - gain) / total
        through = coefficients @ (share * (inside @ by_coefficient) / total)
        values.append((before, before + gain, total))
        columns.append((first, first + moved + through, inside))
        n.append(int((inside > 0).sum()))
    return _ByRank(
        np.array(values).T.ravel(), np.array(columns).transpose(2, 1, 0).reshape(len(y), -1), np.array(n)
    )


def _indices(values: np.ndarray) -> np.ndarray:
    """Return the quantities of ``NAMES``, ratios as logs, from shares before, after and sizes of ranks."""
    before, after, sizes = values.reshape(3, -1)
    ranks = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    slopes = [_slope(share, sizes, ranks) for share in (before, after)]
    ratios = [_log_ratio(share, sizes, ranks) for share in (before, after)]
    return np.array([*slopes, slopes[1] - slopes[0], *ratios, ratios[1] - ratios[0]])


def _slope(share: np.ndarray, sizes: np.ndarray, ranks: np.ndarray) -> float:
    centred = sizes * (ranks - sizes @ ranks / sizes.sum())
    return float(-(centred @ share) / (centred @ ranks))


def _log_ratio(share: np.ndarray, sizes: np.ndarray, ranks: np.ndarray) -> float:
    """Return minus the coefficient of the rank in a Poisson regression of the shares (Newton's method)."""
    x = np.column_stack([np.ones_like(ranks), ranks])
    b = np.array([np.log(sizes @ share / sizes.sum()), 0.0])
    for _ in range(_ROUNDS):
        mean = np.exp(x @ b)
        step = np.linalg.solve((x * (sizes * mean)[:, None]).T @ x, x.T @ (sizes * (share - mean)))
        b = b + step
        if np.abs(step).max() < _STEP**2:
            break
    return float(-b[1])


def _gradient(values: np.ndarray) -> np.ndarray:
    """Return the derivatives of the indices by each share and size, (6, 3 G)."""
    steps = np.diag(values * _STEP)
    wider = [_indices(values + step) - _indices(values - step) for step in steps]
    return np.array(wider).T / (2 * np.diag(steps))
