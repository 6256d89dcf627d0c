"""What every figure carries: picture, alternative text, caption and the numbers behind it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import quote

import pandas as pd

from lonely_analysis.book import tables
from lonely_analysis.book.downloads import csv_text
from lonely_analysis.book.show import publish
from lonely_analysis.book.twin import twin
from lonely_analysis.book.words import DATA_TABLE, DOWNLOAD, Pair
from lonely_analysis.errors import DataError

#: Digits kept in the CSV file: more than a reader needs, fewer than machines differ in.
CSV_DIGITS = "%.6g"


@dataclass(frozen=True)
class Figure:
    """A drawn result. ``alt`` and ``caption`` are pairs (English, Norwegian); ``data`` holds numbers."""

    name: str
    drawing: str = field(repr=False)
    alt: Pair
    caption: Pair
    data: pd.DataFrame = field(repr=False)
    kind: str = "number"
    columns: tuple[str, ...] | None = None

    @property
    def svg(self) -> str:
        """The picture; its caption is the title, its alternative text the description, in both languages."""
        words = [("title", self.caption), ("desc", self.alt)]
        inside = "".join(
            f'<{tag} lang="{language}">{escape(text)}</{tag}>'
            for tag, pair in words
            for language, text in zip(("en", "nb"), pair, strict=True)
            if text
        )
        return re.sub(
            r"<svg ([^>]*)>",
            rf'<svg \1 role="img" data-name="{self.name}">' + _safe(inside),
            self.drawing,
            count=1,
        )

    def to_csv(self) -> str:
        """Return the numbers behind the figure as a CSV text."""
        return csv_text(self.data, CSV_DIGITS)

    def details(self) -> str:
        """Return the folded table with its download, as HTML."""
        cells, numeric = tables.as_cells(self.data, columns=self.columns, kind=self.kind)
        link = f"data:text/csv;charset=utf-8,{quote(self.to_csv())}"
        return (
            f'<details class="la-data"><summary>{twin(*DATA_TABLE)}</summary>'
            f"{tables.to_html(cells, self.caption[0], numeric, self.caption[1])}"
            f'<p><a download="{self.name}.csv" href="{link}">{twin(*DOWNLOAD)}</a></p></details>'
        )

    def _ipython_display_(self, **_: Any) -> None:
        publish({"image/svg+xml": self.svg, "text/plain": self.alt[0]})
        publish({"text/html": self.details(), "text/plain": f"{DATA_TABLE[0]}: {len(self.data)} rows"})


def check_name(name: str) -> str:
    """Return a figure's name when it can be a label, a file name and an anchor at once."""
    if not re.fullmatch(r"fig-[a-z0-9]+(-[a-z0-9]+)*", name):
        raise DataError(
            f"a figure's name is like 'fig-03-country' (small letters, digits, hyphens), not {name!r}"
        )
    return name


def _safe(replacement: str) -> str:
    return replacement.replace("\\", "\\\\")
