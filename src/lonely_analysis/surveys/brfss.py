"""BRFSS: the combined file of a year, read by column.

A file has some 450,000 rows and 350 columns (about 1 GB); only the columns of the codebook are held in
memory, while the reader streams through the rows. PSUs and sequence numbers mean something within a state
only.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lonely_analysis.surveys.codebook import codebook
from lonely_analysis.surveys.draft import Draft, add_scales, of_one_file
from lonely_analysis.surveys.survey import Survey

NAME = "brfss"
FIRST_YEAR = 2022
"""The first year with a question on loneliness or isolation."""


def read(path: Path | None, *, part: str | None = None) -> Survey:
    """Read one year's LLCP file; raises ``DataError`` for a file that cannot be used."""
    return draft(path, part=part).survey()


def draft(path: Path | None, *, part: str | None = None) -> Draft:
    """Read the file into common columns, collecting problems instead of raising them."""
    made = of_one_file(codebook(NAME), path, part)
    if made.has("_state"):
        _within_states(made)
    if made.has("_year"):
        _year(made)
    add_scales(made)
    return made


def _within_states(made: Draft) -> None:
    """Make strata, PSUs and persons unique across states."""
    state = made.columns["_state"].astype("Int64").astype("string")
    for column, source in (("stratum", "_stratum"), ("psu", "_psu"), ("person_id", "_number")):
        if source in made.columns:
            made.add(column, state + "-" + made.columns[source])


def _year(made: Draft) -> None:
    """Take the file's first year for all: its last interviews reach into the next."""
    first = pd.to_numeric(made.columns["_year"], errors="coerce").min()
    made.add("year", pd.Series(first, index=range(made.n)))
    if first < FIRST_YEAR:
        made.problems.append(
            f"this is the file of {int(first)}, which has neither SDLONELY nor SDHISOLT: "
            f"use {FIRST_YEAR} or later"
        )
    elif not made.has("lonely"):
        made.notes.append("no SDLONELY: what needs `lonely` cannot be answered from this file")
