"""From cells to a table of estimates: what prevalences, means and standardised rates have in common.

A *group* is a row of the result. It averages one domain (prevalence, mean) or several with given shares
(standardised rates).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.cells import Cells, Tabulated
from lonely_analysis.estimators.columns import stored_measure, stored_yes_no
from lonely_analysis.estimators.intervals import proportion_interval, standard_error, t_interval
from lonely_analysis.estimators.memory_cells import memory_cells
from lonely_analysis.estimators.replicates import Replicates, replicate_covariance
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign, listed
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.parts import Parts


@dataclass(frozen=True, eq=False, kw_only=True)
class Question:
    """What is estimated from which rows. ``binary`` says that the outcome is yes/no."""

    design: SurveyDesign = field(repr=False)
    outcome: str
    by: tuple[str, ...]
    where: pd.Series | str | None = field(repr=False, default=None)
    binary: bool = True


@dataclass(frozen=True, eq=False, kw_only=True)
class Mixture:
    """How domains make up the groups: group ``target`` of each domain and its ``share`` there, (k,) each."""

    groups: pd.DataFrame
    target: np.ndarray
    share: np.ndarray

    def combine(self, values: np.ndarray) -> np.ndarray:
        """Average domains with their shares within groups; domains with share 0 may be NaN."""
        used = np.where(self.share > 0, values * self.share, 0.0)
        return np.bincount(self.target, weights=used, minlength=len(self.groups))


def names(by: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the ``by`` columns as a tuple."""
    if by is None:
        return ()
    columns = (by,) if isinstance(by, str) or not isinstance(by, Iterable) else tuple(by)
    if len(set(columns)) < len(columns):
        raise DataError(f"a column is named twice: {', '.join(map(str, columns))}")
    return columns


def tabulate(question: Question, *, by_row: bool = False) -> Tabulated:
    """Reduce the rows of any engine to cells; ``by_row`` takes each row for a PSU (pandas)."""
    design = question.design
    if design.in_memory:
        values = (stored_yes_no if question.binary else stored_measure)(design.frame, question.outcome)
        inside = domain_rows(design.frame, question.where)
        cells = memory_cells(design, values, list(question.by), inside, binary=question.binary, by_row=by_row)
    else:
        if isinstance(design.frame, Parts):
            from lonely_analysis.estimators.part_cells import part_cells as outside_cells
        else:
            from lonely_analysis.estimators.engines import engine_cells as outside_cells

        cells = outside_cells(design, question.outcome, list(question.by), question.where, question.binary)
    if not cells.count.any():
        raise DataError(_nobody(question))
    return cells


def _nobody(question: Question) -> str:
    where = f" where {question.where}" if isinstance(question.where, str) else ""
    needed = ", ".join(
        [f"an answer to {question.outcome!r}", *(f"a value of {name!r}" for name in question.by)]
    )
    return (
        f"nobody is in the domain{where}: no row has {needed} and a weight above 0. "
        "Check the values that the condition names, and survey.missing"
    )


def estimate(
    question: Question,
    cells: Tabulated,
    mixture: Mixture,
    ci: str,
    level: float,
    replicates: Replicates | None,
) -> Estimates:
    """Return the estimates of ``mixture`` groups with their covariance, intervals and notes.

    ``ci`` is ``t`` for measures, else an interval of proportions.
    """
    value = _mixed_mean(cells, mixture)
    if question.binary:
        value = _exactly_none_or_all(cells, mixture, value)
    n = np.bincount(mixture.target, weights=cells.count, minlength=len(mixture.groups)).astype(int)
    df = _fit(cells.degrees_of_freedom(mixture.target), len(n))
    if replicates is None:
        vcov = cells.covariance(mixture.share, mixture.target)
    else:
        vcov = replicate_covariance(value, _replicate_means(question, cells, mixture, replicates), replicates)
        df = df if replicates.df is None else np.full(len(n), replicates.df)
    vcov[n == 0] = vcov[:, n == 0] = np.nan
    value = np.where(n == 0, np.nan, value)
    se = standard_error(np.diag(vcov))
    low, high = _interval(ci, value, se, n, df, level)
    numbers = {"estimate": value, "se": se, "ci_low": low, "ci_high": high, "n": n, "df": df}
    numbers["deff"] = _deff(cells, mixture, se, n)
    _refuse_overwriting(mixture.groups, numbers)
    # One construction: adding columns one by one costs as much as the estimate of a small survey.
    table = pd.DataFrame({**dict(mixture.groups.items()), **numbers})
    return Estimates(
        table=table,
        source=question.design.source,
        note=_note(mixture.groups, ci, value, low, n, df),
        outcome=question.outcome,
        by=question.by,
        statistic="prevalence" if question.binary else "mean",
        method=ci,
        level=level,
        vcov=vcov,
    )


def _refuse_overwriting(groups: pd.DataFrame, numbers: dict[str, np.ndarray]) -> None:
    taken = [str(column) for column in groups.columns if column in numbers]
    if taken:
        raise DataError(
            f"by= names {listed(taken)}, which the table of estimates holds too: rename it in the data first"
        )


def _mixed_mean(cells: Tabulated, mixture: Mixture) -> np.ndarray:
    return mixture.combine(cells.mean) + cells.shift


def _exactly_none_or_all(cells: Tabulated, mixture: Mixture, value: np.ndarray) -> np.ndarray:
    """Return shares without the rounding of a mixture of nothing but 0 or nothing but 1."""
    mean = cells.mean + cells.shift
    for extreme in (0.0, 1.0):
        other = (mixture.share > 0) & (mean != extreme)
        value = np.where(np.bincount(mixture.target, other, len(value)) == 0, extreme, value)
    return value


def _fit(values: np.ndarray, size: int) -> np.ndarray:
    return np.pad(values, (0, size - len(values)))


def _interval(
    ci: str, value: np.ndarray, se: np.ndarray, n: np.ndarray, df: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    if ci == "t":
        return t_interval(value, se, df, level)
    return proportion_interval(ci, value, se, n, df, level)


def _deff(cells: Tabulated, mixture: Mixture, se: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return variance / (s^2/n), with s^2 = n/(n-1) times the weighted spread of the outcome.

    The spread of a group is that within its domains and that between them, which is 0 where it has one.
    """
    between = mixture.combine(cells.mean**2) - mixture.combine(cells.mean) ** 2
    spread = mixture.combine(cells.spread / cells.domain_weight) + between
    usable = (n > 1) & (spread > 0) & (se > 0)
    srs = np.where(usable, spread, 1.0) / np.maximum(n - 1, 1)
    return np.where(usable, se**2 / srs, np.nan)


def _replicate_means(
    question: Question, cells: Cells, mixture: Mixture, replicates: Replicates
) -> np.ndarray:
    """Return the estimate of each group in each replicate, (replicates, groups): totals times multipliers."""
    from scipy.sparse import csr_array

    units = cells if replicates.by_psu else tabulate(question, by_row=True)
    if replicates.by_psu and not replicates.multipliers.index.equals(cells.psus.psu_labels):
        raise DataError("the replicates were made for another design: their PSUs are not those of this one")
    shape = (cells.n_domains, len(replicates.multipliers))
    multipliers = replicates.multipliers.to_numpy()
    weight = csr_array((units.weight, (units.domain, units.psu)), shape=shape) @ multipliers
    total = csr_array((units.total, (units.domain, units.psu)), shape=shape) @ multipliers
    drawn = np.where(weight > 0, weight, np.nan)
    means = np.where(mixture.share[:, None] > 0, total / drawn * mixture.share[:, None], 0.0)
    groups = csr_array(
        (np.ones(len(mixture.target)), (mixture.target, np.arange(len(mixture.target)))),
        shape=(len(mixture.groups), len(mixture.target)),
    )
    return (groups @ means + cells.shift).T


def _note(
    groups: pd.DataFrame, ci: str, value: np.ndarray, low: np.ndarray, n: np.ndarray, df: np.ndarray
) -> str:
    without = (n > 0) & np.isnan(low)
    sentences = [
        ("Nobody answered in", n == 0),
        ("No interval, because the PSUs leave no degrees of freedom, in", without & (df <= 0)),
        ("No interval, because the variance cannot be estimated, in", without & (df > 0)),
    ]
    if ci == "logit":
        extreme = (value == 0) | (value == 1)
        sentences.append(("The beta interval replaces logit where the proportion is 0 or 1, in", extreme))
    return " ".join(f"{text} {_group_names(groups, rows)}." for text, rows in sentences if rows.any())


def _group_names(groups: pd.DataFrame, rows: np.ndarray) -> str:
    if not len(groups.columns):
        return "the whole domain"
    labels = [
        ", ".join(f"{name}={value}" for name, value in row.items()) for row in groups[rows].to_dict("records")
    ]
    return listed(labels, "; ")
