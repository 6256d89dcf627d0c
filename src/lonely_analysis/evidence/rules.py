"""Judges: how a rule turns findings into one verdict, and what no evidence of its kind may exceed.

Each result gets a level by itself: *contradicted* (its interval lies wholly on the other side), *not
supported as worded*, *weak* (small or uncertain), *supported*. A claim gets the middle level of its results,
the lower of two middles; results whose intervals lie wholly on different sides are *mixed*. Then the limits
apply, the same for all claims: ``limited`` lists them. Nothing here knows a claim by its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from lonely_analysis.evidence.claim_types import DESIGNS, Claim, Item, Rule
from lonely_analysis.evidence.evidence_base import Evidence
from lonely_analysis.evidence.findings import COMPUTED, Finding, difference

CONTRADICTED, NOT_AS_WORDED, WEAK, ASSOCIATION, SUPPORTED = (
    "contradicted",
    "not supported as worded",
    "weak",
    "supported as association",
    "supported",
)
#: From the worst to the best for a claim; mixed stands apart.
ORDER = (CONTRADICTED, NOT_AS_WORDED, WEAK, ASSOCIATION, SUPPORTED)
MIXED, DESCRIPTIVE, THEORY, NONE = "mixed", "descriptive", "theory, not tested", "no evidence found"
#: An estimate whose interval nobody read must be this many times the threshold: of the pooled correlations
#: that were read with one, none reaches further to a side than the usual threshold is large.
UNREAD_FACTOR = 2.0
#: Such estimates from a single source say nothing about chance; from two sources that agree, a little.
UNREAD_SOURCES = 2
#: Claims in these kinds speak of what causes what.
CAUSAL_KINDS = ("causal", "policy")


@dataclass(frozen=True)
class Judged:
    """A verdict with the numbers that led to it: the first is the one the claim is quoted with."""

    verdict: str
    findings: tuple[Finding, ...] = ()
    levels: tuple[str, ...] = ()
    single: tuple[Finding, ...] = ()
    limited_by: str = ""


def judge(claim: Claim, evidence: Evidence) -> Judged:
    """Apply a claim's rule to what the evidence holds."""
    rule = claim.rule
    if rule.judge == "theory":
        return Judged(THEORY)
    if rule.judge == "contrast":
        return _contrast(claim, evidence)
    if rule.judge == "chain":
        return _chain(claim, evidence)
    found = _groups(claim, evidence)
    singles = tuple(dict.fromkeys(finding for group in found for finding in group))
    if len(found) < rule.minimum_rows:
        return Judged(NONE)
    if rule.judge == "describe":
        shown = tuple(group[0] for group in found)
        return Judged(DESCRIPTIVE, shown, (DESCRIPTIVE,) * len(shown), singles)
    if rule.judge == "comparison":
        findings = tuple(difference(*group) for group in found)
    else:
        findings = tuple(group[0] for group in found)
    levels = tuple(level(rule, finding) for finding in findings)
    return limited(claim, Judged(combined(findings, levels), findings, levels, singles))


def _groups(claim: Claim, evidence: Evidence) -> list[tuple[Finding, ...]]:
    """Return the groups of evidence of which every member is there and good enough."""
    groups = [tuple(evidence.find(item) for item in group) for group in claim.evidence]
    whole = [group for group in groups if all(f is not None and _counts(claim.rule, f) for f in group)]
    if claim.rule.judge == "comparison":
        return [group for group in whole if all(f.has_interval for f in group)]
    return whole


def _counts(rule: Rule, finding: Finding) -> bool:
    """Say whether a finding's grade is good enough: what is not A, B or computed here never counts."""
    good = ("A", COMPUTED) if rule.minimum_grade == "A" else ("A", "B", COMPUTED)
    return finding.grade in good


def level(rule: Rule, finding: Finding) -> str:
    """Judge one result by itself."""
    if rule.judge == "comparison":
        return _compared(rule, finding)
    if rule.judge == "level":
        return _inside(rule, finding)
    threshold = _threshold(rule, finding.scale)
    if not finding.has_interval:
        return SUPPORTED if finding.value >= UNREAD_FACTOR * threshold else _by_sign(finding.value)
    if finding.high < 0:
        return CONTRADICTED
    if finding.low > 0:
        return SUPPORTED if finding.value >= threshold else WEAK
    return WEAK if finding.value > 0 and finding.high >= threshold else NOT_AS_WORDED


def _threshold(rule: Rule, scale: str) -> float:
    size = rule.thresholds.get(scale, 0.0)
    if scale == "ratio":
        return float(np.log(size)) if size else 0.0
    return float(np.arctanh(size)) if scale == "correlation" else size


def _by_sign(value: float) -> str:
    return WEAK if value > 0 else NOT_AS_WORDED


def _compared(rule: Rule, gap: Finding) -> str:
    """Judge the difference of two logs against the margin; contradicted only when wholly outside it."""
    margin = float(np.log(rule.margin))
    if rule.relation == "as strong":
        if -margin <= gap.low and gap.high <= margin:
            return SUPPORTED
        outside = gap.low > margin or gap.high < -margin
        near = WEAK if abs(gap.value) <= margin else NOT_AS_WORDED
        return CONTRADICTED if outside else near
    if rule.relation == "different":
        if gap.low > 0 or gap.high < 0:
            return SUPPORTED
        return CONTRADICTED if -margin <= gap.low and gap.high <= margin else WEAK
    if gap.low > 0:
        return SUPPORTED
    return CONTRADICTED if gap.high < -margin else _by_sign(gap.value)


def _inside(rule: Rule, finding: Finding) -> str:
    """Judge a share or correlation against a band, which is given on the reader's scale."""
    value, low, high = finding.shown()
    if finding.has_interval and rule.low <= low and high <= rule.high:
        return SUPPORTED
    outside = finding.has_interval and (low > rule.high or high < rule.low)
    near = WEAK if rule.low <= value <= rule.high else NOT_AS_WORDED
    return CONTRADICTED if outside else near


def combined(findings: Sequence[Finding], levels: Sequence[str]) -> str:
    """Return the middle level, or mixed when intervals lie wholly on different sides."""
    certain = [
        f
        for f, of in zip(findings, levels, strict=True)
        if f.has_interval and f.low > 0 and of != CONTRADICTED
    ]
    if CONTRADICTED in levels and (certain or SUPPORTED in levels):
        return MIXED
    ranks = sorted(ORDER.index(of) for of in levels)
    return ORDER[ranks[(len(ranks) - 1) // 2]]


def limited(claim: Claim, judged: Judged) -> Judged:
    """Lower a verdict to what evidence of its kind can carry, and say which limit did it."""
    highest, why = SUPPORTED, ""
    used = judged.single
    for applies, most, reason in (
        (_too_low_a_design(claim, used), ASSOCIATION, "no experiment behind causal words"),
        (claim.kind in ("association", "comparison"), ASSOCIATION, "observational comparison"),
        (claim.rule.association_only, ASSOCIATION, "association only"),
        (all(f.grade == "B" for f in used), ASSOCIATION, "second-hand rows only"),
        (_unread(claim, judged), ASSOCIATION, "no interval was read"),
        (_unread(claim, judged) and _sources(judged) < UNREAD_SOURCES, WEAK, "one source and no interval"),
        (not claim.rule.direct, WEAK, "indirect evidence"),
    ):
        if applies and ORDER.index(most) < ORDER.index(highest):
            highest, why = most, reason
    if judged.verdict not in ORDER or ORDER.index(judged.verdict) <= ORDER.index(highest):
        return judged
    return replace(judged, verdict=highest, limited_by=why)


def _too_low_a_design(claim: Claim, used: Sequence[Finding]) -> bool:
    needed = DESIGNS.index(claim.rule.minimum_design)
    return claim.kind in CAUSAL_KINDS and max(DESIGNS.index(f.design) for f in used) < needed


def _unread(claim: Claim, judged: Judged) -> bool:
    """Say whether no result has an interval; a contrast of whole countries has none by its nature."""
    return claim.rule.judge != "contrast" and not any(f.has_interval for f in judged.findings)


def _sources(judged: Judged) -> int:
    return len({finding.source for finding in judged.findings})


def _chain(claim: Claim, evidence: Evidence) -> Judged:
    """Give a chain the verdict of its weakest link, and none when a link was never measured."""
    links = []
    for items in claim.evidence:
        link = replace(claim, rule=replace(claim.rule, judge="effect"), evidence=_one_each(items))
        links.append(judge(link, evidence))
    if not links or any(link.verdict == NONE for link in links):
        return Judged(NONE)
    ranks = [WEAK if link.verdict == MIXED else link.verdict for link in links]
    weakest = min(range(len(links)), key=lambda i: ORDER.index(ranks[i]))
    findings = (
        *links[weakest].findings,
        *(f for i, link in enumerate(links) if i != weakest for f in link.findings),
    )
    levels = tuple(links[weakest].levels) + tuple(
        of for i, link in enumerate(links) if i != weakest for of in link.levels
    )
    return Judged(links[weakest].verdict, findings, levels, findings, links[weakest].limited_by)


def _one_each(items: Sequence[Item]) -> tuple[tuple[Item, ...], ...]:
    return tuple((item,) for item in items)


def _contrast(claim: Claim, evidence: Evidence) -> Judged:
    """Compare each member of a named group with a quantile of all others in one published set."""
    for settings in claim.evidence:
        table = evidence.tables.get(settings["table"])
        if table is None:
            continue
        rows = table[table["id"].str.startswith(settings["rows_begin"])]
        rows = rows[rows["grade"].isin(["A"] if claim.rule.minimum_grade == "A" else ["A", "B"])]
        inside = rows[settings["name"]].isin(settings["group"])
        if len(rows) >= claim.rule.minimum_countries and inside.any() and not inside.all():
            return limited(claim, _contrasted(claim.rule, rows, inside, settings))
    return Judged(NONE)


def _contrasted(rule: Rule, rows: pd.DataFrame, inside: pd.Series, settings: dict) -> Judged:
    values = rows[settings["value"]].astype(float) / 100
    bar = float(values[~inside].quantile(rule.quantile))
    above = int((values[inside] > bar).sum())
    verdict = SUPPORTED if above == inside.sum() else CONTRADICTED if above == 0 else MIXED
    first = rows.iloc[0]
    gap = Finding(
        id=f"{settings['rows_begin']}: {len(rows)} countries",
        what=f"median of {int(inside.sum())} against that of {int((~inside).sum())} others, "
        f"{first['instrument']}",
        value=float(values[inside].median() - values[~inside].median()),
        low=np.nan,
        high=np.nan,
        scale="share difference",
        grade="A" if (rows["grade"] == "A").all() else "B",
        source=f"{str(first['authors']).split(',')[0]} {int(first['year'])}",
        year=int(first["year"]),
        design="cross-sectional",
    )
    return Judged(verdict, (gap,), (verdict,), (gap,))
