"""The Rao-Scott test of association between two categorical variables under a survey design.

Pearson's statistic assumes simple random sampling. Under a design its distribution is a weighted sum of
chi-squares, whose weights are the *generalised design effects*; the test divides by their mean and matches
two moments.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import fdtrc

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.domains import names
from lonely_analysis.estimators.group_codes import group_rows
from lonely_analysis.estimators.linearise import covariance, degrees_of_freedom
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.replicates import Replicates, replicate_covariance
from lonely_analysis.estimators.resample import design_in_memory, replicate_df
from lonely_analysis.results import HypothesisTest
from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

# Design effects for a sample of size 1 are about one over the sample's size; below this they are rounding.
_ROUNDING = 1e-20


def rao_scott(
    data: Survey | SurveyDesign,
    outcome: str,
    by: str | Sequence[str],
    *,
    where: pd.Series | str | None = None,
    replicates: Replicates | None = None,
) -> HypothesisTest:
    """Test whether ``outcome`` is independent of the groups of ``by``, with the second-order Rao-Scott F.

    F = X^2 / trace(D) with D the generalised design effects of the interaction contrasts, df1 = trace(D)^2
    / trace(D^2) and df2 = df1 times the design's degrees of freedom (Rao and Scott 1984, Ann Stat 12:46-60;
    Thomas and Rao 1987; R ``svychisq(~outcome + by, design, statistic = "F")``). Both may have any number
    of categories. Rows without an answer leave the table, not the design: R's ``subset(design,
    complete.cases(outcome, by))``, whose degrees of freedom are these.

    Returns one row: ``statistic``, ``df1``, ``df2``, ``p``. Raises ``DataError`` on frames other than
    pandas and ``EstimationError`` when a variable has one category, or the shares have no variance.
    """
    design, groups = design_in_memory(data, "rao_scott"), names(by)
    inside = _complete(design, [outcome, *groups], where)
    row, rows = _categories(design, [outcome], inside)
    column, columns = _categories(design, list(groups), inside)
    if min(len(rows), len(columns)) < 2:
        single = outcome if len(rows) < 2 else ", ".join(groups)
        raise EstimationError(f"{single} has one category in the domain: there is nothing to test")
    cell = np.where((row < 0) | (column < 0), -1, row + len(rows) * column)
    share, vcov = cell_shares(design, cell, len(rows) * len(columns), replicates)
    effects = _design_effects(share, vcov, len(rows), len(columns))
    nu = replicate_df(degrees_of_freedom(coded(design), cell >= 0), replicates)
    trace = np.trace(effects)
    if not trace > _ROUNDING:
        raise EstimationError(
            f"the shares of {outcome} by {', '.join(groups)} have no variance here, so that nothing can be "
            "tested: look for strata with one PSU, and for PSUs in which all answer alike"
        )
    df1 = trace**2 / np.trace(effects @ effects)
    statistic = _pearson(share.reshape(len(columns), len(rows))) / trace
    table = pd.DataFrame(
        {"statistic": statistic, "df1": df1, "df2": df1 * nu, "p": fdtrc(df1, df1 * nu, statistic)}, index=[0]
    )
    return HypothesisTest(
        table=table,
        source=design.source,
        name="Rao-Scott second-order F",
        null=f"{outcome} is independent of {', '.join(groups)}",
    )


def _complete(design: SurveyDesign, columns: list[str], where: pd.Series | str | None) -> np.ndarray:
    """Return the rows of the domain that count: a category that has no others is none."""
    require_columns(list(design.frame.columns), columns)
    known = design.frame[columns].notna().all(axis=1).to_numpy()
    return domain_rows(design.frame, where) & known & (coded(design).weights > 0)


def _categories(
    design: SurveyDesign, columns: list[str], inside: np.ndarray
) -> tuple[np.ndarray, pd.DataFrame]:
    code, groups = group_rows(design.frame, columns, inside)
    if groups.empty:
        raise DataError(f"nobody in the domain has a value of {', '.join(columns)}")
    return code, groups


def cell_shares(
    design: SurveyDesign, cell: np.ndarray, size: int, replicates: Replicates | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the weighted shares of the cells 0 to ``size`` - 1 and their covariance; -1 is outside."""
    rows = coded(design)
    member = (cell[:, None] == np.arange(size)).astype(float)
    weights = np.where(cell >= 0, rows.weights, 0.0)
    share = weights @ member / weights.sum()
    if replicates is None:
        scores = (member - share) * (weights / weights.sum())[:, None]
        return share, covariance(rows, scores, cell >= 0)
    totals = replicates.totals(member * weights[:, None])
    drawn = totals.sum(axis=1, keepdims=True)
    shares = totals / np.where(drawn > 0, drawn, np.nan)
    return share, replicate_covariance(share, shares, replicates)


def _pearson(share: np.ndarray) -> float:
    """Pearson's statistic of a table of shares, for a sample of size 1."""
    expected = np.outer(share.sum(axis=1), share.sum(axis=0))
    return float(((share - expected) ** 2 / expected).sum())


def _design_effects(share: np.ndarray, vcov: np.ndarray, n_rows: int, n_columns: int) -> np.ndarray:
    """Return the generalised design effects of the interaction contrasts, for a sample of size 1."""
    main, interaction = _contrasts(n_rows, n_columns)
    contrast = interaction - main @ np.linalg.lstsq(main, interaction, rcond=None)[0]
    scaled = contrast / np.where(share > 0, share, np.inf)[:, None]
    return np.linalg.solve(contrast.T @ scaled, scaled.T @ vcov @ scaled)


def _contrasts(n_rows: int, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the design matrices of main effects and of interactions; rows vary fastest."""
    row = np.tile(np.eye(n_rows)[:, 1:], (n_columns, 1))
    column = np.repeat(np.eye(n_columns)[:, 1:], n_rows, axis=0)
    main = np.column_stack([np.ones(n_rows * n_columns), row, column])
    products = row[:, :, None] * column[:, None, :]
    return main, products.reshape(n_rows * n_columns, -1)
