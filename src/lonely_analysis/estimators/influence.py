"""Linearised contributions of rows, for quantities that need a fitted model and the sample at once.

A *contribution* is what one row adds to the error of an estimate, to first order; contributions sum to
about 0 and their design covariance is the covariance of the estimate (Deville 1999, Surv Methodol
25:193-203). Contributions of several estimates, and of the sample's own composition, simply add up, which a
coefficient covariance cannot do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.diagnose import check_outcome
from lonely_analysis.estimators.formula import parse
from lonely_analysis.estimators.glm import FAMILIES, Family, Fit
from lonely_analysis.estimators.intervals import t_interval
from lonely_analysis.estimators.layout import Layout, as_number
from lonely_analysis.estimators.linearise import covariance, degrees_of_freedom
from lonely_analysis.estimators.matrix import dense_matrix
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.regression import fit_sample
from lonely_analysis.estimators.sample import Sample, take_sample
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign


@dataclass(frozen=True, kw_only=True, eq=False)
class Quantities(Result):
    """Named quantities, one row each: ``quantity, estimate, se, ci_low, ci_high, n, df``.

    ``se`` of a ratio is that of its log. ``vcov`` is the covariance of the quantities on the scale of their
    ``se``.
    """

    level: float = 0.95
    vcov: pd.DataFrame | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class FittedRows:
    """A model with its design matrix ``x`` (n, p), one row for each row used."""

    design: SurveyDesign
    sample: Sample
    family: Family
    x: np.ndarray = field(repr=False)
    fit: Fit = field(repr=False)

    @property
    def coefficients(self) -> np.ndarray:
        """The coefficients, (p,)."""
        return self.fit.coefficients

    @property
    def weights(self) -> np.ndarray:
        """Weights of the rows used."""
        return self.sample.weights

    @property
    def mean(self) -> np.ndarray:
        """Fitted mean of the rows used."""
        return self.family.mean(self.x @ self.coefficients)

    @property
    def names(self) -> list[str]:
        """Names of the coefficients."""
        return [column.name for column in self.sample.layout.encoding.columns]

    @property
    def _residual(self) -> np.ndarray:
        return self.weights * (self.sample.outcome - self.mean)

    def contributions(self) -> np.ndarray:
        """Return the contributions of the rows used to the coefficients, (n, p)."""
        return self.influence(self.x * self._residual[:, None])

    def influence(self, scores: np.ndarray) -> np.ndarray:
        """Return what scores, (m, p), add to each coefficient, to first order."""
        return scores @ self._bread

    @property
    def _bread(self) -> np.ndarray:
        return self.fit.basis @ self.fit.inverse @ self.fit.basis.T

    def average(self, layout: Layout) -> tuple[float, np.ndarray]:
        """Return the weighted mean prediction over a changed layout of the rows used, and contributions."""
        x, w = dense_matrix(layout), self.weights
        predicted = self.family.mean(x @ self.coefficients)
        mean = (w @ predicted) / w.sum()
        slope = (w * self.family.slope(predicted)) @ x / w.sum()
        # The contributions to the coefficients along the slope, without their (n, p) array.
        along = self._residual * (self.x @ (self._bread @ slope))
        return float(mean), w * (predicted - mean) / w.sum() + along

    def covariance(self, contributions: np.ndarray) -> np.ndarray:
        """Return the design covariance of quantities with these contributions by row used, (n,) or (n, k)."""
        return used_covariance(self.design, contributions, self.sample.used)

    @property
    def df(self) -> int:
        """Degrees of freedom of the model, as ``regress``."""
        return degrees_of_freedom(coded(self.design), self.sample.used) + 1 - len(self.coefficients)


def fit_rows(design: SurveyDesign, formula: str, family: str, where: Any = None) -> FittedRows:
    """Fit a model as ``regress`` does, and keep what each row contributes."""
    parsed = parse(formula)
    sample = take_sample(design, parsed, where)
    check_outcome(FAMILIES[family], parsed.outcome.label, sample.outcome)
    found = fit_sample(FAMILIES[family], sample)[1]
    x = dense_matrix(sample.layout)
    return FittedRows(design, sample, FAMILIES[family], x, found)


def value_of(layout: Layout, variable: str, value: Any) -> float:
    """Return ``value`` as a layout holds it: a number, or the code of a category."""
    if variable in layout.encoding.labels:
        return layout.encoding.code(variable, value)
    column_of(layout, variable)
    return as_number(variable, value)


def column_of(layout: Layout, variable: str) -> np.ndarray:
    """Return a variable by row used (codes of a category), or raise ``DataError`` that lists them all."""
    if variable in layout.values:
        return layout.values[variable][layout.cell]
    if variable in layout.continuous:
        return layout.continuous[variable]
    known = ", ".join([*layout.values, *layout.continuous])
    raise DataError(
        f"{variable!r} is not in the formula, so that changing it changes nothing; it has: {known}"
    )


def first_row(layout: Layout) -> np.ndarray:
    """Return the first row of the design matrix; two settings differ by the same in every row."""
    return next(iter(layout.blocks()))[1][:, 0]


def used_covariance(design: SurveyDesign, contributions: np.ndarray, used: np.ndarray | None) -> np.ndarray:
    """Return the design covariance of contributions of the rows ``used`` (``None``: of all rows)."""
    if used is None:
        return covariance(coded(design), contributions)
    scores = np.zeros((len(used), *contributions.shape[1:]))
    scores[used] = contributions
    return covariance(coded(design), scores, used)


def quantity_table(
    names: Sequence[str],
    estimates: Sequence[float],
    vcov: np.ndarray,
    n: int,
    df: float,
    level: float,
    back: Callable[[np.ndarray], np.ndarray] | None = None,
) -> pd.DataFrame:
    """Return rows of ``Quantities`` with t intervals; ``back`` maps them to the scale that is printed."""
    se = np.sqrt(np.diag(np.atleast_2d(vcov)))
    low, high = t_interval(np.asarray(estimates, dtype=float), se, np.full(len(se), df), level)
    columns = {"estimate": np.asarray(estimates, dtype=float), "ci_low": low, "ci_high": high}
    if back is not None:
        shown = {name: back(values) for name, values in columns.items()}
        columns = shown | {
            "ci_low": np.minimum(shown["ci_low"], shown["ci_high"]),
            "ci_high": np.maximum(shown["ci_low"], shown["ci_high"]),
        }
    table = pd.DataFrame({"quantity": list(names), "se": se, "n": n, "df": df} | columns)
    return table[["quantity", "estimate", "se", "ci_low", "ci_high", "n", "df"]]
