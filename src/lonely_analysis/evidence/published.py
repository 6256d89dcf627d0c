"""Published figures as tables.

A *published table* is one CSV file of ``data/published/``: figures read in papers and official pages, one row
a number, each with authors, year, DOI or address, place in the source and a *grade*. Grade A was read in the
primary source, grade B in somebody's report of it, which the book always shows as second-hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lonely_analysis.errors import DataError
from lonely_analysis.files import read_table, resources

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "published"


def published_names() -> list[str]:
    """Return the names that ``published`` accepts."""
    return [entry["name"] for entry in resources(FOLDER).values()]


def published(name: str) -> pd.DataFrame:
    """Return one published table, for example ``published("effects_mortality")``.

    ``attrs["source"]`` is the name that results pooled from the table carry; what each column means stands in
    ``data/datapackage.json``. The frame is a copy and may be changed freely. Raises ``DataError`` for an
    unknown name.
    """
    if name not in published_names():
        raise DataError(f"no published table {name!r}; there are: {', '.join(published_names())}")
    table = read_table(f"{FOLDER}/{name}.csv")
    table.attrs["source"] = name
    return table
