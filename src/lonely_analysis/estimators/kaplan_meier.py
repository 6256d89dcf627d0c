"""The weighted Kaplan-Meier curve of one group, and what each row does to it.

At an event time d/N is the weighted share of those at risk who die. S = prod(1 - d/N) is the *product limit*,
exp(-sum d/N) the *Nelson-Aalen* form. The influence of a row on -log S is the sum over times of
(dies - at risk * d/N) / N, over 1 - d/N for the product limit (Williams 1995, Biometrics 51:1345-1356).
"""

from __future__ import annotations

import numpy as np

from lonely_analysis.estimators.risk_sets import RiskSets


class KaplanMeier:
    """A curve at the times of death; ``nelson_aalen`` chooses the form."""

    def __init__(self, sets: RiskSets, *, nelson_aalen: bool = False) -> None:
        self.sets = sets
        at_risk = sets.at_risk(sets.weights)
        share = sets.of_the_dying(sets.weights) / at_risk
        # Rounding may leave the last share a digit above 1, where everybody at risk has died.
        share = np.where(share > 1 - 1e-12, 1.0, share)
        with np.errstate(divide="ignore"):
            self.log_survival = np.cumsum(-share if nelson_aalen else np.log1p(-share))
        lived = np.ones_like(share) if nelson_aalen else 1 - share
        self._dying = np.divide(1.0, at_risk * lived, out=np.full_like(share, np.nan), where=lived > 0)
        self._staying = self._dying * share

    def survival(self, times: np.ndarray) -> np.ndarray:
        """Return S at ``times``."""
        until = np.searchsorted(self.sets.times, times, side="right")
        return np.exp(np.append(0.0, self.log_survival)[until])

    def at(self, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return S at ``times`` and the influence (n, len(times)) of each row on log S, not yet weighted.

        The influence is NaN where S is 0.
        """
        sets = self.sets
        until = np.searchsorted(sets.times, times, side="right")
        staying = np.append(0.0, np.cumsum(self._staying))
        influence = staying[np.minimum(sets.last[:, None], until)]
        if sets.first is not None:
            influence -= staying[np.minimum(sets.first[:, None], until)]
        died = sets.event[:, None] < until
        influence[sets.died] -= np.where(died, self._dying[sets.event][:, None], 0.0)
        return self.survival(times), influence
