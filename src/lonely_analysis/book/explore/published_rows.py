"""The published prevalences as the explorer shows them: one row each, in words of both languages."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from lonely_analysis.book.explore import words
from lonely_analysis.book.phrases import in_norwegian
from lonely_analysis.book.published_words import PUBLISHED
from lonely_analysis.book.words import Pair
from lonely_analysis.evidence.prevalence import published_prevalence
from lonely_analysis.evidence.published import published

TABLE = "prevalence_published"


def published_rows() -> dict[str, Any]:
    """Return ``{"instruments": [{"name", "cuts"}], "places": […], "rows": […]}``, all words as pairs.

    A row is ``[instrument, cut, place, grouping, label, n, estimate, low, high, over, below, study,
    second-hand]``; the first three are positions, numbers are in percent and 0 or ``None`` where not read.
    """
    ready = published_prevalence(*published(TABLE)["id"])
    raw = published(TABLE).set_index("id")
    asked = [f"{i}, {w}" if w in PUBLISHED and "not" not in w else i for i, w in _asked(ready)]
    instruments = list(dict.fromkeys(asked))
    cuts = {i: list(dict.fromkeys(ready["cutoff"][[a == i for a in asked]])) for i in instruments}
    places = list(dict.fromkeys(raw["country_or_region"]))
    rows = [
        [
            instruments.index(item),
            cuts[item].index(row["cutoff"]),
            places.index(source["country_or_region"]),
            _grouping(source, raw),
            _label(source),
            _number(row["n"], 1),
            *(_number(row[c], 100) for c in ("estimate", "ci_low", "ci_high", "range_low", "range_high")),
            f"{source['authors'].split(';')[0]} {source['year']}",
            int(source["grade"] == "B"),
        ]
        for item, (_, row), (_, source) in zip(asked, ready.iterrows(), raw.iterrows(), strict=True)
    ]
    return {
        "name": words.PUBLISHED,
        "instruments": [{"name": both(i), "cuts": [both(cut) for cut in cuts[i]]} for i in instruments],
        "places": [both(place) for place in places],
        "groups": list(words.PUBLISHED_GROUPS.items()),
        "rows": rows,
    }


def both(english: str) -> Pair:
    """Return words of a published table in both languages."""
    return english, in_norwegian(english)


def _asked(ready: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(ready["item"], ready["window"], strict=True))


def _number(value: Any, scale: float) -> float | int | None:
    if pd.isna(value):
        return None
    rounded = round(float(value) * scale, 2)
    return int(rounded) if rounded.is_integer() else rounded


def _grouping(row: pd.Series, table: pd.DataFrame) -> str:
    """Say what sets a row apart: a group, a sex, an age band among several of one study, or nothing."""
    if isinstance(row["group"], str):
        return "other"
    if row["sex"] != "all":
        return "sex"
    same = table[
        (table["publication"] == row["publication"])
        & (table["instrument"] == row["instrument"])
        & (table["country_or_region"] == row["country_or_region"])
    ]
    youngest = pd.isna(row["age_from"]) or row["age_from"] == same["age_from"].min()
    whole = same["age_band"].nunique() == 1 or (youngest and pd.isna(row["age_to"]))
    return "" if whole else "age"


def _label(row: pd.Series) -> Pair:
    """Name a row by what differs within an instrument: place, year, ages, sex and group."""
    spans = re.compile(r"(?<=\d)-(?=\d)")
    ages = str(row["age_band"])
    parts = [
        str(row["country_or_region"]),
        str(row["period"]).replace("not in", "year not in"),
        "" if ages == "all" else f"ages {ages}" if ages[0].isdigit() else ages,
        "" if row["sex"] == "all" else str(row["sex"]),
        row["group"] if isinstance(row["group"], str) else "",
    ]
    shown = [spans.sub("–", part) for part in parts if part]
    return ", ".join(shown), ", ".join(both(part)[1] for part in shown)
