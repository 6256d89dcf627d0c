"""Tables that readers take away: CSV that a spreadsheet opens as text and never runs.

A spreadsheet takes a cell that begins with ``= + - @`` for a formula, even in a CSV file, and a formula may
start programs (OWASP, "CSV injection"). Labels come from survey files that others wrote, so that a text which
begins so gets an apostrophe before it. Numbers stay as they are. What the command line prints is for programs
and is not changed.
"""

from __future__ import annotations

import re

import pandas as pd

_FORMULA = re.compile(r"^[=+@\t\r-]")
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$", re.IGNORECASE)


def csv_text(frame: pd.DataFrame, float_format: str | None = None) -> str:
    """Return a table as CSV for a reader's spreadsheet; ``float_format`` as in pandas."""
    texts = frame.select_dtypes(["object", "string", "category"])
    harmless = frame.assign(**{name: texts[name].astype(object).map(_as_text) for name in texts})
    harmless.columns = [_as_text(name) for name in harmless.columns]
    return harmless.to_csv(index=False, float_format=float_format, lineterminator="\n")


def _as_text(cell: object) -> object:
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.match(cell):
        return f"'{cell}"
    return cell
