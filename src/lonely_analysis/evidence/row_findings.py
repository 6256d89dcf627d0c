"""From one row of a published table to a finding: its scale, interval, source and design in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.effects import hr_to_rr_common, or_to_rr_common
from lonely_analysis.evidence.findings import Z95, Finding, to_judged, turned
from lonely_analysis.evidence.sampling import interval_from_n
from lonely_analysis.evidence.studies import RATIOS, study_effects

#: Longer words in capitals at the end of an author's name are no initials.
MOST_INITIALS = 4
#: What a measure of a published table is called here.
SCALE_OF = {"r": "correlation", "SMD": "difference", "MD": "difference", "RD": "difference", "count": "count"}


def from_row(rows: pd.DataFrame, table: str) -> Finding:
    """Return what the one row of ``rows`` says, read from the published table of that name."""
    row = rows.iloc[0]
    if "prevalence_pct" in rows:
        scale, numbers = "share", _share(rows)
    else:
        scale, numbers = _effect(rows)
    return Finding(
        id=str(row["id"]),
        what=_what(row, table),
        value=numbers[0],
        low=numbers[1],
        high=numbers[2],
        scale=scale,
        grade=str(row["grade"]),
        source=_source(row),
        year=int(row["year"]),
        design=_design(row),
        doi="" if pd.isna(row.get("doi")) else str(row["doi"]),
    )


def _source(row: pd.Series) -> str:
    """Return surname and year; an agency keeps its name without what stands in brackets."""
    first = str(row["authors"]).split(";")[0].split(",")[0]
    if first.startswith("("):
        return f"authors not listed, {int(row['year'])}"
    words = first.split(" (")[0].split(" ")
    initials = len(words) > 1 and len(words[-1]) <= MOST_INITIALS and words[-1].isupper()
    return f"{' '.join(words[:-1] if initials else words)} {int(row['year'])}"


def _share(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Read a printed interval, else compute that of a simple random sample of the printed n."""
    row = rows.iloc[0]
    value = float(row["prevalence_pct"]) / 100
    if pd.notna(row["ci_low"]):
        return value, float(row["ci_low"]) / 100, float(row["ci_high"]) / 100
    if pd.isna(row["n"]):
        return value, np.nan, np.nan
    made = interval_from_n(rows, "prevalence_pct", by="id").table.iloc[0]
    return value, float(made["ci_low"]), float(made["ci_high"])


def _effect(rows: pd.DataFrame) -> tuple[str, tuple[float, float, float]]:
    """Turn an effect; a printed 95% interval is kept as it was printed, others follow from their error."""
    row = rows.iloc[0]
    if pd.isna(row["estimate"]):
        raise DataError(f"{row['id']} holds no estimate: name it as context")
    scale = "ratio" if row["measure"] in RATIOS else SCALE_OF.get(str(row["measure"]), "difference")
    read = [to_judged(None if pd.isna(row[c]) else row[c], scale) for c in ("estimate", "ci_low", "ci_high")]
    if pd.notna(row["ci_low"]) and row["ci_level"] != 95:
        study = study_effects(rows).iloc[0]
        half = Z95 * float(np.sqrt(study["vi"]))
        return scale, (float(study["yi"]), float(study["yi"]) - half, float(study["yi"]) + half)
    return scale, turned(*read, 1 if pd.isna(row["orientation"]) else int(row["orientation"]))


def converted(finding: Finding, convert: str) -> Finding:
    """Return an odds or hazard ratio as a risk ratio for outcomes that are common."""
    if not convert:
        return finding
    odds = finding.what.endswith("OR")
    change = or_to_rr_common if odds else hr_to_rr_common
    value, low, high = (float(np.log(change(np.exp(x)))) for x in (finding.value, finding.low, finding.high))
    names = {"value": value, "low": low, "high": high, "id": f"{finding.id} as risk ratio"}
    return Finding(**{**finding.__dict__, **names})


def _what(row: pd.Series, table: str) -> str:
    if table == "prevalence_published":
        parts = [row["country_or_region"], row["group"], row["age_band"], row["instrument"], row["cutoff"]]
    else:
        parts = [row["exposure"], row["outcome"], row["population"], row["measure"]]
    return ", ".join(str(part) for part in parts if pd.notna(part))


def _design(row: pd.Series) -> str:
    """Recognise the design in the table's own words; Mendelian randomisation is no experiment."""
    words = f"{row.get('design', '')} {row.get('contrast', '')}"
    if "RCT" in words or "randomised" in words:
        return "experiment"
    return "cross-sectional" if "cross-sectional" in words or "bivariate" in words else "observational"
