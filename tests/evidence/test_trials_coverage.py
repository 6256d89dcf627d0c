"""How often the interval of a trial, from its variance, holds the true standardised difference."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated_studies import holds

import lonely_analysis as la

TRIALS = 20_000
#: Points before and after in each arm, standard deviations, and the correlation between the measurements.
BEFORE, AFTER = 45.0, {"treat": 41.0, "control": 44.0}
SD, R = 10.0, 0.5
#: What an analyst assumes who was not told the correlation: nearer to 1, the spread of changes is too small.
GUESSED = 0.8


@pytest.mark.slow
@pytest.mark.parametrize("n", [15, 60])
def test_the_interval_of_a_trial_covers_unless_its_correlation_was_guessed(n, record_property):
    table = printed(np.random.default_rng(20_261_231), n)
    spread = np.sqrt(2 * SD**2 * (1 - R))
    change = ((AFTER["treat"] - BEFORE) - (AFTER["control"] - BEFORE)) / spread
    after = (AFTER["treat"] - AFTER["control"]) / SD
    shares = {
        f"standardised change, {n} persons an arm": held(la.trial_effects(table), change),
        f"difference afterwards, {n} persons an arm": held(la.trial_effects(table, measure="after"), after),
    }
    guessed = held(la.trial_effects(table, GUESSED), change)
    record_property("covers", shares)
    record_property("limits", {f"standardised change, {n} persons an arm, correlation guessed": guessed})
    assert all(0.935 < share < 0.965 for share in shares.values()), shares
    assert 0.65 < guessed < 0.85


def printed(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Draw trials person by person and return what their reports print."""
    table = pd.DataFrame({"id": np.arange(TRIALS), "study": "simulated"})
    for arm, mean in AFTER.items():
        pre = rng.normal(BEFORE, SD, (TRIALS, n))
        post = rng.normal(mean + R * (pre - BEFORE), SD * np.sqrt(1 - R**2))
        sds = {"pre": pre.std(axis=1, ddof=1), "post": post.std(axis=1, ddof=1)}
        centred = (pre - pre.mean(axis=1, keepdims=True)) * (post - post.mean(axis=1, keepdims=True))
        both = {"r_prepost": centred.sum(axis=1) / (n - 1) / (sds["pre"] * sds["post"]), "n": n}
        means = {"pre_mean": pre.mean(axis=1), "post_mean": post.mean(axis=1)}
        columns = means | {f"{name}_sd": sd for name, sd in sds.items()} | both
        table = table.assign(**{f"{name}_{arm}": values for name, values in columns.items()})
    return table


def held(effects: pd.DataFrame, truth: float) -> float:
    """Return the share of trials whose interval, as a pool draws it, holds the truth."""
    studies = la.pool(effects["yi"], effects["vi"], method="FE", test="z").studies
    return float(holds(studies, truth).mean())
