"""What a claim and its rule are made of, and the words that the claims file may use for them.

Vocabulary: a *claim* is one statement of the lecture; its *rule* says, before the numbers are known, which
result would make it supported, weak or contradicted; *evidence* names the results that count. A *judge* is
one of seven ways of reading evidence; ``JUDGES`` says which settings each needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERDICTS = (
    "supported",
    "supported as association",
    "mixed",
    "weak",
    "not supported as worded",
    "contradicted",
    "descriptive",
    "theory, not tested",
    "no evidence found",
)
KINDS = ("descriptive", "association", "causal", "comparison", "theory", "policy")
#: Evidence of a lower design cannot carry causal words.
DESIGNS = ("cross-sectional", "observational", "experiment")
GRADES = ("A", "B")
#: Settings that a judge needs, beside those of every rule.
JUDGES: dict[str, tuple[str, ...]] = {
    "effect": ("thresholds",),
    "comparison": ("relation", "margin"),
    "level": ("low", "high"),
    "describe": ("minimum_rows",),
    "contrast": ("quantile", "minimum_countries"),
    "chain": ("thresholds",),
    "theory": (),
}
REFUTED_BY: dict[str, str] = {
    "effect": "interval wholly on the other side",
    "comparison": "interval wholly outside the margin",
    "level": "interval wholly outside the band",
    "describe": "nothing, it is no claim",
    "contrast": "no member of the group above the quantile",
    "chain": "a link refuted",
    "theory": "nothing that was measured",
}
RELATIONS = ("as strong", "stronger", "different")
SCALES = ("ratio", "log ratio", "correlation", "difference", "share")
CHOICES = (
    *("cut point", "weight", "adjustment", "pooling model", "comparator", "threshold"),
    *("source", "outcome", "measure", "population", "scale"),
)


@dataclass(frozen=True)
class Item:
    """One piece of evidence: a published row, a number of a real survey, or a pool of study-level rows."""

    name: str
    form: str = "row"
    table: str = ""
    key: str = ""
    scale: str = ""
    orientation: int = 1
    method: str = "REML"
    test: str = "knha"
    convert: str = ""


@dataclass(frozen=True)
class Rule:
    """How evidence becomes a verdict; ``thresholds`` holds the smallest effect that counts, by scale."""

    judge: str
    refuted_by: str
    because: str
    because_nb: str
    minimum_grade: str = "B"
    minimum_design: str = "experiment"
    direct: bool = True
    association_only: bool = False
    thresholds: Mapping[str, float] = field(default_factory=dict)
    relation: str = ""
    margin: float = 1.0
    low: float = 0.0
    high: float = 1.0
    quantile: float = 0.5
    minimum_rows: int = 1
    minimum_countries: int = 0


@dataclass(frozen=True)
class Claim:
    """One statement of the lecture with its rule and the evidence that counts.

    ``evidence`` is a tuple of groups: one item each, two for a comparison, the links of a chain, or the
    settings of a contrast.
    """

    id: str
    theme: str
    theme_nb: str
    claim_nb: str
    claim_en: str
    cited: str
    kind: str
    estimand: str
    chapter: str
    rule: Rule
    evidence: tuple[Any, ...]
    alternatives: tuple[tuple[str, tuple[Any, ...]], ...]
    context: tuple[Item, ...]
    caveat: str
    caveat_nb: str
