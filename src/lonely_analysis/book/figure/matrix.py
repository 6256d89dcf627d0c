"""A table of numbers as shaded cells: transitions between waves, correlations between scales."""

from __future__ import annotations

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.context import is_synthetic
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.words import both
from lonely_analysis.book.glue import _kind
from lonely_analysis.book.numerals import Kind
from lonely_analysis.book.wording import field_name, group_name
from lonely_analysis.book.words import SYNTHETIC, Language, say
from lonely_analysis.errors import DataError
from lonely_analysis.results import Result

#: The strongest shade leaves the number in the cell readable on it.
DEEPEST = 0.5
CELL = 34.0
#: Room for a name that is turned upright.
UPRIGHT = 110.0


def matrix(
    result: Result,
    *,
    rows: str,
    columns: str,
    name: str,
    caption: str,
    caption_nb: str = "",
    kind: Kind | None = None,
    row_title: str = "",
    column_title: str = "",
) -> Figure:
    """Draw estimates as a shaded grid with the number in each cell: ``rows`` down, ``columns`` across.

    Negative numbers have another hue than positive ones. Intervals stand in the table under the figure.
    """
    table, kind = result.to_frame(), kind or _kind(result)
    if table.duplicated([rows, columns]).any():
        raise DataError(f"several estimates share one cell of {rows} by {columns}: select one outcome first")
    order = (list(dict.fromkeys(table[axis])) for axis in (rows, columns))
    down, across = order
    grid = table.pivot(index=rows, columns=columns, values="estimate").reindex(index=down, columns=across)
    synthetic = is_synthetic(result.source)
    drawing = _draw(
        grid.astype(float),
        kind,
        synthetic,
        (row_title or field_name(rows), column_title or field_name(columns)),
    )
    titles = (row_title or rows, column_title or columns)
    alt = both(lambda language: _describe(grid.astype(float), kind, synthetic, titles, language))
    return Figure(check_name(name), drawing, alt, (caption, caption_nb), table, kind)


def _draw(grid: pd.DataFrame, kind: Kind, synthetic: bool, titles: tuple[str, str]) -> str:
    words = [theme.wrap(_name(value, grid.index.name), 120) for value in grid.index]
    names = [_name(value, grid.columns.name) for value in grid.columns]
    across = [theme.wrap(name, 60) for name in names]
    turned = any(theme.text_width(word) > 240 / len(across) for word in across)
    # Upright names stand in two lines at most, which is what a column has room for.
    across = [theme.wrap(name, UPRIGHT) for name in names] if turned else across
    lines = max(word.count("\n") + 1 for word in across)
    head = max(map(theme.text_width, across)) + 10 if turned else lines * 15 + 6
    left = max(theme.text_width(word) for word in words) + 12
    with theme.sheet(CELL * len(grid), left=left, bottom=22 if synthetic else 8, top=head + 20) as page:
        _shade(page, grid, kind)
        how = {"rotation": 90, "ha": "left", "va": "center"} if turned else {"rotation": 0, "ha": "center"}
        ticks = [place + 0.5 for place in range(len(across))]
        page.axes.set_xticks(ticks, across, rotation_mode="anchor", color=theme.INK, **how)
        page.axes.set_yticks([place + 0.5 for place in range(len(words))], words, rotation=0)
        page.axes.tick_params(axis="x", labeltop=True, labelbottom=False, length=0)
        page.axes.tick_params(axis="y", length=0)
        corner = (1 - 10 / theme.WIDTH, 1 - 3 / page.height)
        page.canvas.text(*corner, f"{titles[0]} ↓   {titles[1]} →", va="top", ha="right", color=theme.MUTED)
        theme.mark_source(page, synthetic)
        return page.svg()


def _shade(page: theme.Sheet, grid: pd.DataFrame, kind: Kind) -> None:
    import seaborn as sns
    from matplotlib.colors import LinearSegmentedColormap, to_rgb

    cold, warm = (to_rgb(theme.SERIES[i]) for i in (0, 1))
    shades = LinearSegmentedColormap.from_list("", [(*warm, DEEPEST), (*cold, 0.0), (*cold, DEEPEST)])
    most = float(grid.abs().max().max()) or 1.0
    words = grid.map(lambda value: "" if pd.isna(value) else numerals.number(value, kind, "en")).to_numpy()
    look = {"cmap": shades, "vmin": -most, "vmax": most, "cbar": False, "linewidths": 0}
    sns.heatmap(grid.to_numpy(), ax=page.axes, annot=words, fmt="", annot_kws={"color": theme.INK}, **look)


def _name(value: object, column: object) -> str:
    text = str(value)
    return group_name(value, str(column)) if group_name(value, str(column)) != text else field_name(text)


def _describe(
    grid: pd.DataFrame, kind: Kind, synthetic: bool, titles: tuple[str, str], language: Language
) -> str:
    opening = {"en": "Grid of", "nb": "Rutenett med"}[language]
    by = {"en": "by", "nb": "mot"}[language]
    down, across = (field_name(title, language).lower() for title in titles)
    cells = [
        f"{_translated(row, language)}{_between(row, column, by)}{_translated(column, language)}: "
        f"{numerals.number(value, kind, language)}"
        for row, line in grid.iterrows()
        for column, value in line.items()
        if not pd.isna(value)
    ]
    strongest = sorted(range(len(cells)), key=lambda i: -abs(grid.stack().to_numpy()[i]))[:12]
    text = f"{opening} {down} {by} {across}. " + "; ".join(cells[i] for i in sorted(strongest)) + "."
    return f"{text} {say(SYNTHETIC, language)}." if synthetic else text


def _between(row: object, column: object, by: str) -> str:
    # Two numbers with Norwegian decimals cannot stand with a comma between them.
    return f" {by} " if isinstance(row, float) and isinstance(column, float) else ", "


def _translated(value: object, language: Language) -> str:
    if isinstance(value, float):
        return f"{value:g}".replace(".", "," if language == "nb" else ".")
    words = group_name(value, "", language)
    return words if words != str(value) else field_name(str(value), language)
