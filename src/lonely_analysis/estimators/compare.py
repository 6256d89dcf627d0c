"""Several answers to one question side by side: what changes when an analyst chooses otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TypeVar

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.margins import Effects
from lonely_analysis.results import Estimates

Compared = TypeVar("Compared", Estimates, Effects)
#: What must agree, because no shared column could tell it apart; effects have a scale, estimates a statistic.
AGREE = ("source", "level", "statistic", "scale")
#: What names a row of its own result; the choice takes its place.
_NAMES = ("variable", "value", "reference")


def compare(choices: Mapping[str, Compared]) -> Compared:
    """Put one-row estimates or effects under each other, each with the words that say how it was reached.

    Returns ``choice`` and the columns that all of them have, in the order given; ``source``, ``level`` and
    what is estimated are those of the first. Raises ``DataError`` for a result of several rows (choose one
    with ``.row(...)``), and for results of different data, a different level, statistic or scale, which no
    shared column could tell apart.
    """
    if not choices:
        raise DataError("compare needs at least one estimate")
    first = next(iter(choices.values()))
    for words, result in choices.items():
        if len(result) != 1:
            raise DataError(f"{words!r} has {len(result)} rows: choose one with .row(...)")
        for field in AGREE:
            if _told(result, field) != _told(first, field):
                raise DataError(
                    f"{words!r} has {field} {_told(result, field)!r}, the first one {_told(first, field)!r}"
                )
    named = {*getattr(first, "by", ()), *_NAMES}
    shared = [c for c in first.table if c not in named and all(c in r.table for r in choices.values())]
    rows = pd.concat([result.table[shared] for result in choices.values()], ignore_index=True)
    rows.insert(0, "choice", list(choices))
    own = {"by": ("choice",), "vcov": None, "note": ""}
    return replace(first, table=rows, **{f.name: own[f.name] for f in fields(first) if f.name in own})


def _told(result: Estimates | Effects, field: str) -> object:
    """Return a field that must agree; a standardised prevalence is a prevalence."""
    told = getattr(result, field, None)
    return str(told).split()[-1] if field == "statistic" else told
