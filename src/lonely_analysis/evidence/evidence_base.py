"""What a ledger may rest on: published tables and snapshots of real surveys, and how items are found there.

A published row that is no longer there, or a key that no snapshot holds, gives no finding.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.claim_types import Item
from lonely_analysis.evidence.findings import COMPUTED, Finding, to_judged, turned
from lonely_analysis.evidence.pool import pool
from lonely_analysis.evidence.published import published, published_names
from lonely_analysis.evidence.row_findings import converted, from_row
from lonely_analysis.evidence.studies import study_effects
from lonely_analysis.files import data_file, resources

REAL = "real_results"


@dataclass(frozen=True)
class Evidence:
    """Everything a ledger may rest on: published tables by name, and real results by survey and key."""

    tables: Mapping[str, pd.DataFrame]
    real: Mapping[str, Mapping[str, Any]]
    _found: dict[Item, Finding | None] = field(default_factory=dict, repr=False)

    def find(self, item: Item) -> Finding | None:
        """Return what an item stands for, or None where it is not there."""
        if item not in self._found:
            look_up = {"real": self._real, "pool": self._pool}.get(item.form, self._row)
            self._found[item] = look_up(item)
        return self._found[item]

    def _row(self, item: Item) -> Finding | None:
        table = self.tables.get(item.table, pd.DataFrame({"id": []}))
        rows = table[table["id"] == item.name]
        return None if rows.empty else converted(from_row(rows.head(1), item.table), item.convert)

    def _real(self, item: Item) -> Finding | None:
        record = self.real.get(item.name, {}).get("results", {}).get(item.key)
        if record is None:
            return None
        if str(record.get("fields", {}).get("source", "")).startswith("synthetic"):
            raise DataError(f"{item.name}, {item.key}: a result of synthetic data can never carry a verdict")
        if len(record.get("rows", [])) != 1:
            raise DataError(f"{item.name}, {item.key}: a verdict needs a result of one row")
        row = dict(zip(record["columns"], record["rows"][0], strict=True))
        numbers = [to_judged(row.get(c), item.scale) for c in ("estimate", "ci_low", "ci_high")]
        value, low, high = turned(*numbers, item.orientation)
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


def _in_words(key: str) -> str:
    """Return a snapshot's key without its chapter."""
    return key.partition("_")[2].replace("_", " ") or key


def _year(edition: Any) -> int:
    years = [
        int(word) for word in str(edition).replace("-", " ").split() if word.isdigit() and len(word) == 4
    ]
    return max(years, default=0)


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
