"""A model's columns as narwhals expressions, so that any engine can work them out row by row."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from lonely_analysis.estimators.arithmetic import Tree
from lonely_analysis.estimators.encoding import Column, Encoding
from lonely_analysis.estimators.terms import Factor, Formula
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.leaves import known_values

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
    "neg": operator.neg,
    "log": lambda expression: expression.log(),
}


@dataclass(frozen=True, eq=False)
class Engine:
    """A design and formula on an engine, with the narwhals schema and the condition of the domain."""

    design: SurveyDesign
    formula: Formula
    where: str | None
    schema: Any = field(repr=False)

    def number(self, name: str) -> Any:
        """Return a column as floats; yes/no is 1 and 0."""
        import narwhals as nw

        return indicator(nw.col(name)) if self.schema[name] == nw.Boolean else nw.col(name).cast(nw.Float64)

    def arithmetic(self, tree: Tree) -> Any:
        """Return formula arithmetic as an expression."""
        kind, *parts = tree
        if kind == "column":
            return self.number(parts[0])
        return parts[0] if kind == "number" else _OPERATIONS[kind](*map(self.arithmetic, parts))

    def numeric_part(self, factor: Factor, k: int, knots: Any) -> Any:
        """Return part ``k`` of a numeric factor as an expression (``Encoding.numeric_part``)."""
        if factor.kind == "arithmetic":
            return self.arithmetic(factor.tree)
        x = self.number(factor.variables[0])
        if factor.kind == "plain" or k == 0:
            return x
        knots = [float(knot) for knot in knots[factor.label]]
        last, before, own = knots[-1], knots[-2], knots[k - 1]
        cube = [((x - t) * indicator(x > t)) ** 3 for t in (own, before, last)]
        curve = (
            cube[0]
            - cube[1] * ((last - own) / (last - before))
            + cube[2] * ((before - own) / (last - before))
        )
        return curve / (last - knots[0]) ** 2

    @property
    def outcome(self) -> Any:
        """The outcome as floats."""
        factor = self.formula.outcome
        return self.numeric_part(factor, 0, {})

    def known(self, names: tuple[str, ...]) -> Any:
        """Where none of these columns is missing."""
        import narwhals as nw

        return reduce(operator.and_, (known_values(name, self.schema) for name in names), nw.lit(True))


def column_expression(engine: Engine, encoding: Encoding, column: Column) -> Any:
    """Return one coefficient's column as an expression."""
    import narwhals as nw

    parts = [engine.numeric_part(factor, k, encoding.knots) for factor, k in column.numeric]
    for name, code in column.indicators:
        label = encoding.labels[name][code]
        parts.append(indicator(_is_label(engine.schema, name, label)))
    return reduce(operator.mul, parts, nw.lit(1.0))


def _is_label(schema: Any, name: str, label: str) -> Any:
    """Return where a column has the category whose text is ``label``."""
    import narwhals as nw

    if schema[name] == nw.Boolean:
        return nw.col(name) if label == "True" else ~nw.col(name)
    return nw.col(name) == (float(label) if schema[name].is_numeric() else label)


def indicator(condition: Any) -> Any:
    """Return 1 where a condition holds and 0 elsewhere, also where it is unknown."""
    import narwhals as nw

    return condition.fill_null(False).cast(nw.Int64).cast(nw.Float64)
