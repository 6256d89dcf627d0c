"""How a verdict changes when a choice behind it changes: the same rule, one thing different at a time.

Choices that every rule has are varied for every claim: the threshold or margin, second-hand rows, rows
without an interval, each result alone, and the way of pooling. The file of claims adds alternatives of its
own, such as another comparator, cut point or adjustment. What is not there to compute is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from lonely_analysis.evidence.claim_types import Claim, Item, Rule
from lonely_analysis.evidence.evidence_base import Evidence
from lonely_analysis.evidence.findings import Finding
from lonely_analysis.evidence.pool import pool
from lonely_analysis.evidence.rules import NONE, Judged, combined, judge, level, limited

#: Thresholds are tried at half and at twice their distance from no effect.
THRESHOLD_FACTORS = (0.5, 2.0)
MARGINS = (1.1, 1.25, 1.5)
#: Twice a threshold may not leave the scale.
HIGHEST_CORRELATION = 0.95
QUANTILES = (0.5, 0.75, 0.9)
POOLING = (("REML", "knha"), ("DL", "z"), ("FE", "z"))
COLUMNS = ("choice", "changed_to", "estimate", "ci_low", "ci_high", "scale", "verdict")


def variations(claim: Claim, judged: Judged, evidence: Evidence) -> pd.DataFrame:
    """Return one row a variation: ``choice, changed_to, estimate, ci_low, ci_high, scale, verdict``."""
    if judged.verdict == NONE or not judged.findings:
        return pd.DataFrame(columns=list(COLUMNS))
    rows = [
        _row(choice, changed, judge(other, evidence))
        for choice, changed, other in (
            *_thresholds(claim),
            *_alone(claim, judged, evidence),
            *_alternatives(claim, evidence),
        )
    ]
    rows += _read_only(claim, judged, evidence) + _pooled(claim, judged)
    return pd.DataFrame([row for row in rows if row is not None], columns=list(COLUMNS))


def _row(choice: str, changed: str, judged: Judged) -> tuple:
    first = judged.findings[0] if judged.findings else None
    shown = first.shown() if first else (np.nan, np.nan, np.nan)
    return (choice, changed, *shown, first.scale if first else "", judged.verdict)


def _thresholds(claim: Claim) -> Iterator[tuple[str, str, Claim]]:
    rule = claim.rule
    if rule.thresholds:
        for factor in THRESHOLD_FACTORS:
            words = "half the threshold" if factor < 1 else "twice the threshold"
            yield "threshold", words, replace(claim, rule=replace(rule, thresholds=_scaled(rule, factor)))
    elif rule.judge == "comparison":
        for margin in MARGINS:
            if margin != rule.margin:
                yield "threshold", f"margin of {margin:g}", replace(claim, rule=replace(rule, margin=margin))
    elif rule.judge == "contrast":
        for quantile in QUANTILES:
            if quantile != rule.quantile:
                changed = replace(claim, rule=replace(rule, quantile=quantile))
                yield "threshold", f"above {quantile:.0%} of the others", changed


def _scaled(rule: Rule, factor: float) -> Mapping[str, float]:
    most = {"correlation": HIGHEST_CORRELATION}
    return {
        scale: 1 + factor * (size - 1) if scale == "ratio" else min(factor * size, most.get(scale, np.inf))
        for scale, size in rule.thresholds.items()
    }


def _alone(claim: Claim, judged: Judged, evidence: Evidence) -> Iterator[tuple[str, str, Claim]]:
    """Each result, or each link of a chain, by itself, in the order of the file."""
    if len(judged.findings) < 2 or claim.rule.judge not in ("effect", "comparison", "chain"):
        return
    chain = claim.rule.judge == "chain"
    for group in claim.evidence:
        changed = replace(claim, evidence=(group,))
        if judge(changed, evidence).findings:
            yield (
                ("one link" if chain else "one result"),
                _named(group, " and " if chain else " against "),
                changed,
            )


def _alternatives(claim: Claim, evidence: Evidence) -> Iterator[tuple[str, str, Claim]]:
    single = replace(claim, rule=replace(claim.rule, minimum_rows=1))
    for choice, groups in claim.alternatives:
        for group in groups:
            changed = replace(single, evidence=(group,))
            if judge(changed, evidence).findings:
                yield choice, _named(group), changed


def _named(group: tuple[Item, ...] | Mapping[str, str], between: str = " against ") -> str:
    if isinstance(group, tuple):
        return between.join(_name(item) for item in group)
    return f"{group['table']}, {group['rows_begin'].rstrip('_')}"


def _name(item: Item) -> str:
    if item.form == "real":
        return f"{item.name}: {item.key}"
    if item.form == "pool":
        return f"own pool, {item.method}, {item.test}"
    return f"{item.name} as {item.convert}" if item.convert else item.name


def _read_only(claim: Claim, judged: Judged, evidence: Evidence) -> list[tuple]:
    rows = []
    if any(finding.grade == "B" for finding in judged.single) and claim.rule.minimum_grade == "B":
        first_hand = replace(claim, rule=replace(claim.rule, minimum_grade="A"))
        rows.append(_row("source", "first-hand rows only", judge(first_hand, evidence)))
    unread = [finding for finding in judged.findings if not finding.has_interval]
    if unread and claim.rule.judge in ("effect", "level"):
        rows.append(_row("source", "rows with an interval only", _with_interval(claim, judged)))
    return rows


def _with_interval(claim: Claim, judged: Judged) -> Judged:
    kept = tuple(finding for finding in judged.findings if finding.has_interval)
    if not kept:
        return Judged(NONE)
    levels = tuple(level(claim.rule, finding) for finding in kept)
    return limited(claim, Judged(combined(kept, levels), kept, levels, kept))


def _pooled(claim: Claim, judged: Judged) -> list[tuple]:
    """Pool the claim's results on the scale of the first, one a source, in three ways."""
    if claim.rule.judge != "effect":
        return []
    alike = [f for f in judged.findings if f.has_interval and f.scale == judged.findings[0].scale]
    one_each = list({finding.source: finding for finding in reversed(alike)}.values())
    if len(one_each) < 2:
        return []
    yi, vi = [f.value for f in one_each], [f.se**2 for f in one_each]
    rows = []
    for method, test in POOLING:
        row = pool(yi, vi, method=method, test=test).table.iloc[0]
        numbers = {
            "value": float(row["estimate"]),
            "low": float(row["ci_low"]),
            "high": float(row["ci_high"]),
        }
        made = Finding(**{**one_each[0].__dict__, **numbers, "id": f"pool: {method}, {test}"})
        levels = (level(claim.rule, made),)
        verdict = limited(claim, Judged(levels[0], (made,), levels, tuple(one_each)))
        rows.append(_row("pooling model", f"{method}, {test}, {len(one_each)} sources", verdict))
    return rows
