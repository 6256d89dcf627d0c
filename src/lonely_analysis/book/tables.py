"""Tables for the page: a caption, headers with scope and units, numbers rounded by their standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.bare import caption as bare_caption
from lonely_analysis.book.glue import COLUMNS, _field, _kind
from lonely_analysis.book.numerals import Kind
from lonely_analysis.book.show import Page
from lonely_analysis.book.twin import twin
from lonely_analysis.book.wording import field_name, group_name
from lonely_analysis.book.words import Language
from lonely_analysis.results import Result

#: What a table of estimates shows unless told otherwise; low and high become one column.
SHOWN = ("estimate", "interval", "p", "n")
#: A bare result shows its first rows only; a chapter that needs all calls `table`.
MOST_ROWS = 12
#: What a bare result shows, in this order.
EVERYTHING = ("estimate", "se", "interval", "t", "p", "n", "df", "deff")
#: Columns in the unit of the estimate, and standard errors in it.
IN_ITS_UNIT = ("estimate", "ci_low", "ci_high", "change", "change_low", "change_high")
ERRORS = ("se", "change_se")


def table(
    result: Result | pd.DataFrame,
    caption: str,
    *,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    kind: Kind | Mapping[str, Kind] | None = None,
    decimals: int | None = None,
    caption_nb: str = "",
) -> Page:
    """Show a result or a data frame as an accessible table.

    ``columns`` picks and orders columns, as a list or as a mapping from column to header; ``interval``
    stands for both bounds. ``kind`` says what the numbers are, for all columns or by column, where the
    result does not say it itself.
    """
    frame, rest = as_cells(result, columns=columns, kind=kind, decimals=decimals)
    return Page(html=to_html(frame, caption, rest, caption_nb), text=_text(frame, caption))


def as_cells(
    result: Result | pd.DataFrame,
    *,
    columns: Sequence[str] | Mapping[str, str] | None = None,
    kind: Kind | Mapping[str, Kind] | None = None,
    decimals: int | None = None,
    language: Language = "en",
) -> tuple[pd.DataFrame, list[str]]:
    """Return the table as text cells, and the columns that hold numbers."""
    source = result.to_frame() if isinstance(result, Result) else result
    main: Kind = kind if isinstance(kind, str) else _kind(result) if isinstance(result, Result) else "number"
    kinds = dict(kind) if isinstance(kind, Mapping) else {}
    names = list(columns) if columns is not None else _usual(source)
    headers = columns if isinstance(columns, Mapping) else {}
    cells, numeric = {}, []
    if decimals is None and "se" in source and main != "ratio":
        decimals = numerals.decimals_for(main, 1.0, float(source["se"].min()))
    for name in names:
        header = headers.get(name) or _header(name, kinds.get(name, main), result, language)
        cells[header] = [
            _cell(row, name, kinds.get(name), main, decimals, language) for _, row in source.iterrows()
        ]
        if name == "interval" or (name in source and _is_number(source[name])):
            numeric.append(header)
    return pd.DataFrame(cells, dtype="str"), numeric


def to_html(frame: pd.DataFrame, caption: str, numeric: Sequence[str], caption_nb: str = "") -> str:
    """Write cells as HTML: the first column heads its row."""
    marks = {name: ' class="num"' if name in numeric else "" for name in frame.columns}
    head = "".join(f'<th scope="col"{marks[name]}>{escape(name)}</th>' for name in frame.columns)
    rows = []
    for row in frame.itertuples(index=False, name=None):
        first, *others = zip(frame.columns, row, strict=True)
        cells = "".join(f"<td{marks[name]}>{escape(value)}</td>" for name, value in others)
        rows.append(f'<tr><th scope="row"{marks[first[0]]}>{escape(first[1])}</th>{cells}</tr>')
    name = escape(caption)
    return (
        f'<div class="la-table" tabindex="0" role="region" aria-label="{name}"><table class="dataframe">'
        f"<caption>{twin(caption, caption_nb)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def full(result: Result) -> Page:
    """Show everything an analyst reads in a result: what a cell displays that ends in one."""
    have = set(result.table.columns)
    shown = [c for c in result.table.columns if c not in EVERYTHING and c not in ("ci_low", "ci_high")]
    shown += [c for c in EVERYTHING if c in have or (c == "interval" and {"ci_low", "ci_high"} <= have)]
    first = replace(result, table=result.table.head(MOST_ROWS))
    page = table(first, bare_caption(result, "en"), columns=shown, caption_nb=bare_caption(result, "nb"))
    more = max(len(result) - MOST_ROWS, 0)
    notes = [f"… and {more} more rows: .to_frame() has them all."] * (more > 0) + [result.note] * bool(
        result.note
    )
    below = "".join(f'<p class="la-note">{escape(note)}</p>' for note in notes)
    return Page(html=page.html + below, text="\n".join([page.text, *notes]))


def _usual(frame: pd.DataFrame) -> list[str]:
    known = {"estimate", "se", "ci_low", "ci_high", "n", "df", "deff", "p", "t"}
    if "estimate" not in frame:
        return list(frame.columns)
    have = {*frame.columns, "interval"} if {"ci_low", "ci_high"} <= set(frame.columns) else set(frame.columns)
    return [c for c in frame.columns if c not in known] + [c for c in SHOWN if c in have]


def _header(name: str, kind: Kind, result: Result | pd.DataFrame, language: Language) -> str:
    text = field_name(name, language)
    if name == "interval":
        level = _field(result, "level") if isinstance(result, Result) else None
        return text.format(level=f"{100 * (level or 0.95):g}")
    units = {"percent": "%", "difference": "percentage points"}
    if name in ERRORS and kind in units:
        return f"{text} ({'points' if language == 'en' else 'prosentpoeng'})"
    return f"{text} ({units[kind]})" if name in ("estimate", "change") and kind in units else text


def _cell(
    row: pd.Series, name: str, own: Kind | None, main: Kind, decimals: int | None, language: Language
) -> str:
    se = float(row["se"]) if "se" in row and main != "ratio" and not pd.isna(row["se"]) else None
    if name == "interval":
        if pd.isna(row["ci_low"]) and pd.isna(row["ci_high"]):
            return "–"
        return numerals.bounds(row["ci_low"], row["ci_high"], main, language, se=se, decimals=decimals)
    value = row[name]
    if pd.isna(value):
        return "–"
    if name in ("value", "reference") and "variable" in row:
        return group_name(value, str(row["variable"]), language)
    if isinstance(value, (str, bool)) or not _is_scalar_number(value):
        return group_name(value, name, language)
    if name in IN_ITS_UNIT:
        return numerals.bounds(value, value, main, language, se=se, decimals=decimals).split(" ")[0]
    how = own or COLUMNS.get(name) or ("count" if float(value).is_integer() else "number")
    if name in ERRORS:
        return numerals.digits(
            value * numerals.SCALE.get(main, 1.0), 2 if main in numerals.SCALE else 3, language
        )
    whole = name == "df" and float(value).is_integer()
    return numerals.number(float(value), how, language, decimals=0 if whole else decimals if own else None)


def _is_number(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _is_scalar_number(value: Any) -> bool:
    return pd.api.types.is_number(value) and not pd.api.types.is_bool(value)


def _text(frame: pd.DataFrame, caption: str) -> str:
    return f"{caption}\n{frame.to_string(index=False)}"
