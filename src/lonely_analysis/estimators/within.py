"""The effect of a variable among people of one group, apart from its effect between groups."""

from __future__ import annotations

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.covariates import read_variable
from lonely_analysis.surveys.design import require_columns


def within_between(frame: pd.DataFrame, variable: str, group: str) -> pd.DataFrame:
    """Split a variable into its group's mean and each row's deviation from it.

    Adds ``{variable}_between``, the mean over the group's rows that have a value, and ``{variable}_within``,
    the value less that mean. In ``y ~ x_within + x_between`` the first coefficient compares people of one
    group, the second groups (Bell & Jones 2015, Polit Sci Res Methods 3:133-153); in a linear model the first
    is the fixed-effects estimate. Returns a new frame; missing where the value or the group is.

    Raises ``DataError`` when a column is absent or holds categories, or a new column's name is taken.
    """
    require_columns(list(frame.columns), [variable, group])
    within, between = f"{variable}_within", f"{variable}_between"
    for name in (within, between):
        if name in frame.columns:
            raise DataError(f"the frame has a column {name!r} already: drop or rename it")
    read = read_variable(frame, variable, as_categories=False)
    if read.labels is not None:
        raise DataError(f"{variable!r} holds categories, which have no mean: make a number of it first")
    values = pd.Series(read.values, index=frame.index, dtype=float)
    mean = values.groupby(frame[group].to_numpy()).transform("mean").where(values.notna())
    return frame.assign(**{within: values - mean, between: mean})
