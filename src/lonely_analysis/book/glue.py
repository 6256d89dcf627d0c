"""Numbers in prose: ``put`` a result, then name it in a sentence.

In a hidden cell (tag ``remove-cell``) right after the visible computation::

    book.put("prev_often", by_country.row(country="NO"))

and in the chapter's text::

    About {glue:text}`prev_often` ({glue:text}`prev_often_ci`) of {glue:text}`prev_often_n` people are lonely.
    I utvalget er {glue:text}`prev_often_nb` ({glue:text}`prev_often_ci_nb`) ensomme.

A *key* names what the number is, in the chapter's own words. Each key has suffixes for the columns that the
result has: none (the estimate), ``_ci`` (``95% CI 7.1 to 9.3``), ``_low``, ``_high``, ``_se``, ``_n``,
``_p``, ``_pi`` (prediction interval), ``_i2``, ``_tau2``, ``_k``; and each of those again with ``_nb`` at
the end, in Norwegian format. A result of several rows gives ``_highest``, ``_lowest`` (with ``_ci`` and so
on), ``_highest_name``, ``_lowest_name`` and ``_rows`` (how many).
"""

from __future__ import annotations

from collections.abc import Iterator
from numbers import Integral
from typing import Any

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.numerals import Kind
from lonely_analysis.book.records import Record, as_result, to_record
from lonely_analysis.book.show import publish
from lonely_analysis.book.wording import compared_name, group_name
from lonely_analysis.book.words import Language
from lonely_analysis.errors import DataError
from lonely_analysis.results import Result

#: Columns that are numbers of their own, beside estimate and interval: how each is written, and its suffix.
COLUMNS: dict[str, Kind] = {
    "n": "count",
    "k": "count",
    "df": "number",
    "deff": "number",
    "p": "p",
    "q_p": "p",
    "tau2": "number",
    "statistic": "number",
    "t": "number",
}
#: Where the main number stands: an estimate, else a test's statistic.
MAIN = ("estimate", "statistic")

_records: dict[str, Record] = {}
_texts_put: dict[str, str] = {}


def put(key: str, value: Any, *, kind: Kind | None = None, decimals: int | None = None) -> None:
    """Give ``value`` the name ``key`` in the text, in both languages, and record it for snapshots.

    ``value`` is a result (or its data frame), a number or a text (a pair of texts is ``(English,
    Norwegian)``). ``kind`` is ``percent``, ``difference``, ``ratio``, ``number``, ``count`` or ``p``; a
    prevalence is a percent unless told otherwise, a whole number a count. ``decimals`` overrides the
    rounding, which otherwise follows the standard error.
    """
    if not key.isidentifier() or key.endswith("_nb"):
        raise DataError(f"{key!r} cannot name a number: use letters, digits and _, and no ending _nb")
    value = as_result(value)
    kind = kind or _kind(value)
    texts = dict(_texts(key, value, kind, decimals))
    _records[key] = to_record(value, kind)
    _texts_put.update(texts)
    for position, (name, text) in enumerate(texts.items()):
        metadata: dict[str, Any] = {
            "scrapbook": {"name": name, "mime_prefix": "application/papermill.record/"}
        }
        if position == 0:
            metadata["lonely"] = {"key": key, "record": _records[key]}
        publish({"application/papermill.record/text/plain": quoted(text)}, metadata)


def recorded() -> dict[str, Record]:
    """Return what has been put so far in this process, by key."""
    return dict(_records)


def quoted(text: str) -> str:
    """Write a text as MyST-NB expects it: in quotation marks, else ``1,206`` would be read as two numbers."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def text(key: str) -> str:
    """Return the text that ``put`` gave a key, for captions: ``f"… {book.text('prev_often')} …"``."""
    if key not in _texts_put:
        raise DataError(f"nothing has been put under {key!r} so far")
    return _texts_put[key]


def _kind(value: Any) -> Kind:
    if isinstance(value, Result):
        scale = _field(value, "scale")
        if scale in ("difference", "ratio"):
            return scale
        return "percent" if str(_field(value, "statistic")).endswith("prevalence") else "number"
    return "count" if isinstance(value, Integral) else "number"


def _field(result: Result, name: str) -> Any:
    return None if _has(result, name) else getattr(result, name, None)


def _has(result: Result, column: str) -> bool:
    return column in result.table.columns


def _texts(key: str, value: Any, kind: Kind, decimals: int | None) -> Iterator[tuple[str, str]]:
    for language in ("en", "nb"):
        end = "_nb" if language == "nb" else ""
        for suffix, text in _said(value, kind, language, decimals):
            yield f"{key}{suffix}{end}", text


def _said(value: Any, kind: Kind, language: Language, decimals: int | None) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, tuple):
        yield "", value[language == "nb"]
    elif not isinstance(value, Result):
        yield "", numerals.number(float(value), kind, language, decimals=decimals)
    elif len(value) == 1:
        yield from _one_row(value.table.iloc[0], value, kind, language, decimals)
    else:
        yield from _several_rows(value, kind, language, decimals)


def _one_row(
    row: pd.Series, result: Result, kind: Kind, language: Language, decimals: int | None
) -> Iterator[tuple[str, str]]:
    have = {name: row[name] for name in row.index if not pd.isna(row[name])}
    main = next((column for column in MAIN if column in have), None)
    # On a ratio scale the standard error is that of the logarithm, which says nothing about decimals here.
    se = float(have["se"]) if "se" in have and kind != "ratio" else None
    if main is not None:
        yield "", numerals.number(float(have[main]), kind, language, se=se, decimals=decimals)
    if {"ci_low", "ci_high"} <= set(have):
        low, high, level = have["ci_low"], have["ci_high"], _field(result, "level") or 0.95
        how = {"se": se, "decimals": decimals}
        yield "_ci", numerals.interval(low, high, kind, language, level=level, **how)
        yield "_low", numerals.number(low, kind, language, **how)
        yield "_high", numerals.number(high, kind, language, **how)
    if {"pi_low", "pi_high"} <= set(have):
        yield (
            "_pi",
            numerals.bounds(have["pi_low"], have["pi_high"], kind, language, se=se, decimals=decimals),
        )
    if se is not None:
        error: Kind = "difference" if kind == "percent" else kind
        yield "_se", numerals.number(se, error, language, decimals=2)
    for column in [name for name in ("i2", "i2_q") if name in have]:
        yield f"_{column}", numerals.number(have[column] / 100, "percent", language, decimals=0)
    for column, how_written in COLUMNS.items():
        if column in have and column != main:
            places = 0 if column == "df" and float(have[column]).is_integer() else None
            yield f"_{column}", numerals.number(float(have[column]), how_written, language, decimals=places)


def _several_rows(
    result: Result, kind: Kind, language: Language, decimals: int | None
) -> Iterator[tuple[str, str]]:
    table = result.table
    yield "_rows", numerals.number(len(table), "count", language)
    if "estimate" not in table or table["estimate"].isna().all():
        return
    estimates = table["estimate"].astype(float)
    for suffix, place in (("_highest", estimates.idxmax()), ("_lowest", estimates.idxmin())):
        row = table.loc[place]
        for end, text in _one_row(row, result, kind, language, decimals):
            yield suffix + end, text
        yield f"{suffix}_name", _name(row, _groups(result), language)


def _name(row: pd.Series, groups: tuple[str, ...], language: Language) -> str:
    if {"variable", "value"} <= set(row.index):
        return compared_name(row["variable"], row["value"], row.get("reference"), language)
    return ", ".join(group_name(row[column], column, language) for column in groups)


def _groups(result: Result) -> tuple[str, ...]:
    by = _field(result, "by")
    if isinstance(by, str):
        return (by,)
    return tuple(by) if by else tuple(c for c in ("choice", "term") if _has(result, c))
