"""Predictions of a model for rows that need not be those it was fitted on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.covariates import Variable, category_code, read_covariates
from lonely_analysis.estimators.encoding import Encoding
from lonely_analysis.estimators.glm import FAMILIES
from lonely_analysis.estimators.intervals import level_or, standard_error, t_quantile
from lonely_analysis.estimators.layout import layout_of
from lonely_analysis.estimators.model import Model


def predict(model: Model, frame: pd.DataFrame, *, level: float | None = None) -> pd.DataFrame:
    """Predict the mean outcome of each row of ``frame``: ``estimate, se, ci_low, ci_high``, on its index.

    g(x' b) with standard error g'(x' b) sqrt(x' V x); intervals are t intervals on the scale of the predictor
    (R ``predict(svyglm, type = "response", se.fit = TRUE)``, whose standard errors are these). Rows that miss
    a covariate are NaN. Raises ``DataError`` for an absent column and for a category that the model does not
    know.
    """
    encoding = model.points.layout.encoding
    variables = {n: _as_fitted(encoding, v) for n, v in read_covariates(frame, encoding.formula).items()}
    known = np.ones(len(frame), dtype=bool)
    for variable in variables.values():
        if variable.missing is not None:
            known &= ~variable.missing
    table = pd.DataFrame(np.nan, index=frame.index, columns=["estimate", "se", "ci_low", "ci_high"])
    if known.any():
        used = {name: variable.rows(known) for name, variable in variables.items()}
        table.loc[known] = _predicted(model, used, int(known.sum()), level_or(level, model.level))
    return table


def _as_fitted(encoding: Encoding, variable: Variable) -> Variable:
    """Give a variable the codes that its categories had in the fit."""
    fitted = encoding.labels.get(variable.name)
    if fitted is None and variable.labels is None:
        return variable
    if fitted is None or variable.labels is None:
        kinds = ("numbers", "categories") if fitted is None else ("categories", "numbers")
        raise DataError(f"{variable.name!r} was fitted as {kinds[0]} and holds {kinds[1]} here")
    present = np.unique(variable.values[variable.values >= 0])
    codes = np.full(len(variable.labels) + 1, -1)
    for place in present:
        codes[place] = category_code(variable.name, fitted, variable.labels[place])
    return Variable(variable.name, codes[variable.values], variable.missing, fitted)


def _predicted(model: Model, variables: dict[str, Variable], n: int, level: float) -> np.ndarray:
    family, b, vcov = FAMILIES[model.family], model.coefficients, model.vcov.to_numpy()
    layout = layout_of(model.points.layout.encoding, variables, n)
    mean, se = np.empty(n), np.empty(n)
    for rows, x in layout.blocks():
        mean[rows] = family.mean(b @ x)
        variance = np.einsum("pi,pq,qi->i", x, vcov, x, optimize=True)
        se[rows] = family.slope(mean[rows]) * standard_error(variance)
    return np.column_stack([mean, se, *mean_interval(model, mean, se, level)])


def mean_interval(
    model: Model, mean: np.ndarray, se: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return t intervals of means on the scale of the predictor, which stay inside the outcome's range."""
    t = float(t_quantile(model.df, level))
    if model.family == "linear":
        return mean - t * se, mean + t * se
    to, back, slope = (
        (logit, expit, mean * (1 - mean)) if model.family == "logistic" else (np.log, np.exp, mean)
    )
    return back(to(mean) - t * se / slope), back(to(mean) + t * se / slope)
