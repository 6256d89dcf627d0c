"""Files with labels (Stata, SPSS, version 8 of SAS transport), read through pyreadstat as codes.

pyreadstat trusts a file's header; here the header is held to the file's size and end first, so that a damaged
file is an error that says so.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.filekinds import DTA_BEGIN
from lonely_analysis.surveys.rawtable import RawTable, raw_table, spelled

DTA_END = b"</stata_dta>"
ZLIB_SAV, ZLIB_RATIO = b"$FL3", 1032
"""How a zlib-compressed SPSS file begins, and the most that zlib can make of a byte (RFC 1951)."""


def read_dta(path: Path, wanted: list[str]) -> RawTable:
    """Read a Stata file; its extended missing values (``.a`` to ``.z``) are declared missing."""
    import pyreadstat

    _check_dta_end(path)
    options = {"user_missing": True, "disable_datetime_conversion": True}
    frame, meta = _labelled(path, wanted, pyreadstat.read_dta, **options)
    tagged = getattr(meta, "missing_user_values", None) or {}
    declared = {
        name: {code: _label(meta, name, code) for code in codes} for name, codes in tagged.items() if codes
    }
    return raw_table(path, "Stata file (.dta)", frame, meta.column_names, wanted, declared)


def _check_dta_end(path: Path) -> None:
    """Refuse a file of formats 117 on without its end mark: pyreadstat reads one that lost its labels."""
    with path.open("rb") as stream:
        marked = stream.read(len(DTA_BEGIN)) == DTA_BEGIN
        stream.seek(max(0, path.stat().st_size - len(DTA_END)))
        if marked and stream.read() != DTA_END:
            raise _cut_short(path, f"it does not end in {DTA_END.decode()}")


def read_sav(path: Path, wanted: list[str]) -> RawTable:
    """Read an SPSS file; the codes within its missing ranges are declared missing."""
    import pyreadstat

    options = {"user_missing": True, "disable_datetime_conversion": True}
    frame, meta = _labelled(path, wanted, pyreadstat.read_sav, **options)
    declared = {
        name: {code: _label(meta, name, code) for code in _in_ranges(frame[name], ranges)}
        for name, ranges in (meta.missing_ranges or {}).items()
        if name in frame.columns
    }
    return raw_table(path, "SPSS file (.sav)", frame, meta.column_names, wanted, declared)


def _in_ranges(values: pd.Series, ranges: list[dict[str, Any]]) -> list[Any]:
    codes = values.dropna().unique().tolist()
    return [code for code in codes if any(_between(code, one) for one in ranges)]


def _between(code: Any, limits: dict[str, Any]) -> bool:
    same_kind = isinstance(code, str) == isinstance(limits["lo"], str)
    return same_kind and limits["lo"] <= code <= limits["hi"]


def _label(meta: Any, name: str, code: Any) -> str:
    return repaired(str(meta.variable_value_labels.get(name, {}).get(code, "")))


def read_xpt8(path: Path, wanted: list[str]) -> RawTable:
    """Read version 8 of the SAS transport format, which ``xport`` does not know."""
    import pyreadstat

    frame, meta = _labelled(path, wanted, pyreadstat.read_xport, disable_datetime_conversion=True)
    return raw_table(path, "SAS transport file (.xpt, version 8)", frame, meta.column_names, wanted, {})


def _labelled(path: Path, wanted: list[str], reader: Callable[..., Any], **options: Any) -> tuple[Any, Any]:
    """Read through pyreadstat, with latin-1 where the file's text is not what its header says."""
    for encoding in (None, "latin1"):
        try:
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                head = reader(str(path), metadataonly=True, encoding=encoding)[1]
            if said or not all(isinstance(name, str) for name in head.column_names):
                raise _cut_short(path, str(said[0].message) if said else "a column has no name")
            _check_rows(path, head)
            columns = list(spelled(head.column_names, wanted))
            if not columns:
                return pd.DataFrame(index=range(head.number_rows or 0)), head
            frame, meta = reader(str(path), usecols=columns, encoding=encoding, **options)
            meta.column_names = head.column_names
            return frame, meta
        except DataError:
            raise
        except Exception as error:  # on damaged bytes pyreadstat raises whatever its own code trips over
            if "encoding" not in str(error) and not isinstance(error, UnicodeDecodeError):
                raise _cut_short(path, str(error) or type(error).__name__) from error
    raise _cut_short(path, "its text is in no known encoding")


def _check_rows(path: Path, head: Any) -> None:
    """Refuse a header that claims more cells than the file has bytes, before memory is asked for them."""
    with path.open("rb") as stream:
        packed = stream.read(4) == ZLIB_SAV
    most = path.stat().st_size * (ZLIB_RATIO if packed else 1)
    if (head.number_rows or 0) * len(head.column_names) > most:
        raise _cut_short(path, f"it claims {head.number_rows} rows in {path.stat().st_size} bytes")


def _cut_short(path: Path, why: str) -> DataError:
    return DataError(
        f"{path.name} is cut short or damaged ({why[:80]}): download it again and compare its size"
    )


def repaired(text: str) -> str:
    """Undo UTF-8 text that was read as latin-1 (``DonÃ¢Â€Â™t`` -> ``Don't``); leave other text alone."""
    try:
        return text.encode("latin1").decode("utf-8")
    except UnicodeError:
        return text
