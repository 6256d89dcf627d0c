"""How far yes/no conditions go together: the share of people with each combination of them.

A *condition* is a yes/no column; a *combination* says of every condition whether it holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.columns import yes_no
from lonely_analysis.estimators.domains import names
from lonely_analysis.estimators.intervals import (
    IntervalMethod,
    check_interval,
    proportion_interval,
)
from lonely_analysis.estimators.linearise import degrees_of_freedom
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.raoscott import cell_shares
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory, replicate_df
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

#: More conditions than this make more combinations than a survey can fill or a reader can compare.
MOST_CONDITIONS = 6


def overlap(
    data: Survey | SurveyDesign,
    conditions: Sequence[str],
    *,
    where: pd.Series | str | None = None,
    ci: IntervalMethod = "logit",
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate the share of the population with each combination of yes/no ``conditions``.

    The shares of the 2^k combinations add up to one; each is sum(w member) / sum(w) over the rows that
    answered every condition, with the Taylor covariance of the ratio. R: ``svymean(~interaction(a, b, c),
    subset(design, complete))`` with ``svyciprop`` for the intervals.

    Returns one row a combination: a boolean column for each condition, then ``estimate, se, ci_low,
    ci_high, n, df, deff``; ``n`` is the number of respondents who answered all conditions, the same in
    every row. All hold in the first row and none in the last. ``ci``, ``level`` and
    ``replicates`` are those of ``prevalence``.

    Raises ``DataError`` for fewer than two conditions, more than ``MOST_CONDITIONS``, a condition that is
    not yes/no, frames other than pandas, and a domain in which nobody answered all of them.
    """
    check_interval(ci, level)
    design, asked = design_in_memory(data, "overlap"), names(conditions)
    if not 2 <= len(asked) <= MOST_CONDITIONS:
        raise DataError(f"overlap compares 2 to {MOST_CONDITIONS} conditions, not {len(asked)}")
    answers = np.column_stack([yes_no(design.frame, column) for column in asked])
    rows = coded(design)
    used = domain_rows(design.frame, where) & ~np.isnan(answers).any(axis=1) & (rows.weights > 0)
    if not used.any():
        raise DataError(f"nobody in the domain answered all of: {', '.join(asked)}")
    combinations = pd.DataFrame(product([True, False], repeat=len(asked)), columns=list(asked))
    # The last condition changes fastest, and "holds" comes first.
    position = (1 - np.where(used[:, None], answers, 0)) @ 2 ** np.arange(len(asked))[::-1]
    cell = np.where(used, position, -1).astype(int)
    share, vcov = cell_shares(design, cell, len(combinations), replicates)
    se, n = np.sqrt(np.diag(vcov)), int(used.sum())
    df = replicate_df(degrees_of_freedom(rows, used), replicates)
    size, freedom = np.full(len(share), n), np.full(len(share), df)
    low, high = proportion_interval(ci, share, se, size, freedom, level)
    deff = np.where(se > 0, se**2 * (n - 1) / np.where(se > 0, share * (1 - share), 1.0), np.nan)
    numbers = {"estimate": share, "se": se, "ci_low": low, "ci_high": high}
    table = combinations.assign(**numbers, n=n, df=df, deff=deff)
    return Estimates(
        table=table,
        source=design.source,
        outcome="overlap",
        by=asked,
        statistic="prevalence",
        method=ci,
        level=level,
        vcov=vcov,
    )
