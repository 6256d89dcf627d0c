"""Survival curves: steps with interval bands, each labelled where it ends."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.context import is_synthetic
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.lines import name_lines
from lonely_analysis.book.figure.words import both
from lonely_analysis.book.wording import compared_name
from lonely_analysis.book.words import SYNTHETIC, Language, Pair, say
from lonely_analysis.errors import DataError
from lonely_analysis.estimators.curve_table import SurvivalCurves

HEIGHT = 210.0
#: More curves than this cross and cannot be told apart.
MOST_CURVES = 4
#: Steps drawn for a curve; a band of more only makes the page heavier.
MOST_STEPS = 60
#: Room to the right of the axes for the names of the curves.
LABEL_WIDTH = 105
_AXES: Pair = ("Alive (%)", "I live (%)")
_YEARS: Pair = ("Years since the first interview", "År siden første intervju")
_OPENING: Pair = (
    "Survival curves with {level}% interval bands, share alive after {years} years: ",
    "Overlevelseskurver med {level} %-intervallbånd, andel i live etter {years} år: ",
)


def curves(
    result: SurvivalCurves, *, name: str, caption: str, caption_nb: str = "", unit: Pair = _YEARS
) -> Figure:
    """Draw the share alive over time, one stepped line with its interval band for each group.

    ``unit`` names the time axis in both languages. The vertical axis ends at 100% and need not begin at 0,
    since it measures no length. Raises ``DataError`` for more than four groups.
    """
    table = result.to_frame()
    groups = [None] if result.by is None else list(pd.unique(table[result.by]))
    if len(groups) > MOST_CURVES:
        raise DataError(f"{len(groups)} curves cannot be told apart: draw at most {MOST_CURVES}")
    parts = [table if group is None else table[table[result.by] == group] for group in groups]
    synthetic = is_synthetic(result.source)
    names = [_names(result, group) for group in groups]
    drawing = _draw(parts, [english for english, _ in names], unit[0], synthetic)
    alt = both(lambda language: _describe(result, parts, names, language, synthetic))
    columns = ([] if result.by is None else [result.by]) + [
        "time",
        "estimate",
        "ci_low",
        "ci_high",
        "at_risk",
    ]
    return Figure(check_name(name), drawing, alt, (caption, caption_nb), _thinned(parts)[columns], "percent")


def _names(result: SurvivalCurves, group: object) -> Pair:
    if group is None:
        return "", ""
    return (
        compared_name(str(result.by), group, language="en"),
        compared_name(str(result.by), group, language="nb"),
    )


def _thin(part: pd.DataFrame) -> pd.DataFrame:
    """Keep the last known row and as many others as can be seen."""
    known = part[part["estimate"].notna()]
    if len(known) <= MOST_STEPS:
        return known
    return known.iloc[np.unique(np.linspace(0, len(known) - 1, MOST_STEPS).round().astype(int))]


def _thinned(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([_thin(part) for part in parts], ignore_index=True)


def _draw(parts: list[pd.DataFrame], names: list[str], unit: str, synthetic: bool) -> str:
    words = [theme.wrap(word, LABEL_WIDTH) for word in names]
    right = max(theme.text_width(word) for word in words) + 10 if any(words) else 14
    with theme.sheet(HEIGHT, left=44, right=right, bottom=58 if synthetic else 42, top=30) as page:
        axes = page.axes
        ends = [_curve(page, _thin(part), position) for position, part in enumerate(parts)]
        axes.set_xlim(left=0)
        axes.set_ylim(top=100)
        axes.grid(axis="y")
        axes.tick_params(axis="y", labelcolor=theme.MUTED)
        axes.set_xlabel(unit, loc="left", labelpad=3)
        page.canvas.text(6 / theme.WIDTH, 1 - 4 / page.height, _AXES[0], va="top", ha="left")
        if any(words):
            name_lines(page, words, ends, HEIGHT)
        theme.mark_source(page, synthetic)
        return page.svg()


def _curve(page: theme.Sheet, part: pd.DataFrame, position: int) -> float:
    """Draw one curve from time 0, when all are alive; return where it ends."""
    time = np.r_[0.0, part["time"].to_numpy(dtype=float)]
    middle, low, high = (
        np.r_[100.0, 100 * part[column].to_numpy(dtype=float)] for column in ("estimate", "ci_low", "ci_high")
    )
    colour = theme.colour(position)
    page.axes.fill_between(time, low, high, step="post", color=colour, alpha=0.18, linewidth=0)
    style = ("-", "--", "-.", ":")[position % 4]
    page.axes.step(time, middle, where="post", color=colour, linewidth=2, linestyle=style)
    return float(middle[-1])


def _describe(
    result: SurvivalCurves, parts: list[pd.DataFrame], names: list[Pair], language: Language, synthetic: bool
) -> str:
    lasts = [part[part["estimate"].notna()].iloc[-1] for part in parts]
    years = numerals.digits(max(float(last["time"]) for last in lasts), 0, language)
    opening = say(_OPENING, language).format(
        level=numerals.digits(100 * result.level, 0, language), years=years
    )
    entries = [
        f"{say(name, language)} {_value(last, language)}".strip()
        for name, last in zip(names, lasts, strict=True)
    ]
    text = f"{opening}{'; '.join(entries)}."
    return f"{text} {say(SYNTHETIC, language)}." if synthetic else text


def _value(last: pd.Series, language: Language) -> str:
    se = float(last["se"])
    text = numerals.number(float(last["estimate"]), "percent", language, se=se)
    return f"{text} ({numerals.bounds(last['ci_low'], last['ci_high'], 'percent', language, se=se)})"
