"""Questions put to a fitted model: one coefficient, or several against each other.

A *contrast* is a sum of coefficients with weights. The difference of two log hazard ratios of one model says
how much stronger one exposure is than another in the same people, and its variance counts their covariance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.intervals import level_or
from lonely_analysis.estimators.model import coefficient_table
from lonely_analysis.results import Result

if TYPE_CHECKING:
    from lonely_analysis.estimators.encoding import Column
    from lonely_analysis.estimators.layout import Layout
    from lonely_analysis.estimators.model import Model
    from lonely_analysis.estimators.survival import CoxModel

Scale = Literal["ratio", "coefficient"]
DoseShape = Literal["linear", "log"]


@dataclass(frozen=True)
class Compared:
    """One side of a contrast: a variable, what of it is compared with what, and the weight.

    ``value`` and ``reference`` are labels of categories, ``True`` and ``False`` of a yes/no variable, ``+1``
    and nothing of a number; a product or a function of variables has neither and stands by its term.
    """

    variable: str
    value: str | None
    reference: str | None
    weight: float


@dataclass(frozen=True)
class Question:
    """What a contrast asked: of which kind of model, about which terms, with which variables held equal.

    ``family`` is ``hazard`` for a Cox model, ``dose`` for ``dose_for_ratio``, else the regression's family.
    """

    family: str = ""
    compared: tuple[Compared, ...] = ()
    given: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Contrast(Result):
    """One row: ``estimate, se, ci_low, ci_high, t, df, p, n``; for a ratio, ``se`` is that of the log.

    ``question`` says what was compared; it is empty in a contrast that is read back from storage.
    """

    scale: Scale
    level: float
    question: Question = field(default=Question(), repr=False)


def contrast(
    model: Model | CoxModel,
    weights: str | Mapping[str, float],
    *,
    scale: Scale = "ratio",
    level: float | None = None,
) -> Contrast:
    """Estimate the sum of weight times coefficient: c'b with variance c'Vc, V the design covariance.

    ``weights`` maps terms, as the model names them, to numbers (``{"C(smoking)[2]": 1, "lives_alone": -1}``);
    a single term stands for itself. ``scale="ratio"`` exponentiates: a hazard ratio, or how many times one
    ratio is another. Raises ``DataError`` for a term that the model has not, and for a linear model on the
    ratio scale. R equivalent: ``survey::svycontrast``.
    """
    confidence = level_or(level, model.level)
    if scale not in get_args(Scale):
        raise DataError(f"scale={scale!r} is none of: ratio, coefficient")
    if scale == "ratio" and getattr(model, "family", "") == "linear":
        raise DataError('a linear model has no ratios: use scale="coefficient"')
    wanted = {weights: 1.0} if isinstance(weights, str) else dict(weights)
    c = _weights(model, wanted)
    b = model.table["estimate"].to_numpy(dtype=float)
    variance = np.array([[c @ model.vcov.to_numpy() @ c]])
    df = float(model.table["df"].iloc[0])
    table = coefficient_table([""], np.array([c @ b]), variance, df, confidence).drop(columns="term")
    if scale == "ratio":
        shown = ["estimate", "ci_low", "ci_high"]
        table[shown] = np.exp(table[shown])
    question = _question(model, wanted, getattr(model, "family", "hazard"))
    return Contrast(
        table=table.assign(n=model.n), source=model.source, scale=scale, level=confidence, question=question
    )


def _question(model: Model | CoxModel, weights: Mapping[str, float], family: str) -> Question:
    """Say in variables and categories what the weights compare, and which other variables the model holds."""
    layout = model.points.layout if hasattr(model, "points") else model.layout
    columns = [column for column in layout.encoding.columns if weights.get(column.name)]
    asked = {name for column in columns for name in _variables(column)}
    compared = tuple(_side(layout, column, float(weights[column.name])) for column in columns)
    given = tuple(name for name in layout.encoding.formula.variables if name not in asked)
    return Question(family, compared, given)


def _variables(column: Column) -> set[str]:
    return {name for name, _ in column.indicators} | {
        name for factor, _ in column.numeric for name in factor.variables
    }


def _side(layout: Layout, column: Column, weight: float) -> Compared:
    match column.indicators, column.numeric:
        case ((name, code),), ():
            labels, reference = layout.encoding.labels[name], layout.encoding.references[name]
            return Compared(name, labels[code], labels[reference], weight)
        case (), ((factor, _),) if factor.kind == "plain":
            value, reference = ("True", "False") if layout.is_yes_no(factor.label) else ("+1", None)
            return Compared(factor.label, value, reference, weight)
    return Compared(column.name, None, None, weight)


def _weights(model: Model | CoxModel, weights: Mapping[str, float]) -> np.ndarray:
    terms = list(model.table["term"])
    unknown = [name for name in weights if name not in terms]
    if unknown or not any(weights.values()):
        wrong = f"no term {unknown[0]!r} in the model" if unknown else "weights that are all 0 ask nothing"
        raise DataError(f"{wrong}; its terms: {', '.join(terms)}")
    return np.array([float(weights.get(term, 0.0)) for term in terms])


def dose_for_ratio(
    model: Model | CoxModel,
    term: str,
    ratio: float,
    ci_low: float | None = None,
    ci_high: float | None = None,
    *,
    shape: DoseShape = "linear",
    level: float = 0.95,
) -> Contrast:
    """Estimate the dose that goes with a given ratio: how many cigarettes a day match another exposure.

    ``shape="linear"``: the log ratio is b times the dose, so the dose is ln(ratio) / b. ``"log"``: the term
    is ``log(dose + 1)``, so the dose is exp(ln(ratio) / b) - 1. The delta method counts the SE of b and, with
    its limits ``ci_low`` and ``ci_high`` given, that of the ratio, as independent (they come from different
    studies); z interval. ``level`` is that of the limits and of the dose. The interval is only as good as
    the shape.

    Raises ``DataError`` for a ratio that is not positive or lies outside its limits, and
    ``EstimationError`` where b cannot be told from 0, since the dose has then no finite interval (Fieller
    1954, J R Stat Soc B 16:175-185).
    """
    if shape not in get_args(DoseShape):
        raise DataError(f"shape={shape!r} is none of: linear, log")
    ends = (ratio if ci_low is None else ci_low, ratio if ci_high is None else ci_high)
    if not 0 < ends[0] <= ratio <= ends[1]:
        raise DataError(f"ratio {ratio} with limits {ends[0]} and {ends[1]}: all above 0 and in order")
    slope = contrast(model, term, scale="coefficient", level=level)
    if slope.ci_low <= 0 <= slope.ci_high:
        raise EstimationError(f"the slope of {term!r} cannot be told from 0: no dose has a finite interval")
    z = float(ndtri((1 + level) / 2))
    se_log = np.log(ends[1] / ends[0]) / (2 * z)
    x = np.log(ratio) / slope.estimate
    se_x = np.hypot(se_log, x * slope.se) / abs(slope.estimate)
    dose, se = (x, se_x) if shape == "linear" else (np.expm1(x), np.exp(x) * se_x)
    row = {"estimate": dose, "se": se, "ci_low": dose - z * se, "ci_high": dose + z * se}
    table = pd.DataFrame([{**row, "t": dose / se, "df": np.inf, "n": model.n}])
    question = _question(model, {term: 1.0}, "dose")
    return Contrast(table=table, source=model.source, scale="coefficient", level=level, question=question)
