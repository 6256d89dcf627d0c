"""How far conditions overlap: one row for each combination, with a dot where a condition holds."""

from __future__ import annotations

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.context import is_synthetic
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.words import both
from lonely_analysis.book.wording import field_name
from lonely_analysis.book.words import SYNTHETIC, Language, Pair, say
from lonely_analysis.results import Result

COLUMN = 30.0


def overlap(
    result: Result,
    *,
    conditions: list[str],
    name: str,
    caption: str,
    caption_nb: str = "",
    names: dict[str, Pair] | None = None,
) -> Figure:
    """Draw the share of each combination of yes/no ``conditions`` (columns of the result), largest first.

    The combination in which none holds is named under the figure's data but not drawn: it would dwarf the
    others.
    """
    table = result.to_frame()
    table[conditions] = table[conditions].astype(bool)
    held = table[table[conditions].any(axis=1)].sort_values("estimate", ascending=False, kind="stable")
    words = {c: (names or {}).get(c, (field_name(c), field_name(c, "nb"))) for c in conditions}
    synthetic = is_synthetic(result.source)
    alt = both(lambda language: _describe(held, words, synthetic, language))
    return Figure(
        check_name(name), _draw(held, words, synthetic), alt, (caption, caption_nb), table, "percent"
    )


def _draw(held: pd.DataFrame, words: dict[str, Pair], synthetic: bool) -> str:
    left, head = COLUMN * len(words) + 12, 17.0 * len(words) + 14
    with theme.sheet(
        theme.ROW * len(held), left=left, right=56, bottom=20 if synthetic else 8, top=head
    ) as page:
        axes = page.axes
        y = [theme.ROW * (i + 0.5) for i in range(len(held))]
        axes.barh(y, held["estimate"] * 100, height=12, color=theme.colour(0), alpha=0.5)
        axes.hlines(y, held["ci_low"] * 100, held["ci_high"] * 100, color=theme.INK, linewidth=1.4)
        for place, (_, row) in zip(y, held.iterrows(), strict=True):
            text = numerals.number(row["estimate"], "percent", "en")
            axes.annotate(
                text,
                (max(row["ci_high"], row["estimate"]) * 100, place),
                xytext=(5, 0),
                textcoords="offset points",
                va="center_baseline",
                annotation_clip=False,
            )
        _dots(page, held, words, y)
        axes.set_ylim(theme.ROW * len(held), 0)
        axes.set_xlim(left=0)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        theme.mark_source(page, synthetic)
        return page.svg()


def _dots(page: theme.Sheet, held: pd.DataFrame, words: dict[str, Pair], y: list[float]) -> None:
    place = ("axes points", "data")
    for position, condition in enumerate(words):
        x = -COLUMN * (len(words) - position - 0.5) - 6
        for row_y, holds in zip(y, held[condition], strict=True):
            shade = theme.colour(position) if holds else theme.GRID
            page.axes.annotate(
                "●", (x, row_y), xycoords=place, ha="center", va="center", color=shade, annotation_clip=False
            )
        line = 17.0 * (len(words) - position - 1) + 5
        page.axes.annotate(
            f"● {words[condition][0]}",
            (-COLUMN * len(words) - 6, 1),
            xycoords=("axes points", "axes fraction"),
            xytext=(0, line),
            textcoords="offset points",
            color=theme.colour(position),
            annotation_clip=False,
        )


def _describe(held: pd.DataFrame, words: dict[str, Pair], synthetic: bool, language: Language) -> str:
    opening = {"en": "Bars for combinations of", "nb": "Stolper for kombinasjoner av"}[language]
    joined = {"en": " and ", "nb": " og "}[language]
    only = {"en": "only", "nb": "bare"}[language]
    parts = []
    for _, row in held.iterrows():
        true = [say(pair, language) for condition, pair in words.items() if row[condition]]
        who = f"{only} {true[0].lower()}" if len(true) == 1 else joined.join(part.lower() for part in true)
        parts.append(f"{who}: {numerals.number(row['estimate'], 'percent', language)}")
    text = f"{opening} {', '.join(say(p, language).lower() for p in words.values())}. {'; '.join(parts)}."
    return f"{text} {say(SYNTHETIC, language)}." if synthetic else text
