"""Dots with intervals: the book's usual figure."""

from __future__ import annotations

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.ratio_ticks import set_ratio_ticks
from lonely_analysis.book.figure.series import Series, prepare
from lonely_analysis.book.figure.words import alt_text
from lonely_analysis.book.numerals import Kind
from lonely_analysis.results import Result

#: Room between two series of one group, and between groups that hold several.
STEP, GAP = 15.0, 8.0
#: A name wider than this stands in a key above the dots: beside its mark it would run into the labels.
LONGEST_DIRECT = 90.0
KEY_LINE = 17.0
MARKERS, GLYPHS = "os^Dv", "●■▲◆▼"
_OPENING = ("Dots with {level}% intervals", "Punkter med {level} %-intervaller")


def dots(
    *results: Result,
    name: str,
    caption: str,
    caption_nb: str = "",
    by: str | None = None,
    sort: bool | None = None,
    labels: list[str] | None = None,
    kind: Kind | None = None,
    outcome: str | None = None,
    reference: Result | float | None = None,
) -> Figure:
    """Draw one dot with its interval for each group, in colours for a second grouping or for several results.

    ``by`` puts that grouping on the axis; groups are sorted by size unless their order means something, or
    as ``sort`` says. ``labels`` name the results; ``reference`` (a one-row result, or a number such as 1
    for ratios) is a line.
    """
    shown = prepare(results, by=by, labels=labels, sort=sort, kind=kind, outcome=outcome)
    drawing = _draw(shown, reference)
    alt = alt_text(_OPENING, shown)
    return Figure(check_name(name), drawing, alt, (caption, caption_nb), shown.data, shown.kind)


def _draw(shown: Series, reference: Result | float | None) -> str:
    many = len(shown.names)
    row = theme.ROW if many == 1 else many * STEP + GAP
    labels = [theme.wrap(group, 165) for group in shown.groups]
    row = max(row, max(label.count("\n") + 1 for label in labels) * 15.0 + 4)
    left = min(max(theme.text_width(label) for label in labels), 175) + 10
    key = _key(shown.names) if many > 1 and max(map(theme.text_width, shown.names)) > LONGEST_DIRECT else []
    with theme.sheet(
        row * len(labels),
        left=left,
        bottom=58 if shown.synthetic else 42,
        top=(20 if reference is not None else 8) + KEY_LINE * (key[-1][1] + 1 if key else 0),
    ) as page:
        axes = page.axes
        for position, series in enumerate(shown.names):
            _marks(page, shown, series, position, row)
        axes.set_ylim(row * len(labels), 0)
        axes.set_yticks([row * (i + 0.5) for i in range(len(labels))], labels)
        finish_value_axis(page, shown, reference)
        if key:
            _draw_key(page, shown.names, key)
        elif many > 1:
            _name_series(page, shown, row)
        theme.mark_source(page, shown.synthetic)
        return page.svg()


def _marks(page: theme.Sheet, shown: Series, series: str, position: int, row: float) -> None:
    rows = shown.rows[shown.rows["series"] == series].set_index("group")
    present = [(i, rows.loc[group]) for i, group in enumerate(shown.groups) if group in rows.index]
    offset = (position - (len(shown.names) - 1) / 2) * STEP
    y = [row * (i + 0.5) + offset for i, _ in present]
    colour = theme.colour(position)
    low, high, middle = (
        [float(r[c]) * shown.scale for _, r in present] for c in ("ci_low", "ci_high", "estimate")
    )
    page.axes.hlines(y, low, high, color=colour, linewidth=2.2, alpha=0.55)
    page.axes.plot(
        middle, y, linestyle="none", marker=MARKERS[position % 5], markersize=6.2, color=colour, clip_on=False
    )


def finish_value_axis(page: theme.Sheet, shown: Series, reference: Result | float | None = None) -> None:
    """Give the horizontal axis its grid, ticks, name and reference line."""
    from matplotlib.ticker import MaxNLocator

    axes = page.axes
    if shown.kind == "ratio":
        set_ratio_ticks(axes)
    else:
        if shown.kind == "percent":
            axes.set_xlim(left=0)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axes.grid(axis="x")
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(theme.wrap(shown.axis(), 300), loc="left", labelpad=3)
    if reference is not None:
        _reference(page, shown, reference)


def _reference(page: theme.Sheet, shown: Series, reference: Result | float) -> None:
    value = float(reference.estimate) if isinstance(reference, Result) else float(reference)
    page.axes.axvline(value * shown.scale, color=theme.MUTED, linewidth=1.2, linestyle=(0, (3, 2)))
    if isinstance(reference, Result):
        text = f"All {numerals.number(value, shown.kind, 'en')}"
        page.axes.annotate(
            text,
            (value * shown.scale, 1),
            xycoords=("data", "axes fraction"),
            xytext=(3, 3),
            textcoords="offset points",
            color=theme.MUTED,
            va="bottom",
        )


def _key(names: list[str]) -> list[tuple[float, int]]:
    """Return where each name stands in the key: its distance from the left and its line."""
    places: list[tuple[float, int]] = []
    x, line = 8.0, 0
    for name in names:
        width = theme.text_width(f"● {name}") + 14
        if places and x + width > theme.WIDTH:
            x, line = 8.0, line + 1
        places.append((x, line))
        x += width
    return places


def _draw_key(page: theme.Sheet, names: list[str], key: list[tuple[float, int]]) -> None:
    for position, (name, (x, line)) in enumerate(zip(names, key, strict=True)):
        page.canvas.text(
            x / theme.WIDTH,
            1 - (2 + line * KEY_LINE) / page.height,
            f"{GLYPHS[position % 5]} {name}",
            color=theme.colour(position),
            va="top",
        )


def _name_series(page: theme.Sheet, shown: Series, row: float) -> None:
    """Write each series' name beside its mark in the first group that has room for it."""
    axes = page.axes
    for position, series in enumerate(shown.names):
        rows = shown.rows[shown.rows["series"] == series].set_index("group")
        group = next(group for group in shown.groups if group in rows.index)
        mark: pd.Series = rows.loc[group]
        y = row * (shown.groups.index(group) + 0.5) + (position - (len(shown.names) - 1) / 2) * STEP
        ends = [float(mark[c]) * shown.scale for c in ("ci_low", "ci_high")]
        middle = float(mark["estimate"]) * shown.scale
        low, high = (middle if pd.isna(end) else end for end in ends)
        on_right = _room_right(page, high) >= theme.text_width(series) + 8
        x, ha, shift = (high, "left", 7) if on_right else (low, "right", -7)
        axes.annotate(
            series,
            (x, y),
            xytext=(shift, 0),
            textcoords="offset points",
            ha=ha,
            va="center_baseline",
            color=theme.colour(position),
        )


def _room_right(page: theme.Sheet, x: float) -> float:
    """Return how many units are free between ``x`` and the right edge of the figure."""
    inches = page.axes.transData.transform((x, 0))[0] / page.canvas.dpi
    return theme.WIDTH - inches * 72
