"""The leaves of a condition: where a comparison of columns is true, and where it is false.

The two kinds of leaves answer the same questions, one for pandas at once, one as expressions that any engine
of narwhals evaluates later; the tree above them (``expressions``) is the same.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any, NamedTuple

import pandas as pd

from lonely_analysis.errors import DataError


class Truth(NamedTuple):
    """Where a condition is true and where it is false; where it is neither, a value is missing."""

    true: Any
    false: Any

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.true & other.true, self.false | other.false)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.true | other.true, self.false & other.false)

    def __invert__(self) -> Truth:
        return Truth(self.false, self.true)


class PandasLeaves:
    """Comparisons of pandas columns, as boolean arrays."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def column(self, name: str) -> pd.Series:
        """Return the column."""
        return self.frame[name]

    def yes_no(self, name: str) -> pd.Series:
        """Return a column that is yes/no, and refuse any other."""
        column = self.frame[name]
        if not pd.api.types.is_bool_dtype(column.dtype) and not column.dropna().isin([0, 1]).all():
            raise DataError(f'column {name!r} is not yes/no: compare it with a value, as in "{name} == ..."')
        return column

    def compare(self, compare: Callable, left: Any, right: Any, names: list[str]) -> Truth:
        """Compare columns with constants; ``names`` are the columns on either side."""
        try:
            outcome = compare(left, right)
        except TypeError as error:
            kinds = ", ".join(f"{name!r} holds {self.frame[name].dtype}" for name in names)
            raise DataError(f"where= compares what cannot be compared: {kinds} ({error})") from None
        return self._truth(outcome, names)

    def is_in(self, name: str, values: list[Any]) -> Truth:
        """Say where a column holds one of ``values``."""
        return self._truth(self.frame[name].isin(values), [name])

    def _truth(self, outcome: pd.Series, names: list[str]) -> Truth:
        known = self.frame[names].notna().all(axis=1).to_numpy()
        yes = outcome.to_numpy(dtype=bool, na_value=False)
        return Truth(yes & known, ~yes & known)


class NarwhalsLeaves:
    """Comparisons of columns of any engine, as expressions that an engine evaluates."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema

    def column(self, name: str) -> Any:
        """Return the column as an expression."""
        import narwhals as nw

        return nw.col(name)

    def yes_no(self, name: str) -> Any:
        """Return a column that is yes/no; what it holds is known only when an engine reads it."""
        column = self.column(name)
        return column == 1 if self.schema[name].is_numeric() else column

    def compare(self, compare: Callable, left: Any, right: Any, names: list[str]) -> Truth:
        """Compare columns with constants; ``names`` are the columns on either side."""
        return self._truth(compare(left, right), names)

    def is_in(self, name: str, values: list[Any]) -> Truth:
        """Say where a column holds one of ``values``."""
        return self._truth(self.column(name).is_in(values), [name])

    def _truth(self, outcome: Any, names: list[str]) -> Truth:
        known = reduce(operator.and_, [known_values(name, self.schema) for name in names])
        yes = outcome.fill_null(False)
        return Truth(yes & known, ~yes & known)


Leaves = PandasLeaves | NarwhalsLeaves


def known_values(name: str, schema: Any) -> Any:
    """Return a narwhals expression: where a column holds a value, neither null nor NaN."""
    import narwhals as nw

    known = ~nw.col(name).is_null()
    return known & ~nw.col(name).is_nan().fill_null(True) if schema[name].is_float() else known
