"""Direct standardisation: the rates of groups as if they had the same composition.

The *standard* is a distribution over strata of the population (*over*, often age groups). A standardised
rate is the mean of a group's own rates with the standard's shares, sum_a share_a p_ga.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.cells import Cells
from lonely_analysis.estimators.domains import Mixture, Question, estimate, names, tabulate
from lonely_analysis.estimators.intervals import IntervalMethod, check_interval
from lonely_analysis.estimators.psus import as_design
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

Standard = Mapping[Any, float] | pd.Series | pd.DataFrame | str


def standardise(
    data: Survey | SurveyDesign,
    outcome: str,
    by: str | Sequence[str] | None = None,
    over: str | Sequence[str] = "age_group",
    population: Standard = "overall",
    *,
    binary: bool = True,
    where: pd.Series | str | None = None,
    ci: IntervalMethod = "logit",
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate a prevalence in groups, standardised to one composition.

    sum_a share_a p_ga for each group g of ``by`` over the classes a of ``over``; the covariance is that of
    the linear combination of the domain means, which is what post-stratification of each group to the
    standard gives (R ``svyby(~y, ~by, svystandardize(design, by = ~over, over = ~by, population,
    excluding.missing = ~y), svymean)``; note that R's ``by`` is ``over`` here).

    ``population`` gives the standard: a mapping or Series from classes to shares or head counts, a
    DataFrame with the ``over`` columns and one column of numbers, or ``"overall"``: the survey's own
    weighted distribution over everybody who is estimated from. Where a group has no respondents in a class,
    its other classes share that class's weight, as in R, and ``note`` says so. ``binary=False`` takes a
    measure instead of a yes/no outcome and gives t intervals.

    Returns the columns of ``prevalence``. Raises ``DataError`` as ``prevalence`` does, and for classes of
    the data that the standard lacks or gives no share.
    """
    check_interval(ci, level)
    groups, classes = names(by), names(over)
    if not classes or set(groups) & set(classes):
        raise DataError("over= names the columns to standardise over, which cannot be among by=")
    question = Question(
        design=as_design(data), outcome=outcome, by=groups + classes, where=where, binary=binary
    )
    cells = tabulate(question)
    mixture, absent = _mixture(cells, groups, classes, population)
    result = estimate(question, cells, mixture, ci if binary else "t", level, replicates)
    return _named(result, groups, classes, absent)


def _named(result: Estimates, groups: tuple[str, ...], classes: tuple[str, ...], absent: int) -> Estimates:
    note = result.note
    if absent:
        note = f"{note} {absent} classes of {', '.join(classes)} have no respondents in some group: "
        note = (note + "the group's other classes share their weight.").strip()
    return replace(result, by=groups, statistic=f"standardised {result.statistic}", note=note)


def _mixture(
    cells: Cells, groups: tuple[str, ...], classes: tuple[str, ...], population: Standard
) -> tuple[Mixture, int]:
    """Return each domain's group and its share there, and how many classes of groups nobody answered in."""
    target, table = _numbered(cells.groups, groups)
    answered = cells.count > 0
    standard = _standard(cells, classes, population)
    share = np.where(answered, standard, 0.0)
    whole = np.bincount(target, weights=share, minlength=len(table))
    distinct = cells.groups[list(classes)].drop_duplicates()
    absent = len(table) * len(distinct) - int(answered.sum())
    return Mixture(
        groups=table, target=target, share=share / np.where(whole > 0, whole, np.nan)[target]
    ), absent


def _numbered(frame: pd.DataFrame, columns: tuple[str, ...]) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the numbers of the distinct rows of some columns, in order of occurrence, and these rows."""
    if not columns:
        return np.zeros(len(frame), dtype=np.intp), pd.DataFrame(index=[0])
    numbers = frame.groupby(list(columns), observed=True, sort=False).ngroup().to_numpy()
    return numbers, frame[list(columns)].drop_duplicates().reset_index(drop=True)


def _standard(cells: Cells, classes: tuple[str, ...], population: Standard) -> np.ndarray:
    """Return the standard's share of each domain's class, (k,)."""
    if isinstance(population, str):
        if population != "overall":
            raise DataError(f"population={population!r} is unknown; give shares by class, or 'overall'")
        number, table = _numbered(cells.groups, classes)
        weight = np.bincount(number, weights=np.nan_to_num(cells.domain_weight), minlength=len(table))
        return (weight / weight.sum())[number]
    shares = _shares(population, classes)
    keys = cells.groups[list(classes)].astype(object)
    wanted = pd.MultiIndex.from_frame(keys) if len(classes) > 1 else pd.Index(keys[classes[0]], dtype=object)
    found = shares.reindex(wanted).to_numpy(dtype=float)
    if np.isnan(found).any():
        lacking = sorted({str(key) for key in wanted[np.isnan(found)]})
        raise DataError(f"population= has no share for {', '.join(classes)} {', '.join(lacking)}")
    return found


def _shares(population: Standard, classes: tuple[str, ...]) -> pd.Series:
    """Return the standard as shares that add up to 1, indexed by class."""
    if isinstance(population, pd.DataFrame):
        numbers = [c for c in population.columns if c not in classes]
        if len(numbers) != 1 or not set(classes) <= set(population.columns):
            raise DataError(f"population= needs the columns {', '.join(classes)} and one of shares or counts")
        population = population.set_index(list(classes))[numbers[0]]
    try:
        shares = pd.Series(population, dtype=float)
    except (TypeError, ValueError):
        raise DataError("population= must give each class a number: a share, or a count of heads") from None
    if shares.index.has_duplicates:
        raise DataError(f"population= names a class of {', '.join(classes)} twice")
    if not np.isfinite(shares).all() or (shares < 0).any() or not shares.sum() > 0:
        raise DataError("population= must give each class a share or count of 0 or more, and not 0 to all")
    if len(classes) == 1:
        shares.index = pd.Index(shares.index, dtype=object)
    return shares / shares.sum()
