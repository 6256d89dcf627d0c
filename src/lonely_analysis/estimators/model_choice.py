"""Which of several sets of covariates orders and describes a yes/no outcome best, on the same rows.

The *C statistic* is the chance that of two people, one with the outcome and one without, the model gives the
first the higher risk (the area under the ROC curve). *dAIC* is Akaike's criterion for survey data: minus
twice the log-likelihood plus twice the *effective* number of parameters, which counts a parameter for more
where the design makes it less certain than the model believes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.formula import parse
from lonely_analysis.estimators.influence import FittedRows, fit_rows, used_covariance
from lonely_analysis.estimators.intervals import check_level, standard_error, t_interval
from lonely_analysis.estimators.linearise import degrees_of_freedom
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.regression import regress
from lonely_analysis.estimators.replicates import Replicates, replicate_covariance
from lonely_analysis.estimators.resample import design_in_memory, replicate_df
from lonely_analysis.estimators.sample import take_sample
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

# Equal covariates must give equal predictions, whatever the order of additions (as in `concordance`).
_PREDICTION_DECIMALS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class ModelComparison(Result):
    """One row a model, in the order given.

    ``model, estimate, se, ci_low, ci_high`` (the C statistic), ``change, change_se, change_low,
    change_high`` (C minus that of the first model; NaN in the first row), ``aic``, ``aic_gap`` (above the
    lowest), ``parameters`` (effective), ``n, df``. Only rows of one result may be compared by ``aic``.
    """

    outcome: str
    by: tuple[str, ...] = ("model",)
    level: float = 0.95


def compare_models(
    data: Survey | SurveyDesign,
    outcome: str,
    models: Mapping[str, str],
    *,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> ModelComparison:
    """Fit a logistic model for each set of covariates and compare how well they predict the outcome.

    ``models`` maps words to covariates as a formula writes them: ``{"Sum": "support + age", "Items":
    "support_emotional + support_instrumental + age"}``. All models use the rows that are complete for every
    one of them, because a likelihood of other rows is another quantity.

    C = sum of w_i w_j over pairs in which i has the outcome, j has not, and i's predicted risk is higher
    (half where they tie), over the sum of w_i w_j. Its SE adds the derivatives by the weights within PSUs
    and takes coefficients as fixed, as ``la.concordance``; C of the rows fitted is optimistic. ``change``
    uses the covariance of the two C of the same people.

    dAIC = -2 sum_i w_i log f(y_i) + 2 tr(V0^-1 V), with weights scaled to mean 1 over the rows used, V the
    design covariance of the coefficients and V0 the inverse of the information, both without the intercept
    (Lumley and Scott 2015, J Surv Stat Methodol 3:1-18). Under simple random sampling the trace is about
    the number of coefficients. ``replicates`` counts the pairs again with each replicate's weights under the
    same coefficients, and refits the models for V.

    Raises ``DataError`` for no models, and what ``regress`` raises.

    R equivalent: ``AIC(svyglm(..., family = quasibinomial), ...)``; ``survival::concordance(y ~ eta,
    weights =)`` with ``survey::svytotal`` of its derivatives.
    """
    check_level(level)
    if isinstance(models, str) or not models:
        raise DataError('models= maps words to covariates, such as {"Sum": "support + age"}')
    design = design_in_memory(data, "compare_models")
    used = take_sample(design, parse(f"{outcome} ~ {' + '.join(models.values())}"), where).used
    used = np.ones(len(design.frame), dtype=bool) if used is None else used
    rows = pd.Series(used, index=design.frame.index)
    formulas = [f"{outcome} ~ {right}" for right in models.values()]
    fits = [fit_rows(design, formula, "logistic", rows) for formula in formulas]
    orders = [_concordance(fit, fit.weights) for fit in fits]
    c = np.array([estimate for estimate, _ in orders])
    if replicates is None:
        vcov = used_covariance(design, np.column_stack([scores for _, scores in orders]), used)
        spreads = [fit.covariance(fit.contributions()) for fit in fits]
    else:
        drawn = fits[0].weights[:, None] * replicates.all_rows(used)
        again = np.array([[_concordance(fit, weights)[0] for fit in fits] for weights in drawn.T])
        vcov = replicate_covariance(c, again, replicates)
        refits = [regress(design, formula, where=rows, replicates=replicates) for formula in formulas]
        spreads = [model.vcov.to_numpy() for model in refits]
    df = replicate_df(degrees_of_freedom(coded(design), used), replicates)
    table = _table(list(models), c, vcov, df, level)
    criteria = [_criterion(fit, spread) for fit, spread in zip(fits, spreads, strict=True)]
    table["aic"], table["parameters"] = np.transpose(criteria)
    table.insert(table.columns.get_loc("aic") + 1, "aic_gap", table["aic"] - table["aic"].min())
    return ModelComparison(
        table=table.assign(n=int(used.sum()), df=df), source=design.source, outcome=outcome, level=level
    )


def _concordance(fit: FittedRows, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return C under ``weights``, NaN where there is no pair, and what each row contributes to it."""
    eta, has = np.round(fit.x @ fit.coefficients, _PREDICTION_DECIMALS), fit.sample.outcome > 0
    won = np.empty(len(eta))
    won[has] = _below(eta[has], eta[~has], weights[~has])
    won[~has] = _below(-eta[~has], -eta[has], weights[has])
    met = np.where(has, weights[~has].sum(), weights[has].sum())
    pairs = weights[has].sum() * weights[~has].sum() or np.nan
    c = float(weights[has] @ won[has] / pairs)
    return c, weights * (won - c * met) / pairs


def _below(values: np.ndarray, others: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return, for each value, the weight of the others below it and half of that of its equals."""
    order = np.argsort(others, kind="stable")
    total = np.concatenate([[0.0], np.cumsum(weights[order])])
    sides = (total[np.searchsorted(others[order], values, side=side)] for side in ("left", "right"))
    return sum(sides) / 2


def _criterion(fit: FittedRows, spread: np.ndarray) -> tuple[float, float]:
    """Return dAIC and the effective number of parameters, from the coefficients' covariance ``spread``."""
    scaled = fit.weights / fit.weights.mean()
    eta, y = fit.x @ fit.coefficients, fit.sample.outcome
    # log f(y) = y eta - log(1 + exp(eta)): stable however large eta is.
    deviance = -2 * float(scaled @ (y * eta - np.logaddexp(0, eta)))
    inverse = fit.fit.basis @ fit.fit.inverse @ fit.fit.basis.T * fit.weights.mean()
    model, design = inverse[1:, 1:], spread[1:, 1:]
    parameters = float(np.trace(np.linalg.solve(model, design)))
    return deviance + 2 * parameters, parameters


def _table(names: list[str], c: np.ndarray, vcov: np.ndarray, df: int, level: float) -> pd.DataFrame:
    turn = np.eye(len(c))
    turn[:, 0] -= 1
    change, d_change = turn @ c, turn @ vcov @ turn.T
    se, change_se = (standard_error(np.diag(v)) for v in (vcov, d_change))
    change[0] = change_se[0] = np.nan
    low, high = t_interval(c, se, np.full(len(c), df), level)
    change_low, change_high = t_interval(change, change_se, np.full(len(c), df), level)
    columns = {"model": names, "estimate": c, "se": se, "ci_low": low, "ci_high": high}
    changes = {"change_se": change_se, "change_low": change_low, "change_high": change_high}
    return pd.DataFrame(columns | {"change": change} | changes)
