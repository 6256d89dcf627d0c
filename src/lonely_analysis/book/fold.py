"""Long reference tables for the back matter: folded until asked for, stacked on a telephone, downloadable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from itertools import cycle
from urllib.parse import quote

import pandas as pd

from lonely_analysis.book import tables
from lonely_analysis.book.downloads import csv_text
from lonely_analysis.book.show import Page
from lonely_analysis.book.words import DOWNLOAD


def folded(
    frame: pd.DataFrame, caption: str, *, numeric: Sequence[str] = (), source: pd.DataFrame | None = None
) -> str:
    """Return a table of text cells under a heading that opens it; ``source`` can be downloaded as CSV."""
    table = stacked(frame, caption, numeric)
    link = "" if source is None else download(source, caption)
    return f'<details class="la-data la-fold"><summary>{escape(caption)}</summary>{table}{link}</details>'


def stacked(frame: pd.DataFrame, caption: str, numeric: Sequence[str] = (), caption_nb: str = "") -> str:
    """Return a table whose cells stand beneath each other, under their headers, where the page is narrow."""
    headers = cycle(escape(str(name)) for name in frame.columns[1:])
    html = tables.to_html(frame.astype("str"), caption, list(numeric), caption_nb)
    labelled = re.sub(r"<td\b", lambda _: f'<td data-header="{next(headers)}"', html)
    return f'<div class="la-stack">{labelled}</div>'


def download(frame: pd.DataFrame, name: str) -> str:
    """Return a link that holds the whole table as CSV, so that it works without a network."""
    file = "-".join(name.lower().split()[:4])
    text = quote(csv_text(frame))
    return (
        f'<p><a download="{escape(file)}.csv" href="data:text/csv;charset=utf-8,{text}">{DOWNLOAD[0]}</a></p>'
    )


def page(html: str, frame: pd.DataFrame) -> Page:
    """Return a fragment with the table's size as its plain-text twin."""
    return Page(html=html, text=f"{len(frame)} rows: {', '.join(map(str, frame.columns))}")
