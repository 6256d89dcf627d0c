"""The weighted partial likelihood of Cox's model, on arrays.

*Risk sets* and *steps* (tied deaths, after Efron) are those of ``risk_sets``. The weight of every step is the
mean weight of the dying, as in R ``survival::coxph`` (Therneau & Grambsch 2000, Modeling Survival Data,
sections 3.3 and 7.1). Shapes: n rows, p covariates, m distinct event times, d deaths (= steps).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lonely_analysis.errors import EstimationError
from lonely_analysis.estimators.risk_sets import RiskSets

# Newton's method doubles the correct digits at each step, so ten or so suffice where a maximum exists.
MAX_ITERATIONS = 40
# A step this small, in standard deviations of a covariate, no longer changes the eighth digit.
STEP_TOLERANCE = 1e-11
# A log hazard ratio of 20 per standard deviation (e^20 = 5e8) is a likelihood without a maximum.
RUNAWAY = 20.0


@dataclass(frozen=True, eq=False)
class Moments:
    """The partial likelihood at one ``beta``: ``risk`` by row, ``hazard`` and mean covariates by step.

    ``risk`` is exp(x beta - shift) and ``hazard`` belongs to it, so that no exponential overflows.
    """

    sets: RiskSets
    x: np.ndarray = field(repr=False)
    risk: np.ndarray = field(repr=False)
    shift: float
    log_likelihood: float
    hazard: np.ndarray = field(repr=False)
    mean: np.ndarray = field(repr=False)

    @cached_property
    def mean_at_death(self) -> np.ndarray:
        """Mean covariates of the risk set, averaged over the steps of each event time: (m, p)."""
        return self.sets.by_event(self.mean) / self.sets.deaths[:, None]

    def score(self, g: np.ndarray | None = None) -> np.ndarray:
        """Return the score (p,); ``g`` (m,) weights the event times."""
        sets = self.sets
        observed = sets.of_the_dying(sets.weights[:, None] * self.x)
        expected = (sets.deaths * sets.mean_weight)[:, None] * self.mean_at_death
        return (observed - expected).sum(axis=0) if g is None else g @ (observed - expected)

    def information(self, g: np.ndarray | None = None) -> np.ndarray:
        """Return the observed information (p, p).

        The sum over risk sets of sum(w r x x')/sum(w r) is taken by rows, as x' diag(w r H) x with H the
        hazard that each row met: one matrix product, and no array of m times p times p.
        """
        sets = self.sets
        g_step = 1.0 if g is None else g[sets.step]
        met = self.cumulative(self.hazard * g_step)
        second = (self.x * (sets.weights * self.risk * met)[:, None]).T @ self.x
        return second - (self.mean * (sets.mean_weight[sets.step] * g_step)[:, None]).T @ self.mean

    def cumulative(self, steps: np.ndarray) -> np.ndarray:
        """Add (d,) or (d, k) over the steps that each row met; who dies leaves during its last ones."""
        sets = self.sets
        total = sets.while_at_risk(sets.by_event(steps))
        gone = sets.gone if steps.ndim == 1 else sets.gone[:, None]
        total[sets.died] -= sets.by_event(gone * steps)[sets.event]
        return total

    def score_residuals(self, g: np.ndarray | None = None) -> np.ndarray:
        """Return each row's part of the score (n, p): the derivative of the score by the row's weight."""
        sets = self.sets
        g_step = np.ones(len(sets.step)) if g is None else g[sets.step]
        hazard = self.hazard * g_step
        expected = self.x * self.cumulative(hazard)[:, None] - self.cumulative(hazard[:, None] * self.mean)
        residuals = -self.risk[:, None] * expected
        at_death = self.x[sets.died] - self.mean_at_death[sets.event]
        residuals[sets.died] += at_death if g is None else g[sets.event][:, None] * at_death
        return residuals


def moments(sets: RiskSets, x: np.ndarray, beta: np.ndarray) -> Moments:
    """Evaluate the partial likelihood at ``beta``."""
    eta = x @ beta
    shift = eta.max(initial=0.0)
    risk = np.exp(eta - shift)
    weighted = sets.weights * risk
    gone = sets.gone
    total = sets.at_risk(weighted)[sets.step] - gone * sets.of_the_dying(weighted)[sets.step]
    first = weighted[:, None] * x
    mean = sets.at_risk(first)[sets.step] - gone[:, None] * sets.of_the_dying(first)[sets.step]
    step_weight = sets.mean_weight[sets.step]
    with np.errstate(divide="ignore", invalid="ignore"):  # a risk that vanishes: ``fit_cox`` says so
        mean /= total[:, None]
        log_likelihood = (sets.weights * (eta - shift))[sets.died].sum() - step_weight @ np.log(total)
        hazard = step_weight / total
    return Moments(sets, x, risk, float(shift), float(log_likelihood), hazard, mean)


@dataclass(frozen=True, eq=False)
class CoxFit:
    """The maximum: ``beta`` (p,), its inverse information, the moments there, and ``centre`` taken off x."""

    beta: np.ndarray
    inverse: np.ndarray = field(repr=False)
    at: Moments = field(repr=False)
    centre: np.ndarray = field(repr=False)
    null_log_likelihood: float

    def influence(self, weighted: bool = True) -> np.ndarray:
        """Return the weighted influence of each row on ``beta`` (n, p): R's ``dfbeta``."""
        residuals = self.at.score_residuals() @ self.inverse
        return residuals * self.at.sets.weights[:, None] if weighted else residuals


def fit_cox(sets: RiskSets, x: np.ndarray, terms: list[str], start: np.ndarray | None = None) -> CoxFit:
    """Maximise the partial likelihood by Newton's method with step halving.

    Raises ``EstimationError`` where there is no maximum (monotone likelihood), naming the term that runs
    away.
    """
    centre = np.average(x, axis=0, weights=sets.weights)
    x = x - centre
    spread = np.sqrt(np.average(x**2, axis=0, weights=sets.weights))
    beta = np.zeros(x.shape[1]) if start is None else start.astype(float)
    null = moments(sets, x, np.zeros(x.shape[1])).log_likelihood
    if not np.isfinite(null):
        raise EstimationError(
            "some who die weigh so little beside the others at risk that double precision loses them: "
            "look at the weights, which differ by more than fifteen orders of magnitude"
        )
    at = moments(sets, x, beta)
    for _ in range(MAX_ITERATIONS):
        step = _newton_step(at, beta, spread, terms)
        beta, at = _uphill(at, beta, step)
        if np.max(np.abs(step) * spread, initial=0.0) < STEP_TOLERANCE:
            return CoxFit(beta, _inverse(at), at, centre, null)
    raise EstimationError(_runaway_message(beta * spread, terms))


def _newton_step(at: Moments, beta: np.ndarray, spread: np.ndarray, terms: list[str]) -> np.ndarray:
    """Return the next step; a flat or endless likelihood is an error that names its term."""
    if np.max(np.abs(beta) * spread, initial=0.0) > RUNAWAY:
        raise EstimationError(_runaway_message(beta * spread, terms))
    try:
        return np.linalg.solve(at.information(), at.score())
    except np.linalg.LinAlgError:
        raise EstimationError(_runaway_message(beta * spread, terms)) from None


def _uphill(at: Moments, beta: np.ndarray, step: np.ndarray) -> tuple[np.ndarray, Moments]:
    """Take the step, halved until the likelihood does not fall by more than rounding."""
    floor = at.log_likelihood - 1e-12 * abs(at.log_likelihood)
    for _ in range(MAX_ITERATIONS):
        new = moments(at.sets, at.x, beta + step)
        if new.log_likelihood >= floor:
            return beta + step, new
        step = step / 2
    return beta, at


def _inverse(at: Moments) -> np.ndarray:
    inverse = np.linalg.inv(at.information())
    return (inverse + inverse.T) / 2


def _runaway_message(standardised: np.ndarray, terms: list[str]) -> str:
    worst = terms[int(np.argmax(np.abs(standardised)))]
    return (
        f"the partial likelihood has no maximum: the coefficient of {worst!r} grows without end, because the "
        "covariate orders the deaths perfectly. Leave the term out, or merge its levels with few deaths"
    )
