"""Studies of known mean and spread, drawn for simulations of coverage, and which of them get published."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: True mean of the studies' effects, and the range of their sampling variances.
MEAN = 0.3
VARIANCES = (0.01, 0.1)
#: Small-study methods want studies of varied size.
VARIED = (0.01, 0.2)


def draw(
    rng: np.random.Generator,
    shape: int | tuple[int, ...],
    tau2: float,
    variances: tuple[float, float] = VARIANCES,
) -> tuple[np.ndarray, np.ndarray]:
    """Return effects around ``MEAN`` and their sampling variances, all studies being published."""
    v = rng.uniform(*variances, shape)
    return rng.normal(MEAN, np.sqrt(v + tau2)), v


def published(rng: np.random.Generator, k: int, tau2: float, kept: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the first ``k`` studies that are published: of those without a significant gain, ``kept``."""
    y, v = draw(rng, int(5 * k / kept), tau2, VARIED)
    chosen = np.flatnonzero((y > 1.959964 * np.sqrt(v)) | (rng.random(len(y)) < kept))[:k]
    assert len(chosen) == k
    return y[chosen], v[chosen]


def holds(table: pd.DataFrame, truth: float | np.ndarray, interval: str = "ci") -> np.ndarray:
    """Say in which rows the interval holds the truth."""
    low, high = (table[f"{interval}_{end}"].to_numpy(float) for end in ("low", "high"))
    return (low <= truth) & (truth <= high)
