"""The ledger at a glance: one row a verdict, one label a claim."""

from __future__ import annotations

import pandas as pd

from lonely_analysis.book import verdict_words as words
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.words import both
from lonely_analysis.book.words import Language
from lonely_analysis.evidence.claims import Ledger

#: Room of one label, and where the labels begin.
LABEL, LEFT = 30.0, 180.0
#: Rows for a claim, rows against it, and rows that say neither, each in one hue.
HUES = {
    "supported": 2,
    "supported as association": 2,
    "mixed": 4,
    "weak": 4,
    "not supported as worded": 1,
    "contradicted": 1,
    "descriptive": 0,
}


def ledger(verdicts: Ledger, *, name: str, caption: str, caption_nb: str = "") -> Figure:
    """Draw which claims got which verdict, from support at the top to no evidence at the bottom."""
    rows = [
        (verdict, [v.id for v in verdicts if v.verdict == verdict])
        for verdict in words.VERDICTS
        if any(v.verdict == verdict for v in verdicts)
    ]
    data = pd.DataFrame([(words.name(v, "en"), len(ids), ", ".join(ids)) for v, ids in rows])
    data.columns = ["verdict", "n", "claims"]
    alt = both(lambda language: _describe(rows, language))
    columns = ("verdict", "n", "claims")
    return Figure(check_name(name), _draw(rows), alt, (caption, caption_nb), data, "count", columns)


def _draw(rows: list[tuple[str, list[str]]]) -> str:
    across = int((theme.WIDTH - LEFT - 8) // LABEL)
    lines = [-(-len(ids) // across) for _, ids in rows]
    height = theme.ROW * sum(lines) + 8.0 * len(rows)
    with theme.sheet(height, left=0, right=0, bottom=4, top=4) as page:
        page.axes.set_axis_off()
        page.axes.set_xlim(0, theme.WIDTH)
        page.axes.set_ylim(height, 0)
        top = 0.0
        for (verdict, ids), deep in zip(rows, lines, strict=True):
            _row(page, verdict, ids, top, across)
            top += theme.ROW * deep + 8.0
        return page.svg()


def _row(page: theme.Sheet, verdict: str, ids: list[str], top: float, across: int) -> None:
    hue = theme.colour(HUES[verdict]) if verdict in HUES else theme.MUTED
    middle = top + theme.ROW / 2
    look = {"va": "center", "color": hue}
    page.axes.text(LEFT - 8, middle, theme.wrap(words.name(verdict, "en"), LEFT + 40), ha="right", **look)
    for place, id_ in enumerate(ids):
        x, y = LEFT + LABEL * (place % across), middle + theme.ROW * (place // across)
        page.axes.text(x, y, id_, ha="left", **{**look, "color": theme.INK})
    page.axes.plot([0, theme.WIDTH], [top - 4, top - 4], color=theme.GRID, linewidth=0.8)


def _describe(rows: list[tuple[str, list[str]]], language: Language) -> str:
    opening = {"en": "Claims by verdict.", "nb": "Påstander etter vurdering."}[language]
    parts = [f"{words.name(verdict, language)}: {', '.join(ids)}" for verdict, ids in rows]
    return f"{opening} {'; '.join(parts)}."
