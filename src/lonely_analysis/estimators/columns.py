"""Outcomes as floats: a column of a pandas frame as an array, checked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.design import listed, require_columns

#: No measurement is larger; the square of one that is could not be held.
MOST_VALUE = 1e100


def yes_no(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a yes/no column as 0.0, 1.0 and NaN."""
    return stored_yes_no(frame, column).astype(float, copy=False)


def stored_yes_no(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a yes/no column as it is stored where that is in whole numbers or booleans, else as floats."""
    values = stored_measure(frame, column)
    if values.dtype.kind != "f":
        fine = values.dtype == bool or (values.min(initial=0) >= 0 and values.max(initial=1) <= 1)
    else:
        fine = bool(((values == 0) | (values == 1) | np.isnan(values)).all())
    if not fine:
        wrong = ~((values == 0) | (values == 1) | np.isnan(values))
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
    return stored_measure(frame, column).astype(float, copy=False)


def stored_measure(frame: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column of numbers as it is stored where they are whole, else as floats with NaN.

    Whole numbers are never missing, and mostly stored in a byte: eight times as fast to read.
    """
    require_columns(list(frame.columns), [column])
    answers = frame[column]
    if not pd.api.types.is_numeric_dtype(answers.dtype):
        raise DataError(
            f"outcome {column!r} holds {answers.dtype}, not numbers or yes/no: {answers.iloc[0]!r} …"
        )
    if isinstance(answers.dtype, np.dtype) and answers.dtype.kind in "iub":
        return answers.to_numpy()
    values = answers.to_numpy(dtype=float, na_value=np.nan)
    refuse_huge(column, values)
    return values


def refuse_huge(column: str, values: np.ndarray) -> None:
    """Raise ``DataError`` for infinite numbers, and for those whose squares and products would be."""
    if max(np.fmax.reduce(values, initial=0.0), -np.fmin.reduce(values, initial=0.0)) <= MOST_VALUE:
        return
    infinite, huge = int(np.isinf(values).sum()), int((np.abs(values) > MOST_VALUE).sum())
    what = f"{infinite} infinite values" if infinite else f"{huge} values beyond {MOST_VALUE:g}"
    raise DataError(f"column {column!r} has {what}: set them to missing, or correct them")
