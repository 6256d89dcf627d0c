"""Delimited text: how a file is laid out, found out before it is read.

A *layout* is the encoding, the delimiter, the decimal sign and the header. Exports differ in all four; each
is recognised from the file itself, so that nobody has to re-save a file to have it read.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lonely_analysis.errors import DataError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
SAMPLE_BYTES = 1 << 18
"""How much of a file is looked at, at each end: enough for a header of some thousand columns."""
EMPTY_CELLS = ["", ".", "NA", "NaN", "#N/A", "#NULL!"]
"""How R, SAS, SPSS and spreadsheets write a cell that holds nothing."""
DECIMAL_LINES = 50
STRAY_LINES = 15
"""How many lines above the header a spreadsheet export may have before it is no longer looked for."""


@dataclass(frozen=True)
class Layout:
    """How a text file is written."""

    encoding: str
    delimiter: str
    decimal: str
    header: list[str]

    @property
    def what(self) -> str:
        """Say it in words, for messages."""
        comma = ", decimal commas" if self.decimal == "," else ""
        return f"text file with {DELIMITERS[self.delimiter]} ({self.encoding}{comma})"


def layout_of(path: Path, wanted: list[str]) -> Layout:
    """Find out how ``path`` is written; refuse a stray header and a file that is cut short."""
    encoding, head, tail = _sample(path)
    lines = head.splitlines()
    delimiter = max(DELIMITERS, key=lines[0].count)
    header = _fields(lines[0], delimiter)
    _check_header(path, lines, header, wanted)
    _check_end(path, head, tail, delimiter, len(header))
    decimal = _decimal(lines[1:DECIMAL_LINES], delimiter, _places(header, wanted))
    return Layout(encoding, delimiter, decimal, header)


def read_columns(path: Path, layout: Layout, columns: list[str]) -> pd.DataFrame:
    """Read the named columns; an empty cell is missing, and nothing else is."""
    try:
        return pd.read_csv(
            path,
            sep=layout.delimiter,
            encoding=layout.encoding,
            decimal=layout.decimal,
            usecols=columns or [layout.header[0]],
            keep_default_na=False,
            na_values=EMPTY_CELLS,
            skipinitialspace=True,
            low_memory=False,
        )[columns]
    except (pd.errors.ParserError, UnicodeDecodeError, ValueError) as error:
        raise DataError(
            f"{path.name} is a {layout.what} that cannot be read ({str(error).strip()[:120]}): "
            "export it again"
        ) from error


def _sample(path: Path) -> tuple[str, str, str]:
    """Return the encoding, the first part of the file in full lines, and its last part."""
    with path.open("rb") as stream:
        head = stream.read(SAMPLE_BYTES)
        stream.seek(max(0, path.stat().st_size - SAMPLE_BYTES))
        tail = stream.read()
    encoding = _encoding(path, head)
    whole = len(head) < SAMPLE_BYTES
    text = head if whole or encoding == "utf-16" else head[: head.rfind(b"\n") + 1] or head
    last = "" if encoding == "utf-16" else tail.decode(encoding, errors="replace")
    return encoding, text.decode(encoding, errors="replace"), last


def _encoding(path: Path, head: bytes) -> str:
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    with path.open("rb") as stream:
        try:
            for block in iter(lambda: stream.readlines(SAMPLE_BYTES), []):
                b"".join(block).decode("utf-8")
        except UnicodeDecodeError:
            return "latin1"
    return "utf-8-sig" if head.startswith(b"\xef\xbb\xbf") else "utf-8"


def _places(header: list[str], wanted: list[str]) -> set[int]:
    """Return where the wanted columns stand, or all columns when none is wanted."""
    names = {name.lower() for name in wanted}
    return {at for at, name in enumerate(header) if not names or name.lower() in names}


def _decimal(lines: list[str], delimiter: str, places: set[int]) -> str:
    """Return the decimal sign: a comma where some number at ``places`` has one and none has a point.

    Other columns do not count: the edition of a file, "1.0", is a text beside numbers with decimal commas.
    """
    rows = [_fields(line, delimiter) for line in lines] if delimiter != "," else []
    cells = {cell for row in rows for at, cell in enumerate(row) if at in places}
    with_comma = any(re.fullmatch(r"-?\d+,\d+", cell) for cell in cells)
    with_point = any(re.fullmatch(r"-?\d+\.\d+", cell) for cell in cells)
    return "," if with_comma and not with_point else "."


def _fields(line: str, delimiter: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter))]


def _check_header(path: Path, lines: list[str], header: list[str], wanted: list[str]) -> None:
    """Look for the header below the first line, where a spreadsheet export puts its titles."""
    names = {name.lower() for name in wanted}
    if not names or names & {name.lower() for name in header}:
        return
    for number, line in enumerate(lines[1:STRAY_LINES], start=2):
        for delimiter in DELIMITERS:
            if len(names & {name.lower() for name in _fields(line, delimiter)}) > 1:
                raise DataError(
                    f"{path.name} is a spreadsheet export: its column names stand in line {number}, "
                    f"not in line 1 ({lines[0][:40]!r}); delete the {number - 1} line(s) above them and save "
                    "it as .csv"
                )


def _check_end(path: Path, head: str, tail: str, delimiter: str, width: int) -> None:
    """Refuse a last line with fewer fields than the header: pandas would call the rest missing."""
    last = (tail or head).rstrip("\r\n").rsplit("\n", 1)[-1]
    fields = len(_fields(last, delimiter))
    if fields < width:
        raise DataError(
            f"{path.name} is cut short: its last line has {fields} of {width} columns; "
            "download or export it again"
        )
