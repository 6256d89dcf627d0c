"""The data and values of ``reference/survival_cox.json``, and small samples for invariants."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import lonely_analysis as la
from lonely_analysis.estimators.linearise import covariance
from lonely_analysis.estimators.psus import coded

FORMULA = "lonely + age + C(sex) + C(smoking)"
COLUMNS = {"time": "months", "event": "died"}


@cache
def reference() -> dict:
    """R survival 3.5.3 and survey 4.1.1 (``survival_cox.R``)."""
    return json.loads((Path(__file__).parents[1] / "reference" / "survival_cox.json").read_text())


def frame() -> pd.DataFrame:
    return pd.DataFrame(reference()["data"])


def design(data: pd.DataFrame | None = None) -> la.SurveyDesign:
    data = frame() if data is None else data
    return la.SurveyDesign(data, weight="weight", stratum="stratum", psu="psu")


def small_frame(seed: int, n: int = 60) -> pd.DataFrame:
    """Whole months, so that many deaths tie, with unequal weights, two strata and six PSUs."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    lonely = rng.integers(0, 2, n)
    life = rng.exponential(8 / np.exp(0.5 * x + 0.4 * lonely))
    end = rng.uniform(2, 12, n)
    return pd.DataFrame(
        {
            "x": x,
            "lonely": lonely,
            "months": np.floor(np.minimum(life, end)),
            "died": (life < end).astype(int),
            "entry": -rng.integers(1, 3, n) / 2,
            "weight": rng.uniform(0.3, 3, n),
            "stratum": np.arange(n) % 2,
            "psu": np.arange(n) % 6,
        }
    )


def numerical_covariance(data: pd.DataFrame, estimate: Callable[[la.SurveyDesign], np.ndarray]) -> np.ndarray:
    """The design covariance from derivatives of an estimate by each weight, taken by central differences."""
    step = 1e-5
    scores = []
    for row in range(len(data)):
        sides = []
        for side in (1 + step, 1 - step):
            moved = data.copy()
            moved.loc[row, "weight"] *= side
            sides.append(estimate(design(moved)))
        scores.append((sides[0] - sides[1]) / (2 * step))
    return covariance(coded(design(data)), np.array(scores))
