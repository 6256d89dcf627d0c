"""One coefficient in each group, which shows whether a link is the same everywhere.

A *slope* is the coefficient of one term in a regression fitted to one group alone. The slopes of countries,
pooled with ``la.pool``, say how much a link varies between countries where a random slope cannot: for ratios,
with weights and clusters, and where groups do not differ at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.regression import FamilyName, regress
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

_COLUMNS = ["estimate", "se", "ci_low", "ci_high", "n", "df", "p"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Slopes(Result):
    """One row a group: the ``by`` column, then ``estimate, se, ci_low, ci_high, n, df, p`` of one term."""

    term: str
    formula: str
    family: str
    by: tuple[str, ...]
    level: float = 0.95

    def ratios(self) -> pd.DataFrame:
        """Return the slopes exponentiated, ``se`` that of the log; a linear model has no ratios."""
        if self.family == "linear":
            raise DataError("a linear model has no ratios: its coefficients are differences of the outcome")
        frame = self.table.drop(columns=["n", "df"])
        columns = ["estimate", "ci_low", "ci_high"]
        frame[columns] = np.exp(frame[columns])
        frame.attrs["source"] = self.source
        return frame


def slopes(
    data: Survey | SurveyDesign,
    formula: str,
    term: str,
    by: str,
    family: FamilyName = "logistic",
    *,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Slopes:
    """Fit a regression in each group of ``by`` and return the coefficient of one ``term`` in each.

    Each group is a domain of the whole design, so that its standard error counts the sampling as ``regress``
    does (R: ``svyglm(formula, subset(design, by == g))`` for each g). Groups that share no sampling unit, as
    countries do, give independent slopes, and only those may be pooled. Covariates have their own
    coefficients in each group. ``formula``, ``family``, ``where`` and ``replicates`` are those of
    ``regress``.

    Raises ``DataError`` for a term that the model has not, and fewer than two groups; ``EstimationError``,
    with the group's name, where a group's model cannot be fitted.
    """
    design = design_in_memory(data, "slopes")
    require_columns(list(design.frame.columns), [by])
    groups, inside = design.frame[by], domain_rows(design.frame, where)
    names = [name for name in _in_order(groups) if (inside & _is(groups, name)).any()]
    if len(names) < 2:
        raise DataError(f"{by!r} has {len(names)} group in the rows used: slopes compares several")
    options = {"family": family, "level": level, "replicates": replicates}
    rows = [_row(design, formula, term, inside & _is(groups, name), name, options) for name in names]
    table = pd.DataFrame(rows, columns=_COLUMNS)
    table.insert(0, by, names)
    return Slopes(
        table=table, source=design.source, term=term, formula=formula, family=family, by=(by,), level=level
    )


def _in_order(groups: pd.Series) -> list[object]:
    """Return the groups that occur, in their own order where they have one, else sorted."""
    if isinstance(groups.dtype, pd.CategoricalDtype):
        return [name for name in groups.cat.categories if _is(groups, name).any()]
    return sorted(groups.dropna().unique())


def _is(groups: pd.Series, name: object) -> np.ndarray:
    return (groups == name).fillna(False).to_numpy(dtype=bool)


def _row(
    design: SurveyDesign, formula: str, term: str, rows: np.ndarray, name: object, options: dict[str, Any]
) -> dict[str, float]:
    try:
        model = regress(design, formula, where=pd.Series(rows, index=design.frame.index), **options)
    except EstimationError as error:
        raise EstimationError(f"{name}: {error}") from error
    found = model.table[model.table["term"] == term]
    if found.empty:
        raise DataError(f"no term {term!r} in the model. Terms: {', '.join(model.table['term'])}")
    return {**found.iloc[0].to_dict(), "n": model.n}
