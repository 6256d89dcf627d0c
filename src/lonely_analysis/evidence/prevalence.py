"""Published prevalences with the words that tell them apart.

A prevalence means nothing without its *item* (the question), its *cut-off* (which answers count) and its
*window* (the time that the question asks about). A figure that was read in somebody's report, not in the
source itself, is *second-hand*.
"""

from __future__ import annotations

import re

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.published import published

TABLE = "prevalence_published"
#: Windows of questions whose published name does not give them, from the survey's own questionnaire.
WINDOWS = {"ESS single item (fltlnl)": "past week"}
NOT_STATED = "window not stated"
SECOND_HAND = "second-hand"
_WINDOW = re.compile(r",?\s*\bpast (?:week|\d+ \w+)")


def published_prevalence(*ids: str) -> pd.DataFrame:
    """Return the rows of ``published("prevalence_published")`` named by ``ids``, ready to stand side by side.

    One row an id, in the order given and indexed by it: ``place`` (where, when and who, in words),
    ``item``, ``cutoff``, ``window``, ``reading`` (``"second-hand"`` for grade B, else empty), ``n``, and as
    shares of one ``estimate``, ``ci_low``, ``ci_high``, and ``range_low`` or ``range_high`` where a source
    gives only a bound ("over 20%"). What a source does not give is missing. Raises ``DataError`` for an id
    that the table does not have.
    """
    table = published(TABLE).set_index("id")
    unknown = [name for name in ids if name not in table.index]
    if unknown or not ids:
        raise DataError(
            f"{TABLE} has no row {', '.join(map(repr, unknown))}; its ids: {', '.join(table.index)}"
        )
    rows = table.loc[list(ids)]
    shares = {"estimate": "prevalence_pct"} | {c: c for c in ("ci_low", "ci_high", "range_low", "range_high")}
    frame = pd.DataFrame(
        {
            "place": [_place(row) for _, row in rows.iterrows()],
            "item": [_spans(_WINDOW.sub("", item)) for item in rows["instrument"]],
            "cutoff": rows["cutoff"],
            "window": [_window(item) for item in rows["instrument"]],
            "reading": rows["grade"].map({"A": "", "B": SECOND_HAND}),
            "n": rows["n"],
            **{name: rows[column] / 100 for name, column in shares.items()},
        }
    )
    frame.attrs["source"] = TABLE
    return frame


def _place(row: pd.Series) -> str:
    sex = "" if row["sex"] == "all" else row["sex"]
    ages = row["age_band"] if not str(row["age_band"])[0].isdigit() else f"ages {row['age_band']}"
    parts = [row["country_or_region"], row["period"], "" if ages == "all" else ages, sex, row["group"]]
    return _spans(", ".join(str(part) for part in parts if part and not pd.isna(part)))


def _spans(text: str) -> str:
    """Write spans of numbers with the dash that they are set with."""
    return re.sub(r"(?<=\d)-(?=\d)", "–", text)


def _window(instrument: str) -> str:
    found = _WINDOW.search(instrument)
    return found[0].lstrip(", ") if found else WINDOWS.get(instrument, NOT_STATED)
