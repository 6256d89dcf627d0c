"""Tick labels of a ratio axis: round ratios, as many as stand beside each other without touching."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lonely_analysis.book.figure import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Round ratios, those that a reader looks for first at the front: no effect, then doublings, then the rest.
ROUND = (1, 2, 0.5, 5, 0.2, 10, 0.1, 1.5, 3, 0.7, 20, 0.3, 8, 1.25, 0.8, 0.05, 0.02, 50)
#: Free room between two labels, in units.
GAP = 8.0


def ratio_ticks(low: float, high: float, units: float) -> list[float]:
    """Choose the ratios to label between ``low`` and ``high``, in ascending order.

    ``units`` is the length of the axis, which is logarithmic. A ratio is labelled when its label keeps clear
    of those of all ratios before it in ``ROUND``. Where no round ratio lies inside, 1 is answered.
    """
    per_log = units / max(np.log(high / low), 1e-9)
    chosen: list[float] = []
    for ratio in (ratio for ratio in ROUND if low <= ratio <= high):
        half = theme.text_width(label(ratio)) / 2
        if all(
            abs(np.log(ratio / other)) * per_log > half + theme.text_width(label(other)) / 2 + GAP
            for other in chosen
        ):
            chosen.append(ratio)
    return sorted(chosen) or [1]


def label(ratio: float) -> str:
    """Write a tick's ratio."""
    return f"{ratio:.3g}"


def set_ratio_ticks(axes: Axes, logged: bool = False) -> None:
    """Label the horizontal axis with ratios: a log axis, or with ``logged`` a plain axis of logarithms.

    What is drawn must stand already, since the limits decide which ratios are labelled.
    """
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    if not logged:
        axes.set_xscale("log")
    low, high = np.exp(axes.get_xlim()) if logged else axes.get_xlim()
    ticks = ratio_ticks(low, high, axes.get_position().width * theme.WIDTH)
    axes.xaxis.set_major_locator(FixedLocator(np.log(ticks) if logged else ticks))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: label(np.exp(x) if logged else x)))
