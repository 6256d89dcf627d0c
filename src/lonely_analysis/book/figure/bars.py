"""Bars with an interval and their number: every cut point of one item, shares of answers."""

from __future__ import annotations

from lonely_analysis.book import numerals
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.series import Series, prepare
from lonely_analysis.book.figure.words import alt_text
from lonely_analysis.book.numerals import Kind
from lonely_analysis.errors import DataError
from lonely_analysis.results import Result

BAR = 13.0
_OPENING = ("Bars with {level}% intervals", "Stolper med {level} %-intervaller")


def bars(
    result: Result,
    *,
    name: str,
    caption: str,
    caption_nb: str = "",
    by: str | None = None,
    sort: bool | None = False,
    kind: Kind | None = None,
    outcome: str | None = None,
) -> Figure:
    """Draw a bar from zero for each group, with interval and number: every cut of an item, for example.

    The label stands above its bar, so that a cut point can be named in full. Groups keep their order unless
    ``sort``.
    """
    shown = prepare([result], by=by, sort=sort, kind=kind, outcome=outcome)
    if len(shown.names) > 1:
        raise DataError("bars show one grouping: give by= and select the rest, or use figure.dots")
    alt = alt_text(_OPENING, shown)
    return Figure(check_name(name), _draw(shown), alt, (caption, caption_nb), shown.data, shown.kind)


def _draw(shown: Series) -> str:
    rows = shown.rows.set_index("group").loc[shown.groups]
    words = [theme.wrap(group, 380) for group in shown.groups]
    heights = [(word.count("\n") + 1) * 15 + BAR + 12 for word in words]
    bottoms = [sum(heights[: i + 1]) - 8 for i in range(len(heights))]
    with theme.sheet(sum(heights), left=8, right=56, bottom=20 if shown.synthetic else 6, top=24) as page:
        axes = page.axes
        value, low, high = (rows[c].to_numpy(float) * shown.scale for c in ("estimate", "ci_low", "ci_high"))
        middles = [bottom - BAR / 2 for bottom in bottoms]
        axes.barh(middles, value, height=BAR, color=theme.colour(0), alpha=0.5)
        axes.hlines(middles, low, high, color=theme.INK, linewidth=1.4)
        for place, (y, word) in enumerate(zip(middles, words, strict=True)):
            _label(page, rows.iloc[place], shown, y, word)
        axes.set_ylim(sum(heights), 0)
        axes.set_xlim(left=0)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        page.canvas.text(8 / theme.WIDTH, 1 - 3 / page.height, shown.axis(), va="top", color=theme.MUTED)
        theme.mark_source(page, shown.synthetic)
        return page.svg()


def _label(page: theme.Sheet, row: object, shown: Series, y: float, word: str) -> None:
    number = numerals.number(row["estimate"], shown.kind, "en", se=row["se"])  # type: ignore[index]
    end = max(row["estimate"], row["ci_high"]) * shown.scale  # type: ignore[index]
    page.axes.annotate(
        number,
        (end, y),
        xytext=(5, 0),
        textcoords="offset points",
        va="center_baseline",
        annotation_clip=False,
    )
    page.axes.annotate(word, (0, y - BAR / 2 - 3), va="bottom", ha="left", annotation_clip=False)
