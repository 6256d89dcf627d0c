"""Who is at risk of dying when, and the sums over them that Cox's model and survival curves are made of.

A *risk set* is who is followed at an event time and has not left before it: entry < t <= exit. Tied deaths
follow Efron (1977, J Am Stat Assoc 72:557-565): d deaths at one time are taken as d *steps*, and at step k =
0..d-1 the share k/d of the dying has already left the risk set. Shapes: n rows, m distinct event times, d
deaths (= steps).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class RiskSets:
    """Who is at risk when, and who dies; ``first`` and ``last`` count event times up to entry and to exit."""

    times: np.ndarray
    first: np.ndarray | None
    last: np.ndarray
    died: np.ndarray
    weights: np.ndarray

    @cached_property
    def m(self) -> int:
        """Number of distinct event times."""
        return len(self.times)

    @cached_property
    def event(self) -> np.ndarray:
        """For each death, the index of its event time."""
        return self.last[self.died] - 1

    @cached_property
    def deaths(self) -> np.ndarray:
        """Deaths (rows) at each event time."""
        return np.bincount(self.event, minlength=self.m)

    @cached_property
    def mean_weight(self) -> np.ndarray:
        """Mean weight of the dying at each event time."""
        return np.bincount(self.event, self.weights[self.died], self.m) / self.deaths

    @cached_property
    def step(self) -> np.ndarray:
        """For each step, the index of its event time."""
        return np.repeat(np.arange(self.m), self.deaths)

    @cached_property
    def step_start(self) -> np.ndarray:
        """The first step of each event time."""
        return np.concatenate(([0], np.cumsum(self.deaths)[:-1]))

    @cached_property
    def gone(self) -> np.ndarray:
        """For each step, the share of the dying that has left the risk set."""
        return (np.arange(len(self.step)) - self.step_start[self.step]) / self.deaths[self.step]

    def at_risk(self, values: np.ndarray) -> np.ndarray:
        """Add ``values`` (n,) or (n, k) over each risk set: (m,) or (m, k)."""
        later = _from_the_end(self.last, values, self.m)[1:]
        if self.first is None:
            return later
        return later - _from_the_end(self.first, values, self.m)[1:]

    def of_the_dying(self, values: np.ndarray) -> np.ndarray:
        """Add ``values`` (n,) or (n, k) over the dying at each event time."""
        return _sums(self.event, values[self.died], self.m)

    def by_event(self, steps: np.ndarray) -> np.ndarray:
        """Add (d,) or (d, k) over the steps of each event time."""
        return np.add.reduceat(steps, self.step_start, axis=0)

    def while_at_risk(self, values: np.ndarray) -> np.ndarray:
        """Add ``values`` (m,) or (m, k) over the event times at which each row is at risk: (n,) or (n, k)."""
        total = np.concatenate((np.zeros((1, *values.shape[1:])), np.cumsum(values, axis=0)))
        return total[self.last] - (0.0 if self.first is None else total[self.first])


def risk_sets(
    time: np.ndarray, died: np.ndarray, weights: np.ndarray, entry: np.ndarray | None = None
) -> RiskSets:
    """Code times for ``RiskSets``; all rows have a weight above 0."""
    times = np.unique(time[died])
    first = None if entry is None else np.searchsorted(times, entry, side="right")
    return RiskSets(times, first, np.searchsorted(times, time, side="right"), died, weights)


def _sums(groups: np.ndarray, values: np.ndarray, size: int) -> np.ndarray:
    if values.ndim == 1:
        return np.bincount(groups, values, size)
    return np.stack([np.bincount(groups, column, size) for column in values.T], axis=1)


def _from_the_end(groups: np.ndarray, values: np.ndarray, m: int) -> np.ndarray:
    """Add rows whose group is j or later; from the end, so that small late risk sets keep their digits."""
    return np.cumsum(_sums(groups, values, m + 1)[::-1], axis=0)[::-1]
