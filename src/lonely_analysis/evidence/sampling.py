"""Intervals for published shares that come with their number of respondents and nothing else.

*Simple random sampling* is assumed because a table says nothing of strata, clusters and weights. Where the
survey has them the true interval is usually wider, so such an interval is a least width, not the real one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.domains import names
from lonely_analysis.estimators.intervals import IntervalMethod, check_interval, proportion_interval
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import require_columns

NOTE = "Intervals from n as if by simple random sampling, from rounded percentages: at least this wide."


def interval_from_n(
    table: pd.DataFrame,
    percent: str,
    by: str | Sequence[str],
    n: str = "n",
    *,
    ci: IntervalMethod = "wilson",
    level: float = 0.95,
) -> Estimates:
    """Give published percentages the intervals that simple random samples of their sizes would have.

    se = sqrt(p (1 - p) / n) and by default the score interval (Wilson 1927, J Am Stat Assoc 22:209-212; R
    ``prop.test(x, n, correct = FALSE)``). ``table`` is one of ``la.published``, or part of it; ``percent``
    names the column of percentages, ``n`` that of respondents, ``by`` the columns that name the rows.
    Rounding of the percentages is not counted.

    Returns the ``by`` columns and ``estimate, se, ci_low, ci_high, n, df, deff``: shares of one, df n - 1,
    deff 1. Raises ``DataError`` for columns that the table lacks, for a percentage outside 0 to 100, for an
    n that is missing or below 2, and for two rows of the same name.
    """
    check_interval(ci, level)
    groups = names(by)
    require_columns(list(table.columns), [*groups, percent, n])
    share, size = (table[column].to_numpy(dtype=float) for column in (percent, n))
    _check(table, groups, percent, n)
    share = share / 100
    se, df = np.sqrt(share * (1 - share) / size), size - 1
    low, high = proportion_interval(ci, share, se, size, df, level)
    numbers = {"estimate": share, "se": se, "ci_low": low, "ci_high": high, "n": size.astype(int)}
    rows = table[list(groups)].reset_index(drop=True).assign(**numbers, df=df.astype(int), deff=1.0)
    return Estimates(
        table=rows,
        source=str(table.attrs.get("source", "published")),
        note=NOTE,
        outcome=percent,
        by=groups,
        statistic="prevalence",
        method=ci,
        level=level,
    )


def _check(table: pd.DataFrame, groups: tuple[str, ...], percent: str, n: str) -> None:
    outside = ~table[percent].between(0, 100)
    if outside.any():
        raise DataError(f"{percent!r} has {int(outside.sum())} values that are missing or outside 0 to 100")
    small = ~(table[n] >= 2)
    if small.any():
        raise DataError(f"{n!r} is missing or below 2 in {int(small.sum())} rows: they have no interval")
    if table.duplicated(list(groups)).any():
        twice = table[table.duplicated(list(groups))].iloc[0][list(groups)].tolist()
        raise DataError(f"two rows are called {', '.join(map(str, twice))}: name more columns in by=")
