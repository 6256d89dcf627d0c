"""The order of adjustment made visible: an exposure's estimate as covariates join one step at a time.

A *step* is a group of covariates that are added together. All steps use the same rows, so that a change
from one to the next comes from the covariates and not from who dropped out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.formula import parse
from lonely_analysis.estimators.influence import (
    first_row,
    fit_rows,
    used_covariance,
    value_of,
)
from lonely_analysis.estimators.intervals import check_level, standard_error, t_interval
from lonely_analysis.estimators.linearise import degrees_of_freedom
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.regression import FamilyName
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory, replicate_df, resampled_covariance
from lonely_analysis.estimators.sample import take_sample
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

AdjustmentScale = Literal["difference", "coefficient"]
UNADJUSTED = "unadjusted"


@dataclass(frozen=True, kw_only=True, eq=False)
class Adjustment(Result):
    """One row a step.

    ``step, added, estimate, se, ci_low, ci_high, change, change_se, change_low, change_high, n, df``;
    ``change`` is the estimate minus that of the step before (NaN in the first row).
    """

    outcome: str
    exposure: str
    scale: str
    by: tuple[str, ...] = ("added",)
    level: float = 0.95


def sequential(
    data: Survey | SurveyDesign,
    outcome: str,
    exposure: str,
    steps: Sequence[str] | Mapping[str, str],
    *,
    family: FamilyName = "logistic",
    scale: AdjustmentScale = "difference",
    treated: Any = 1,
    control: Any = 0,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Adjustment:
    """Estimate an exposure's association with no covariates, then with each step of covariates added.

    ``scale="difference"``: the average difference in the outcome between ``treated`` and ``control``,
    standardised over the sample, which can be compared from step to step. ``"coefficient"``: the model's
    coefficient, for a logistic model a log odds ratio, which moves when a covariate is added even if
    nothing is confounded (Greenland, Robins and Pearl 1999, Stat Sci 14:29-46). The change's SE uses the
    covariance of the two estimates, which come from the same people.

    ``steps`` are written as in a formula, in the order they join: ``["age + C(sex)", "C(education)",
    "stress"]``; a mapping names each step in words: ``{"Age and sex": "age + C(sex)"}``. A change made by a
    variable that lies on the path from exposure to outcome is no confounding: the order is the argument.
    ``df`` is that of the design, the same for all steps.

    Raises ``DataError`` for empty steps, an unknown scale, a ``treated`` that equals ``control``, and what
    ``regress`` raises.

    R equivalent: ``svyglm`` for each step; ``survey::svyby``-style joint covariances by hand.
    """
    check_level(level)
    if scale not in ("difference", "coefficient"):
        raise DataError(f"scale={scale!r} is none of: difference, coefficient")
    if isinstance(steps, str) or not steps:
        raise DataError(
            'steps= is a list of covariates in the order they join, such as ["age + C(sex)", "stress"]'
        )
    design = design_in_memory(data, "sequential")
    words = list(steps)
    steps = list(steps.values()) if isinstance(steps, Mapping) else words
    used = take_sample(design, parse(f"{outcome} ~ {' + '.join([exposure, *steps])}"), where).used
    used = np.ones(len(design.frame), dtype=bool) if used is None else used
    formulas = [f"{outcome} ~ {' + '.join([exposure, *steps[:k]])}" for k in range(len(steps) + 1)]
    rows = pd.Series(used, index=design.frame.index)

    def estimates(of: SurveyDesign) -> tuple[np.ndarray, np.ndarray]:
        found = [
            _estimate(of, formula, exposure, family, scale, (control, treated), rows) for formula in formulas
        ]
        return np.array([value for value, _ in found]), np.column_stack([c for _, c in found])

    full, contributions = estimates(design)
    if replicates is None:
        vcov = used_covariance(design, contributions, used)
    else:
        vcov = resampled_covariance(design, replicates, full, lambda other: estimates(other)[0])
    df = replicate_df(degrees_of_freedom(coded(design), used), replicates)
    table = _table(full, vcov, [UNADJUSTED, *words], int(used.sum()), df, level)
    return Adjustment(
        table=table, source=design.source, outcome=outcome, exposure=exposure, scale=scale, level=level
    )


def _estimate(
    design: SurveyDesign,
    formula: str,
    exposure: str,
    family: FamilyName,
    scale: str,
    levels: tuple[Any, Any],
    rows: pd.Series,
) -> tuple[float, np.ndarray]:
    """Return one step's estimate and its contributions by row used."""
    model = fit_rows(design, formula, family, rows)
    layout = model.sample.layout
    low, high = (layout.setting(**{exposure: value_of(layout, exposure, value)}) for value in levels)
    if value_of(layout, exposure, levels[0]) == value_of(layout, exposure, levels[1]):
        raise DataError(f"treated and control are both {levels[0]!r}: nothing is compared")
    if scale == "difference":
        (a, d_a), (b, d_b) = model.average(high), model.average(low)
        return a - b, d_a - d_b
    contrast = first_row(high) - first_row(low)
    return float(contrast @ model.coefficients), model.contributions() @ contrast


def _table(
    full: np.ndarray, vcov: np.ndarray, steps: list[str], n: int, df: int, level: float
) -> pd.DataFrame:
    turn = np.eye(len(full)) - np.eye(len(full), k=-1)
    change, d_change = turn @ full, turn @ vcov @ turn.T
    change[0] = np.nan
    se, change_se = (standard_error(np.diag(v)) for v in (vcov, d_change))
    change_se[0] = np.nan
    low, high = t_interval(full, se, np.full(len(full), df), level)
    change_low, change_high = t_interval(change, change_se, np.full(len(full), df), level)
    return pd.DataFrame(
        {
            "step": range(len(full)),
            "added": steps,
            "estimate": full,
            "se": se,
            "ci_low": low,
            "ci_high": high,
            "change": change,
            "change_se": change_se,
            "change_low": change_low,
            "change_high": change_high,
            "n": n,
            "df": df,
        }
    )
