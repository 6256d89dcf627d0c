"""What a change would mean for a population, if the association were causal.

The *attributable fraction* is the share of cases that would not be there had nobody been exposed. A
*counterfactual* share is the outcome under a stated change, averaged over the sample as it is
(standardisation). *Reach* is the share of those concerned whom the change gets to. None of these says that
the association is causal: that is the page's task.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.influence import (
    FittedRows,
    Quantities,
    column_of,
    fit_rows,
    quantity_table,
    value_of,
)
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.estimators.layout import Layout, as_number
from lonely_analysis.estimators.regression import FamilyName
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory, replicate_df, resampled_covariance
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

Change = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class AttributableFraction(Quantities):
    """One row, ``attributable_fraction``; ``se`` is that of log(1 - fraction).

    ``exposed_among_cases`` and ``ratio`` are Miettinen's two parts: fraction = p (ratio - 1) / ratio.
    """

    exposed_among_cases: float
    ratio: float


@dataclass(frozen=True, eq=False)
class _Standardised:
    """Mean outcome as it is and after a change, with contributions (n, 2) of the rows used to both."""

    model: FittedRows
    now: float
    then: float
    contributions: np.ndarray

    def log_ratio(self) -> np.ndarray:
        return self.contributions @ np.array([-1 / self.now, 1 / self.then])


def attributable_fraction(
    data: Survey | SurveyDesign,
    formula: str,
    exposure: str,
    *,
    family: FamilyName = "logistic",
    unexposed: Any = 0,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> AttributableFraction:
    """Estimate the population attributable fraction of an exposure, adjusted for the other covariates.

    1 - E0 / O, with O the weighted sum of the outcome and E0 what the model predicts with ``exposure`` set
    to ``unexposed`` in everybody (Greenland and Drescher 1993, Biometrics 49:865-872). It equals
    Miettinen's p (RR - 1) / RR with p the share of cases exposed and RR the ratio among the exposed
    (Miettinen 1974, Am J Epidemiol 99:325-332). The interval is symmetric for log(1 - fraction); the SE
    counts coefficients, cases and the exposed among them.

    ``formula`` and ``family`` are those of ``regress``; ``exposure`` is one of its variables.
    ``replicates`` refits the model in each replicate.

    Raises ``DataError`` where ``exposure`` is not in the formula or ``unexposed`` is no value of it, and what
    ``regress`` raises.

    R equivalent: ``AF::AFglm`` without a design.
    """
    check_level(level)
    design = design_in_memory(data, "attributable_fraction")
    change = {exposure: unexposed}
    found = _standardised(design, formula, change, family, where)
    theta = np.array([np.log(found.then / found.now)])
    model = found.model

    def again(other: SurveyDesign) -> np.ndarray:
        return np.array([np.log(_ratio(_standardised(other, formula, change, family, where)))])

    vcov = _covariance(design, replicates, theta, model, found.log_ratio()[:, None], again)
    table = quantity_table(
        ["attributable_fraction"],
        theta,
        vcov,
        model.sample.n,
        _df(model, replicates),
        level,
        lambda x: 1 - np.exp(x),
    )
    cases, ratio = _miettinen(found, exposure, unexposed)
    return AttributableFraction(
        table=table, source=design.source, level=level, exposed_among_cases=cases, ratio=ratio
    )


def _ratio(found: _Standardised) -> float:
    return found.then / found.now


def _covariance(
    design: SurveyDesign,
    replicates: Replicates | None,
    full: np.ndarray,
    model: FittedRows,
    contributions: np.ndarray,
    again: Callable[[SurveyDesign], np.ndarray],
) -> np.ndarray:
    if replicates is None:
        return model.covariance(contributions)
    return resampled_covariance(design, replicates, full, again)


def _df(model: FittedRows, replicates: Replicates | None) -> int:
    return replicate_df(model.df, replicates, len(model.coefficients))


def _miettinen(found: _Standardised, exposure: str, unexposed: Any) -> tuple[float, float]:
    """Return the share of cases exposed, and the ratio among the exposed that goes with the fraction."""
    model = found.model
    exposed = column_of(model.sample.layout, exposure) != value_of(model.sample.layout, exposure, unexposed)
    cases = model.weights * model.sample.outcome
    share = float(cases[exposed].sum() / cases.sum())
    fraction = 1 - _ratio(found)
    return share, share / (share - fraction) if share > fraction else np.inf


def counterfactual(
    data: Survey | SurveyDesign,
    formula: str,
    change: Change,
    *,
    reach: float = 1.0,
    family: FamilyName = "logistic",
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Quantities:
    """Estimate the outcome under a stated change of covariates that reaches a share of people.

    Rows: ``observed``, the weighted mean y; ``counterfactual``, (1 - reach) y + reach m, with m the mean
    prediction after the change; ``difference``, the second minus the first; ``averted_share``, 1 -
    counterfactual / observed. SEs count the coefficients and the sample's composition; the interval of
    ``averted_share`` is symmetric for log(1 - share), and its ``se`` is that of the log. With ``reach=1``
    and an exposure set to 0 the share is the attributable fraction.

    ``change`` maps variables to the value they are set to (``{"lonely": 0}``) or to a shift in text
    (``{"trust": "+1"}``). Everybody whose value changes is concerned; ``reach`` of them, chosen at random,
    are reached.

    Raises ``DataError`` for a variable that is not in the formula or a reach outside 0 to 1, and what
    ``regress`` raises.

    R equivalent: ``marginaleffects::avg_predictions(model, newdata=, wts=)`` for the means.
    """
    check_level(level)
    if not 0 <= reach <= 1:
        raise DataError(f"reach={reach} is no share: use a number from 0 to 1, such as 0.2 for a fifth")
    design = design_in_memory(data, "counterfactual")
    found = _standardised(design, formula, change, family, where, reach)
    model, values = found.model, np.array([found.now, found.then, found.then - found.now])
    names = ["observed", "counterfactual", "difference", "averted_share"]
    all_contributions = np.column_stack(
        [found.contributions, found.contributions @ np.array([-1.0, 1.0]), found.log_ratio()]
    )

    def again(other: SurveyDesign) -> np.ndarray:
        new = _standardised(other, formula, change, family, where, reach)
        return np.array([new.now, new.then, new.then - new.now, np.log(_ratio(new))])

    full = np.append(values, np.log(_ratio(found)))
    vcov = _covariance(design, replicates, full, model, all_contributions, again)
    table = quantity_table(names, full, vcov, model.sample.n, _df(model, replicates), level)
    shown = ["estimate", "ci_high", "ci_low"]
    table.loc[3, ["estimate", "ci_low", "ci_high"]] = 1 - np.exp(table.loc[3, shown].to_numpy(dtype=float))
    return Quantities(table=table, source=design.source, level=level, vcov=pd.DataFrame(vcov, names, names))


def _standardised(
    design: SurveyDesign, formula: str, change: Change, family: str, where: Any, reach: float = 1.0
) -> _Standardised:
    model = fit_rows(design, formula, family, where)
    w, total = model.weights, model.weights.sum()
    now = (w @ model.sample.outcome) / total
    d_now = w * (model.sample.outcome - now) / total
    then, d_then = model.average(changed(model.sample.layout, change))
    mixed, d_mixed = (1 - reach) * now + reach * then, (1 - reach) * d_now + reach * d_then
    if not mixed > 0 or not now > 0:
        raise EstimationError(
            f"the mean outcome is {now:g} and {mixed:g} after the change: no share can be formed"
        )
    return _Standardised(model, float(now), float(mixed), np.column_stack([d_now, d_mixed]))


def changed(layout: Layout, change: Change) -> Layout:
    """Return a layout with ``change`` made; raises ``DataError`` for an empty one or an unknown variable."""
    if not change:
        raise DataError('change= is empty: say what changes, as in {"lonely": 0} or {"trust": "+1"}')
    for variable, value in change.items():
        if isinstance(value, str) and value[:1] in "+-" and variable not in layout.encoding.labels:
            column_of(layout, variable)
            layout = layout.shifted(variable, as_number(variable, value))
        else:
            layout = layout.setting(**{variable: value_of(layout, variable, value)})
    return layout
