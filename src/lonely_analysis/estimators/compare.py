"""Several answers to one question side by side: what changes when an analyst chooses otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.results import Estimates


def compare(choices: Mapping[str, Estimates]) -> Estimates:
    """Put one-row estimates under each other, each with the words that say how it was reached.

    Returns ``choice`` and the columns that all of them have, in the order given; ``source``, ``level`` and
    what is estimated are those of the first. Raises ``DataError`` for a result of several rows (choose one
    with ``.row(...)``), and for results of different data, a different level or a different statistic,
    which no shared column could tell apart.
    """
    if not choices:
        raise DataError("compare needs at least one estimate")
    first = next(iter(choices.values()))
    for words, result in choices.items():
        if len(result) != 1:
            raise DataError(f"{words!r} has {len(result)} rows: choose one with .row(...)")
        for field in ("source", "level", "statistic"):
            if _told(result, field) != _told(first, field):
                raise DataError(
                    f"{words!r} has {field} {_told(result, field)!r}, the first one {_told(first, field)!r}"
                )
    shared = [c for c in first.table if c not in first.by and all(c in r.table for r in choices.values())]
    rows = pd.concat([result.table[shared] for result in choices.values()], ignore_index=True)
    rows.insert(0, "choice", list(choices))
    return replace(first, table=rows, by=("choice",), vcov=None, note="")


def _told(result: Estimates, field: str) -> object:
    """Return a field that must agree; a standardised prevalence is a prevalence."""
    return result.statistic.split()[-1] if field == "statistic" else getattr(result, field)
