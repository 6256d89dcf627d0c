"""Interaction of two variables, on the multiplicative and on the additive scale.

With *ratios* R10 (the first variable's level alone), R01 (the second's alone) and R11 (both), each against
neither: *relative excess risk due to interaction* RERI = R11 - R10 - R01 + 1; *attributable proportion* AP =
RERI / R11; *synergy index* S = (R11 - 1) / (R10 + R01 - 2); *ratio of ratios* R11 / (R10 R01). No interaction
on the additive scale is RERI = AP = 0 and S = 1; none on the multiplicative scale is a ratio of ratios of 1
(Hosmer & Lemeshow 1992, Epidemiology 3:452-456; VanderWeele & Knol 2014, Epidemiol Methods 3:33-72).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.intervals import level_or
from lonely_analysis.estimators.margins import levels_of, mean_and_gradient, setting
from lonely_analysis.estimators.model import Model, delta_row
from lonely_analysis.results import Result

Levels = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Interaction(Result):
    """Measures of interaction: ``measure, estimate, se, ci_low, ci_high, df, p``, one row a measure.

    Ratios, the synergy index among them, have the ``se`` of their log, and ``p`` tests a ratio of 1; the
    other measures are tested against 0. Pick one with ``.row(measure="RERI")``.
    """

    variables: tuple[str, str]
    levels: Levels
    level: float = 0.95


@dataclass(frozen=True)
class _Measure:
    """A point, its derivative by the coefficients, and whether both are of a logarithm."""

    name: str
    point: float
    gradient: np.ndarray
    is_log: bool = False


def interaction(
    model: Model, a: str, b: str, *, levels: Levels | None = None, level: float | None = None
) -> Interaction:
    """Measure the interaction of ``a`` and ``b`` in a model that has the term ``a:b``.

    Rows of a logistic or Poisson model: the joint ratios; RERI, attributable proportion and synergy index;
    the ratio of ratios; the *simple* ratios of each variable at both levels of the other; and the excess of
    risk differences m11 - m10 - m01 + m00 of standardised means, which needs no rare outcome. A logistic
    model's ratios are odds ratios, which stand for risk ratios only where the outcome is rare. Rows of a
    linear model: the joint differences, their difference, and the simple differences. Intervals by the delta
    method, those of ratios and of the synergy index on the log scale. With coefficients as uncertain as in a
    survey of some hundred people, those of the attributable proportion cover a little too seldom and those of
    the synergy index too often (``data/checks/coverage.csv``, kind ``limits``); RERI's cover.

    ``levels`` gives (reference, level) of a variable; a yes/no variable and one with two categories need
    none.

    Raises ``DataError`` when the term is missing, when a variable has more levels and none are given, and
    when one of the two also interacts with a third variable, because there then is no one ratio.
    """
    _check_terms(model, a, b)
    chosen = {name: _pair(model, name, levels or {}) for name in (a, b)}
    corners = {(i, j): {a: chosen[a][i], b: chosen[b][j]} for i in (0, 1) for j in (0, 1)}
    rows = {at: setting(model, values).rows(slice(0, 1))[:, 0] for at, values in corners.items()}
    steps = {at: row - rows[0, 0] for at, row in rows.items()}
    if model.family == "linear":
        measures = _differences(model, a, b, chosen, steps)
    else:
        measures = _ratios(model, a, b, chosen, steps)
        measures.append(_excess_difference(model, corners))
    confidence = level_or(level, model.level)
    return Interaction(
        table=pd.DataFrame(
            [
                {"measure": m.name} | delta_row(model, m.point, m.gradient, confidence, is_log=m.is_log)
                for m in measures
            ]
        ),
        source=model.source,
        note=_note(model, measures),
        variables=(a, b),
        levels=chosen,
        level=confidence,
    )


def _check_terms(model: Model, a: str, b: str) -> None:
    sets = [
        {name for f in term for name in f.variables} for term in model.points.layout.encoding.formula.terms
    ]
    if {a, b} not in sets:
        raise DataError(f"the model has no term {a}:{b}: write {a} * {b} in the formula")
    third = next((found - {a, b} for found in sets if found & {a, b} and not found <= {a, b}), None)
    if third:
        raise DataError(
            f"{a} or {b} also interacts with {', '.join(third)}, so that their ratios differ by it: fit the "
            "model within its levels, by where="
        )


def _pair(model: Model, variable: str, levels: Levels) -> tuple[Any, Any]:
    if variable in levels:
        if len(levels[variable]) != 2:
            raise DataError(f"levels= needs two levels of {variable!r}: (reference, level)")
        return levels[variable]
    known = levels_of(model, variable)
    if known is None or len(known) != 2:
        raise DataError(
            f"{variable!r} has more than two levels: say which to compare, "
            f'levels={{"{variable}": (reference, level)}}'
        )
    place = model.points.layout.encoding.references.get(variable, 0)
    return known[place], known[1 - place]


def _linear(model: Model, name: str, step: np.ndarray, is_log: bool) -> _Measure:
    return _Measure(name, float(step @ model.coefficients), step, is_log)


def _simple(model: Model, a: str, b: str, chosen: Levels, steps: Mapping, is_log: bool) -> list[_Measure]:
    """Return the effect of each variable at both levels of the other."""
    wanted = [(f"{a} at {b} = {chosen[b][j]}", steps[1, j] - steps[0, j]) for j in (0, 1)]
    wanted += [(f"{b} at {a} = {chosen[a][i]}", steps[i, 1] - steps[i, 0]) for i in (0, 1)]
    return [_linear(model, name, step, is_log) for name, step in wanted]


def _joint(model: Model, a: str, b: str, steps: Mapping, is_log: bool) -> list[_Measure]:
    named = ((f"{a} alone", (1, 0)), (f"{b} alone", (0, 1)), ("both", (1, 1)))
    return [_linear(model, name, steps[at], is_log) for name, at in named]


def _differences(model: Model, a: str, b: str, chosen: Levels, steps: Mapping) -> list[_Measure]:
    contrast = steps[1, 1] - steps[1, 0] - steps[0, 1]
    simple = _simple(model, a, b, chosen, steps, False)
    return [
        *_joint(model, a, b, steps, False),
        _linear(model, "difference of differences", contrast, False),
        *simple,
    ]


def _ratios(model: Model, a: str, b: str, chosen: Levels, steps: Mapping) -> list[_Measure]:
    joint = _joint(model, a, b, steps, True)
    r10, r01, r11 = (float(np.exp(m.point)) for m in joint)
    d10, d01, d11 = (m.gradient for m in joint)
    reri = r11 - r10 - r01 + 1
    reri_slope = r11 * d11 - r10 * d10 - r01 * d01
    with np.errstate(invalid="ignore", divide="ignore"):
        synergy = float(np.log(r11 - 1) - np.log(r10 + r01 - 2))
    synergy_slope = r11 * d11 / (r11 - 1) - (r10 * d10 + r01 * d01) / (r10 + r01 - 2)
    return [
        *joint,
        _Measure("RERI", reri, reri_slope),
        _Measure("attributable proportion", reri / r11, reri_slope / r11 - reri / r11 * d11),
        _Measure("synergy index", synergy, synergy_slope, is_log=True),
        _linear(model, "ratio of ratios", d11 - d10 - d01, True),
        *_simple(model, a, b, chosen, steps, True),
    ]


def _excess_difference(model: Model, corners: Mapping) -> _Measure:
    means = {at: mean_and_gradient(model, setting(model, values)) for at, values in corners.items()}
    signs = {(1, 1): 1, (1, 0): -1, (0, 1): -1, (0, 0): 1}
    point = sum(sign * means[at][0] for at, sign in signs.items())
    gradient = sum(sign * means[at][1] for at, sign in signs.items())
    return _Measure("excess of risk differences", point, gradient)


def _note(model: Model, measures: list[_Measure]) -> str:
    """Warn where a ratio below 1 makes the additive measures hard to read (Knol et al. 2011)."""
    if model.family != "linear" and min(m.point for m in measures[:2]) < 0:
        return (
            "A variable lowers the outcome on its own: exchange its levels before reading RERI, attributable "
            "proportion and synergy index (Knol et al. 2011, Eur J Epidemiol 26:433-438)."
        )
    return model.note
