"""Tables that readers take away: CSV that a spreadsheet opens as text and never runs.

A spreadsheet takes a cell that begins with ``= + - @`` for a formula, even in a CSV file, and a formula may
start programs (OWASP, "CSV injection"). Labels come from survey files that others wrote, so that a text which
begins so gets an apostrophe before it. Numbers lose only the digits in which machines differ. What the
command line prints is for programs and is not changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pandas as pd

from lonely_analysis.book.numerals import steady

_FORMULA = re.compile(r"^[=+@\t\r-]")
_NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$", re.IGNORECASE)


def _written(number: float) -> str:
    return repr(steady(number))


def csv_text(frame: pd.DataFrame, float_format: str | Callable[[float], str] = _written) -> str:
    """Return a table as CSV for a reader's spreadsheet; ``float_format`` as in pandas."""
    texts = frame.select_dtypes(["object", "string", "category"])
    safe = frame.assign(**{name: texts[name].astype(object).map(_harmless) for name in texts})
    safe.columns = [_harmless(name) for name in safe.columns]
    return safe.to_csv(index=False, float_format=float_format, lineterminator="\n")


def _harmless(cell: object) -> object:
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.match(cell):
        return f"'{cell}"
    return steady(cell) if isinstance(cell, float) else cell
