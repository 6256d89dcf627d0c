"""Correlations under a survey design, with intervals.

A correlation is a function of the weighted covariance matrix, so that its standard error is linearised from
that of the matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.columns import measure
from lonely_analysis.estimators.domains import names
from lonely_analysis.estimators.formula import parse
from lonely_analysis.estimators.influence import fit_rows
from lonely_analysis.estimators.intervals import check_level, standard_error, t_quantile
from lonely_analysis.estimators.item_covariance import ItemMoments, moments_of
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.ranks import Ranks, ranks_of
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory, replicate_df, resampled_covariance
from lonely_analysis.estimators.sample import take_sample
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

#: Columns of what is regressed on covariates; no survey has columns of this name.
_VALUE = "__value__"


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
    SE needs nothing more. ``ranks=True`` correlates weighted ranks (Spearman). They are estimated from the
    same rows, and the SE counts what each row does to the ranks of all others (R ``svyvar`` of ranks leaves
    that out). ``replicates`` estimates again in each replicate, ranks and regressions on covariates included.

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
    moments = _moments(design, answers, used, adjust, ranks)
    r, vcov = _correlations(moments)
    if replicates is not None:

        def again(other: SurveyDesign) -> np.ndarray:
            return _correlations(_moments(other, answers, used, adjust, ranks))[0]

        vcov = resampled_covariance(design, replicates, r, again)
    se, df = standard_error(np.diag(vcov)), replicate_df(moments.df, replicates)
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
    design: SurveyDesign, answers: pd.DataFrame, used: np.ndarray, adjust: str | None, ranks: bool
) -> ItemMoments:
    """Return moments of what is correlated: answers or their ranks, or what covariates leave of them."""
    weights = coded(design).weights
    used = used & (weights > 0)
    if adjust is not None:
        inside = pd.Series(used, index=design.frame.index)
        known = take_sample(design, parse(f"{answers.columns[0]} ~ {adjust}"), inside).used
        used = used if known is None else known
    ranked = [ranks_of(answers.loc[used, name].to_numpy(dtype=float), weights[used]) for name in answers]
    values = answers.astype(float)
    if ranks:
        values.loc[used] = np.column_stack([each.values for each in ranked])
    moments = moments_of(design, values, used)
    if adjust is not None:
        moments = moments_of(design, _residuals(design, values, used, adjust), used)
    return _with_ranks(moments, ranked) if ranks else moments


def _with_ranks(moments: ItemMoments, ranked: list[Ranks]) -> ItemMoments:
    """Add to the scores of the covariances what each row does to the ranks of all others.

    A covariance of ranks has the derivative w_k d_kj / W by rank i of row k, with d_kj what row k has of
    variable j, less its mean; covariates leave d as residuals, which no regression on them can change.
    """
    scores, used = moments.scores.copy(), moments.in_domain
    away = moments.centred[used]
    for place, (i, j) in enumerate(zip(*np.tril_indices(len(ranked)), strict=True)):
        through = ranked[i].contributions(away[:, j]) + ranked[j].contributions(away[:, i])
        scores[used, place] += through / ranked[i].weights.sum()
    return replace(moments, scores=scores)


def _residuals(design: SurveyDesign, values: pd.DataFrame, used: np.ndarray, adjust: str) -> pd.DataFrame:
    """Return what is left of each variable given the covariates, in the rows ``used``."""
    columns = {f"{_VALUE}{place}": values[name].to_numpy() for place, name in enumerate(values)}
    valued = design.replace(frame=design.frame.assign(**columns))
    inside, left = pd.Series(used, index=design.frame.index), values.copy()
    for column, name in zip(columns, values, strict=True):
        model = fit_rows(valued, f"{column} ~ {adjust}", "linear", inside)
        left.loc[used, name] = model.sample.outcome - model.mean
    return left


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
