"""Correlations under a survey design, with intervals.

A correlation is a function of the weighted covariance matrix, so that its standard error is linearised from
that of the matrix.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.columns import measure
from lonely_analysis.estimators.domains import names
from lonely_analysis.estimators.formula import parse
from lonely_analysis.estimators.influence import fit_rows
from lonely_analysis.estimators.intervals import check_level, t_quantile
from lonely_analysis.estimators.item_covariance import ItemMoments, moments_of
from lonely_analysis.estimators.linearise import coded
from lonely_analysis.estimators.ranks import ranks_of
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory, replicate_df, resampled_covariance
from lonely_analysis.estimators.sample import take_sample
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey


def correlation(
    data: Survey | SurveyDesign,
    variables: Sequence[str],
    *,
    ranks: bool = False,
    adjust: str | None = None,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate Pearson correlations between all pairs of ``variables``, numbers or yes/no.

    r = s_ij / sqrt(s_ii s_jj) of the weighted covariance matrix S over the rows that answered every
    variable; SE by the delta method from the design covariance of S. Intervals are symmetric for Fisher's
    z = atanh(r), with the t quantile at the design's degrees of freedom. R: ``svyvar(~a + b + c,
    subset(design, complete))`` with ``svycontrast``.

    ``adjust`` holds covariates equal, written as in a formula (``"age + C(sex)"``): *partial* correlations,
    between what is left of each variable after a weighted linear regression on them, over the rows that
    know them all. A partial covariance has the products of residuals as its linearised scores, so that the
    SE needs nothing more. ``ranks=True`` correlates weighted ranks (Spearman), which are then taken as they
    stand. ``replicates`` estimates again in each replicate, regressions on covariates included.

    Returns one row a pair: ``variable`` and ``with_variable`` (a variable that was named before it), then
    ``estimate, se, ci_low, ci_high, n, df``. ``vcov`` is the covariance of the estimates in row order.

    Raises ``DataError`` for fewer than two variables, text, a variable without variation, frames other
    than pandas and a domain in which nobody answered all of them.
    """
    check_level(level)
    design, asked = design_in_memory(data, "correlation"), list(names(variables))
    if len(asked) < 2:
        raise DataError("correlation needs at least two variables")
    answers = pd.DataFrame({name: measure(design.frame, name) for name in asked})
    used = answers.notna().all(axis=1).to_numpy() & domain_rows(design.frame, where)
    if ranks:
        answers = _ranked(answers, used, coded(design).weights)
    moments = _moments(design, answers, used, adjust)
    r, vcov = _correlations(moments)
    if replicates is not None:

        def again(other: SurveyDesign) -> np.ndarray:
            return _correlations(_moments(other, answers, used, adjust))[0]

        vcov = resampled_covariance(design, replicates, r, again)
    se, df = np.sqrt(np.diag(vcov)), replicate_df(moments.df, replicates)
    low, high = fisher_interval(r, se, df, level)
    i, j = np.tril_indices(len(asked), -1)
    pairs = {"variable": np.array(asked)[i], "with_variable": np.array(asked)[j]}
    numbers = {"estimate": r, "se": se, "ci_low": low, "ci_high": high}
    return Estimates(
        table=pd.DataFrame({**pairs, **numbers, "n": moments.n, "df": df}),
        source=design.source,
        outcome="correlation",
        by=tuple(pairs),
        statistic=" ".join([*["partial"] * (adjust is not None), *["rank"] * ranks, "correlation"]),
        method="fisher",
        level=level,
        vcov=vcov,
    )


def _moments(
    design: SurveyDesign, answers: pd.DataFrame, used: np.ndarray, adjust: str | None
) -> ItemMoments:
    if adjust is not None:
        answers, used = _residuals(design, answers, used, adjust)
    return moments_of(design, answers, used)


def _ranked(answers: pd.DataFrame, used: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """Return weighted ranks of the rows used, in the order of each column, and NaN elsewhere."""
    rows = used & (weights > 0)
    ranked = pd.DataFrame(np.nan, index=answers.index, columns=answers.columns)
    for name in answers:
        ranked.loc[rows, name] = ranks_of(answers.loc[rows, name].to_numpy(dtype=float), weights[rows]).values
    return ranked


def _residuals(
    design: SurveyDesign, answers: pd.DataFrame, used: np.ndarray, adjust: str
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return what is left of each variable given the covariates, and the rows that know them."""
    inside = pd.Series(used, index=design.frame.index)
    known = take_sample(design, parse(f"{answers.columns[0]} ~ {adjust}"), inside).used
    left = answers.set_index(design.frame.index).astype(float)
    for name in answers.columns:
        model = fit_rows(design, f"{name} ~ {adjust}", "linear", pd.Series(known, index=inside.index))
        left.loc[known, name] = model.sample.outcome - model.mean
    return left, known


def fisher_interval(r: np.ndarray, se: np.ndarray, df: int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return tanh(atanh(r) -/+ t se/(1 - r^2)); r itself where it is -1 or 1."""
    inside = np.abs(r) < 1
    safe = np.where(inside, r, 0.0)
    half = t_quantile(np.asarray(df), level) * se / (1 - safe**2)
    centre = np.arctanh(safe)
    return np.where(inside, np.tanh(centre - half), r), np.where(inside, np.tanh(centre + half), r)


def _correlations(moments: ItemMoments) -> tuple[np.ndarray, np.ndarray]:
    """Return the correlations below the diagonal, row by row, and their covariance."""
    p = len(moments.names)
    position = np.zeros((p, p), dtype=int)
    position[np.tril_indices(p)] = np.arange(p * (p + 1) // 2)
    variance, matrix = np.diag(moments.matrix), moments.correlation
    i, j = np.tril_indices(p, -1)
    r = matrix[i, j]
    gradient = np.zeros((len(r), p * (p + 1) // 2))
    row = np.arange(len(r))
    gradient[row, position[i, j]] = 1 / np.sqrt(variance[i] * variance[j])
    gradient[row, position[i, i]] = -r / (2 * variance[i])
    gradient[row, position[j, j]] = -r / (2 * variance[j])
    return r, gradient @ moments.vech_covariance @ gradient.T
