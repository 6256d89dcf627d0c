"""Sensitivity of an indirect effect to an unmeasured cause of both mediator and outcome.

Such a cause makes the errors of the two models correlate; ``rho`` is that correlation. All that the formula
needs are four *residual moments* of linear models without the mediator among the covariates (Imai, Keele
and Yamamoto 2010, Stat Sci 25:51-71, section 5.2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.formula import with_adjustment
from lonely_analysis.estimators.influence import first_row, fit_rows
from lonely_analysis.estimators.intervals import t_interval
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign

APPROXIMATE = (
    "By linear probability models: with a yes/no mediator or outcome the correlation of errors is an "
    "approximation on the difference scale. For the ratio scale use la.evalue on the indirect ratio."
)


@dataclass(frozen=True, eq=False)
class ResidualMoments:
    """Effect of the exposure on the mediator; residual variances and covariance of mediator and outcome.

    ``vcov`` (4, 4) is the covariance of the four, in the order of the fields.
    """

    effect: float
    var_mediator: float
    var_outcome: float
    covariance: float
    vcov: np.ndarray = field(repr=False)
    df: int

    @property
    def rho_at_zero(self) -> float:
        """Correlation of the residuals: the rho at which the indirect effect is 0."""
        return float(self.covariance / np.sqrt(self.var_mediator * self.var_outcome))


@dataclass(frozen=True, kw_only=True, eq=False)
class Sensitivity(Result):
    """The indirect effect under each correlation: ``rho, estimate, se, ci_low, ci_high``.

    ``r2_at_zero`` is the product of the shares of residual variance that the unmeasured cause would have to
    explain in mediator and outcome for the indirect effect to be 0: rho_at_zero squared.
    """

    rho_at_zero: float
    r2_at_zero: float
    level: float = 0.95


def residual_moments(
    design: SurveyDesign, question: Any, levels: tuple[float, float], used: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the four moments and their contributions (n, 4) by row used, from linear models."""
    rows = pd.Series(True if used is None else used, index=design.frame.index)
    right = with_adjustment(question.exposure, question.adjust)
    mediator, outcome = (
        fit_rows(design, f"{left} ~ {right}", "linear", rows)
        for left in (question.mediator, question.outcome)
    )
    low, high = (mediator.sample.layout.setting(**{question.exposure: value}) for value in levels)
    contrast = first_row(high) - first_row(low)
    w = mediator.weights / mediator.weights.sum()
    e_m, e_y = mediator.sample.outcome - mediator.mean, outcome.sample.outcome - outcome.mean
    moments = [w @ e_m**2, w @ e_y**2, w @ (e_m * e_y)]
    spread = [w * (product - m) for product, m in zip((e_m**2, e_y**2, e_m * e_y), moments, strict=True)]
    values = np.array([contrast @ mediator.coefficients, *moments])
    return values, np.column_stack([mediator.contributions() @ contrast, *spread])


def sensitivity(
    moments: ResidualMoments, rho: np.ndarray, level: float, source: str, exact: bool
) -> Sensitivity:
    """Evaluate the indirect effect at each ``rho``, with delta-method intervals.

    Raises ``DataError`` for a ``rho`` that is no correlation.
    """
    if not (np.abs(rho) < 1).all():
        raise DataError("rho= holds values outside -1 to 1: a correlation is asked for, such as 0.2")
    found = [_indirect(moments, value) for value in rho]
    estimate = np.array([value for value, _ in found])
    se = np.array([np.sqrt(g @ moments.vcov @ g) for _, g in found])
    low, high = t_interval(estimate, se, np.full(len(se), moments.df), level)
    table = pd.DataFrame({"rho": rho, "estimate": estimate, "se": se, "ci_low": low, "ci_high": high})
    return Sensitivity(
        table=table,
        source=source,
        note="" if exact else APPROXIMATE,
        rho_at_zero=moments.rho_at_zero,
        r2_at_zero=moments.rho_at_zero**2,
        level=level,
    )


def _indirect(moments: ResidualMoments, rho: float) -> tuple[float, np.ndarray]:
    """Return b (c - k sqrt(v u - c^2)) / v, k = rho/sqrt(1 - rho^2), and its gradient by (b, v, u, c)."""
    b, v, u, c = moments.effect, moments.var_mediator, moments.var_outcome, moments.covariance
    k, root = rho / np.sqrt(1 - rho**2), np.sqrt(v * u - c**2)
    path = (c - k * root) / v
    gradient = [
        path,
        -b * path / v - b * k * u / (2 * root * v),
        -b * k / (2 * root),
        b / v * (1 + k * c / root),
    ]
    return b * path, np.array(gradient)
