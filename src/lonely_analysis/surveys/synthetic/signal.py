"""Loneliness as a signal: a theory written as arithmetic, and what follows from it.

No estimator and no data: everything here follows from the assumptions below. Vocabulary: the *need* is the
contact that a person wants (the set point); the *deficit* is the need less the contact; the *signal* is the
loneliness that the deficit makes one feel; *seeking* is what the signal makes one do; *arenas* are the
places in which seeking finds somebody. A *spell* is an unbroken run of lonely days.

Each day, for a person with deficit D, in units of a typical person's need:

    signal    S = sensitivity D
    seeking   Q = DRIVE S / (1 + (withdrawal S)²)
    deficit   D' = min(need, D - min(D, arenas Q) + loss)

Without withdrawal Q grows with S and a deficit shrinks by the same share each day, as in a room whose heating
answers to its temperature. With withdrawal Q is largest at S = 1/withdrawal, and falls when the signal is
stronger. The three ideas (a deficit, a signal that makes people seek company, a signal that fails) are those
of Qualter et al. 2015, Perspectives on Psychological Science 10:250-264; the arithmetic is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.results import Estimates, Result

#: Figures mark what begins with "synthetic", and no verdict may rest on it.
SOURCE = "synthetic model"
#: Share of a deficit that a day restores at sensitivity 1 and arenas 1, which is half in 23 days. Assumed.
DRIVE = 0.03
#: A day is lonely from this signal on: half a typical need is missing, at sensitivity 1. Assumed.
THRESHOLD = 0.5
#: Lost ties a year, and the mean share of a typical need that each takes away. Assumed.
LOSSES_PER_YEAR = 2.0
MEAN_LOSS = 0.5
#: Spread (standard deviation of the logarithm) of needs and of sensitivities between people. Assumed.
SPREAD = 0.25
DAYS_A_YEAR = 365
MEASURES = ("never", "situational", "persistent", "lonely_days", "unmet_days")


@dataclass(frozen=True)
class Signal:
    """How strongly a deficit is felt, how far a strong signal holds back, how many arenas there are."""

    sensitivity: float = 1.0
    withdrawal: float = 0.0
    arenas: float = 1.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (np.isfinite(value) and value >= 0):
                raise DataError(f"{name}={value} must be a number of at least 0")

    def vary(self, **values: Sequence[float]) -> dict[str, Signal]:
        """Return every combination of ``values``, named by them, as in ``vary(arenas=[0, 1])``."""
        unknown = sorted(set(values) - set(vars(self)))
        if unknown:
            raise DataError(f"no parameter {unknown[0]!r}; there are: {', '.join(vars(self))}")
        cells = [dict(zip(values, cell, strict=True)) for cell in product(*values.values())]
        return {", ".join(f"{k} {v:g}" for k, v in cell.items()): replace(self, **cell) for cell in cells}


@dataclass(frozen=True, kw_only=True, eq=False)
class SignalRun(Result):
    """One row a scenario: its parameters, the five ``MEASURES``, ``median_spell`` in days, and ``n`` people.

    ``median_spell`` is missing where nobody had a spell. ``people`` holds the measures of each invented
    person, scenarios beneath each other.
    """

    people: pd.DataFrame

    def measure(self, name: str) -> Estimates:
        """Return one measure a scenario: ``estimate, se, n``, where ``se`` is what ``n`` people leave."""
        if name not in MEASURES:
            raise DataError(f"no measure {name!r}; there are: {', '.join(MEASURES)}")
        table = self.table[["scenario", "sensitivity", "withdrawal", "arenas"]]
        own = self.people.groupby("scenario")[name].agg(["mean", "std", "size"]).loc[table["scenario"]]
        mean, sd, n = own.to_numpy().T
        table = table.assign(estimate=mean, se=sd / np.sqrt(n), n=n.astype(int))
        kind = {"by": ("scenario",), "statistic": "prevalence"}
        return Estimates(table=table, source=self.source, outcome=name, **kind)


def simulate_signal(
    scenarios: Mapping[str, Signal],
    *,
    n: int = 1000,
    years: float = 2,
    long_spell: int = 180,
    seed: int = 1,
) -> SignalRun:
    """Let the same ``n`` invented people lose the same ties in every scenario, and count their lonely days.

    Everybody starts without a deficit. Ties are lost at random (``LOSSES_PER_YEAR``, exponential sizes).
    *Persistent* is the share of people with a spell of at least ``long_spell`` days, *situational* the share
    with shorter spells only; a spell that runs at the end counts with the days seen. ``lonely_days`` is the
    share of days with a signal of at least ``THRESHOLD``, ``unmet_days`` that of days with a deficit of at
    least ``THRESHOLD``, felt or not. All are shares of one; no survey stands behind any of them.

    More arenas never make a day lonely, because D - min(D, arenas Q) falls in arenas and grows in D for every
    sensitivity and withdrawal; so ``persistent`` never rises with arenas at the same seed.
    """
    if not scenarios or n < 2 or years <= 0 or long_spell < 1:
        raise DataError("simulate_signal needs scenarios, two or more people, some time and long_spell >= 1")
    days = round(years * DAYS_A_YEAR)
    needs, felt, losses = _draw(n, days, seed)
    columns = _columns(scenarios)
    lonely = np.empty((days, len(scenarios), n), dtype=bool)
    unmet = np.zeros((len(scenarios), n))
    deficit = np.zeros((len(scenarios), n))
    for day in range(days):
        signal = columns["sensitivity"] * felt * deficit
        lonely[day] = signal >= THRESHOLD
        unmet += deficit >= THRESHOLD
        deficit = np.minimum(needs, _after_seeking(deficit, signal, columns) + losses[day])
    return _summary(scenarios, lonely, unmet / days, long_spell)


def lost_tie(
    scenarios: Mapping[str, Signal], *, loss: float = 1.0, weeks: int = 52, every: int = 4
) -> Estimates:
    """Follow the signal of one typical person who loses ``loss`` of the need on day 0, and nothing after.

    Returns one row a scenario and week (every ``every`` weeks): ``estimate`` is the signal at the end of that
    week. Without withdrawal it is sensitivity loss (1 - arenas DRIVE sensitivity)^days.
    """
    if not scenarios or not 0 <= loss <= 1 or weeks < 1 or every < 1:
        raise DataError("lost_tie needs scenarios, a loss from 0 to 1, and weeks and every of at least 1")
    columns = _columns(scenarios)
    deficit = np.full((len(scenarios), 1), float(loss))
    rows = []
    for day in range(7 * weeks + 1):
        signal = columns["sensitivity"] * deficit
        if day % (7 * every) == 0:
            rows += [(name, day // 7, s) for name, s in zip(scenarios, signal[:, 0], strict=True)]
        deficit = _after_seeking(deficit, signal, columns)
    table = pd.DataFrame(rows, columns=["scenario", "week", "estimate"])
    return Estimates(table=table, source=SOURCE, outcome="signal", by=("week", "scenario"))


def _after_seeking(deficit: np.ndarray, signal: np.ndarray, columns: dict[str, np.ndarray]) -> np.ndarray:
    seeking = DRIVE * signal / (1 + (columns["withdrawal"] * signal) ** 2)
    return deficit - np.minimum(deficit, columns["arenas"] * seeking)


def _columns(scenarios: Mapping[str, Signal]) -> dict[str, np.ndarray]:
    """Return each parameter as a column, scenarios down, so that it meets people across."""
    names = ("sensitivity", "withdrawal", "arenas")
    return {name: np.array([[getattr(s, name)] for s in scenarios.values()], dtype=float) for name in names}


def _draw(n: int, days: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return needs, personal sensitivities, and the losses of each day: all that is left to chance."""
    rng = np.random.default_rng(seed)
    needs, felt = np.exp(rng.normal(0, SPREAD, (2, n)))
    lost = rng.random((days, n)) < LOSSES_PER_YEAR / DAYS_A_YEAR
    losses = np.zeros((days, n))
    losses[lost] = rng.exponential(MEAN_LOSS, lost.sum())
    return needs, felt, losses


def spells(lonely: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the column and the length of each run of true values down the columns of (days, columns)."""
    none = np.zeros((1, lonely.shape[1]), dtype=np.int8)
    change = np.diff(np.vstack([none, lonely.astype(np.int8), none]), axis=0).T
    column, start = np.nonzero(change == 1)
    return column, np.nonzero(change == -1)[1] - start


def _summary(
    scenarios: Mapping[str, Signal], lonely: np.ndarray, unmet: np.ndarray, long_spell: int
) -> SignalRun:
    days, kinds, n = lonely.shape
    column, length = spells(lonely.reshape(days, kinds * n))
    longest = np.zeros(kinds * n, dtype=int)
    np.maximum.at(longest, column, length)
    measures = {
        "never": longest == 0,
        "situational": (longest > 0) & (longest < long_spell),
        "persistent": longest >= long_spell,
        "lonely_days": lonely.mean(axis=0).ravel(),
        "unmet_days": unmet.ravel(),
    }
    people = pd.DataFrame({"scenario": np.repeat(list(scenarios), n), **measures})
    table = pd.DataFrame([{"scenario": name, **vars(signal)} for name, signal in scenarios.items()])
    shares = people.groupby("scenario", sort=False)[list(MEASURES)].mean().reset_index(drop=True)
    spell = pd.Series(length, index=column // n).groupby(level=0).median().reindex(range(kinds))
    table = pd.concat([table, shares.astype(float)], axis=1).assign(median_spell=spell.to_numpy(), n=n)
    return SignalRun(table=table, source=SOURCE, people=people)
