"""Small evidence and claims for tests of rules: a number, its interval, and an entry of the claims file."""

from __future__ import annotations

import copy
from pathlib import Path

import pandas as pd
import yaml

from lonely_analysis.evidence.claim_file import read_claims
from lonely_analysis.evidence.claim_types import REFUTED_BY
from lonely_analysis.evidence.claims import Verdict, ledger
from lonely_analysis.evidence.evidence_base import Evidence


def row(
    id_: str, estimate: float, low: float | None = None, high: float | None = None, **other: object
) -> dict:
    """One row of a table of effects, a hazard ratio of a cohort unless told otherwise."""
    usual = {"measure": "HR", "ci_level": 95, "orientation": 1, "grade": "A", "design": "cohort", "doi": ""}
    words = {"exposure": "x", "outcome": "y", "population": "all", "contrast": "", "year": 2020}
    authors = {"authors": f"{id_} A; B C"}
    numbers = {"id": id_, "estimate": estimate, "ci_low": low, "ci_high": high}
    return {**usual, **words, **authors, **numbers, **other}


def real(estimate: float, low: float, high: float, source: str = "euls") -> dict:
    """One record of a snapshot."""
    return {
        "columns": ["estimate", "ci_low", "ci_high"],
        "rows": [[estimate, low, high]],
        "fields": {"source": source},
    }


def evidence(*rows: dict, records: dict | None = None, **tables: pd.DataFrame) -> Evidence:
    """Evidence of one table of effects, other tables by name, and snapshot records of one survey."""
    about = {"title": "A survey", "edition": "2022", "results": records or {}}
    return Evidence(tables={"effects": pd.DataFrame(list(rows)), **tables}, real={"euls": about})


def entry(judge: str, items: list, kind: str = "descriptive", **rule: object) -> dict:
    """One entry of the claims file."""
    words = {"because": "so", "because_nb": "slik", "judge": judge, "refuted_by": REFUTED_BY[judge]}
    return {
        **{"theme": "t", "claim_nb": "n", "claim_en": "e", "cited": "c", "estimand": "m", "chapter": "01"},
        **{"caveat": "c", "caveat_nb": "c", "kind": kind, "evidence": items, "rule": {**words, **rule}},
    }


def write(path: Path, entries: dict, rows: list[str], table: str = "effects") -> Path:
    """Write a claims file with these entries and this list of rows."""
    content = {"themes": {"t": ["Theme", "Tema"]}, "rows": {table: rows}, "claims": copy.deepcopy(entries)}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    return path


def verdict(tmp_path: Path, one: dict, found: Evidence) -> Verdict:
    """Judge one entry on some evidence; the rows of the table are those that the file lists."""
    listed = [str(id_) for id_ in found.tables["effects"].get("id", [])]
    named = sorted({*listed, *_named(one["evidence"]), *_named(one.get("alternatives") or {})})
    return ledger(read_claims(write(tmp_path / "claims.yml", {"C01": one}, named)), found)["C01"]


def _named(items: object) -> set[str]:
    if isinstance(items, str):
        return {items}
    if isinstance(items, dict) and ("real" in items or "table" in items or "row" in items or "pool" in items):
        return {items["row"]} if "row" in items else set()
    inside = items.values() if isinstance(items, dict) else items
    return {name for item in inside for name in _named(item)}
