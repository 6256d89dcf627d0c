"""Inequality in an outcome along a ranking of the population, from worst off to best off.

The *rank* of a person runs from 0 to 1 (``ranks``). It is estimated from the same sample, and every standard
error here counts that: each row's contribution includes what it does to the ranks of all others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.columns import measure
from lonely_analysis.estimators.formula import parse, with_adjustment
from lonely_analysis.estimators.influence import (
    FittedRows,
    Quantities,
    fit_rows,
    quantity_table,
    used_covariance,
)
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.estimators.linearise import degrees_of_freedom
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.ranks import Ranks, position_of, ranks_of, refuse_one_level
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory, replicate_df, resampled_covariance
from lonely_analysis.estimators.sample import take_sample
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

Correction = Literal["none", "wagstaff", "erreygers"]
_RANK = "__rank__"


def slope_index(
    data: Survey | SurveyDesign,
    outcome: str,
    rank: str,
    *,
    adjust: str | None = None,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Quantities:
    """Estimate the slope and the relative index of inequality: the worst off compared with the best off.

    The outcome is regressed on the rank R (0 to 1). ``sii`` = E(y | R=0) - E(y | R=1) from a linear model,
    ``rii`` = E(y | R=0) / E(y | R=1) from a modified Poisson model; above 0 and above 1 the outcome is
    commoner among the worst off (Mackenbach and Kunst 1997, Soc Sci Med 44:757-771; Khang et al. 2008, J
    Epidemiol Community Health 62:e13).

    ``rank`` names a column whose low values are the worst off: numbers, or an ordered category. ``adjust``
    holds covariates equal, written as in a formula (``"age + C(sex)"``). Contributions of rows to the
    estimated ranks are part of the SE; ``se`` of ``rii`` is that of its log. ``replicates`` estimates again,
    ranks included, in each replicate.

    Raises ``DataError`` for a rank without order or with one level, and what ``regress`` raises.

    R equivalent: ``svyglm(y ~ ridit, design)`` with the ridits held fixed, which leaves out the last part
    of the SE.
    """
    check_level(level)
    design = design_in_memory(data, "slope_index")
    names = ["sii", "rii"] if _never_negative(design, outcome) else ["sii"]
    fits = [_slope(design, outcome, rank, adjust, where, name) for name in names]
    estimates = np.array([estimate for estimate, _, _ in fits])
    if replicates is None:
        used = fits[0][2].sample.used
        vcov = used_covariance(design, np.column_stack([c for _, c, _ in fits]), used)
    else:

        def again(other: SurveyDesign) -> np.ndarray:
            return np.array([_slope(other, outcome, rank, adjust, where, name)[0] for name in names])

        vcov = resampled_covariance(design, replicates, estimates, again)
    model = fits[0][2]
    df = replicate_df(model.df, replicates, len(model.coefficients))
    table = quantity_table(names, estimates, vcov, model.sample.n, df, level)
    shown = ["estimate", "ci_low", "ci_high"]
    table.loc[table["quantity"] == "rii", shown] = np.exp(table.loc[table["quantity"] == "rii", shown])
    note = "" if len(names) == 2 else f"{outcome} has negative values: no ratio of means."
    return Quantities(
        table=table, source=design.source, note=note, level=level, vcov=pd.DataFrame(vcov, names, names)
    )


def _never_negative(design: SurveyDesign, outcome: str) -> bool:
    values = measure(design.frame, outcome)
    return not (values < 0).any()


def _slope(
    design: SurveyDesign, outcome: str, rank: str, adjust: str | None, where: Any, name: str
) -> tuple[float, np.ndarray, FittedRows]:
    """Return minus the coefficient of the rank, its contributions by row used, and the model."""
    position = position_of(design.frame, rank)
    inside = pd.Series(domain_rows(design.frame, where) & ~np.isnan(position), index=design.frame.index)
    used = take_sample(design, parse(with_adjustment(f"{outcome} ~ 1", adjust)), inside).used
    used = np.ones(len(position), dtype=bool) if used is None else used
    ranks = ranks_of(position[used], coded(design).weights[used])
    refuse_one_level(ranks, rank)
    column = np.full(len(position), np.nan)
    column[used] = ranks.values
    ranked = replace(design, frame=design.frame.assign(**{_RANK: column}))
    formula = with_adjustment(f"{outcome} ~ {_RANK}", adjust)
    model = fit_rows(ranked, formula, "linear" if name == "sii" else "poisson", inside)
    at = model.names.index(_RANK)
    return -float(model.coefficients[at]), -_with_ranks(model, ranks, at)[:, at], model


def _with_ranks(model: FittedRows, ranks: Ranks, at: int) -> np.ndarray:
    """Add to the contributions of a model what each row does to the ranks, which are its column ``at``."""
    mean = model.mean
    slopes = -model.x * (model.family.slope(mean) * model.coefficients[at])[:, None]
    slopes[:, at] += model.sample.outcome - mean
    through = np.column_stack([ranks.contributions(column) for column in slopes.T])
    return model.contributions() + model.influence(through)


def concentration_index(
    data: Survey | SurveyDesign,
    outcome: str,
    rank: str,
    *,
    correction: Correction = "erreygers",
    bounds: tuple[float, float] = (0.0, 1.0),
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Quantities:
    """Estimate how an outcome is concentrated along a ranking: below 0 when it gathers among the worst off.

    C = 2 cov(y, R) / mean(y), with R the rank (Kakwani, Wagstaff and van Doorslaer 1997, J Econom
    77:87-103). For an outcome bounded by (a, b) C depends on the mean, so it is corrected: ``erreygers`` 4
    mean C / (b - a) (Erreygers 2009, J Health Econ 28:504-515), ``wagstaff`` C mean (b - a) / ((b -
    mean)(mean - a)) (Wagstaff 2005, Health Econ 14:429-432), ``none`` for C itself. Rows' contributions to
    mean and ranks are both in the SE.

    ``rank`` names a column whose low values are the worst off: numbers, or an ordered category. ``bounds``
    are the lowest and highest value the outcome can take; a yes/no outcome has (0, 1).

    Raises ``DataError`` for a rank without order or with one level, values outside ``bounds`` where a
    correction needs them, and an outcome with mean 0 (nobody has it).

    R equivalent: ``rineq::ci`` for the estimate; Deville linearisation by hand for the SE
    (``tests/reference``).
    """
    check_level(level)
    if correction not in ("none", "wagstaff", "erreygers"):
        raise DataError(f"correction={correction!r} is none of: none, wagstaff, erreygers")
    design = design_in_memory(data, "concentration_index")
    estimate, contributions, used = _concentration(design, outcome, rank, correction, bounds, where)
    if replicates is None:
        vcov = used_covariance(design, contributions[:, None], used)
    else:

        def again(other: SurveyDesign) -> np.ndarray:
            return np.array([_concentration(other, outcome, rank, correction, bounds, where)[0]])

        vcov = resampled_covariance(design, replicates, np.array([estimate]), again)
    df = replicate_df(degrees_of_freedom(coded(design), used), replicates)
    name = "concentration_index" if correction == "none" else f"{correction}_index"
    table = quantity_table([name], [estimate], vcov, int(used.sum()), df, level)
    return Quantities(table=table, source=design.source, level=level, vcov=pd.DataFrame(vcov, [name], [name]))


def _concentration(
    design: SurveyDesign, outcome: str, rank: str, correction: str, bounds: tuple[float, float], where: Any
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the index, its contributions by row used, and which rows were used."""
    values, position, weights = (
        measure(design.frame, outcome),
        position_of(design.frame, rank),
        coded(design).weights,
    )
    used = domain_rows(design.frame, where) & ~np.isnan(values) & ~np.isnan(position) & (weights > 0)
    y, w = values[used], weights[used]
    if not len(y) or y @ w == 0:
        raise DataError(
            f"outcome {outcome!r} has mean 0 over {len(y)} complete rows: there is nothing to distribute"
        )
    ranks = ranks_of(position[used], w)
    refuse_one_level(ranks, rank)
    total, mean = w.sum(), (w @ y) / w.sum()
    area = np.sum(w * y * ranks.values) / total
    d_area = (w * (y * ranks.values - area) + ranks.contributions(y)) / total
    d_mean = w * (y - mean) / total
    index, by_area, by_mean = _corrected(area, mean, correction, bounds, y, outcome)
    return index, by_area * d_area + by_mean * d_mean, used


def _corrected(
    area: float, mean: float, correction: str, bounds: tuple[float, float], y: np.ndarray, outcome: str
) -> tuple[float, float, float]:
    """Return the index and its derivatives by ``area`` (mean of y R) and by the mean."""
    gap = 2 * area - mean  # C times the mean
    if correction == "none":
        return gap / mean, 2 / mean, -2 * area / mean**2
    low, high = bounds
    if y.min() < low or y.max() > high:
        raise DataError(f"outcome {outcome!r} goes from {y.min():g} to {y.max():g}, outside bounds={bounds}")
    if correction == "erreygers":
        return 4 * gap / (high - low), 8 / (high - low), -4 / (high - low)
    room = (high - mean) * (mean - low)
    if room <= 0:
        raise DataError(f"outcome {outcome!r} is at a bound in every row: Wagstaff's correction divides by 0")
    factor = (high - low) / room
    return gap * factor, 2 * factor, -factor - gap * factor * (high + low - 2 * mean) / room
