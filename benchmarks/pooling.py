"""Random-effects meta-analyses of 148 studies by REML with Knapp-Hartung, as many as a simulation needs."""

from __future__ import annotations

import numpy as np

import lonely_analysis as la
from benchmarks import peers
from benchmarks.timing import Row, best

STUDIES = 148


def rows(sets: int) -> list[Row]:
    rng = np.random.default_rng(1)
    vi = rng.chisquare(4, (sets, STUDIES)) / 100 + 0.001
    yi = rng.normal(0.3, np.sqrt(vi + 0.05))
    # metafor and PyMARE's REML pool one set at a time, so their time is that of a loop.
    times = {"R": peers.r("pool", sets), "PyMARE": peers.pymare(sets, STUDIES)}
    task = f"{sets:,} meta-analyses of {STUDIES} studies (metafor)"
    return [Row(task, best(lambda: la.pool_many(yi, vi)), times, {"R": 400, "PyMARE": 50})]
