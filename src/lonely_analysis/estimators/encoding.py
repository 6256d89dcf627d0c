"""What a model learns from its rows: references of categories, knots of splines, names of coefficients.

A *column* is one coefficient: a product of *indicators* (this category of that variable) and of *numeric
parts* (a number, arithmetic, one curve of a spline).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.arithmetic import evaluate
from lonely_analysis.estimators.covariates import Variable, category_code
from lonely_analysis.estimators.terms import Factor, Formula, Term

# Knots of restricted cubic splines, as quantiles, by number of knots: Harrell (2015), Regression Modeling
# Strategies, 2nd ed., Table 2.3, p. 28.
_KNOTS = {
    3: (0.10, 0.50, 0.90),
    4: (0.05, 0.35, 0.65, 0.95),
    5: (0.05, 0.275, 0.50, 0.725, 0.95),
    6: (0.05, 0.23, 0.41, 0.59, 0.77, 0.95),
    7: (0.025, 0.1833, 0.3417, 0.50, 0.6583, 0.8167, 0.975),
}
_INTERCEPT = "Intercept"


@dataclass(frozen=True)
class Column:
    """One coefficient: its name, the place of its term (-1 for the intercept) and what it is a product of."""

    name: str
    term: int
    indicators: tuple[tuple[str, int], ...] = ()
    numeric: tuple[tuple[Factor, int], ...] = ()


@dataclass(frozen=True, eq=False)
class Encoding:
    """What was learnt from the rows used: labels and references of categories, knots of splines, columns."""

    formula: Formula
    labels: Mapping[str, tuple[str, ...]]
    references: Mapping[str, int]
    knots: Mapping[str, np.ndarray]
    columns: tuple[Column, ...]

    def numeric_part(self, factor: Factor, k: int, numbers: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return part ``k`` of a numeric factor at these values of its variables."""
        if factor.kind == "arithmetic":
            return _computed(factor, numbers)
        x = np.asarray(numbers[factor.variables[0]], dtype=float)
        return x if factor.kind == "plain" or k == 0 else spline_curve(x, self.knots[factor.label], k)

    def code(self, variable: str, label: Any) -> int:
        """Return the code of a category, or raise ``DataError`` that lists the categories."""
        return category_code(variable, self.labels[variable], label)


def _computed(factor: Factor, numbers: Mapping[str, np.ndarray]) -> np.ndarray:
    values = np.asarray(evaluate(factor.tree, numbers), dtype=float)
    wrong = np.flatnonzero(~np.isfinite(values))
    if len(wrong):
        at = ", ".join(f"{name} = {np.asarray(numbers[name])[wrong[0]]:g}" for name in factor.variables)
        raise DataError(f"{factor.label} cannot be computed where {at}: leave such rows out by where=")
    return values


def spline_curve(x: np.ndarray, knots: np.ndarray, k: int) -> np.ndarray:
    """Return curve ``k`` >= 1 of a restricted cubic spline, which is linear beyond the outer knots.

    Harrell (2015), Regression Modeling Strategies, 2nd ed., eq. 2.25, p. 24-25, divided by the squared range
    of the knots as R ``Hmisc::rcspline.eval`` does; curve 0 is ``x`` itself.
    """
    last, before = knots[-1], knots[-2]
    cube = [np.maximum(x - knot, 0.0) ** 3 for knot in (knots[k - 1], before, last)]
    below, above = last - knots[k - 1], before - knots[k - 1]
    curve = cube[0] - cube[1] * below / (last - before) + cube[2] * above / (last - before)
    return curve / (last - knots[0]) ** 2


def learn(formula: Formula, variables: Mapping[str, Variable], counts: np.ndarray | None = None) -> Encoding:
    """Learn labels, references, knots and columns from the rows used (no missing values in them).

    ``counts`` says how many rows each row stands for, which the knots depend on.
    """
    labels = {name: v.labels for name, v in variables.items() if v.labels is not None}
    for name, texts in labels.items():
        if len(texts) == 1:
            raise EstimationError(f"{name!r} has one category ({texts[0]}) in the rows used: leave it out")
    factors = [f for term in formula.terms for f in term]
    stated = {f.variables[0]: f.ref for f in factors if f.ref is not None}
    references = {
        name: category_code(name, texts, stated[name]) if name in stated else 0
        for name, texts in labels.items()
    }
    knots = {
        f.label: _knots(f, variables[f.variables[0]].values, counts) for f in factors if f.kind == "spline"
    }
    columns = [Column(_INTERCEPT, -1)]
    for place, term in enumerate(formula.terms):
        columns += _term_columns(formula, place, term, labels, references)
    return Encoding(formula, labels, references, knots, tuple(columns))


def _knots(factor: Factor, values: np.ndarray, counts: np.ndarray | None) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    levels = np.array(_KNOTS[factor.df + 1])
    knots = np.quantile(values, levels) if counts is None else _quantiles(values, counts, levels)
    if len(np.unique(knots)) < len(knots):
        raise DataError(
            f"{factor.label}: {factor.variables[0]!r} takes too few values for {factor.df + 1} knots. "
            "Use a smaller df, or C()"
        )
    return knots


def _quantiles(values: np.ndarray, counts: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return the quantiles of values that occur ``counts`` times, as ``numpy.quantile`` of all of them."""
    order = np.argsort(values)
    upto = np.cumsum(counts[order])
    place = (upto[-1] - 1) * levels
    below, above = (
        values[order][np.searchsorted(upto, at, side="right")] for at in (np.floor(place), np.ceil(place))
    )
    return below + (above - below) * (place - np.floor(place))


def _term_columns(
    formula: Formula,
    place: int,
    term: Term,
    labels: Mapping[str, tuple[str, ...]],
    references: Mapping[str, int],
) -> list[Column]:
    """Return the columns of one term, the first factor's categories running fastest, as in R."""
    present = {frozenset(other) for other in formula.terms} | {frozenset()}
    parts = []
    for factor in term:
        name = factor.variables[0]
        if name in labels:
            # R's rule of marginality: a factor loses its reference where the term without it is in the model.
            reduced = frozenset(term) - {factor} in present
            skip = references[name] if reduced else None
            parts.append(
                [
                    (f"{factor.label}[{labels[name][c]}]", (name, c))
                    for c in range(len(labels[name]))
                    if c != skip
                ]
            )
        else:
            size = factor.df if factor.kind == "spline" else 1
            suffix = [f"[{k + 1}]" if size > 1 else "" for k in range(size)]
            parts.append([(factor.label + suffix[k], (factor, k)) for k in range(size)])
    return [_column(place, choice[::-1]) for choice in product(*reversed(parts))]


def _column(place: int, choice: tuple[tuple[str, tuple[Any, int]], ...]) -> Column:
    name = ":".join(text for text, _ in choice)
    keys = [key for _, key in choice]
    indicators = tuple(key for key in keys if isinstance(key[0], str))
    numeric = tuple(key for key in keys if not isinstance(key[0], str))
    return Column(name, place, indicators, numeric)
