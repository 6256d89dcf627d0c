"""From a row that a claim names to a number that a rule can judge.

A *finding* is one estimate on the scale on which intervals are symmetric (ratios logged, correlations as
Fisher's z), turned so that above zero is what the claim says. ``value_shown`` and kin lead back to the scale
that readers know. A published row that is no longer there, or a key that no snapshot holds, gives no finding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.claim_file import Item
from lonely_analysis.evidence.effects import Effect, hr_to_rr_common, or_to_rr_common
from lonely_analysis.evidence.pool import pool
from lonely_analysis.evidence.published import published, published_names
from lonely_analysis.evidence.sampling import interval_from_n
from lonely_analysis.evidence.studies import RATIOS, study_effects
from lonely_analysis.files import data_file, resources

REAL = "real_results"
#: Grade of a number that this package computed from a real survey file.
COMPUTED = "computed"
Z95 = float(ndtri(0.975))
#: Longer words in capitals at the end of an author's name are no initials.
MOST_INITIALS = 4
#: What a measure of a published table is called here.
SCALE_OF = {"r": "correlation", "SMD": "difference", "MD": "difference", "RD": "difference", "count": "count"}


@dataclass(frozen=True)
class Finding:
    """One number with what is needed to judge it; ``low`` and ``high`` are missing where nobody read them."""

    id: str
    what: str
    value: float
    low: float
    high: float
    scale: str
    grade: str
    source: str
    year: int
    design: str
    doi: str = ""

    @property
    def se(self) -> float:
        """Standard error on the judged scale, from the length of the interval."""
        return (self.high - self.low) / (2 * Z95)

    @property
    def has_interval(self) -> bool:
        """Whether an interval was read or computed."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    def shown(self) -> tuple[float, float, float]:
        """Return estimate and limits on the reader's scale."""
        return tuple(to_shown(number, self.scale) for number in (self.value, self.low, self.high))


@dataclass(frozen=True)
class Evidence:
    """Everything a ledger may rest on: published tables by name, and real results by survey and key."""

    tables: Mapping[str, pd.DataFrame]
    real: Mapping[str, Mapping[str, Any]]
    _found: dict[Item, Finding | None] = field(default_factory=dict, repr=False)

    def find(self, item: Item) -> Finding | None:
        """Return what an item stands for, or None where it is not there."""
        if item.form == "real":
            return self._real(item)
        if item.form == "pool":
            return self._pool(item)
        if item not in self._found:
            table = self.tables.get(item.table, pd.DataFrame({"id": []}))
            rows = table[table["id"] == item.name]
            found = None if rows.empty else _converted(_published(rows.head(1), item.table), item.convert)
            self._found[item] = found
        return self._found[item]

    def _real(self, item: Item) -> Finding | None:
        record = self.real.get(item.name, {}).get("results", {}).get(item.key)
        if record is None:
            return None
        if str(record.get("fields", {}).get("source", "")).startswith("synthetic"):
            raise DataError(f"{item.name}, {item.key}: a result of synthetic data can never carry a verdict")
        if len(record.get("rows", [])) != 1:
            raise DataError(f"{item.name}, {item.key}: a verdict needs a result of one row")
        row = dict(zip(record["columns"], record["rows"][0], strict=True))
        numbers = [_to_judged(row.get(c), item.scale) for c in ("estimate", "ci_low", "ci_high")]
        value, low, high = _turned(*numbers, item.orientation)
        about = self.real[item.name]
        return Finding(
            id=f"{item.name}: {item.key}",
            what=", ".join([cell for cell in row.values() if isinstance(cell, str)] or [_in_words(item.key)]),
            value=value,
            low=low,
            high=high,
            scale="ratio" if item.scale == "log ratio" else item.scale,
            grade=COMPUTED,
            source=str(about.get("title", item.name)),
            year=_year(about.get("edition", "")),
            design="observational",
        )

    def _pool(self, item: Item) -> Finding | None:
        table = self.tables.get(item.table)
        if table is None or table.empty:
            return None
        if "use_in_main_pool" in table:
            table = table[table["use_in_main_pool"].astype(bool)]
        studies = study_effects(table)
        row = pool(studies["yi"], studies["vi"], method=item.method, test=item.test).table.iloc[0]
        return Finding(
            id=f"{item.table}: {item.method}, {item.test}",
            what=f"own pool of {int(row['k'])} estimates",
            value=float(row["estimate"]),
            low=float(row["ci_low"]),
            high=float(row["ci_high"]),
            scale="ratio",
            grade="A" if (table["grade"] == "A").all() else "B",
            source=f"own pool of {int(row['k'])} estimates",
            year=int(table["year"].max()),
            design="observational",
        )


@lru_cache(maxsize=2)
def _shipped(state: tuple[str, ...]) -> Evidence:  # noqa: ARG001 - the state is the cache's key
    real = {path: json.loads(data_file(path).read_text("utf-8")) for path in resources(REAL)}
    return Evidence(
        tables={name: published(name) for name in published_names()},
        real={path.split("/")[-1].removesuffix(".json"): content for path, content in real.items()},
    )


def shipped_evidence() -> Evidence:
    """Return the published tables and snapshots that the book ships."""
    listed = {**resources("published"), **resources(REAL)}
    return _shipped(tuple(sorted(entry["sha256"] for entry in listed.values())))


def to_shown(number: float, scale: str) -> float:
    """Lead a number back from the judged to the reader's scale."""
    if scale in ("ratio", "ratio of ratios"):
        return float(np.exp(number))
    return float(np.tanh(number)) if scale == "correlation" else float(number)


def _to_judged(number: Any, scale: str) -> float:
    value = np.nan if number is None else float(number)
    if scale == "ratio":
        return float(np.log(value))
    return float(np.arctanh(value)) if scale == "correlation" else value


def _turned(value: float, low: float, high: float, orientation: int) -> tuple[float, float, float]:
    return (value, low, high) if orientation == 1 else (-value, -high, -low)


def _published(rows: pd.DataFrame, table: str) -> Finding:
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
    read = [_to_judged(None if pd.isna(row[c]) else row[c], scale) for c in ("estimate", "ci_low", "ci_high")]
    if pd.notna(row["ci_low"]) and row["ci_level"] != 95:
        study = study_effects(rows).iloc[0]
        half = Z95 * float(np.sqrt(study["vi"]))
        return scale, (float(study["yi"]), float(study["yi"]) - half, float(study["yi"]) + half)
    return scale, _turned(*read, 1 if pd.isna(row["orientation"]) else int(row["orientation"]))


def _converted(finding: Finding, convert: str) -> Finding:
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


def _in_words(key: str) -> str:
    """Return a snapshot's key without its chapter."""
    return key.partition("_")[2].replace("_", " ") or key


def _year(edition: Any) -> int:
    years = [
        int(word) for word in str(edition).replace("-", " ").split() if word.isdigit() and len(word) == 4
    ]
    return max(years, default=0)


def difference(first: Finding, second: Finding) -> Finding:
    """Return the first minus the second, as from independent samples: variances add."""
    from lonely_analysis.evidence.effects import difference as minus

    pair = (Effect(np.asarray(f.value), np.asarray(f.se**2)) for f in (first, second))
    gap = minus(*pair)
    value, half = float(gap.estimate), Z95 * float(np.sqrt(gap.variance))
    return Finding(
        id=f"{first.id} against {second.id}",
        what=f"{first.what}, against {second.what}",
        value=value,
        low=value - half,
        high=value + half,
        scale="ratio of ratios" if first.scale == "ratio" else "difference",
        grade=first.grade if first.grade == second.grade else f"{first.grade}, {second.grade}",
        source=f"{first.source}; {second.source}",
        year=max(first.year, second.year),
        design=min(
            first.design,
            second.design,
            key=lambda d: ("cross-sectional", "observational", "experiment").index(d),
        ),
        doi="; ".join(doi for doi in (first.doi, second.doi) if doi),
    )
