"""Which rows a model is fitted on.

The *domain* is what ``where`` asks for; rows *used* are those of the domain with a weight above 0 and nothing
missing. A row that is not used keeps its place in the design.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.arithmetic import evaluate
from lonely_analysis.estimators.covariates import (
    Variable,
    dropped_counts,
    read_covariates,
    read_variable,
    refuse_lost_categories,
    used_categories,
)
from lonely_analysis.estimators.encoding import learn
from lonely_analysis.estimators.layout import Layout, layout_of
from lonely_analysis.estimators.psus import Coded, coded
from lonely_analysis.estimators.terms import Factor, Formula
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.expressions import domain_rows


@dataclass(frozen=True, eq=False)
class Sample:
    """The rows used, laid out: weights and outcome by row, how many there are, and what was missing.

    On an engine the rows are cells, and ``n`` counts what they stand for.
    """

    layout: Layout = field(repr=False)
    weights: np.ndarray = field(repr=False)
    outcome: np.ndarray = field(repr=False)
    used: np.ndarray | None = field(repr=False)
    dropped: pd.Series = field(repr=False)
    n: int

    def rows(self, values: np.ndarray) -> np.ndarray:
        """Return the part of ``values``, one a row of the design, that belongs to the rows used."""
        return values if self.used is None else values[self.used]


def take_sample(design: SurveyDesign, formula: Formula, where: pd.Series | str | None) -> Sample:
    """Read outcome and covariates, keep the complete rows of the domain, and lay them out."""
    rows = coded(design)
    outcome = read_outcome(design.frame, formula.outcome)
    variables = read_covariates(design.frame, formula)
    everything = {formula.outcome.label: outcome, **variables}
    used, dropped = complete_rows(design, rows, where, everything)
    weights = rows.weights if used is None else rows.weights[used]
    variables = {name: used_categories(v.rows(used)) for name, v in variables.items()}
    layout = layout_of(learn(formula, variables), variables, len(weights))
    return Sample(layout, weights, outcome.rows(used).values.astype(float), used, dropped, len(weights))


def read_outcome(frame: pd.DataFrame, factor: Factor) -> Variable:
    """Read the outcome as numbers; text is refused."""
    parts = {name: read_variable(frame, name, as_categories=False) for name in factor.variables}
    for part in parts.values():
        if part.labels is not None:
            raise DataError(
                f"outcome {part.name!r} holds categories ({', '.join(part.labels[:5])}), not numbers "
                "or yes/no: compute a yes/no column first"
            )
    if factor.kind == "plain":
        return parts[factor.variables[0]]
    values = evaluate(factor.tree, {name: part.values for name, part in parts.items()})
    masks = [part.missing for part in parts.values() if part.missing is not None]
    missing = np.logical_or.reduce(masks) if masks else np.zeros(len(values), dtype=bool)
    impossible = int((~np.isfinite(values) & ~missing).sum())
    if impossible:
        raise DataError(
            f"outcome {factor.label} cannot be computed in {impossible} rows: leave them out by where="
        )
    return Variable(factor.label, values, missing)


def complete_rows(
    design: SurveyDesign, rows: Coded, where: pd.Series | str | None, variables: Mapping[str, Variable]
) -> tuple[np.ndarray | None, pd.Series]:
    """Return the rows used (None for all of them) and how many of the domain's rows miss each variable."""
    domain = rows.weights > 0
    if where is not None:
        domain &= domain_rows(design.frame, where)
    used = domain.copy()
    for variable in variables.values():
        if variable.missing is not None:
            used &= ~variable.missing
    dropped = dropped_counts(variables, domain)
    if not domain.any():
        asked = f"satisfies where={where!r}" if isinstance(where, str) else "is in the domain"
        raise DataError(
            f"no row with a weight above 0 {asked}: look at the values that it names, and at gaps"
        )
    if not used.any():
        counts = ", ".join(f"{name} missing in {count}" for name, count in dropped.items() if count)
        raise DataError(f"no complete row among the {int(domain.sum())} of the domain: {counts}")
    if dropped.any():
        refuse_lost_categories(variables, domain, used)
    return (None if used.all() else used), dropped
