"""Lines with an interval band across an ordered grouping, such as age."""

from __future__ import annotations

from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.series import Series, prepare
from lonely_analysis.book.figure.words import alt_text
from lonely_analysis.book.numerals import Kind
from lonely_analysis.results import Result

HEIGHT = 210.0
#: Least distance between two direct labels, in units.
APART = 15.0
_OPENING = ("Lines with {level}% interval bands", "Linjer med {level} %-intervallbånd")


def lines(
    *results: Result,
    name: str,
    caption: str,
    caption_nb: str = "",
    by: str | None = None,
    labels: list[str] | None = None,
    kind: Kind | None = None,
    outcome: str | None = None,
) -> Figure:
    """Draw estimates across an ordered grouping (``by``, else the first) as lines with interval bands."""
    shown = prepare(results, by=by, labels=labels, sort=False, kind=kind, outcome=outcome)
    alt = alt_text(_OPENING, shown)
    return Figure(check_name(name), _draw(shown), alt, (caption, caption_nb), shown.data, shown.kind)


def _draw(shown: Series) -> str:
    named = len(shown.names) > 1
    words = [theme.wrap(series, 105) for series in shown.names]
    right = max(theme.text_width(word) for word in words) + 10 if named else 14
    turned = sum(theme.text_width(group) + 3 for group in shown.groups) > theme.WIDTH - 44 - right
    bottom = max(theme.text_width(group) for group in shown.groups) * 0.7 + 14 if turned else 28
    with theme.sheet(
        HEIGHT, left=44, right=right, bottom=bottom + (16 if shown.synthetic else 0), top=30
    ) as page:
        axes = page.axes
        ends = [_line(page, shown, series, position) for position, series in enumerate(shown.names)]
        axes.set_xlim(-0.3, len(shown.groups) - 0.7)
        axes.set_xticks(range(len(shown.groups)), shown.groups)
        if turned:
            axes.tick_params(axis="x", labelrotation=40)
        if shown.kind == "percent":
            axes.set_ylim(bottom=0)
        axes.grid(axis="y")
        axes.tick_params(axis="y", labelcolor=theme.MUTED)
        page.canvas.text(
            6 / theme.WIDTH, 1 - 4 / page.height, theme.wrap(shown.axis(), 390), va="top", ha="left"
        )
        if named:
            name_lines(page, words, ends, HEIGHT)
        theme.mark_source(page, shown.synthetic)
        return page.svg()


def _line(page: theme.Sheet, shown: Series, series: str, position: int) -> float:
    rows = shown.rows[shown.rows["series"] == series].set_index("group").reindex(shown.groups)
    x, colour = range(len(rows)), theme.colour(position)
    low, high, middle = (rows[c].to_numpy(float) * shown.scale for c in ("ci_low", "ci_high", "estimate"))
    page.axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
    style = ("-", "--", "-.", ":")[position % 4]
    page.axes.plot(x, middle, color=colour, linewidth=2, linestyle=style, marker="o", markersize=4.5)
    return float(rows["estimate"].dropna().iloc[-1]) * shown.scale


def name_lines(page: theme.Sheet, words: list[str], ends: list[float], height: float) -> None:
    """Write each line's name at its end, apart from the others; ``height`` is that of the plot."""
    low, high = page.axes.get_ylim()
    unit = (high - low) / height
    places = spread(ends, [APART * unit * (word.count("\n") + 1) for word in words])
    for position, (word, y) in enumerate(zip(words, places, strict=True)):
        page.axes.annotate(
            word,
            (1, y),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            color=theme.colour(position),
            annotation_clip=False,
        )


def spread(wanted: list[float], room: list[float]) -> list[float]:
    """Push labels apart until each has its room, keeping their order and their common centre."""
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    placed = [wanted[i] for i in order]
    for lower, upper in zip(range(len(order) - 1), range(1, len(order)), strict=True):
        least = placed[lower] + (room[order[lower]] + room[order[upper]]) / 2
        placed[upper] = max(placed[upper], least)
    shift = sum(placed) / len(placed) - sum(wanted) / len(wanted) if placed else 0.0
    back = {index: place - shift for index, place in zip(order, placed, strict=True)}
    return [back[i] for i in range(len(wanted))]
