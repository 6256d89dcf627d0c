"""Logistic and modified Poisson regression with 12 coefficients and the design's covariance."""

from __future__ import annotations

from collections.abc import Iterator

import lonely_analysis as la
from benchmarks import peers
from benchmarks.data import files, survey
from benchmarks.timing import Row, best, peak_bytes

GOALS = {"logistic": {"R": 10, "svy": 1.8}, "poisson": {"R": 20, "svy": 2.5}}


def rows(n: int) -> Iterator[Row]:
    paths = files(n)
    design = la.SurveyDesign(survey(n), weight="weight", stratum="stratum", psu="psu")
    for family, goals in GOALS.items():

        def fit(family: str = family) -> object:
            return la.regress(design, "lonely ~ C(age) + C(sex) + income", family=family)

        times = {"R": peers.r(family, paths["csv"]), "svy": peers.svy(family, paths["parquet"])}
        row = Row(f"{family} regression, {n:,} rows", best(fit), times, goals)
        row.memory, row.memory_goal = peak_bytes(fit) / n, 130
        yield row
