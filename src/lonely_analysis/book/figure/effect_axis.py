"""The axis of study effects: ratios are placed by their logarithm and labelled as what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.ratio_ticks import set_ratio_ticks
from lonely_analysis.book.numerals import Kind
from lonely_analysis.evidence.effects import as_ratios

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EffectKind = Literal["ratio", "number"]
#: Height of a line of text.
LINE = 16.0
#: Free room on either side, as a share of what is drawn.
MARGIN = 0.04


def finish(axes: Axes, kind: EffectKind, low: float, high: float, name: str) -> None:
    """Give the axis its limits (on the scale of ``yi``), ticks, grid, name and the line of no effect."""
    from matplotlib.ticker import MaxNLocator

    room = MARGIN * (high - low)
    axes.set_xlim(low - room, high + room)
    if kind == "ratio":
        set_ratio_ticks(axes, logged=True)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.axvline(0, color=theme.MUTED, linewidth=1.2, linestyle=(0, (3, 2)), zorder=0.5)
    axes.grid(axis="x")
    axes.spines["bottom"].set_visible(False)
    axes.set_xlabel(name, loc="left", labelpad=3)


def named(text: str, left: float, synthetic: bool) -> tuple[str, float]:
    """Break the axis' name into lines, and say how many units ticks, name and mark need below the axis."""
    name = theme.wrap(text, theme.WIDTH - left - 20)
    return name, 28 + LINE * (name.count("\n") + 1 + synthetic)


def shown(table: pd.DataFrame, kind: EffectKind) -> pd.DataFrame:
    """Return effects as they are read: ratios exponentiated."""
    return as_ratios(table) if kind == "ratio" else table


def write(row: pd.Series, kind: Kind, language: Literal["en", "nb"]) -> str:
    """Write an effect with its interval: ``1.57 (1.29 to 1.91)``."""
    value = numerals.number(float(row["estimate"]), kind, language)
    return f"{value} ({numerals.bounds(row['ci_low'], row['ci_high'], kind, language)})"
