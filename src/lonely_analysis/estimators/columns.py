"""Outcomes as floats: a column of a pandas frame as an array, checked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.design import listed, require_columns

#: No measurement is larger; the square of one that is could not be held.
MOST_VALUE = 1e100


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
    if not _is_whole(answers):
        refuse_huge(column, values)
    return values


def refuse_huge(column: str, values: np.ndarray) -> None:
    """Raise ``DataError`` for infinite numbers, and for those whose squares and products would be."""
    if np.nanmax(np.abs(values), initial=0.0) <= MOST_VALUE:
        return
    infinite, huge = int(np.isinf(values).sum()), int((np.abs(values) > MOST_VALUE).sum())
    what = f"{infinite} infinite values" if infinite else f"{huge} values beyond {MOST_VALUE:g}"
    raise DataError(f"column {column!r} has {what}: set them to missing, or correct them")
