"""Design-based regression: logistic, modified Poisson and linear.

Coefficients are weighted pseudo-maximum-likelihood estimates, their covariance is the linearisation
(*sandwich*) of Binder (1983, Int Stat Rev 51:279-292): bread times the covariance of the score totals times
bread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators import diagnose
from lonely_analysis.estimators.formula import parse
from lonely_analysis.estimators.glm import (
    FAMILIES,
    CollinearError,
    Family,
    Fit,
    NotConvergedError,
    Points,
    fit,
    points_of,
)
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.estimators.linearise import covariance_of_totals, degrees_of_freedom
from lonely_analysis.estimators.model import Model, coefficient_table
from lonely_analysis.estimators.psus import Coded, as_design, coded
from lonely_analysis.estimators.refit import refit
from lonely_analysis.estimators.replicates import Replicates, replicate_covariance
from lonely_analysis.estimators.sample import Sample, take_sample
from lonely_analysis.estimators.terms import Formula
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

FamilyName = Literal["logistic", "poisson", "linear"]


def regress(
    data: Survey | SurveyDesign,
    formula: str,
    family: FamilyName = "logistic",
    *,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Model:
    """Regress an outcome on covariates with weights and a design-based covariance.

    Solves sum_i w_i (y_i - mu_i) x_i = 0 with mu_i = g(x_i' b): g is the inverse logit (``logistic``,
    outcome yes/no), exp (``poisson``; with a yes/no outcome its ratios are risk ratios: Zou 2004, Am J
    Epidemiol 159:702-706), or the identity (``linear``). The covariance is A^-1 B A^-1 with A = sum_i w_i
    mu_i' x_i x_i' and B the covariance of PSU totals of the scores. Intervals and tests use t with PSUs -
    strata + 1 - number of coefficients, counted over the rows used (R ``survey::svyglm`` with quasi
    families).

    ``formula`` is ``"outcome ~ covariates"``: ``+``, ``a*b``, ``a:b``, ``C(x, ref="NO")``, ``spline(x,
    df=4)`` (a restricted cubic spline), ``log(x)``, ``I((age - 50)/10)``. Text is taken as categories,
    compared with the first one unless ``ref`` says another. ``where`` restricts to a domain without
    changing the design. ``replicates`` (from ``la.replicates``) refits the model in each replicate and
    takes the covariance from the spread around the full-sample estimate.

    On Polars, DuckDB, Dask or Spark the model is fitted by two group-bys in the engine: covariates must take
    few values, and text categories come in sorted order (an ordered pandas category has its own: state
    ``ref``).

    Raises ``DataError`` for formulas, columns and outcomes that cannot be used, ``EstimationError`` for
    separation, collinear terms, and an outcome that never varies.
    """
    design, parsed = as_design(data), parse(formula)
    if family not in FAMILIES:
        raise DataError(f"family={family!r} is unknown; choose one of: {', '.join(FAMILIES)}")
    check_level(level)
    run = _in_memory if design.in_memory else _on_engine
    solution = run(design, parsed, FAMILIES[family], where, replicates)
    return _model(design, parsed, family, level, solution)


@dataclass(frozen=True, eq=False)
class _Solution:
    """What a fit gives: coefficients, covariance, degrees of freedom, and replicate fits if any."""

    sample: Sample
    points: Points
    coefficients: np.ndarray
    vcov: np.ndarray
    design_df: int
    refits: np.ndarray | None = None


def _in_memory(
    design: SurveyDesign,
    formula: Formula,
    family: Family,
    where: pd.Series | str | None,
    replicates: Replicates | None,
) -> _Solution:
    rows, sample = coded(design), take_sample(design, formula, where)
    diagnose.check_outcome(family, formula.outcome.label, sample.outcome)
    points, found = fit_sample(family, sample)
    residual, b = _weighted_residuals(family, sample, found), found.coefficients
    df = degrees_of_freedom(rows, sample.used)
    if replicates is None:
        return _Solution(sample, points, b, _sandwich(rows, sample, found, residual), df)
    refits = refit(family, sample, found, residual, replicates)
    df = df if replicates.df is None else replicates.df
    return _Solution(sample, points, b, replicate_covariance(b, refits, replicates), df, refits)


def _on_engine(
    design: SurveyDesign, formula: Formula, family: Family, where: str | None, replicates: Replicates | None
) -> _Solution:
    from lonely_analysis.estimators.engine_regression import engine_covariance, engine_sample, open_engine

    if replicates is not None:
        raise DataError(
            "replicate refits need every row in memory: collect the model's columns into pandas, or leave "
            "replicates out, and the covariance is linearised"
        )
    engine = open_engine(design, formula, where)
    sample = engine_sample(engine, family)
    points, found = fit_sample(family, sample)
    return _Solution(sample, points, found.coefficients, *engine_covariance(engine, family, sample, found))


def fit_sample(family: Family, sample: Sample) -> tuple[Points, Fit]:
    """Fit a sample, or raise ``EstimationError`` that names the term and the remedy."""
    points = points_of(sample.layout, sample.weights, sample.outcome)
    names = [column.name for column in sample.layout.encoding.columns]
    try:
        return points, fit(family, points)
    except CollinearError as error:
        raise diagnose.collinear(error, names) from None
    except NotConvergedError as error:
        raise diagnose.not_converged(error, family, points, names) from None


def _weighted_residuals(family: Family, sample: Sample, found: Fit) -> np.ndarray:
    with np.errstate(over="ignore"):
        residual = family.mean(sample.layout.predictor(found.coefficients))
    np.subtract(sample.outcome, residual, out=residual)
    residual *= sample.weights
    return residual


def _sandwich(rows: Coded, sample: Sample, found: Fit, residual: np.ndarray) -> np.ndarray:
    psu = sample.rows(rows.psu)
    totals = sample.layout.totals(psu, rows.n_psu, residual)
    strata = None if sample.used is None else rows.stratum_of_psu[psu]
    return found.sandwich(covariance_of_totals(rows, totals @ found.basis, strata))


def _model(design: SurveyDesign, formula: Formula, family: str, level: float, solution: _Solution) -> Model:
    names = [column.name for column in solution.sample.layout.encoding.columns]
    df = solution.design_df + 1 - len(names)
    return Model(
        table=coefficient_table(names, solution.coefficients, solution.vcov, df, level),
        source=design.source,
        note=_note(df, solution.refits),
        formula=formula.text,
        family=family,
        vcov=pd.DataFrame(solution.vcov, index=names, columns=names),
        n=solution.sample.n,
        df=df,
        dropped=solution.sample.dropped,
        level=level,
        points=solution.points,
        replicate_estimates=solution.refits,
    )


def _note(df: int, refits: np.ndarray | None) -> str:
    notes = []
    if df <= 0:
        notes.append("The model has as many coefficients as the design has degrees of freedom: no intervals.")
    failed = 0 if refits is None else int(np.isnan(refits).any(axis=1).sum())
    if failed:
        notes.append(f"{failed} of {len(refits)} replicates could not be fitted and were left out.")
    return " ".join(notes)
