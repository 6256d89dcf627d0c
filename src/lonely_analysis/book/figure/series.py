"""Results as rows to draw: one row a mark, with the words for its group and its series.

A *group* is what the axis lists; a *series* is what a colour distinguishes: the second grouping, or the
source when several results stand beside each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.context import is_synthetic
from lonely_analysis.book.glue import _field, _kind
from lonely_analysis.book.numerals import Kind
from lonely_analysis.book.records import as_result
from lonely_analysis.book.wording import compared_name, cut_name, field_name, group_name, source_name
from lonely_analysis.book.words import Language
from lonely_analysis.errors import DataError
from lonely_analysis.results import Result

ORDERED = ("age_group", "education", "income_tertile", "wave", "year", "lonely_freq", "cut")
"""Groupings whose own order means something: never sorted by size."""


@dataclass(frozen=True)
class Series:
    """Rows with ``group, series, estimate, ci_low, ci_high``; the lists give the drawing order."""

    rows: pd.DataFrame
    groups: list[str]
    names: list[str]
    by: tuple[str, ...]
    outcome: str
    kind: Kind
    level: float
    sources: tuple[str, ...]
    data: pd.DataFrame

    @property
    def synthetic(self) -> bool:
        """Whether any of the marks shows invented persons."""
        return any(is_synthetic(source) for source in self.sources)

    def axis(self, language: Language = "en") -> str:
        """Name the measured quantity with its unit."""
        text = field_name(self.outcome, language)
        units = {"percent": "%", "difference": ("percentage points", "prosentpoeng")[language == "nb"]}
        return f"{text} ({units[self.kind]})" if self.kind in units else text

    @property
    def scale(self) -> float:
        """What a stored number is multiplied with before it is drawn."""
        return numerals.SCALE.get(self.kind, 1.0)


def prepare(
    results: Sequence[Result],
    *,
    by: str | None = None,
    labels: Sequence[str] | None = None,
    sort: bool | None = None,
    kind: Kind | None = None,
    outcome: str | None = None,
) -> Series:
    """Line results up for drawing. ``by`` names the grouping on the axis, by default the first one.

    Without ``labels`` a result is named by its source, and each source is drawn once.
    """
    if not results:
        raise DataError("a figure needs at least one result")
    results = [as_result(result) for result in results]
    results = _once_a_source(results) if labels is None else results
    groupings = _groupings(results[0])
    axis = by or groupings[0]
    stacked = axis == "variable" and "value" in groupings
    named = {axis, "item"} if axis == "cut" else {axis, "value"} if stacked else {axis}
    others = [name for name in groupings if name not in named]
    several = len(results) > 1
    frames = [_rows(r, axis, others, _label(r, labels, i) if several else "") for i, r in enumerate(results)]
    rows = pd.concat(frames, ignore_index=True)
    groups = list(dict.fromkeys(rows["group"]))
    ordered = axis in ORDERED or stacked if sort is None else not sort
    if not ordered:
        first = rows[rows["series"] == rows["series"].iloc[0]].set_index("group")["estimate"]
        groups.sort(key=lambda group: float(first.get(group, float("-inf"))), reverse=True)
    elif axis == "cut":
        groups = _strictest_last(rows)
    first_result = results[0]
    return Series(
        rows=rows,
        groups=groups,
        names=list(dict.fromkeys(rows["series"])),
        by=tuple(groupings),
        outcome=outcome or _field(first_result, "outcome") or "estimate",
        kind=kind or _kind(first_result),
        level=_field(first_result, "level") or 0.95,
        sources=tuple(dict.fromkeys(result.source for result in results)),
        data=_data(results, labels) if several else results[0].to_frame(),
    )


def _once_a_source(results: Sequence[Result]) -> list[Result]:
    """Keep the first result of each source: a book built on a survey shows its recorded results once."""
    kept: dict[str, Result] = {}
    for result in results:
        kept.setdefault(result.source, result)
    return list(kept.values())


def _groupings(result: Result) -> tuple[str, ...]:
    named = [(name,) for name in ("choice", "term") if name in result.table]
    by = _field(result, "by") or (named[0] if named else ())
    if isinstance(by, str):
        return (by,)
    if not by and {"variable", "value"} <= set(result.table.columns):
        return ("variable", "value")
    if not by:
        known = {"estimate", "se", "ci_low", "ci_high", "n", "df", "deff", "p", "t"}
        by = tuple(str(column) for column in result.table.columns if column not in known)
    return tuple(by) or ("",)


def _rows(result: Result, axis: str, others: list[str], label: str) -> pd.DataFrame:
    table = result.to_frame().reset_index(drop=True)
    if "estimate" not in table:
        raise DataError(f"a {type(result).__name__} has no column 'estimate' to draw")
    words = {language: _words(result, table, axis, language) for language in ("en", "nb")}
    blank = pd.Series([float("nan")] * len(table))
    names = [[label] * bool(label) + [group_name(row[o], o) for o in others] for _, row in table.iterrows()]
    return pd.DataFrame(
        {
            "group": words["en"],
            "group_en": words["en"],
            "group_nb": words["nb"],
            "item": table["item"].astype(str) if "item" in table else "",
            "series": [", ".join(parts) for parts in names],
            "estimate": table["estimate"].astype(float),
            "ci_low": table.get("ci_low", blank).astype(float),
            "ci_high": table.get("ci_high", blank).astype(float),
            "se": table.get("se", blank).astype(float),
        }
    )


def _words(result: Result, table: pd.DataFrame, axis: str, language: Language) -> list[str]:
    """Name each row's group; a cut point says what counts, and of which question where there are several.

    Groups of several groupings beneath each other are named with their grouping.
    """
    if axis not in table:
        return [""] * len(table)
    if axis == "variable" and "value" in table:
        references = table.get("reference", pd.Series([None] * len(table)))
        rows = zip(table["variable"], table["value"], references, strict=True)
        return [compared_name(*row, language=language) for row in rows]
    if axis != "cut":
        return [group_name(value, axis, language) for value in table[axis]]
    outcome = str(_field(result, "outcome") or "")
    items = table.get("item", pd.Series([outcome] * len(table)))
    several = "item" in table
    return [
        (f"{field_name(item, language)}: " if several else "") + cut_name(cut, item, result.source, language)
        for item, cut in zip(items, table[axis], strict=True)
    ]


def _strictest_last(rows: pd.DataFrame) -> list[str]:
    """Order the cut points of each question by how many they count, wherever a source has its own answers."""
    share = rows.groupby(["item", "group"], sort=False)["estimate"].mean()
    order = {item: position for position, item in enumerate(rows["item"].unique())}
    return [group for item, group in sorted(share.index, key=lambda at: (order[at[0]], -share[at]))]


def _label(result: Result, labels: Sequence[str] | None, position: int) -> str:
    return labels[position] if labels else source_name(result.source)


def _data(results: Sequence[Result], labels: Sequence[str] | None) -> pd.DataFrame:
    """Return the numbers behind several results, each row with what tells its result from the others."""
    frames = []
    for position, result in enumerate(results):
        frame = result.to_frame().reset_index(drop=True)
        # Choices that are compared within each result keep their column.
        named = "series" if "choice" in frame else "choice"
        frame.insert(0, named if labels else "source", _label(result, labels, position))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
