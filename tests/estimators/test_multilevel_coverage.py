"""Do 95 % intervals of multilevel models cover? Samples from the models themselves, 100 groups of 15."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

SAMPLES = 2000
GROUPS, SIZE = 100, 15
FIXED = np.array([-0.5, 0.6, 0.4])
SD = 0.8


def draw(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    group = np.repeat(np.arange(GROUPS), SIZE)
    x, z = rng.normal(size=len(group)), rng.normal(size=GROUPS)[group]
    mean = FIXED[0] + FIXED[1] * x + FIXED[2] * z + SD * rng.normal(size=GROUPS)[group]
    return pd.DataFrame({"g": group, "x": x, "z": z}), mean


def covers(table: pd.DataFrame, truth: np.ndarray) -> np.ndarray:
    return (table["ci_low"] <= truth).to_numpy() & (truth <= table["ci_high"]).to_numpy()


@pytest.mark.slow
def test_intervals_of_a_linear_model_cover(record_property) -> None:
    rng, hits = np.random.default_rng(20_261_125), np.zeros(6)
    for _ in range(SAMPLES):
        frame, mean = draw(rng)
        model = la.mixed(frame.assign(y=mean + rng.normal(size=len(mean))), "y ~ x + z", "g")
        parts = covers(model.parts, np.array([SD, 1.0, SD**2 / (SD**2 + 1)]))
        hits += np.concatenate([covers(model.table, FIXED), parts])
    found = {"fixed effects": hits[:3], "standard deviations and ICC": hits[3:]}
    record_property("covers", {f"linear mixed model, {k}": min(v) / SAMPLES for k, v in found.items()})
    assert (abs(hits / SAMPLES - 0.95) <= 0.015).all(), hits / SAMPLES


@pytest.mark.slow
def test_intervals_of_a_logistic_model_cover(record_property) -> None:
    rng, hits = np.random.default_rng(20_261_126), np.zeros(4)
    for _ in range(SAMPLES):
        frame, mean = draw(rng)
        frame["y"] = rng.random(len(mean)) < 1 / (1 + np.exp(-mean))
        model = la.mixed(frame, "y ~ x + z", "g", family="logistic")
        hits += [*covers(model.table, FIXED), covers(model.parts[:1], np.array([SD]))[0]]
    found = {"fixed effects": hits[:3], "standard deviation": hits[3:]}
    record_property("covers", {f"logistic mixed model, {k}": min(v) / SAMPLES for k, v in found.items()})
    assert (abs(hits / SAMPLES - 0.95) <= 0.015).all(), hits / SAMPLES
