"""One look for all figures: narrow, quiet, the same hues on a light and a dark page.

A figure is ``WIDTH`` units wide whatever it shows, so that a telephone (350 px for it) still prints its
text at 11 px. Colours are drawn for a light page; a rule inside the SVG turns each into its dark twin where
the page is dark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

WIDTH = 400.0
#: Width on a desktop page, in pixels: text there is as large as the page's own.
SHOWN_WIDTH = 540
TEXT = 12.6
ROW = 21.0
#: Mean width of a letter of DejaVu Sans at ``TEXT``, for breaking lines.
LETTER = 7.3

INK = "#1f2328"
MUTED = "#5c6470"
GRID = "#d5d9de"
#: Okabe and Ito's hues, darkened until each has a contrast of at least 4.5 on white.
SERIES = ("#0067a5", "#b84300", "#00735a", "#8f3f71", "#6b5d00", "#44546a")
DARK = {
    INK: "#e6e8eb",
    MUTED: "#a9b1bb",
    GRID: "#3b424b",
    "#0067a5": "#6cb8ee",
    "#b84300": "#f5975a",
    "#00735a": "#4ecba4",
    "#8f3f71": "#dd9cc6",
    "#6b5d00": "#d9c64a",
    "#44546a": "#a9bdd6",
}

_RC = {
    "font.family": ["DejaVu Sans"],
    "font.size": TEXT,
    "svg.fonttype": "none",
    "svg.hashsalt": "lonely",
    "text.color": INK,
    "axes.edgecolor": GRID,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    # A label that holds dollar signs is a label, and not a formula that may fail to parse.
    "text.parse_math": False,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.major.pad": 5,
    "ytick.major.pad": 6,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "lines.solid_capstyle": "round",
    "savefig.transparent": True,
}


@dataclass(frozen=True)
class Sheet:
    """A drawing surface with one pair of axes whose margins are given in units."""

    canvas: Canvas
    axes: Axes
    height: float

    def svg(self) -> str:
        """Return the drawing as a compact SVG that is the same on every machine."""
        stream = StringIO()
        self.canvas.savefig(
            stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
        return _compact(stream.getvalue(), self.height)


@contextmanager
def sheet(
    height: float, *, left: float, bottom: float = 40.0, top: float = 12.0, right: float = 12.0
) -> Iterator[Sheet]:
    """Open a sheet whose axes fill what the margins leave; ``height`` is that of the axes."""
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure as MplFigure

    whole = height + bottom + top
    with mpl.rc_context(_RC):
        canvas = MplFigure(figsize=(WIDTH / 72, whole / 72))
        FigureCanvasSVG(canvas)
        axes = canvas.add_axes((left / WIDTH, bottom / whole, 1 - (left + right) / WIDTH, height / whole))
        yield Sheet(canvas, axes, whole)


def colour(position: int) -> str:
    """Return the colour of a series; more series than hues is a sign of a figure that should be two."""
    return SERIES[position % len(SERIES)]


def text_width(text: str) -> float:
    """Return the room a label takes, in units, with a little to spare."""
    return max(_line_width(line) for line in text.split("\n")) + 2


@lru_cache(maxsize=1024)
def _line_width(line: str) -> float:
    """Measure a line in DejaVu Sans: the fonts that browsers use are narrower."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family="DejaVu Sans", size=TEXT)
    return text_to_path.get_text_width_height_descent(line, font, ismath=False)[0]


def wrap(text: str, width: float) -> str:
    """Break a label into lines that fit ``width`` units."""
    import textwrap

    return "\n".join(textwrap.wrap(text, max(int(width / LETTER), 8), break_long_words=False)) or text


def mark_source(page: Sheet, synthetic: bool) -> None:
    """Write "Synthetic data" into the corner of a figure of invented persons."""
    if synthetic:
        words = "Synthetic data / syntetiske data"
        page.canvas.text(
            1 - 4 / WIDTH, 3 / page.height, words, ha="right", va="bottom", color=MUTED, style="italic"
        )


def _compact(svg: str, height: float) -> str:
    svg = re.sub(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"/>', "", svg)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    # Coordinates only: numbers that a reader sees stand between tags and keep their decimals.
    svg = re.sub(r"<[^>]*>", lambda tag: re.sub(r"-?\d+\.\d{2,}", _rounded, tag[0]), svg)
    svg = svg.replace(f"font-size: {TEXT}px; font-family: 'DejaVu Sans'; ", "")
    svg = re.sub(r' transform="rotate\(-0 [^"]*\)"', "", svg)
    svg = re.sub(r'(?:xmlns:xlink="[^"]*" )?width="[\d.]+pt" height="[\d.]+pt"', _size(height), svg, count=1)
    svg = svg.replace("xlink:href", "href").replace(' version="1.1"', "")
    svg = re.sub(
        r"<style type=\"text/css\">.*?</style>",
        f"<style>{_rules(svg)}</style>",
        svg,
        count=1,
        flags=re.DOTALL,
    )
    return re.sub(r">\s+<", "><", svg).strip().replace("><g", ">\n<g")


def _rounded(match: re.Match[str]) -> str:
    value = f"{float(match[0]):.1f}".removesuffix(".0")
    return "0" if value == "-0" else value


def _size(height: float) -> str:
    return f'width="{SHOWN_WIDTH}" height="{round(SHOWN_WIDTH * height / WIDTH)}"'


def _rules(svg: str) -> str:
    """Return the style sheet of one drawing: font, joins, and the dark twins of the colours it uses."""
    dark = "".join(
        f'[style*="{prop}: {light}"]{{{prop}:{twin}!important}}'
        for light, twin in DARK.items()
        for prop in ("fill", "stroke")
        if f"{prop}: {light}" in svg
    )
    text = f"text{{font: {TEXT}px system-ui, sans-serif}}"
    return f"*{{stroke-linejoin:round;stroke-linecap:butt}}{text}@media (prefers-color-scheme:dark){{{dark}}}"
