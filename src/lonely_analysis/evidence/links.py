"""The links of an argument side by side: each with its estimate on one scale, or with why it has none.

A *link* is one arrow of the lecture, such as "loneliness to stress". Its number is one piece of evidence that
the ledger knows, turned the way the claim points, so that above zero is always what the lecture says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.claim_types import Claim, Item
from lonely_analysis.evidence.claims import claims
from lonely_analysis.evidence.effects import d_from_log_or, d_from_r
from lonely_analysis.evidence.evidence_base import Evidence, shipped_evidence
from lonely_analysis.evidence.findings import Finding
from lonely_analysis.evidence.prevalence import SECOND_HAND

#: Why a link has no place on the common scale.
NOT_FOUND, OTHER_SCALE = "no estimate found", "no common scale"
#: How a number was come by, by its grade; empty for one read in its source.
READING = {"A": "", "B": SECOND_HAND, "computed": "computed here"}
COLUMNS = ("link", "claim", "verdict", "id", "scale", "printed", "printed_low", "printed_high", "estimate")
COLUMNS += ("ci_low", "ci_high", "absent", "source", "design", "reading")


def links(chosen: Mapping[str, tuple[str, str | None]]) -> pd.DataFrame:
    """Return the chosen links with their estimates as differences in standard deviations (d).

    ``chosen`` maps a link's words to a claim of the ledger and to the piece of evidence that stands for it: a
    published row's id or ``"euls: key"``, as ``verdict.evidence["id"]`` shows them; None says that nothing
    was found. One row a link: ``link, claim, verdict``, the number as its source prints it (``scale, printed,
    printed_low, printed_high``), the same as d (``estimate, ci_low, ci_high``), ``absent`` (why there is no
    d, else empty), ``source, design, reading``.

    A ratio becomes d as ln(ratio) sqrt(3)/pi, as if it were an odds ratio of a continuous outcome cut in two,
    and a correlation as 2r/sqrt(1 - r²) (Borenstein and others 2009, p. 47-48). A plain difference in points
    has no d, because nobody printed its standard deviation. Sizes may be compared, with care; never pooled.

    Raises ``DataError`` for a claim or a piece of evidence that the ledger does not know.
    """
    ledger, evidence = claims(), shipped_evidence()
    known = [verdict.claim for verdict in ledger]
    rows = [
        {"link": words, "claim": claim, "verdict": ledger[claim].verdict}
        | _number(name, [ledger[claim].claim, *known], evidence)
        for words, (claim, name) in chosen.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _number(name: str | None, known: list[Claim], evidence: Evidence) -> dict[str, Any]:
    if name is None:
        return {"absent": NOT_FOUND, "source": "", "design": "", "reading": ""}
    finding = _find(name, known, evidence)
    estimate, low, high = _as_d(finding, evidence)
    printed = dict(zip(("printed", "printed_low", "printed_high"), finding.shown(), strict=True))
    return printed | {
        "id": name,
        "scale": finding.scale,
        "estimate": estimate,
        "ci_low": low,
        "ci_high": high,
        "absent": OTHER_SCALE if np.isnan(estimate) else "",
        "source": finding.source,
        "design": finding.design,
        "reading": READING[finding.grade],
    }


def _find(name: str, known: list[Claim], evidence: Evidence) -> Finding:
    """Return a finding by its id, as the first claim turns it that names it."""
    for item in (item for claim in known for item in _items(claim)):
        if name in (item.name, f"{item.name}: {item.key}") and (found := evidence.find(item)) is not None:
            return found
    raise DataError(f"no claim of the ledger rests on {name!r}")


def _items(claim: Claim) -> Iterator[Item]:
    groups = [*claim.evidence, claim.context, *(items for _, items in claim.alternatives)]
    for group in groups:
        yield from _flat(group)


def _flat(group: Any) -> Iterator[Item]:
    if isinstance(group, Item):
        yield group
    elif isinstance(group, tuple):
        for part in group:
            yield from _flat(part)


def _as_d(finding: Finding, evidence: Evidence) -> tuple[float, ...]:
    numbers = (finding.value, finding.low, finding.high)
    if finding.scale in ("ratio", "ratio of ratios"):
        return tuple(float(d_from_log_or(x, 1.0).estimate) if np.isfinite(x) else np.nan for x in numbers)
    if finding.scale == "correlation":
        return tuple(float(d_from_r(np.tanh(x), 1.0).estimate) if np.isfinite(x) else np.nan for x in numbers)
    return numbers if _standardised(finding.id, evidence) else (np.nan, np.nan, np.nan)


def _standardised(id_: str, evidence: Evidence) -> bool:
    """Say whether a published row is a difference in standard deviations already."""
    for table in evidence.tables.values():
        if "measure" in table and (row := table[table["id"] == id_]).size:
            return bool((row["measure"] == "SMD").all())
    return False
