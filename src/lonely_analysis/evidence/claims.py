"""The ledger: every claim of the lecture with the verdict that its rule gives on today's evidence.

``data/claims.yml`` holds claims and rules; verdicts are nowhere written down, they are computed here each
time from the published rows and from the snapshots of real surveys. Synthetic results, rows below grade B
and results that are missing never count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.claim_file import FILE, read_claims
from lonely_analysis.evidence.claim_types import Claim
from lonely_analysis.evidence.evidence_base import Evidence, shipped_evidence
from lonely_analysis.evidence.findings import Finding
from lonely_analysis.evidence.rules import Judged, judge
from lonely_analysis.evidence.sensitivity import variations
from lonely_analysis.files import data_file, resources
from lonely_analysis.results import Result

FIELDS = (
    *("id", "theme", "claim_nb", "claim_en", "kind", "verdict", "estimate", "ci_low", "ci_high", "scale"),
    *("sources", "grade", "chapter", "caveat", "sensitivity"),
)
EVIDENCE = (
    "id",
    "what",
    "estimate",
    "ci_low",
    "ci_high",
    "scale",
    "grade",
    "source",
    "doi",
    "design",
    "level",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Verdict:
    """One claim's verdict with the numbers it rests on.

    ``estimate``, ``ci_low`` and ``ci_high`` are those of the first result that has an interval, on ``scale``;
    ``limited_by`` says which general limit lowered the verdict; ``date`` is the year of the newest evidence;
    ``variations`` is the sensitivity table.
    """

    claim: Claim
    verdict: str
    estimate: float
    ci_low: float
    ci_high: float
    scale: str
    sources: str
    grade: str
    date: int | None
    limited_by: str
    evidence: pd.DataFrame = field(repr=False)
    variations: pd.DataFrame = field(repr=False)

    @property
    def id(self) -> str:
        """The claim's id, such as ``C13``."""
        return self.claim.id

    @property
    def sensitivity(self) -> str:
        """What the sensitivity table says in one line."""
        total = len(self.variations)
        if not total:
            return "nothing to vary"
        others = self.variations.loc[self.variations["verdict"] != self.verdict, "verdict"].value_counts()
        told = ", ".join(f"{name} in {count}" for name, count in sorted(others.items()))
        return f"unchanged in {total - int(others.sum())} of {total} variations" + (
            f"; {told}" if told else ""
        )

    def row(self) -> dict[str, object]:
        """Return the fields of the ledger."""
        own = {name: getattr(self, name) for name in FIELDS if hasattr(self, name)}
        claim = {name: getattr(self.claim, name) for name in FIELDS if name not in own}
        return {name: {**own, **claim}[name] for name in FIELDS}


@dataclass(frozen=True, kw_only=True, eq=False)
class Ledger(Result):
    """All verdicts in the lecture's order: iterate, or take one with ``ledger["C13"]``."""

    verdicts: tuple[Verdict, ...] = field(repr=False)

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def __getitem__(self, id_: str) -> Verdict:
        """Return one verdict; raise ``DataError`` for an id that the file has not."""
        for verdict in self.verdicts:
            if verdict.id == id_:
                return verdict
        raise DataError(f"data/{FILE} has no claim {id_!r}; it has {', '.join(v.id for v in self.verdicts)}")


def claims() -> Ledger:
    """Return the ledger: one verdict a claim, from the rules and the evidence that the book ships.

    ``.to_frame()`` has ``id, theme, claim_nb, claim_en, kind, verdict, estimate, ci_low, ci_high, scale,
    sources, grade, chapter, caveat, sensitivity``; each verdict also carries its evidence and its sensitivity
    table. Raises ``DataError``, which names the entry, for a file that breaks its own vocabulary.
    """
    return _shipped(tuple(sorted(entry["sha256"] for entry in resources().values())))


@lru_cache(maxsize=2)
def _shipped(state: tuple[str, ...]) -> Ledger:  # noqa: ARG001 - the state is the cache's key
    return ledger(read_claims(data_file(FILE)), shipped_evidence())


def ledger(entries: Sequence[Claim], evidence: Evidence) -> Ledger:
    """Judge the given claims on the given evidence."""
    verdicts = tuple(_verdict(claim, evidence) for claim in entries)
    table = pd.DataFrame([verdict.row() for verdict in verdicts], columns=list(FIELDS))
    return Ledger(table=table, source="published rows and real surveys", verdicts=verdicts)


def _verdict(claim: Claim, evidence: Evidence) -> Verdict:
    judged = judge(claim, evidence)
    first = _quoted(claim, judged)
    estimate, low, high = first.shown() if first else (float("nan"),) * 3
    return Verdict(
        claim=claim,
        verdict=judged.verdict,
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        scale=first.scale if first else "",
        sources="; ".join(dict.fromkeys(finding.source for finding in judged.single)),
        grade=", ".join(sorted({finding.grade for finding in judged.single})),
        date=max((finding.year for finding in judged.single), default=None),
        limited_by=judged.limited_by,
        evidence=_evidence_table(judged, claim, evidence),
        variations=variations(claim, judged, evidence),
    )


def _quoted(claim: Claim, judged: Judged) -> Finding | None:
    """Return the first result that has an interval; a chain is quoted with its weakest link."""
    if not judged.findings or claim.rule.judge == "chain":
        return judged.findings[0] if judged.findings else None
    return next((finding for finding in judged.findings if finding.has_interval), judged.findings[0])


def _evidence_table(judged: Judged, claim: Claim, evidence: Evidence) -> pd.DataFrame:
    rows = [_shown(finding, of) for finding, of in zip(judged.findings, judged.levels, strict=True)]
    context = (evidence.find(item) for item in claim.context)
    rows += [_shown(finding, "context") for finding in context if finding is not None]
    return pd.DataFrame(rows, columns=list(EVIDENCE))


def _shown(finding: Finding, level: str) -> tuple[object, ...]:
    about = (finding.scale, finding.grade, finding.source, finding.doi, finding.design, level)
    return (finding.id, finding.what, *finding.shown(), *about)
