"""Figures of others side by side, with the words that tell them apart: item, cut-off, time window."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.context import is_synthetic
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.ratio_ticks import set_ratio_ticks
from lonely_analysis.book.figure.words import both
from lonely_analysis.book.numerals import Kind
from lonely_analysis.book.phrases import in_norwegian
from lonely_analysis.book.words import BELOW, OVER, SYNTHETIC, Language, Pair, say

LINE = 15.5
#: How a bound without an estimate is marked, and what stands before its number.
BOUNDS: dict[str, tuple[str, Pair]] = {"range_low": (">", OVER), "range_high": ("<", BELOW)}
#: What stands instead of a mark where there is no number to draw.
ABSENT: dict[str, Pair] = {
    "no estimate found": ("no estimate found", "ikke funnet noe estimat"),
    "no common scale": ("on another scale, not converted", "på en annen skala, ikke regnet om"),
}


def forest(
    rows: pd.DataFrame,
    *,
    label: str,
    details: Sequence[str] = (),
    name: str,
    caption: str,
    caption_nb: str = "",
    kind: Kind = "percent",
    axis: str = "",
    reference: float | None = None,
    summary: str | None = None,
) -> Figure:
    """Draw one mark with its interval for each published (or own) estimate, its words written above it.

    ``rows`` has ``estimate`` and, where known, ``ci_low`` and ``ci_high``; shares are parts of one.
    ``label`` is the column that names a row; ``details`` are columns whose words follow in grey (item,
    cut-off, window, year). ``summary`` is a boolean column: those rows are diamonds. ``reference`` draws a
    line (1 for ratios). A column ``source`` of "synthetic" is marked. A row without an estimate whose
    source gives only a bound (``range_low``, ``range_high``) is an open arrow at that bound. A row without
    any number says so in the words of its ``absent`` column, one of ``ABSENT``.
    """
    table = rows.reset_index(drop=True)
    for column in ("ci_low", "ci_high", "range_low", "range_high"):
        if column not in table:
            table[column] = float("nan")
    synthetic = "source" in table and table["source"].map(lambda s: is_synthetic(str(s))).any()
    drawing = _draw(table, label, details, kind, axis, reference, summary, bool(synthetic))
    alt = both(lambda language: _describe(table, label, kind, axis, bool(synthetic), language))
    columns = [*dict.fromkeys([label, *details, "estimate", "ci_low", "ci_high"])]
    columns += [c for c in ("range_low", "range_high") if table[c].notna().any()]
    return Figure(check_name(name), drawing, alt, (caption, caption_nb), table[columns], kind)


def _draw(
    table: pd.DataFrame,
    label: str,
    details: Sequence[str],
    kind: Kind,
    axis: str,
    reference: float | None,
    summary: str | None,
    synthetic: bool,
) -> str:
    blocks = [_words(row, label, details) for _, row in table.iterrows()]
    heights = [
        (head.count("\n") + 1 + (grey.count("\n") + 1 if grey else 0)) * LINE + 32 for head, grey in blocks
    ]
    scale = numerals.SCALE.get(kind, 1.0)
    with theme.sheet(sum(heights), left=12, right=64, bottom=58 if synthetic else 42, top=6) as page:
        axes = page.axes
        axes.set_ylim(sum(heights), 0)
        top = 0.0
        for (_, row), (head, grey), height in zip(table.iterrows(), blocks, heights, strict=True):
            is_summary = bool(summary and row[summary])
            _entry(page, row, (head, grey), top, height, kind, is_summary)
            top += height
        if kind == "ratio":
            set_ratio_ticks(axes)
        elif not (table[["estimate", "ci_low"]] < 0).any(axis=None):
            axes.set_xlim(left=0)
        if reference is not None:
            axes.axvline(reference * scale, color=theme.MUTED, linewidth=1.2, linestyle=(0, (3, 2)), zorder=0)
        axes.set_yticks([])
        axes.grid(axis="x")
        axes.spines["bottom"].set_visible(False)
        axes.set_xlabel(axis or {"percent": "%"}.get(kind, ""), loc="left")
        theme.mark_source(page, synthetic)
        return page.svg()


def _entry(
    page: theme.Sheet,
    row: pd.Series,
    words: tuple[str, str],
    top: float,
    height: float,
    kind: Kind,
    is_summary: bool,
) -> None:
    axes, scale = page.axes, numerals.SCALE.get(kind, 1.0)
    y = top + height - 20
    if absent := _absent(row, "en"):
        place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points"}
        look = {"va": "center_baseline", "color": theme.MUTED, "style": "italic"}
        axes.annotate(absent, (0, y), xytext=(-8, 0), annotation_clip=False, **place, **look)
        _write(page, words, top)
        return
    shade = theme.colour(1 if is_summary else 0)
    if not pd.isna(row["ci_low"]):
        axes.hlines(y, row["ci_low"] * scale, row["ci_high"] * scale, color=shade, linewidth=2.2, alpha=0.55)
    bound = _bound(row)
    place = float(row[bound or "estimate"])
    marker = BOUNDS[bound][0] if bound else "D" if is_summary else "o"
    fill = "none" if bound else "full"
    axes.plot(
        [place * scale], [y], marker=marker, markersize=6.2, color=shade, linestyle="none", fillstyle=fill
    )
    end = place if pd.isna(row["ci_high"]) else row["ci_high"]
    axes.annotate(
        _value(row, kind, "en"),
        (end * scale, y),
        xytext=(7, 0),
        textcoords="offset points",
        va="center_baseline",
        annotation_clip=False,
    )
    _write(page, words, top)


def _write(page: theme.Sheet, words: tuple[str, str], top: float) -> None:
    place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "annotation_clip": False}
    page.axes.annotate(words[0], (0, top + 1), xytext=(-8, 0), va="top", **place)
    below = (words[0].count("\n") + 1) * LINE
    page.axes.annotate(words[1], (0, top + 1), xytext=(-8, -below), va="top", color=theme.MUTED, **place)


def _bound(row: pd.Series) -> str | None:
    """Return the column of the bound that stands in for an absent estimate."""
    if not pd.isna(row["estimate"]):
        return None
    return next((name for name in BOUNDS if not pd.isna(row[name])), None)


def _absent(row: pd.Series, language: Language) -> str:
    """Return the words for a row without any number, or nothing."""
    if not pd.isna(row["estimate"]) or _bound(row):
        return ""
    return say(ABSENT[str(row["absent"])], language)


def _value(row: pd.Series, kind: Kind, language: Language) -> str:
    """Write a row's number; a share that its source rounded to whole percent stays whole."""
    if absent := _absent(row, language):
        return absent
    bound = _bound(row)
    value = float(row[bound or "estimate"])
    whole = kind == "percent" and round(value * 100, 6).is_integer()
    text = numerals.number(value, kind, language, decimals=0 if whole else None)
    return say(BOUNDS[bound][1], language).format(text) if bound else text


def _words(row: pd.Series, label: str, details: Sequence[str]) -> tuple[str, str]:
    grey = " · ".join(str(row[column]) for column in details if not pd.isna(row[column]) and str(row[column]))
    return theme.wrap(str(row[label]), 385), theme.wrap(grey, 385) if grey else ""


def _words_in(english: str, language: Language) -> str:
    return in_norwegian(english) if language == "nb" else english


def _describe(
    table: pd.DataFrame, label: str, kind: Kind, axis: str, synthetic: bool, language: Language
) -> str:
    opening = {"en": "Estimates side by side", "nb": "Estimater side om side"}[language]
    entries = []
    for _, row in table.iterrows():
        text = f"{_words_in(str(row[label]), language)}: {_value(row, kind, language)}"
        if not pd.isna(row["ci_low"]):
            text += f" ({numerals.bounds(row['ci_low'], row['ci_high'], kind, language)})"
        entries.append(text)
    text = f"{opening}{f', {_words_in(axis, language)}' if axis else ''}. {'; '.join(entries)}."
    return f"{text} {say(SYNTHETIC, language)}." if synthetic else text
