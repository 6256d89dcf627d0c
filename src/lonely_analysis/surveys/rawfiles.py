"""Raw survey files, as they come: which of their columns are wanted, as codes and never as labels.

Nothing is written anywhere, and only the wanted columns are held in memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from lonely_analysis.surveys import csvfiles, xport
from lonely_analysis.surveys.filekinds import kind_of
from lonely_analysis.surveys.labelled import read_dta, read_sav, read_xpt8
from lonely_analysis.surveys.rawtable import RawTable, raw_table, spelled


def read_raw(path: Path, wanted: Iterable[str]) -> RawTable:
    """Read the ``wanted`` columns of a .dta, .sav, .xpt or delimited text file, in any letter case.

    Columns that are absent are left out. Raises ``DataError`` for a file that is missing, empty, cut short,
    or of a kind that cannot be read, and says how to export it.
    """
    return _READERS[kind_of(path)](path, list(wanted))


def columns_of(path: Path) -> list[str]:
    """Return the names of a file's columns, without its rows."""
    return read_raw(path, []).present


def sha256(paths: Iterable[Path]) -> str:
    """Return the sha256 of one file, or of the sorted ``name sha256`` lines of several."""
    lines = []
    for path in sorted(paths):
        with path.open("rb") as stream:
            lines.append((path.name, hashlib.file_digest(stream, "sha256").hexdigest()))
    if len(lines) == 1:
        return lines[0][1]
    return hashlib.sha256("\n".join(f"{name} {digest}" for name, digest in lines).encode()).hexdigest()


def _read_xpt(path: Path, wanted: list[str]) -> RawTable:
    whole = xport.layout(path)
    if whole is None:
        return read_xpt8(path, wanted)
    present = [field.name for field in whole.fields]
    frame = xport.read(path, whole, list(spelled(present, wanted)))
    return raw_table(path, "SAS transport file (.xpt)", frame, present, wanted, {})


def _read_csv(path: Path, wanted: list[str]) -> RawTable:
    layout = csvfiles.layout_of(path, wanted)
    names = spelled(layout.header, wanted)
    frame = csvfiles.read_columns(path, layout, list(names))
    return raw_table(path, layout.what, frame, layout.header, wanted, {})


_READERS: dict[str, Callable[[Path, list[str]], RawTable]] = {
    "dta": read_dta,
    "sav": read_sav,
    "xpt": _read_xpt,
    "csv": _read_csv,
}
