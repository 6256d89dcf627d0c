"""What conversions accept: numbers without gaps, positive ratios, correlations and risks in their range."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lonely_analysis.errors import DataError


def numbers(value: ArrayLike, name: str) -> np.ndarray:
    """Return ``value`` as floats, or say that something in it is missing or is no number."""
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError) as problem:
        raise DataError(f"{name} must be numbers without missing values") from problem
    if not np.isfinite(array).all():
        raise DataError(
            f"{name}: {(~np.isfinite(array)).sum()} value(s) missing or infinite; leave them out first"
        )
    return array


def positive(value: ArrayLike, name: str) -> np.ndarray:
    """Return numbers that are all above 0."""
    array = numbers(value, name)
    if (array <= 0).any():
        raise DataError(
            f"{name}: {(array <= 0).sum()} value(s) are not above 0, first at {first(array <= 0)}"
        )
    return array


def variance_of(value: ArrayLike) -> np.ndarray:
    """Return sampling variances."""
    return positive(value, "variance")


def correlation(value: ArrayLike) -> np.ndarray:
    """Return correlations that lie strictly between -1 and 1."""
    array = numbers(value, "r")
    if (np.abs(array) >= 1).any():
        raise DataError("a correlation must lie strictly between -1 and 1")
    return array


def risk(value: ArrayLike) -> np.ndarray:
    """Return risks that lie strictly between 0 and 1."""
    array = numbers(value, "baseline risk")
    if ((array <= 0) | (array >= 1)).any():
        raise DataError("a baseline risk must lie strictly between 0 and 1")
    return array


def first(wrong: np.ndarray) -> str:
    """Name the first wrong row, counted from 0."""
    return f"row {int(np.flatnonzero(np.atleast_1d(wrong))[0])}"
