"""Logistic and modified Poisson regression, 12 coefficients: design covariance, and replicate refits."""

from __future__ import annotations

from collections.abc import Iterator

import lonely_analysis as la
from benchmarks import peers
from benchmarks.data import files, survey
from benchmarks.timing import Row, best, peak_bytes

REPLICATES, R_SHARE = 500, 10
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


def replicate_rows(n: int) -> Iterator[Row]:
    """500 full refits; R does a tenth of them, and its time is multiplied by ten."""
    design = la.SurveyDesign(survey(n), weight="weight", stratum="stratum", psu="psu")
    made = la.replicates(design, n=REPLICATES, seed=1)

    def fit() -> object:
        return la.regress(design, "lonely ~ C(age) + C(sex) + income", replicates=made)

    seconds = peers.r("refits", files(n)["csv"], REPLICATES // R_SHARE)
    times = {"R": seconds * R_SHARE if isinstance(seconds, float) else seconds}
    row = Row(f"{REPLICATES} replicate logistic fits, {n:,} rows", best(fit), times, {"R": 30})
    row.memory, row.memory_goal = peak_bytes(fit) / n, 600
    yield row
