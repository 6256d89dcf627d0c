"""The explorer's part of a page: its numbers as JSON, and what stands there until the script has run."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from lonely_analysis.book.context import built_on, is_synthetic, survey
from lonely_analysis.book.explore import words
from lonely_analysis.book.explore.cuts import (
    FEWEST_ANSWERS,
    PER_ONE,
    Explored,
    explore_cuts,
    packed,
    unpacked,
)
from lonely_analysis.book.explore.published_rows import published_rows
from lonely_analysis.book.explore.risks import risks
from lonely_analysis.book.glue import put
from lonely_analysis.book.show import Page
from lonely_analysis.book.snapshot import real
from lonely_analysis.book.wording import Pair, cut_name, field_name, group_name, source_name
from lonely_analysis.errors import DataError
from lonely_analysis.surveys.scale_catalogue import SCALES

#: Under this name the explored cut points of a real survey are kept in its snapshot.
KEY = "explore_cuts"
#: The real survey that stands beside the one that the book is built on.
REAL = "euls"
#: The whole of it must stay a small part of a page.
MOST_BYTES = 200_000
_SCALE_OF = {"ucla3": "ucla3", "djg6": "djg6", "djg6_emotional": "djg6", "djg6_social": "djg6"}
_WAITING: Pair = (
    "The controls need JavaScript. The figures and the table on this page show the same numbers.",
    "Kontrollene trenger JavaScript. Figurene og tabellen på denne siden viser de samme tallene.",
)


def explorer() -> Page:
    """Show both tools: "Move the cut point" and "How does the ranking change?".

    On a real survey the explored cut points are also kept for its snapshot. Invented people are offered only
    while the book is built on them.
    """
    if not is_synthetic(built_on()):
        put(KEY, packed(_here()))
    # No "<" at all: "</script>" ends a script, and "<!--" with "<script" keeps one from ending.
    text = json.dumps(content(), separators=(",", ":"), ensure_ascii=False).replace("<", "\\u003c")
    if len(text.encode()) > MOST_BYTES:
        raise DataError(f"the explorer's numbers take {len(text.encode())} bytes of {MOST_BYTES}")
    html = (
        f'<div class="la-explorer"><p class="la-note">{_WAITING[0]} <span lang="nb">{_WAITING[1]}</span></p>'
        f'<script type="application/json" class="la-explorer-data">{text}</script></div>'
    )
    return Page(html=html, text=_WAITING[0])


def content() -> dict[str, Any]:
    """Return all that the script needs: words, surveys, published rows and the ranking of risks."""
    explored = {built_on(): _here()}
    if REAL not in explored:
        explored[REAL] = unpacked(real(REAL, KEY))
    return {
        "words": words.CONTROLS,
        "unit": PER_ONE / 100,
        "fewest": FEWEST_ANSWERS,
        "surveys": [_survey(name, found) for name, found in explored.items()],
        "published": published_rows(),
        "risks": risks(),
    }


@lru_cache(maxsize=2)
def _here() -> Explored:
    return explore_cuts(survey())


def _survey(source: str, explored: Explored) -> dict[str, Any]:
    return {
        "id": source,
        "name": _both(lambda language: source_name(source, language)),
        "synthetic": is_synthetic(source),
        "places": [[p, *_both(lambda lang, p=p: group_name(p, "country", lang))] for p in explored["places"]],
        "groups": [_group(*group) for group in explored["groups"]],
        "instruments": [_instrument(source, one) for one in explored["instruments"]],
    }


def _group(grouping: str, value: str) -> list[Any]:
    if not grouping:
        return ["", "", words.CONTROLS["every_group"], ("Everybody", "Alle")]
    names = _both(lambda language: group_name(value, grouping, language))
    return [grouping, value, _both(lambda language: field_name(grouping, language)), names]


def _instrument(source: str, found: dict[str, Any]) -> dict[str, Any]:
    name = found["id"]
    return {
        "id": name,
        "name": _both(lambda language: field_name(name, language)),
        "asks": _asks(name, source),
        "cuts": found["cuts"],
        "counts": [_both(lambda lang, c=c: cut_name(c, name, source, lang)) for c in found["cuts"]],
        "cells": found["cells"],
    }


def _asks(name: str, source: str) -> Pair:
    """Return what an instrument asks, in plain words: the licensed text is not ours to print."""
    if name not in _SCALE_OF:
        window = words.WINDOWS.get(source, ("", ""))
        item = SCALES["direct"].items[0]
        return f"{item.asks} {window[0]}".strip(), f"{item.asks_nb} {window[1]}".strip()
    scale = SCALES[_SCALE_OF[name]]
    columns = dict(scale.subscales).get(name, tuple(scale.columns))
    items = [item for item in scale.items if item.column in columns]
    return "; ".join(item.asks for item in items), "; ".join(item.asks_nb for item in items)


def _both(write: Any) -> Pair:
    return write("en"), write("nb")
