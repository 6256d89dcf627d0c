"""Mediation: how much of an association runs through a variable between exposure and outcome.

The *direct* effect changes the exposure and leaves the mediator as it would have been; the *indirect*
effect changes the mediator as the exposure would, and leaves the exposure changed; they add up to the
*total* effect. They are causal only if nothing unmeasured confounds exposure, mediator and outcome, and if
the mediator comes after the exposure; one survey wave cannot show either, so ``sensitivity`` belongs to
every result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.formula import with_adjustment
from lonely_analysis.estimators.influence import (
    FittedRows,
    Quantities,
    fit_rows,
    quantity_table,
    used_covariance,
    value_of,
)
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.estimators.mediation_sensitivity import (
    ResidualMoments,
    Sensitivity,
    residual_moments,
    sensitivity,
)
from lonely_analysis.estimators.natural_effects import Potential, pair_of, potential_outcomes
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory, replicate_df, resampled_covariance
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

PairFamily = Literal["linear", "logistic"]
_DIFFERENCES = ["total", "direct", "indirect", "proportion_mediated"]
_RATIOS = ["total_ratio", "direct_ratio", "indirect_ratio"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Mediation(Quantities):
    """Rows ``total, direct, indirect, proportion_mediated``, and the three ratios for a logistic outcome.

    ``rho_at_zero`` is the correlation of the two models' errors at which the indirect effect would be 0.
    """

    exposure: str
    mediator: str
    outcome: str
    families: tuple[str, str]
    moments: ResidualMoments = field(repr=False)

    @property
    def rho_at_zero(self) -> float:
        """Correlation between the errors of mediator and outcome at which the indirect effect vanishes."""
        return self.moments.rho_at_zero

    def sensitivity(self, rho: Sequence[float] | None = None) -> Sensitivity:
        """Return the indirect effect were the errors of mediator and outcome correlated by each ``rho``.

        An unmeasured cause of both mediator and outcome makes their errors correlate. For two linear models
        (Imai, Keele and Yamamoto 2010, Stat Sci 25:51-71, theorem 4): indirect(rho) = b s1/s2 (r - rho
        sqrt((1 - r^2)/(1 - rho^2))), with b the exposure's effect on the mediator, s2 and s1 the residual
        SDs of the mediator and of the outcome without the mediator, r their correlation. It is 0 at rho =
        r. With a yes/no mediator or outcome the same formula is applied to linear probability models, which
        is an approximation on the difference scale, and the result's ``note`` says so. Rows: ``rho,
        estimate, se, ci_low, ci_high``; by default rho from -0.9 to 0.9.
        """
        chosen = np.linspace(-0.9, 0.9, 19).round(2) if rho is None else np.asarray(rho, dtype=float)
        exact = self.families == ("linear", "linear")
        return sensitivity(self.moments, chosen, self.level, self.source, exact)


def mediation(
    data: Survey | SurveyDesign,
    exposure: str,
    mediator: str,
    outcome: str,
    *,
    families: tuple[PairFamily, PairFamily] = ("linear", "linear"),
    interaction: bool = False,
    treated: Any = 1,
    control: Any = 0,
    adjust: str | None = None,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Mediation:
    """Estimate natural direct and indirect effects of an exposure through one mediator.

    Two models on the same rows, mediator ~ exposure + ``adjust`` and outcome ~ exposure + mediator +
    ``adjust``, give E Y(a, M(a*)), averaged over the weighted sample: in closed form for a linear pair and
    for a yes/no mediator, by Gauss-Hermite quadrature for a linear mediator of a logistic outcome. direct =
    E Y(1, M(0)) - E Y(0, M(0)), indirect = E Y(1, M(1)) - E Y(1, M(0)), total = their sum (pure direct and
    total indirect effect: VanderWeele 2015, Explanation in Causal Inference, ch. 2); ratios are of the same
    means. ``interaction`` lets the mediator's effect differ by exposure.

    ``adjust`` holds covariates equal, written as in a formula (``"age + C(sex)"``). ``families`` are those
    of mediator and outcome, in that order. ``treated`` and ``control`` are the two exposure values
    compared. SEs are linearised over PSUs and count both models and the sample's composition; ``se`` of a
    ratio is that of its log. ``replicates`` (``la.replicates``) refits both models in each replicate
    instead. Rows that miss any variable leave the domain.

    Raises ``DataError`` for unknown families, equal ``treated`` and ``control``, variables that cannot be
    used, and ``EstimationError`` where a model cannot be fitted.

    R equivalent: ``mediation::mediate`` by simulation; the linear pair is the product of coefficients.
    """
    check_level(level)
    if families[0] not in ("linear", "logistic") or families[1] not in ("linear", "logistic"):
        raise DataError(f"families={families!r}: each of mediator and outcome is linear or logistic")
    question = _Question(exposure, mediator, outcome, adjust, families, interaction, treated, control, where)
    design = design_in_memory(data, "mediation")
    answer = _answer(design, question)
    if replicates is None:
        vcov = used_covariance(design, answer.contributions, answer.model.sample.used)
    else:
        vcov = resampled_covariance(
            design, replicates, answer.estimates, lambda d: _answer(d, question).estimates
        )
    k, df = len(answer.names), replicate_df(answer.model.df, replicates, len(answer.model.coefficients))
    table = quantity_table(answer.names, answer.estimates[:k], vcov[:k, :k], answer.model.sample.n, df, level)
    ratio, shown = table["quantity"].isin(_RATIOS), ["estimate", "ci_low", "ci_high"]
    table.loc[ratio, shown] = np.exp(table.loc[ratio, shown])
    return Mediation(
        table=table,
        source=design.source,
        note=_note(table),
        level=level,
        vcov=pd.DataFrame(vcov[:k, :k], answer.names, answer.names),
        exposure=exposure,
        mediator=mediator,
        outcome=outcome,
        families=families,
        moments=ResidualMoments(*answer.estimates[k:], vcov=vcov[k:, k:], df=df),
    )


def _note(table: pd.DataFrame) -> str:
    """Warn where the share of the total that is mediated divides by what may be 0."""
    total = table.iloc[0]
    if total["ci_low"] <= 0 <= total["ci_high"]:
        return "The total effect may be 0, so the proportion mediated has no stable meaning."
    return ""


@dataclass(frozen=True)
class _Question:
    exposure: str
    mediator: str
    outcome: str
    adjust: str | None
    families: tuple[str, str]
    interaction: bool
    treated: Any
    control: Any
    where: Any


@dataclass(frozen=True, eq=False)
class _Answer:
    """Effects, logs of ratios and residual moments in one vector, with contributions (n, k) by row used."""

    names: list[str]
    estimates: np.ndarray
    contributions: np.ndarray
    model: FittedRows


def _answer(design: SurveyDesign, question: _Question) -> _Answer:
    outcome, mediator = _fit_both(design, question)
    layout = mediator.sample.layout
    levels = tuple(
        value_of(layout, question.exposure, value) for value in (question.control, question.treated)
    )
    if levels[0] == levels[1]:
        raise DataError(f"treated and control are both {question.treated!r}: nothing is compared")
    pair = pair_of(outcome, mediator, question.exposure, question.mediator, levels)
    effects, d_effects = _effects(potential_outcomes(pair), question.families[1] == "logistic")
    moments, d_moments = residual_moments(design, question, levels, outcome.sample.used)
    names = _DIFFERENCES + (_RATIOS if question.families[1] == "logistic" else [])
    return _Answer(
        names, np.concatenate([effects, moments]), np.column_stack([d_effects, d_moments]), outcome
    )


def _fit_both(design: SurveyDesign, question: _Question) -> tuple[FittedRows, FittedRows]:
    joined = "*" if question.interaction else "+"
    y = f"{question.outcome} ~ {question.exposure} {joined} {question.mediator}"
    outcome = fit_rows(design, with_adjustment(y, question.adjust), question.families[1], question.where)
    rows = np.ones(len(design.frame), dtype=bool) if outcome.sample.used is None else outcome.sample.used
    m = with_adjustment(f"{question.mediator} ~ {question.exposure}", question.adjust)
    return outcome, fit_rows(design, m, question.families[0], pd.Series(rows, index=design.frame.index))


def _effects(means: dict[tuple[int, int], Potential], ratios: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return total, direct, indirect, proportion (and logs of the ratios) with their contributions."""
    both, only, none = means[1, 1], means[1, 0], means[0, 0]
    pairs = [(both, none), (only, none), (both, only)]
    values = [a.mean - b.mean for a, b in pairs]
    d = [a.contributions - b.contributions for a, b in pairs]
    # Of a total effect of exactly 0 there is no share.
    total = values[0] if values[0] != 0 else np.nan
    share = values[2] / total
    values.append(share)
    d.append((d[2] - share * d[0]) / total)
    if ratios:
        values += [np.log(a.mean / b.mean) for a, b in pairs]
        d += [a.contributions / a.mean - b.contributions / b.mean for a, b in pairs]
    return np.array(values), np.column_stack(d)
