"""Columns of a pandas frame as arrays: outcomes as floats, and the groups of ``by`` columns as codes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.design import listed, require_columns

# Codes are counted in a table of at most this many entries; beyond, they are hashed.
_TABLE = 2**20


def group_rows(frame: pd.DataFrame, by: list[str], inside: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Return a code for each row's group of the ``by`` columns, and the groups that occur ``inside``.

    Groups follow the order of categories where a column has them, and sorted order else. Rows outside, and
    rows that lack a ``by`` value, have code -1.
    """
    require_columns(list(frame.columns), by)
    code = np.where(inside, 0, -1).astype(np.intp)
    groups = pd.DataFrame(index=[0])
    for name in by:
        position, labels = _positions(frame[name])
        code, seen = _compress(np.where((code < 0) | (position < 0), -1, code * len(labels) + position))
        groups = groups.iloc[seen // max(len(labels), 1)].reset_index(drop=True)
        groups[name] = labels.take(seen % max(len(labels), 1)).reset_index(drop=True)
    return code, groups


def _positions(column: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """Return each row's position among the labels of a column, -1 where it is missing, and the labels."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        labels = pd.Series(
            pd.Categorical.from_codes(np.arange(len(column.cat.categories)), dtype=column.dtype)
        )
        return column.cat.codes.to_numpy().astype(np.intp), labels
    codes, labels = pd.factorize(column, sort=True)
    return codes, pd.Series(labels)


def _compress(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Renumber codes without gaps and in the same order, and return the codes that were seen."""
    top = int(code.max(initial=-1)) + 1
    if top > _TABLE:
        known = code >= 0
        new = np.full(len(code), -1, dtype=np.intp)
        new[known], seen = pd.factorize(code[known], sort=True)
        return new, seen
    present = np.bincount(code + 1, minlength=top + 1)[1:] > 0
    table = np.append(np.cumsum(present) - 1, -1)
    return table[code], np.flatnonzero(present)


def yes_no(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a yes/no column as 0, 1 and NaN."""
    values = measure(frame, column)
    wrong = ~((values == 0) | (values == 1) | np.isnan(values))
    if wrong.any():
        raise DataError(
            not_yes_no(column, frame.loc[wrong, column].value_counts().to_dict(), int(wrong.sum()))
        )
    return values


def not_yes_no(column: str, codes: dict, rows: int) -> str:
    """Say which codes keep a column from being a yes/no outcome."""
    shown = listed([f"{code} ({count} rows)" for code, count in codes.items()])
    return (
        f"outcome {column!r} is not yes/no: {rows} rows hold something other than 0 and 1: {shown}. "
        "Recode it, declare missing codes as missing, or use la.mean"
    )


def measure(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column of numbers or yes/no answers as floats, NaN where it is missing."""
    require_columns(list(frame.columns), [column])
    answers = frame[column]
    if not pd.api.types.is_numeric_dtype(answers.dtype):
        raise DataError(
            f"outcome {column!r} holds {answers.dtype}, not numbers or yes/no: {answers.iloc[0]!r} …"
        )
    values = answers.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise DataError(f"outcome {column!r} has {int(np.isinf(values).sum())} infinite values")
    return values
