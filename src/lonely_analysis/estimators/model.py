"""A fitted regression model: coefficients, their covariance, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.special import fdtrc, stdtr

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.glm import Points
from lonely_analysis.estimators.intervals import level_or, standard_error, t_quantile
from lonely_analysis.estimators.ratios import ratio_table
from lonely_analysis.estimators.terms import term_label
from lonely_analysis.results import HypothesisTest, Result


@dataclass(frozen=True, kw_only=True, eq=False)
class Model(Result):
    """A regression model: one row a coefficient, with ``term, estimate, se, ci_low, ci_high, t, df, p``.

    ``vcov`` is the covariance of the coefficients, named by term. ``n`` rows were used; ``dropped`` counts,
    by variable, the rows of the domain that miss it (a row that misses two is counted twice). ``df`` is
    PSUs minus strata plus 1 minus the number of coefficients. ``points`` are the covariates that
    predictions average over.
    """

    formula: str
    family: str
    vcov: pd.DataFrame = field(repr=False)
    n: int
    df: int
    dropped: pd.Series = field(repr=False)
    level: float = 0.95
    points: Points = field(repr=False)
    replicate_estimates: np.ndarray | None = field(default=None, repr=False)

    @property
    def coefficients(self) -> np.ndarray:
        """The estimates in the order of the terms."""
        return self.table["estimate"].to_numpy()

    @property
    def terms(self) -> dict[str, list[int]]:
        """The places of each term's coefficients, by the term as the formula writes it."""
        encoding = self.points.layout.encoding
        places: dict[str, list[int]] = {}
        for place, column in enumerate(encoding.columns):
            label = "Intercept" if column.term < 0 else term_label(encoding.formula.terms[column.term])
            places.setdefault(label, []).append(place)
        return places

    def ratios(self, level: float | None = None) -> pd.DataFrame:
        """Return exponentiated coefficients: odds ratios (logistic) or rate and risk ratios (Poisson).

        Columns ``term, estimate, se, ci_low, ci_high, p``; ``se`` is that of the log. The intercept is left
        out, because it is no ratio. Raises ``DataError`` for a linear model.
        """
        if self.family == "linear":
            raise DataError("a linear model has no ratios: its coefficients are differences of the outcome")
        fitted = (self.table["term"], self.coefficients, self.vcov.to_numpy(), self.df)
        return ratio_table(coefficient_table(*fitted, level_or(level, self.level)))

    def predict(self, frame: pd.DataFrame, level: float | None = None) -> pd.DataFrame:
        """Predict the mean outcome of each row of ``frame``; see ``predict.predict``."""
        from lonely_analysis.estimators.predict import predict

        return predict(self, frame, level=level)

    def wald(self, term: str | Sequence[str]) -> HypothesisTest:
        """Test that all coefficients of a term (or of several terms together) are 0.

        F = b' V^-1 b / k on k and ``df`` degrees of freedom (R ``survey::regTermTest``, method Wald). A
        term is named as in the formula, ``"C(country)"`` or ``"lonely:sex"``, or by the name of one
        coefficient. Raises ``DataError`` for an unknown term, and ``EstimationError`` where too few PSUs
        make the covariance of several coefficients singular.
        """
        named = [term] if isinstance(term, str) else list(term)
        if not named:
            raise DataError(f"wald needs a term of the model: {', '.join(self.terms)}")
        places = sorted({place for name in named for place in self._places(name)})
        b, v = self.coefficients[places], self.vcov.to_numpy()[np.ix_(places, places)]
        _refuse_singular(v, " and ".join(named))
        statistic = float(b @ np.linalg.solve(v, b)) / len(b)
        p = float(fdtrc(len(b), self.df, statistic)) if self.df > 0 else np.nan
        table = pd.DataFrame({"statistic": [statistic], "df1": [len(b)], "df2": [self.df], "p": [p]})
        joined = " and ".join(named)
        return HypothesisTest(
            table=table, source=self.source, name="Wald F test", null=f"all coefficients of {joined} are 0"
        )

    def _places(self, name: str) -> list[int]:
        if name in self.terms:
            return self.terms[name]
        names = list(self.table["term"])
        if name not in names:
            raise DataError(f"no term {name!r} in the model. Terms: {', '.join(self.terms)}")
        return [names.index(name)]


def _refuse_singular(vcov: np.ndarray, term: str) -> None:
    """Refuse a covariance without full rank: the statistic would be division by rounding."""
    size = np.sqrt(np.diag(vcov))
    scaled = vcov / np.outer(size, size) if (size > 0).all() else np.zeros_like(vcov)
    rank = int(np.linalg.matrix_rank(scaled)) if np.isfinite(scaled).all() else 0
    if rank < len(size):
        raise EstimationError(
            f"{term} cannot be tested: the covariance of its coefficients has rank {rank}, not {len(size)}, "
            "because too few PSUs stand in strata with several of them. Test fewer terms at once"
        )


def coefficient_table(
    names: Sequence[str], estimates: np.ndarray, vcov: np.ndarray, df: int, level: float
) -> pd.DataFrame:
    """Return estimates with t intervals and two-sided p values; NaN where no degrees of freedom are left."""
    se = standard_error(np.diag(vcov))
    # Without variance (one PSU, left out by its rule) there is no test, as there is no interval.
    t = np.divide(estimates, se, out=np.full(len(se), np.nan), where=se > 0)
    half = float(t_quantile(df, level)) * se
    p = 2 * stdtr(df, -np.abs(t)) if df > 0 else np.full(len(t), np.nan)
    return pd.DataFrame(
        {
            "term": list(names),
            "estimate": estimates,
            "se": se,
            "ci_low": estimates - half,
            "ci_high": estimates + half,
            "t": t,
            "df": df,
            "p": p,
        }
    )


def delta_row(
    model: Model, point: float, gradient: np.ndarray, level: float, *, is_log: bool = False
) -> dict[str, float]:
    """Return a function of the coefficients with its delta-method interval and the p value of 0.

    With ``is_log`` the point is a logarithm: estimate and interval are exponentiated, ``se`` is not.
    """
    se = float(standard_error(gradient @ model.vcov.to_numpy() @ gradient))
    half = float(t_quantile(model.df, level)) * se
    p = 2 * float(stdtr(model.df, -abs(point / se))) if model.df > 0 and se > 0 else np.nan
    shown = np.array([point, point - half, point + half])
    estimate, low, high = np.exp(shown) if is_log else shown
    return {"estimate": estimate, "se": se, "ci_low": low, "ci_high": high, "df": model.df, "p": p}
