"""From data columns to the variables of a model.

A *variable* is a data column as a model uses it: numbers, or *codes* of categories whose *labels* are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.columns import refuse_huge
from lonely_analysis.estimators.terms import Formula
from lonely_analysis.surveys.design import require_columns

# A covariate with more categories than this is almost always an identifier or a number read as text.
_MOST_CATEGORIES = 500


@dataclass(frozen=True, eq=False)
class Variable:
    """A column as arrays: ``values`` are numbers, or codes when there are ``labels``; ``missing`` a mask.

    Code -1 stands for a missing category.
    """

    name: str
    values: np.ndarray
    missing: np.ndarray | None
    labels: tuple[str, ...] | None = None

    def rows(self, used: np.ndarray | None) -> Variable:
        """Return the variable on the rows that are used (all when ``None``), which miss nothing."""
        values = self.values if used is None else self.values[used]
        return Variable(self.name, values, None, self.labels)


def category_code(variable: str, labels: tuple[str, ...], label: Any) -> int:
    """Return the place of ``label`` among ``labels``, or raise ``DataError`` that lists them."""
    if category_text(label) not in labels:
        raise DataError(f"{variable!r} has no category {label!r} in the rows used: {', '.join(labels)}")
    return labels.index(category_text(label))


def category_text(value: Any) -> str:
    """Return a category's label as text; 3.0 and 3 are the same category."""
    is_whole = isinstance(value, (float, np.floating)) and float(value).is_integer()
    return str(int(value)) if is_whole else str(value)


def read_variable(frame: pd.DataFrame, name: str, *, as_categories: bool) -> Variable:
    """Read one column of a data frame as numbers or as categories (text always is categories)."""
    if name not in frame.columns:
        near = get_close_matches(name, map(str, frame.columns), n=3)
        hint = f"; near it: {', '.join(near)}" if near else ""
        raise DataError(
            f"no column {name!r} in the data{hint}. Columns: {', '.join(map(str, frame.columns))}"
        )
    require_columns(list(frame.columns), [name])
    column = frame[name]
    if pd.api.types.is_datetime64_any_dtype(column):
        raise DataError(f"column {name!r} holds dates: compute a number or a category from it first")
    if column.dtype == object:
        column = column.infer_objects().convert_dtypes()
    is_text = not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column))
    return _categories(column, name) if as_categories or is_text else _numbers(column, name)


def _numbers(column: pd.Series, name: str) -> Variable:
    missing = column.isna().to_numpy()
    if not missing.any():
        kind = bool if pd.api.types.is_bool_dtype(column) else None
        values = column.to_numpy() if kind is None else column.to_numpy(dtype=bool)
        missing = None
        values = values if values.dtype != object else column.to_numpy(dtype=float)
    else:
        values = column.to_numpy(dtype=float, na_value=np.nan)
    if values.dtype.kind == "f":
        refuse_huge(name, values)
    return Variable(name, values, missing)


def _categories(column: pd.Series, name: str) -> Variable:
    if isinstance(column.dtype, pd.CategoricalDtype):
        codes, labels = column.cat.codes.to_numpy(), column.cat.categories
    else:
        codes, labels = pd.factorize(column, sort=True)
    texts = tuple(category_text(label) for label in labels)
    if len(texts) > _MOST_CATEGORIES:
        raise DataError(
            f"column {name!r} has {len(texts)} categories; {_MOST_CATEGORIES} are allowed. "
            "Group them, or convert the column to numbers"
        )
    missing = codes < 0
    return Variable(name, codes, missing if missing.any() else None, texts)


def read_covariates(frame: pd.DataFrame, formula: Formula) -> dict[str, Variable]:
    """Read every covariate of a formula, missing values included."""
    as_categories = {f.variables[0] for term in formula.terms for f in term if f.kind == "categories"}
    read = {n: read_variable(frame, n, as_categories=n in as_categories) for n in formula.variables}
    for factor in (f for term in formula.terms for f in term if f.kind in ("spline", "arithmetic")):
        for name in factor.variables:
            if read[name].labels is not None:
                raise DataError(f"{factor.label} needs numbers, and {name!r} holds categories")
    return read


def used_categories(variable: Variable) -> Variable:
    """Drop the categories that no row has."""
    if variable.labels is None:
        return variable
    present = np.bincount(variable.values, minlength=len(variable.labels)) > 0
    if present.all():
        return variable
    codes = (np.cumsum(present) - 1)[variable.values]
    labels = tuple(label for label, here in zip(variable.labels, present, strict=True) if here)
    return Variable(variable.name, codes, None, labels)


def dropped_counts(variables: Mapping[str, Variable], within: np.ndarray) -> pd.Series:
    """Count the rows ``within`` the domain that miss each variable (one row may miss several)."""
    counts = {
        name: 0 if v.missing is None else int((v.missing & within).sum()) for name, v in variables.items()
    }
    return pd.Series(counts, dtype=int, name="missing")


def refuse_lost_categories(
    variables: Mapping[str, Variable],
    within: np.ndarray,
    used: np.ndarray,
    counts: np.ndarray | None = None,
) -> None:
    """Refuse a category that is in the domain, but whose every row misses another variable.

    Such a category would leave the model without a word, and its absence would look like a result. ``counts``
    says how many rows each row stands for.
    """
    for name, variable in variables.items():
        if variable.labels is None:
            continue
        size = len(variable.labels) + 1
        before = np.bincount(variable.values[within] + 1, minlength=size)[1:]
        after = np.bincount(variable.values[used] + 1, minlength=size)[1:]
        for code in np.flatnonzero((before > 0) & (after == 0)):
            rows = within & (variable.values == code)
            guilty = [o.name for o in variables.values() if o.missing is not None and o.missing[rows].any()]
            label, size = variable.labels[code], int(rows.sum() if counts is None else counts[rows].sum())
            raise DataError(
                f"no row with {name} = {label!r} ({size} rows) is complete: "
                f"{', '.join(guilty) or 'the outcome'} missing there. "
                "Leave the variable out of the formula, or these rows out of the domain: "
                f'where="{name} != {label!r}"'
            )
