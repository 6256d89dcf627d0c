"""Points of two results against each other: isolation and loneliness, predicted and observed."""

from __future__ import annotations

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.context import is_synthetic
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.words import both
from lonely_analysis.book.glue import _field, _kind
from lonely_analysis.book.wording import field_name, group_name
from lonely_analysis.book.words import SYNTHETIC, Language, say
from lonely_analysis.errors import DataError
from lonely_analysis.results import Result

HEIGHT = 290.0


def scatter(
    x: Result,
    y: Result,
    *,
    on: str,
    name: str,
    caption: str,
    caption_nb: str = "",
    identity: bool = False,
    highlight: list[str] | None = None,
) -> Figure:
    """Draw the estimates of ``y`` against those of ``x`` for every group of ``on``, with both intervals.

    ``identity`` adds the line on which both are equal (calibration); ``highlight`` names the groups to
    colour and label, by default those that lie furthest out.
    """
    left, right = (result.to_frame().set_index(on) for result in (x, y))
    both_sides = left.merge(right, left_index=True, right_index=True, suffixes=("_x", "_y"))
    if both_sides.empty:
        raise DataError(f"the two results share no {on}")
    if len(both_sides) == 1:
        raise DataError(f"{on!r} has 1 group in the rows used: one point shows no relation")
    titles = [_axis(result, "en") for result in (x, y)]
    synthetic = any(is_synthetic(result.source) for result in (x, y))
    marked = highlight or _outermost(both_sides)
    drawing = _draw(_scaled(both_sides, x, y), titles, marked, identity, synthetic, on)
    alt = both(lambda language: _describe(both_sides, (x, y), on, synthetic, language))
    data = both_sides.reset_index()[
        [on, *[f"{c}_{s}" for s in "xy" for c in ("estimate", "ci_low", "ci_high")]]
    ]
    return Figure(check_name(name), drawing, alt, (caption, caption_nb), data)


def _scaled(points: pd.DataFrame, x: Result, y: Result) -> pd.DataFrame:
    """Return the numbers as they are drawn: shares in percent."""
    drawn = points.copy()
    for side, result in (("x", x), ("y", y)):
        columns = [f"{name}_{side}" for name in ("estimate", "ci_low", "ci_high")]
        drawn[columns] = drawn[columns] * numerals.SCALE.get(_kind(result), 1.0)
    return drawn


def _draw(
    points: pd.DataFrame, titles: list[str], marked: list[str], identity: bool, synthetic: bool, on: str
) -> str:
    with theme.sheet(HEIGHT, left=44, bottom=62 if synthetic else 46, top=30, right=16) as page:
        axes = page.axes
        for group, row in points.iterrows():
            _mark(page, row, theme.colour(1 if group in marked else 0))
        for group in marked:
            _label(page, points.loc[group], group_name(group, on))
        if identity:
            axes.axline((0, 0), slope=1, color=theme.MUTED, linestyle=(0, (3, 2)), linewidth=1.2)
        axes.grid()
        axes.tick_params(labelcolor=theme.MUTED)
        axes.set_xlabel(titles[0], loc="right")
        page.canvas.text(6 / theme.WIDTH, 1 - 4 / page.height, f"{titles[1]} ↑", va="top", ha="left")
        theme.mark_source(page, synthetic)
        return page.svg()


def _mark(page: theme.Sheet, row: pd.Series, shade: str) -> None:
    thin = {"color": shade, "alpha": 0.3, "linewidth": 1.4}
    page.axes.hlines(row["estimate_y"], row["ci_low_x"], row["ci_high_x"], **thin)
    page.axes.vlines(row["estimate_x"], row["ci_low_y"], row["ci_high_y"], **thin)
    page.axes.plot(
        [row["estimate_x"]], [row["estimate_y"]], marker="o", markersize=5.5, color=shade, linestyle="none"
    )


def _label(page: theme.Sheet, row: pd.Series, text: str) -> None:
    """Write a group's name on the side of its point that has more room."""
    place = (row["estimate_x"], row["estimate_y"])
    ha, shift = ("right", -7) if place[0] > sum(page.axes.get_xlim()) / 2 else ("left", 7)
    page.axes.annotate(
        text, place, xytext=(shift, 5), textcoords="offset points", ha=ha, color=theme.colour(1)
    )


def _axis(result: Result, language: Language) -> str:
    text = field_name(_field(result, "outcome") or "estimate", language)
    return f"{text} (%)" if _kind(result) == "percent" else text


def _outermost(points: pd.DataFrame) -> list[str]:
    ends = [
        points[column].agg(which) for column in ("estimate_x", "estimate_y") for which in ("idxmax", "idxmin")
    ]
    return list(dict.fromkeys([*ends, *(["NO"] if "NO" in points.index else [])]))


def _describe(
    points: pd.DataFrame, results: tuple[Result, Result], on: str, synthetic: bool, language: Language
) -> str:
    against, groups = {"en": ("against", "groups"), "nb": ("mot", "grupper")}[language]
    titles = [_axis(result, language) for result in results]
    spread = points["estimate_x"].corr(points["estimate_y"])
    words = {
        "en": f"Correlation {numerals.digits(spread, 2, 'en')}",
        "nb": f"Korrelasjon {numerals.digits(spread, 2, 'nb')}",
    }
    kinds = dict(zip(("estimate_x", "estimate_y"), map(_kind, results), strict=True))
    ends = [
        f"{group_name(group, on, language)} "
        + ", ".join(numerals.number(points.loc[group, axis], kind, language) for axis, kind in kinds.items())
        for group in _outermost(points)
    ]
    text = f"{titles[1]} {against} {titles[0]}: {len(points)} {groups}. {words[language]}. {'; '.join(ends)}."
    return f"{text} {say(SYNTHETIC, language)}." if synthetic else text
