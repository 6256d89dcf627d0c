"""Figures: the only drawing code of the book.

Each function takes results and returns a ``Figure``: an SVG for light and dark pages, its alternative text
computed from the result in both languages, and the numbers behind it as a folded table and a CSV file.
Intervals are always drawn, series are labelled directly, and a figure of invented data says so inside
itself.
"""

from __future__ import annotations

from lonely_analysis.book.figure.bars import bars
from lonely_analysis.book.figure.base import Figure
from lonely_analysis.book.figure.curves import curves
from lonely_analysis.book.figure.dots import dots
from lonely_analysis.book.figure.funnel import funnel
from lonely_analysis.book.figure.lines import lines
from lonely_analysis.book.figure.matrix import matrix
from lonely_analysis.book.figure.overlap import overlap
from lonely_analysis.book.figure.pooled import pooled
from lonely_analysis.book.figure.published import forest
from lonely_analysis.book.figure.ranges import ranges
from lonely_analysis.book.figure.scatter import scatter
from lonely_analysis.book.figure.verdicts import ledger

__all__ = [
    "Figure",
    "bars",
    "curves",
    "dots",
    "forest",
    "funnel",
    "ledger",
    "lines",
    "matrix",
    "overlap",
    "pooled",
    "ranges",
    "scatter",
]
