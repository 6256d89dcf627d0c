"""A hazard ratio as covariates join one step at a time, in the same people throughout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.contrast import contrast
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.sequential import UNADJUSTED
from lonely_analysis.estimators.survival import cox
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey


@dataclass(frozen=True, kw_only=True, eq=False)
class HazardSteps(Result):
    """One row a step: ``step, added, estimate, se, ci_low, ci_high, p, n``; estimates are hazard ratios."""

    exposure: str
    scale: str = "ratio"
    by: tuple[str, ...] = ("added",)
    outcome: str = "hazard_ratio"
    level: float = 0.95


def hazard_steps(
    data: Survey | SurveyDesign,
    exposure: str,
    steps: Sequence[str] | Mapping[str, str],
    *,
    time: str = "follow_up_years",
    event: str = "died",
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> HazardSteps:
    """Estimate an exposure's hazard ratio without covariates, then with each step of covariates added.

    ``exposure`` is one yes/no or numeric column; ``steps`` are written as in a formula, in the order they
    join (``["age + C(sex)", "C(smoking) + bmi"]``), or as a mapping from words to covariates, whose words
    then stand in ``added``. All steps use the rows that are complete for the last, so that a change comes
    from the covariates and not from who dropped out. Raises what ``cox`` raises, and ``DataError`` for no
    steps. R equivalent: ``survey::svycoxph`` for each step on the same subset.
    """
    if isinstance(steps, str) or not steps:
        raise DataError('steps= is a list of covariates in the order they join, such as ["age", "bmi"]')
    named = dict(steps) if isinstance(steps, Mapping) else dict(zip(steps, steps, strict=True))
    steps = list(named.values())
    how = {"replicates": replicates, "level": level}
    last = cox(data, time, event, " + ".join([exposure, *steps]), where=where, **how)
    same = pd.Series(last.used, index=last.design.frame.index)
    models = [
        cox(data, time, event, " + ".join([exposure, *steps[:k]]), where=same, **how)
        for k in range(len(steps))
    ]
    rows = pd.concat([contrast(model, exposure, level=level).table for model in [*models, last]])
    table = rows.drop(columns=["t", "df"]).reset_index(drop=True)
    table.insert(0, "step", np.arange(len(table)))
    table.insert(1, "added", [UNADJUSTED, *named])
    return HazardSteps(table=table, source=last.source, exposure=exposure, level=level)
