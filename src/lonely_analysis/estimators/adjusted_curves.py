"""Survival curves of a Cox model, averaged over a sample in which one variable was set.

S(t) = sum_i w_i exp(-H(t) exp(x_i beta)) / sum_i w_i, with H the baseline hazard added up to t (Efron's form,
as R ``survfit.coxph``) and x_i the covariates with one variable changed. A row moves S in three ways: it is
one of those averaged over, and it moves H and beta.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from lonely_analysis.estimators.cox import CoxFit


class Baseline:
    """The baseline hazard of a fit, for covariates centred as in the fit, and how each row moves it."""

    def __init__(self, fit: CoxFit) -> None:
        at = fit.at
        self.fit = fit
        self.hazard = at.sets.by_event(at.hazard)
        self._by_beta = -at.sets.by_event(at.hazard[:, None] * at.mean)
        step_weight = at.sets.mean_weight[at.sets.step]
        # The hazard of a step is (mean weight of the dying) / (weighted risk of the others and the dying).
        self._dying = self.hazard / at.sets.mean_weight / at.sets.deaths
        self._staying = at.hazard**2 / step_weight

    def hazard_until(self, time: float) -> float:
        """Return H(time)."""
        m = np.searchsorted(self.fit.at.sets.times, time, side="right")
        return float(self.hazard[:m].sum() * np.exp(-self.fit.at.shift))

    def until(self, time: float) -> tuple[float, np.ndarray, np.ndarray]:
        """Return H(time), its derivative by beta (p,), and by each row's weight at fixed beta (n,)."""
        at, sets = self.fit.at, self.fit.at.sets
        m = np.searchsorted(sets.times, time, side="right")
        by_row = -at.risk * at.cumulative(np.where(sets.step < m, self._staying, 0.0))
        by_row[sets.died] += np.where(sets.event < m, self._dying[sets.event], 0.0)
        # ``hazard`` belongs to risks divided by exp(shift).
        scale = np.exp(-at.shift)
        return self.hazard_until(time), self._by_beta[:m].sum(axis=0) * scale, by_row * scale


class AdjustedCurve:
    """S averaged over covariates ``x`` (n, p), centred as in the fit."""

    def __init__(self, fit: CoxFit, baseline: Baseline, x: np.ndarray) -> None:
        self.fit, self.baseline, self.x = fit, baseline, x
        self._risk = np.exp(x @ fit.beta)

    @cached_property
    def _on_beta(self) -> np.ndarray:
        return self.fit.influence(weighted=False)

    def survival(self, times: np.ndarray) -> np.ndarray:
        """Return S at ``times``."""
        share = self.fit.at.sets.weights / self.fit.at.sets.weights.sum()
        return np.array([share @ np.exp(-self.baseline.hazard_until(time) * self._risk) for time in times])

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return S at ``times`` and the influence (n, len(times)) of each row on log S, not yet weighted."""
        survival, influence = zip(*(self._at(time) for time in times), strict=True)
        return np.array(survival), np.stack(influence, axis=1)

    def _at(self, time: float) -> tuple[float, np.ndarray]:
        total = self.fit.at.sets.weights.sum()
        weights = self.fit.at.sets.weights / total
        hazard, by_beta, by_row = self.baseline.until(time)
        alive = np.exp(-hazard * self._risk)
        slope = -weights * alive * self._risk
        survival = weights @ alive
        # Through beta, H changes and so do the relative risks.
        along_beta = slope.sum() * by_beta + hazard * (slope @ self.x)
        influence = (alive - survival) / total + slope.sum() * by_row + self._on_beta @ along_beta
        return survival, influence / survival
