"""Cox's proportional hazards model for a survey.

*Follow-up* is the time from entry to death or to the end of observation; an *event* is the death. A *hazard
ratio* is exp(coefficient). The fit is the weighted partial likelihood of ``cox.py``; its covariance is that
of the rows' influences, added within PSUs (Binder 1992, Biometrika 79:139-147; R ``survey::svycoxph``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.covariates import (
    Variable,
    read_covariates,
    used_categories,
)
from lonely_analysis.estimators.cox import CoxFit, fit_cox
from lonely_analysis.estimators.encoding import learn
from lonely_analysis.estimators.follow_up import FollowUp, pandas_frame, read_follow_up, refuse_impossible
from lonely_analysis.estimators.formula import parse
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.estimators.layout import Layout, layout_of
from lonely_analysis.estimators.linearise import covariance
from lonely_analysis.estimators.matrix import dense_matrix, refuse_dependent
from lonely_analysis.estimators.model import coefficient_table
from lonely_analysis.estimators.psus import Coded, as_design, coded
from lonely_analysis.estimators.ratios import ratio_table
from lonely_analysis.estimators.replicates import Replicates, replicate_covariance
from lonely_analysis.estimators.sample import complete_rows
from lonely_analysis.estimators.terms import term_label
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey


@dataclass(frozen=True, kw_only=True, eq=False)
class CoxModel(Result):
    """A fitted model: ``term, estimate, se, ci_low, ci_high, t, df, p`` on the log scale.

    ``t`` is estimate/se and is read against the normal distribution (``df`` infinite), as R ``svycoxph``
    does. ``n`` rows and ``events`` deaths were used; ``dropped`` counts the domain's rows that miss each
    variable.
    """

    formula: str
    level: float
    n: int
    events: int
    dropped: pd.Series = field(repr=False)
    vcov: pd.DataFrame = field(repr=False)
    design: SurveyDesign = field(repr=False)
    used: np.ndarray = field(repr=False)
    follow: FollowUp = field(repr=False)
    layout: Layout = field(repr=False)
    fit: CoxFit = field(repr=False)

    def ratios(self) -> pd.DataFrame:
        """Return hazard ratios: ``term, estimate, se, ci_low, ci_high, p``, with ``se`` that of the log."""
        return ratio_table(self.table)

    @property
    def terms(self) -> dict[str, list[int]]:
        """The places of each term's coefficients, by the term as the formula writes it."""
        places: dict[str, list[int]] = {}
        for at, column in enumerate(self.layout.encoding.columns[1:]):
            label = term_label(self.layout.encoding.formula.terms[column.term])
            places.setdefault(label, []).append(at)
        return places

    def on_all_rows(self, scores: np.ndarray) -> np.ndarray:
        """Spread scores of the rows used over all rows of the design, 0 elsewhere."""
        return _spread(scores, self.used)


def cox(
    data: Survey | SurveyDesign,
    time: str = "follow_up_years",
    event: str = "died",
    formula: str = "lonely + age + C(sex)",
    *,
    entry: str | None = None,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> CoxModel:
    """Fit log hazard(t | x) = log hazard_0(t) + x beta by weighted partial likelihood, ties after Efron.

    ``time`` is follow-up in any unit, 0 included: who dies in month 0 counts. ``event`` is 1 or True for a
    death, 0 or False for the end of observation. ``entry`` names a column with the time at which a row came
    under observation (left truncation); a row is at risk in (entry, time]. ``where`` picks a domain, which is
    estimated with the whole design. Rows that miss a covariate, or both time and event, leave the domain and
    are counted in ``dropped``.

    With ``replicates`` (of ``la.replicates``) the model is refitted with each column of weights, and the
    covariance is that of the coefficients around the full-sample ones. Intervals are estimate ± z se.

    Raises ``DataError`` for negative times, an event other than 0/1, an entry not before the exit, or a time
    without its event; ``EstimationError`` without deaths, with collinear terms, and where no maximum exists.
    Source: Therneau & Grambsch 2000, Modeling Survival Data, ch. 3 and 7; Binder 1992. R:
    ``survey::svycoxph``.
    """
    check_level(level)
    design, parsed = as_design(data), parse(formula, outcome=False)
    if not parsed.terms:
        raise DataError("the formula has no covariate: for a curve without a model use la.survival_curves")
    frame, sample = pandas_frame(design), coded(design)
    follow, read = read_follow_up(frame, time, event, entry), read_covariates(frame, parsed)
    followed = Variable(time, follow.exit, follow.missing)
    complete, dropped = complete_rows(design, sample, where, {time: followed, **read})
    used = np.ones(len(frame), dtype=bool) if complete is None else complete
    refuse_impossible(follow, used)
    variables = {name: used_categories(read[name].rows(used)) for name in parsed.variables}
    layout = layout_of(learn(parsed, variables), variables, int(used.sum()))
    fit = _fit(layout, follow, used, sample.weights[used])
    names = [column.name for column in layout.encoding.columns[1:]]
    vcov, note = _covariance(fit, follow, used, sample, replicates)
    return CoxModel(
        table=coefficient_table(names, fit.beta, vcov, np.inf, level),
        source=design.source,
        note=note,
        formula=parsed.text,
        level=level,
        n=int(used.sum()),
        events=int(follow.died[used].sum()),
        dropped=dropped,
        vcov=pd.DataFrame(vcov, index=names, columns=names),
        design=design,
        used=used,
        follow=follow,
        layout=layout,
        fit=fit,
    )


def _fit(layout: Layout, follow: FollowUp, used: np.ndarray, weights: np.ndarray) -> CoxFit:
    """Fit without the intercept, which cancels from every risk set."""
    x = dense_matrix(layout)
    refuse_dependent(layout, x, weights)
    names = [column.name for column in layout.encoding.columns[1:]]
    _refuse_levels_without_deaths(x[:, 1:], follow.died[used], names)
    return fit_cox(follow.risk_sets(used, weights), x[:, 1:], names)


def _refuse_levels_without_deaths(x: np.ndarray, died: np.ndarray, names: list[str]) -> None:
    """Refuse a yes/no column whose dying all agree, before Newton runs after its infinite coefficient."""
    for name, column in zip(names, x.T, strict=True):
        values = np.unique(column)
        if len(values) == 2 and np.ptp(column[died]) == 0:
            empty = values[values != column[died][0]][0]
            rows = int((column == empty).sum())
            raise EstimationError(
                f"no events among the {rows} rows with {name} = {empty:g}, so that its hazard ratio has no "
                "finite value. Merge the level with another, leave the term out, or follow longer"
            )


def _covariance(
    fit: CoxFit, follow: FollowUp, used: np.ndarray, sample: Coded, replicates: Replicates | None
) -> tuple[np.ndarray, str]:
    """Return the covariance of the coefficients, and a note on replicates that could not be fitted."""
    if replicates is None:
        return covariance(sample, _spread(fit.influence(), used), used), ""
    replicates.refuse_other_rows(len(used))
    refits = (
        refit_cox(fit, follow, used, sample.weights * replicates.row_multipliers(r))
        for r in range(len(replicates))
    )
    absent = np.full(len(fit.beta), np.nan)
    estimates = np.stack([absent if again is None else again.beta for again in refits])
    lost = int(np.isnan(estimates[:, 0]).sum())
    note = (
        f"{lost} of {len(replicates)} replicates could not be fitted and add nothing to the variance."
        if lost
        else ""
    )
    return replicate_covariance(fit.beta, estimates, replicates), note


def refit_cox(fit: CoxFit, follow: FollowUp, used: np.ndarray, weights: np.ndarray) -> CoxFit | None:
    """Refit from the full-sample coefficients with other weights (of all rows); None without a maximum."""
    drawn = weights[used] > 0
    rows = np.flatnonzero(used)[drawn]
    if not follow.died[rows].any():
        return None
    try:
        return fit_cox(
            follow.risk_sets(rows, weights[rows]), fit.at.x[drawn], [""] * len(fit.beta), start=fit.beta
        )
    except EstimationError:
        return None


def _spread(scores: np.ndarray, used: np.ndarray) -> np.ndarray:
    out = np.zeros((len(used), *scores.shape[1:]))
    out[used] = scores
    return out
