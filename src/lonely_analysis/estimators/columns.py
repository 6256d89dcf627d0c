"""Columns of a pandas frame as arrays: outcomes as floats, and the groups of ``by`` columns as codes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.design import listed, require_columns

#: No measurement is larger; the square of one that is could not be held.
MOST_VALUE = 1e100
# Codes are counted in a table of at most this many entries; beyond, they are hashed.
_TABLE = 2**20


def group_rows(frame: pd.DataFrame, by: list[str], inside: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Return a code for each row's group of the ``by`` columns, and the groups that occur ``inside``.

    Groups follow the order of categories where a column has them, and sorted order else. Rows outside, and
    rows that lack a ``by`` value, have code -1.
    """
    require_columns(list(frame.columns), by)
    # Narrow codes halve the traffic of the passes over the rows; beyond the table they must be wide.
    code, known = np.zeros(len(frame), dtype=np.int32), inside
    groups, pending, size = pd.DataFrame(index=[0]), {}, 1
    for name in by:
        position, labels = _positions(frame[name])
        if pending and size * len(labels) > _TABLE:
            code, groups = _compress(code, known, groups, pending)
            pending, size = {}, len(groups)
        if size * len(labels) > _TABLE:
            code = code.astype(np.intp)
        code = code * len(labels) + position
        known = known & (position >= 0) if position.min(initial=0) < 0 else known
        pending[name], size = labels, size * len(labels)
    return _compress(code, known, groups, pending)


def _positions(column: pd.Series) -> tuple[np.ndarray, pd.Series]:
    """Return each row's position among the labels of a column, -1 where it is missing, and the labels."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        labels = pd.Series(
            pd.Categorical.from_codes(np.arange(len(column.cat.categories)), dtype=column.dtype)
        )
        return column.cat.codes.to_numpy(), labels
    codes, labels = pd.factorize(column, sort=True)
    return codes, pd.Series(labels)


def _compress(
    code: np.ndarray, known: np.ndarray, groups: pd.DataFrame, pending: dict[str, pd.Series]
) -> tuple[np.ndarray, pd.DataFrame]:
    """Renumber codes without gaps and in the same order, -1 where not ``known``, and name what they mean.

    A code counts through the rows of ``groups`` and, within each, the combinations of ``pending`` labels.
    """
    code, seen = _renumbered(code if known.all() else np.where(known, code, -1))
    added = {}
    for name, labels in reversed(pending.items()):
        seen, place = np.divmod(seen, max(len(labels), 1))
        added[name] = labels.take(place).reset_index(drop=True)
    groups = groups.iloc[seen].reset_index(drop=True)
    return code, groups.assign(**{name: added[name] for name in pending})


def _renumbered(code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    top = int(code.max(initial=-1)) + 1
    if top > _TABLE:
        known = code >= 0
        new = np.full(len(code), -1, dtype=np.intp)
        new[known], seen = pd.factorize(code[known], sort=True)
        return new, seen
    present = np.bincount(code + 1, minlength=top + 1)[1:] > 0
    if present.all():
        return code, np.arange(top)
    table = np.append(np.cumsum(present) - 1, -1)
    return table[code], np.flatnonzero(present)


def yes_no(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a yes/no column as 0, 1 and NaN."""
    values = measure(frame, column)
    stored = frame[column].to_numpy() if _is_whole(frame[column]) else values
    wrong = ~((stored == 0) | (stored == 1))
    if stored is values:
        wrong &= ~np.isnan(values)
    if wrong.any():
        raise DataError(
            not_yes_no(column, frame.loc[wrong, column].value_counts().to_dict(), int(wrong.sum()))
        )
    return values


def _is_whole(answers: pd.Series) -> bool:
    """Whether a column holds whole numbers, which are never missing and are mostly stored in a byte."""
    return isinstance(answers.dtype, np.dtype) and answers.dtype.kind in "iub"


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
    refuse_huge(column, values)
    return values


def refuse_huge(column: str, values: np.ndarray) -> None:
    """Raise ``DataError`` for infinite numbers, and for those whose squares and products would be."""
    if np.nanmax(np.abs(values), initial=0.0) <= MOST_VALUE:
        return
    infinite, huge = int(np.isinf(values).sum()), int((np.abs(values) > MOST_VALUE).sum())
    what = f"{infinite} infinite values" if infinite else f"{huge} values beyond {MOST_VALUE:g}"
    raise DataError(f"column {column!r} has {what}: set them to missing, or correct them")
