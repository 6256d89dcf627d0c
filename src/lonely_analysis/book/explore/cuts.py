"""Every instrument at every cut point, by place and group, small enough to carry in a page.

Vocabulary: an *instrument* is a loneliness question or scale; a *cut* is the lowest value that counts as
lonely; a *place* is a country, or all of them together as ``""``; a *group* is a pair (grouping, value), and
``("", "")`` is everybody. A *number* is a share in hundredths of a percent, so that 8.16% is 816.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from lonely_analysis.errors import EstimationError
from lonely_analysis.estimators.cut_points import cut_points
from lonely_analysis.surveys.survey import Survey

#: Scores whose cut points a reader can move, in the order of the page.
INSTRUMENTS = ("lonely_freq", "ucla3", "djg6", "djg6_emotional", "djg6_social")
GROUPINGS = ("sex", "age_group", "education", "lives_alone")
#: A group of fewer answers is not shown: its interval would fill the picture.
FEWEST_ANSWERS = 50
#: Numbers are kept in hundredths of a percent: one digit more than a page prints.
PER_ONE = 10_000

Explored = dict[str, Any]


def explore_cuts(survey: Survey) -> Explored:
    """Estimate the share at or above every cut of every instrument that the survey has.

    Returns ``{"places": […], "groups": [[grouping, value], …], "instruments": [{"id", "cuts", "cells"}]}``.
    ``cells`` has one list a place with one entry a group: 0 where too few answered, else ``[n, estimate,
    down, up, estimate, down, up, …]`` along ``cuts``, where the interval runs from ``estimate - down`` to
    ``estimate + up`` (shorter to write than its ends). Every number is that of ``la.cut_points``, and so of
    ``la.prevalence`` of the people in that place and group.
    """
    frame = survey.frame
    countries = list(frame["country"].dropna().unique()) if "country" in frame else []
    places = ["", *sorted(map(str, countries))] if len(countries) > 1 else [""]
    groupings = [name for name in GROUPINGS if name in frame and frame[name].notna().any()]
    groups = [("", ""), *((name, str(value)) for name in groupings for value in _values(frame[name]))]
    found = {name: _instrument(survey, name, groupings, places) for name in INSTRUMENTS if name in frame}
    instruments = [
        {"id": name, "cuts": cuts, "cells": [[cells.get((p, *g), 0) for g in groups] for p in places]}
        for name, (cuts, cells) in ((n, made) for n, made in found.items() if made)
    ]
    return {"places": places, "groups": [list(group) for group in groups], "instruments": instruments}


def packed(explored: Explored) -> str:
    """Write what was explored as one line of JSON, as a snapshot keeps it."""
    return json.dumps(explored, separators=(",", ":"), ensure_ascii=False)


def unpacked(text: str) -> Explored:
    """Read what ``packed`` wrote."""
    return json.loads(text)


def _values(column: pd.Series) -> list[Any]:
    """Return the groups of a column in their own order where they have one."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return [value for value in column.cat.categories if (column == value).any()]
    return sorted(column.dropna().unique(), reverse=pd.api.types.is_bool_dtype(column))


def _instrument(
    survey: Survey, name: str, groupings: list[str], places: list[str]
) -> tuple[list[int], dict[tuple[str, str, str], list[int]]] | None:
    cells: dict[tuple[str, str, str], list[int]] = {}
    cuts: list[int] = []
    try:
        for grouping in ("", *groupings):
            for place in ([], ["country"]) if len(places) > 1 else ([],):
                by = [*place, *([grouping] if grouping else [])]
                table = cut_points(survey, name, by=by or None).to_frame()
                cuts = sorted(int(cut) for cut in table["cut"].unique())
                cells |= _cells(table, place, grouping)
    except EstimationError:
        return None
    return cuts, cells


def _cells(table: pd.DataFrame, place: list[str], grouping: str) -> dict[tuple[str, str, str], list[int]]:
    cells: dict[tuple[str, str, str], list[int]] = {}
    for row in table.sort_values("cut", kind="stable").to_dict("records"):
        key = (str(row["country"]) if place else "", grouping, str(row[grouping]) if grouping else "")
        numbers = [row["estimate"], row["ci_low"], row["ci_high"]]
        if row["n"] < FEWEST_ANSWERS or any(pd.isna(number) for number in numbers):
            continue
        middle, low, high = (round(PER_ONE * number) for number in numbers)
        cells.setdefault(key, [int(row["n"])]).extend((middle, middle - low, high - middle))
    whole = 1 + 3 * table["cut"].nunique()
    return {key: cell for key, cell in cells.items() if len(cell) == whole}
