"""Predictions of a model averaged over the sample: margins and average effects.

A *margin* is the mean outcome that the model predicts when everybody's value of a variable is set to one
level and all else stays as it is (*standardisation*, g-computation: Hernan & Robins 2020, Causal Inference:
What If, ch. 13). Standard errors are by the delta method with the covariates held fixed: the covariance of
the coefficients carries all uncertainty (R ``survey::svypredmeans`` adds the sampling of the covariates).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.glm import FAMILIES
from lonely_analysis.estimators.intervals import level_or, standard_error
from lonely_analysis.estimators.layout import Layout, as_number
from lonely_analysis.estimators.model import Model, delta_row
from lonely_analysis.estimators.predict import mean_interval
from lonely_analysis.results import Result

EffectScale = Literal["difference", "ratio"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Margins(Result):
    """Predicted means: the columns set, then ``estimate, se, ci_low, ci_high, df``.

    ``vcov`` is the covariance of the rows.
    """

    variable: str
    vcov: np.ndarray = field(repr=False)
    level: float = 0.95

    def _restrict(self, keep: np.ndarray) -> dict[str, Any]:
        return {"vcov": self.vcov[np.ix_(keep, keep)]}


@dataclass(frozen=True, kw_only=True, eq=False)
class Effects(Result):
    """Average effects, one row a comparison of two levels.

    Columns ``variable, value, reference, estimate, se, ci_low, ci_high, df, p``. On the ratio scale
    ``estimate`` and its interval are ratios and ``se`` is that of the log.
    """

    variable: str
    scale: EffectScale
    level: float = 0.95


def margins(
    model: Model, variable: str, at: Mapping[str, Any] | None = None, *, level: float | None = None
) -> Margins:
    """Predict the mean outcome at each level of ``variable``, over the weighted sample that was fitted.

    m(a) = sum_i w_i g(x_i(a)' b) / sum_i w_i, with gradient sum_i w_i g'(x_i(a)' b) x_i(a) / sum_i w_i.
    Intervals are t intervals on the scale of the predictor (logit, log or as is) and so stay inside the
    outcome's range. They are about the people sampled; another sample would draw other covariates, and as
    means of the population they are a little too short where those predict much (``counterfactual`` counts
    that).

    Levels are all categories, or False and True of a yes/no variable; a number's values are given in
    ``at``, as in ``margins(model, "age", at={"age": [20, 40, 60]})``. ``at`` may also fix other variables;
    every combination makes a row. Raises ``DataError`` for a variable or category that the model does not
    have.
    """
    choices = {variable: levels_of(model, variable), **{k: _listed(v) for k, v in (at or {}).items()}}
    if choices[variable] is None:
        raise DataError(f'{variable!r} is a number: give its values, at={{"{variable}": [20, 40, 60]}}')
    without = [name for name, values in choices.items() if not len(values)]
    if without:
        raise DataError(f"at= gives no value of {', '.join(without)}: there is nothing to predict")
    rows = [dict(zip(choices, combination, strict=True)) for combination in product(*choices.values())]
    predicted = [mean_and_gradient(model, setting(model, row)) for row in rows]
    estimate = np.array([mean for mean, _ in predicted])
    gradient = np.stack([g for _, g in predicted])
    vcov = gradient @ model.vcov.to_numpy() @ gradient.T
    se = standard_error(np.diag(vcov))
    confidence = level_or(level, model.level)
    low, high = mean_interval(model, estimate, se, confidence)
    numbers = {
        "estimate": estimate,
        "se": se,
        "ci_low": low,
        "ci_high": high,
        "df": model.df,
    }
    table = pd.concat([pd.DataFrame(rows), pd.DataFrame(numbers)], axis=1)
    return Margins(
        table=table, source=model.source, note=model.note, variable=variable, vcov=vcov, level=confidence
    )


def average_effect(
    model: Model,
    variable: str | Sequence[str],
    scale: EffectScale = "difference",
    *,
    level: float | None = None,
) -> Effects:
    """Compare the standardised means of a variable's levels: everybody at one against everybody at another.

    m(a) is that of ``margins``; the SE is by the delta method, with the covariates held fixed. R:
    ``marginaleffects::avg_comparisons`` with the survey weights, or ``survey::svypredmeans``. ``difference``
    is m(a) - m(reference), ``ratio`` is m(a) / m(reference) with the standard error of its log. A yes/no
    variable is compared at True against False, each category against the model's reference, and a number at
    one unit more than observed against as observed. Several variables stand beneath each other, each changed
    while the others stay as they are.

    Raises ``DataError`` for a variable that is not in the model, and for ratios of means that are not
    positive.
    """
    if scale not in ("difference", "ratio"):
        raise DataError(f"scale={scale!r} is unknown; choose 'difference' or 'ratio'")
    chosen = [variable] if isinstance(variable, str) else list(variable)
    if not chosen:
        raise DataError("average_effect needs at least one variable of the model")
    confidence = level_or(level, model.level)
    rows = [row for name in chosen for row in _effects_of(model, name, scale, confidence)]
    return Effects(
        table=pd.DataFrame(rows),
        source=model.source,
        note=model.note,
        variable=", ".join(chosen),
        scale=scale,
        level=confidence,
    )


def _effects_of(model: Model, variable: str, scale: EffectScale, level: float) -> list[dict[str, Any]]:
    reference, others = _comparisons(model, variable)
    base = mean_and_gradient(model, reference[1])
    return [
        {"variable": variable, "value": name, "reference": reference[0]}
        | _compared(model, mean_and_gradient(model, layout), base, scale, level)
        for name, layout in others
    ]


def setting(model: Model, values: Mapping[str, Any]) -> Layout:
    """Return the model's sample with variables set to values, categories by their label."""
    encoding = model.points.layout.encoding
    fixed = {}
    for name, value in values.items():
        _require(model, name)
        fixed[name] = encoding.code(name, value) if name in encoding.labels else as_number(name, value)
    return model.points.layout.setting(**fixed)


def _require(model: Model, variable: str) -> None:
    have = model.points.layout.encoding.formula.variables
    if variable not in have:
        raise DataError(f"{variable!r} is not in the model. Its variables: {', '.join(have)}")


def _listed(values: Any) -> Sequence[Any]:
    return [values] if isinstance(values, str) or not hasattr(values, "__iter__") else list(values)


def levels_of(model: Model, variable: str) -> Sequence[Any] | None:
    """Return the labels of a categorical variable, False and True of a yes/no one, None of a number."""
    _require(model, variable)
    layout = model.points.layout
    if variable in layout.encoding.labels:
        return layout.encoding.labels[variable]
    return [False, True] if layout.is_yes_no(variable) else None


def _comparisons(model: Model, variable: str) -> tuple[tuple[Any, Layout], list[tuple[Any, Layout]]]:
    levels = levels_of(model, variable)
    layout = model.points.layout
    if levels is None:
        return ("as observed", layout), [("+1", layout.shifted(variable, 1.0))]
    place = layout.encoding.references.get(variable, 0)
    at = [(name, setting(model, {variable: name})) for name in levels]
    return at[place], at[:place] + at[place + 1 :]


def mean_and_gradient(model: Model, layout: Layout) -> tuple[float, np.ndarray]:
    """Return the weighted mean prediction of a layout and its derivative by the coefficients."""
    family, b, weights = FAMILIES[model.family], model.coefficients, model.points.weights
    total, gradient = 0.0, np.zeros(len(b))
    for rows, x in layout.blocks():
        mean = family.mean(b @ x)
        total += float(weights[rows] @ mean)
        gradient += x @ (weights[rows] * family.slope(mean))
    return total / weights.sum(), gradient / weights.sum()


def _compared(
    model: Model,
    here: tuple[float, np.ndarray],
    base: tuple[float, np.ndarray],
    scale: EffectScale,
    level: float,
) -> dict[str, float]:
    (mean, gradient), (mean_0, gradient_0) = here, base
    if scale == "ratio":
        if min(mean, mean_0) <= 0:
            raise DataError("a ratio needs positive means; use scale='difference'")
        point, slope = np.log(mean / mean_0), gradient / mean - gradient_0 / mean_0
    else:
        point, slope = mean - mean_0, gradient - gradient_0
    return delta_row(model, point, slope, level, is_log=scale == "ratio")
