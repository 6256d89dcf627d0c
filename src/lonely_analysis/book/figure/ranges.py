"""How far published figures of one thing lie apart, where nobody printed an interval.

A *range* runs from the lowest to the highest figure that was read. It is no confidence interval: it holds
differences of year, sample and source, and says nothing about sampling error.
"""

from __future__ import annotations

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.countries import COUNTRIES
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.words import both
from lonely_analysis.book.words import Language, Pair
from lonely_analysis.errors import DataError

_NORWEGIAN = dict(COUNTRIES.values())


def ranges(
    rows: pd.DataFrame,
    *,
    value: str,
    by: str,
    name: str,
    caption: str,
    caption_nb: str = "",
    axis: Pair = ("%", "%"),
) -> Figure:
    """Draw every figure of a group as a ring on one line from its lowest to its highest, highest group first.

    ``rows`` has one row a figure: the group in ``by``, a percentage in ``value``. At the right stand the two
    ends and how many figures were read. Raises ``DataError`` for rows without a value.
    """
    if rows.empty or rows[value].isna().any():
        raise DataError(f"every row needs a figure in {value!r} to be part of a range")
    spread = rows.groupby(by)[value].agg(["min", "max", "count"]).sort_values(["max", "min"], ascending=False)
    alt = both(lambda language: _describe(spread, axis, language))
    return Figure(
        check_name(name), _draw(rows, spread, value, by, axis[0]), alt, (caption, caption_nb), rows, "number"
    )


def _draw(rows: pd.DataFrame, spread: pd.DataFrame, value: str, by: str, axis: str) -> str:
    names = [str(group) for group in spread.index]
    left = max(map(theme.text_width, names)) + 10
    with theme.sheet(theme.ROW * len(names), left=left, right=96) as page:
        axes = page.axes
        places = {group: theme.ROW * (i + 0.5) for i, group in enumerate(spread.index)}
        y = list(places.values())
        axes.hlines(
            y, spread["min"], spread["max"], color=theme.colour(0), linewidth=1.4, linestyle=(0, (2, 2))
        )
        axes.plot(
            rows[value], rows[by].map(places), "o", color=theme.colour(0), markersize=6.2, fillstyle="none"
        )
        for group, row in spread.iterrows():
            axes.annotate(
                f"{_ends(row, 'en')} ({int(row['count'])})",
                (row["max"], places[group]),
                xytext=(9, 0),
                textcoords="offset points",
                va="center_baseline",
                annotation_clip=False,
            )
        axes.set_ylim(theme.ROW * len(names), 0)
        axes.set_xlim(left=0)
        axes.set_yticks(y, names)
        axes.grid(axis="x")
        axes.spines["bottom"].set_visible(False)
        axes.set_xlabel(axis, loc="left", labelpad=3)
        return page.svg()


def _ends(row: pd.Series, language: Language) -> str:
    ends = dict.fromkeys(numerals.digits(row[end], 0, language) for end in ("min", "max"))
    return "–".join(ends)


def _describe(spread: pd.DataFrame, axis: Pair, language: Language) -> str:
    words = {
        "en": ("Ranges of published figures, no confidence intervals", "figures", "figure"),
        "nb": ("Spennet mellom publiserte tall, ikke konfidensintervaller", "tall", "tall"),
    }[language]
    entries = [
        f"{_NORWEGIAN.get(str(group), group) if language == 'nb' else group} {_ends(row, language)}, "
        f"{int(row['count'])} {words[1 if row['count'] > 1 else 2]}"
        for group, row in spread.iterrows()
    ]
    return f"{words[0]}. {axis[language == 'nb']}: {'; '.join(entries)}."
