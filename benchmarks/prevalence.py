"""Prevalence of 240 domains and of everybody, the design given."""

from __future__ import annotations

from collections.abc import Iterator

import lonely_analysis as la
from benchmarks import peers
from benchmarks.data import files, survey
from benchmarks.timing import Row, best, peak_bytes

# From a quarter to half of what a bare kernel reached against R survey 4.1-1 and svy 0.35.
GOALS = {10_000: {"R": 40, "svy": 5}, 100_000: {"R": 130, "svy": 20}, 1_000_000: {"R": 130, "svy": 20}}


def rows(sizes: tuple[int, ...]) -> Iterator[Row]:
    for n in sizes:
        design = la.SurveyDesign(survey(n), weight="weight", stratum="stratum", psu="psu")
        paths = files(n)

        def domains(design: la.SurveyDesign = design) -> object:
            return la.prevalence(design, "lonely", by=["country", "age"])

        goal = GOALS.get(n, {})
        times = {"R": peers.r("domains", paths["csv"]), "svy": peers.svy("domains", paths["parquet"])}
        row = Row(f"prevalence, 240 domains, {n:,} rows", best(domains), times, goal)
        if n >= 1_000_000:
            row.memory, row.memory_goal = peak_bytes(domains) / n, 60
        yield row
        if n == max(sizes):
            yield _overall(design, paths, n)


def _overall(design: la.SurveyDesign, paths: dict[str, str], n: int) -> Row:
    def call() -> object:
        return la.prevalence(design, "lonely")

    times = {"R": peers.r("overall", paths["csv"]), "svy": peers.svy("overall", paths["parquet"])}
    goal = {"R": 8, "svy": 4}
    return Row(f"prevalence, overall, {n:,} rows", best(call), times, goal, peak_bytes(call) / n, 40)
