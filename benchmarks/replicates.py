"""500 bootstrap replicates: prevalence of 240 domains, and what the replicates themselves need."""

from __future__ import annotations

import lonely_analysis as la
from benchmarks import peers
from benchmarks.data import files, survey
from benchmarks.timing import Row, best, peak_bytes

REPLICATES = 500


def rows(n: int) -> list[Row]:
    paths = files(n)
    design = la.SurveyDesign(survey(n), weight="weight", stratum="stratum", psu="psu")
    made = la.replicates(design, n=REPLICATES, seed=1)

    def domains() -> object:
        return la.prevalence(design, "lonely", by=["country", "age"], replicates=made)

    times = {
        "R": peers.r("replicates", paths["csv"], REPLICATES),
        "svy": peers.svy("replicates", paths["parquet"], REPLICATES),
    }
    making = Row(
        f"making {REPLICATES} replicates, {n:,} rows", best(lambda: la.replicates(design, REPLICATES))
    )
    making.memory = peak_bytes(lambda: la.replicates(design, REPLICATES)) / n
    name = f"{REPLICATES} replicates, 240 domains, {n:,} rows"
    return [Row(name, best(domains), times, {"R": 500, "svy": 4}), making]
