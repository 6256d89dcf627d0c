"""Runs in the peers' environment: prints the seconds that PyMARE needs for many REML meta-analyses.

A hundredth of the sets is pooled and the time multiplied: the loop is long and each set costs the same.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from pymare import Dataset
from pymare.estimators import VarianceBasedLikelihoodEstimator

SHARE = 100


def main(sets: int, studies: int) -> float:
    rng = np.random.default_rng(1)
    some = max(sets // SHARE, 20)
    tables = []
    for _ in range(some):
        v = rng.chisquare(4, (studies, 1)) / 100 + 0.001
        tables.append(Dataset(rng.normal(0.3, np.sqrt(v + 0.05)), v))
    reml = VarianceBasedLikelihoodEstimator(method="REML")
    started = time.perf_counter()
    for table in tables:
        reml.fit_dataset(table).summary().get_fe_stats()
    return (time.perf_counter() - started) * sets / some


print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
