"""Each rule that is shipped, from both sides: made-up numbers just beyond and just short of its limits."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from lonely_analysis.evidence import rules
from lonely_analysis.evidence.claim_file import read_claims
from lonely_analysis.evidence.claim_types import Claim, Item
from lonely_analysis.evidence.claims import ledger
from lonely_analysis.evidence.evidence_base import Evidence, shipped_evidence
from lonely_analysis.evidence.findings import Finding, to_judged
from lonely_analysis.evidence.rules import ASSOCIATION, CONTRADICTED, MIXED, SUPPORTED, WEAK, judge
from lonely_analysis.files import data_file

CLAIMS = {claim.id: claim for claim in read_claims(data_file("claims.yml"))}
#: How far beyond and short of a limit the made-up numbers are, and half the length of their intervals.
STEP, HALF = 0.02, 0.001


@dataclass(frozen=True)
class MadeUp(Evidence):
    """Evidence that holds, for each item's name, a number on the judged scale."""

    numbers: dict | None = None

    def find(self, item: Item) -> Finding:
        value, scale = self.numbers[item.name]
        about = {"id": item.name, "what": "made up", "scale": scale, "grade": "A", "design": "experiment"}
        return Finding(
            value=value, low=value - HALF, high=value + HALF, source=item.name, year=2020, doi="", **about
        )


def judged(claim: Claim, *numbers: tuple[float, str]) -> str:
    """Judge a shipped rule on these numbers instead of its own evidence."""
    names = [f"n{place}" for place in range(len(numbers))]
    items = tuple(Item(name) for name in names)
    chain = claim.rule.judge == "chain"
    groups = (items,) if claim.rule.judge == "comparison" else tuple((item,) for item in items)
    other = replace(claim, evidence=groups if not chain else tuple((item,) for item in items))
    return judge(other, MadeUp({}, {}, numbers=dict(zip(names, numbers, strict=True)))).verdict


def of(*judges: str) -> list[Claim]:
    return [claim for claim in CLAIMS.values() if claim.rule.judge in judges]


def limits() -> list[tuple[Claim, str, float]]:
    """Every threshold of every rule that has one."""
    return [
        (claim, scale, to_judged(size, scale))
        for claim in of("effect", "chain")
        for scale, size in claim.rule.thresholds.items()
    ]


def best(claim: Claim) -> str:
    """The highest verdict that a claim's kind allows its results."""
    if not claim.rule.direct:
        return WEAK
    bound = claim.rule.association_only or claim.kind in ("association", "comparison")
    return ASSOCIATION if bound else SUPPORTED


@pytest.mark.parametrize(
    ("claim", "scale", "limit"), limits(), ids=lambda part: getattr(part, "id", str(part))
)
def test_each_threshold_parts_supported_from_weak_and_zero_parts_contradicted(claim, scale, limit):
    assert judged(claim, (limit * (1 + STEP), scale)) == best(claim)
    assert judged(claim, (limit * (1 - STEP), scale)) == WEAK
    assert judged(claim, (-limit, scale)) == CONTRADICTED


@pytest.mark.parametrize("claim", of("comparison"), ids=lambda claim: claim.id)
def test_each_comparison_is_parted_at_its_margin(claim):
    margin, base = float(np.log(claim.rule.margin)), 0.5
    inside, outside = margin * (1 - STEP), margin * (1 + STEP)

    def against(gap: float) -> str:
        return judged(claim, (base + gap, "ratio"), (base, "ratio"))

    if claim.rule.relation == "as strong":
        sides = {inside: best(claim), -inside: best(claim), outside: CONTRADICTED, -outside: CONTRADICTED}
    elif claim.rule.relation == "stronger":
        sides = {STEP: best(claim), -inside: "not supported as worded", -outside: CONTRADICTED}
    else:
        sides = {outside: best(claim), -outside: best(claim), inside - STEP: best(claim), 0.0: CONTRADICTED}
    assert {gap: against(gap) for gap in sides} == sides


@pytest.mark.parametrize("claim", of("level"), ids=lambda claim: claim.id)
def test_each_band_has_an_inside_and_an_outside(claim):
    scale = "correlation" if claim.rule.low < 0 else "share"
    low, high = (to_judged(limit, scale) for limit in (claim.rule.low, claim.rule.high))
    for value in (low + STEP, high - STEP):
        assert judged(claim, (value, scale)) == best(claim)
    for value in (low - STEP, high + STEP):
        assert judged(claim, (value, scale)) == CONTRADICTED


@pytest.mark.parametrize("claim", of("describe"), ids=lambda claim: claim.id)
def test_each_question_needs_its_number_of_answers(claim):
    enough = [(0.1 + place / 100, "share") for place in range(claim.rule.minimum_rows)]
    assert judged(claim, *enough) == "descriptive"
    assert judged(claim, *enough[1:]) == "no evidence found"


@pytest.mark.parametrize("claim", of("contrast"), ids=lambda claim: claim.id)
@pytest.mark.parametrize(
    ("moved", "expected"), [("all above", SUPPORTED), ("one below", MIXED), ("none", CONTRADICTED)]
)
def test_each_contrast_is_parted_at_its_quantile(claim, moved, expected):
    settings = dict(claim.evidence[0])
    others = claim.rule.minimum_countries
    group = settings["group"]
    bar = 100 * float(pd.Series(np.linspace(0.1, 0.5, others)).quantile(claim.rule.quantile))
    above = {"all above": len(group), "one below": len(group) - 1, "none": 0}[moved]
    inside = [bar + 1 if place < above else bar - 1 for place in range(len(group))]
    rows = pd.DataFrame(
        {
            "id": [f"{settings['rows_begin']}{place}" for place in range(others + len(group))],
            settings["name"]: [*(f"Other {place}" for place in range(others)), *group],
            settings["value"]: [*(100 * np.linspace(0.1, 0.5, others)), *inside],
            "grade": "A",
            "authors": "A",
            "year": 2020,
            "instrument": "i",
        }
    )
    found = judge(
        replace(claim, evidence=(settings,)), Evidence(tables={settings["table"]: rows}, real={})
    ).verdict
    assert found == expected


def test_every_claim_that_can_be_judged_is_tested_here():
    tested = {claim.id for claim in of("effect", "chain", "comparison", "level", "describe", "contrast")}
    assert tested | {claim.id for claim in of("theory")} == set(CLAIMS)


@pytest.mark.parametrize("moves", [(1, 1, 1), (-1, -1, -1), (1, 1, -1), (-1, -1, 1)])
def test_no_shipped_verdict_hangs_on_digits_in_which_machines_differ(moves, monkeypatch):
    """Every finding is moved by a billionth; a gap of nothing between equal printed numbers stays nothing."""
    right, judged_level = shipped_verdicts(), rules.level
    moved = []

    def level(rule, finding):
        numbers = (finding.value, finding.low, finding.high)
        value, low, high = (x + move * 1e-9 if x else x for x, move in zip(numbers, moves, strict=True))
        moved.append(finding.id)
        return judged_level(rule, replace(finding, value=value, low=low, high=high))

    monkeypatch.setattr(rules, "level", level)
    assert shipped_verdicts() == right
    assert moved


def shipped_verdicts() -> dict[str, list[str]]:
    shipped = ledger(tuple(CLAIMS.values()), shipped_evidence())
    return {v.id: [v.verdict, *v.variations.get("verdict", [])] for v in shipped}
