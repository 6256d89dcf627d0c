"""SAS transport files, version 5: chosen columns, block by block, and whether the file is whole.

The layout is that of SAS Institute, TS-140, "The Record Layout of a SAS Transport Data Set": headers in
records of 80 bytes, a description of 140 bytes for each variable, then the rows packed end to end, filled up
with blanks, without any count of them. A file that was cut short would read as a shorter survey; what shows
the cut is that rows and padding no longer add up to the size. A *block* is as many whole rows as fit into
``BLOCK_BYTES``: memory does not grow with the file, except by the columns that are wanted.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError

RECORD = 80
DESCRIPTION = 140
HEAD_BYTES = 1 << 20
"""Enough for the headers of some seven thousand variables."""
BLOCK_BYTES = 1 << 26
NUMERIC = 1
NUMBER_BYTES, TEXT_BYTES = 8, 200
"""The longest variables that version 5 knows."""
_VARIABLES = b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!"
_ROWS = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!"
_FRACTION_BITS = np.uint64(56)
_FRACTION = np.uint64((1 << 56) - 1)


class Field(NamedTuple):
    """One variable: where its bytes stand in a row."""

    name: str
    numeric: bool
    start: int
    length: int


class Layout(NamedTuple):
    """The variables, the bytes of a row, where rows begin, and how many there are."""

    fields: list[Field]
    width: int
    start: int
    rows: int


def layout(path: Path) -> Layout | None:
    """Return how the file is laid out, or ``None`` where its headers are not those of version 5.

    Raises ``DataError`` when the size or the end of the file shows that it was cut short.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    at, rows_at = head.find(_VARIABLES), head.find(_ROWS)
    if at < 0 or rows_at < 0:
        return None
    try:
        count = int(head[at + 54 : at + 58])
        fields = [_field(head, at + RECORD + number * DESCRIPTION) for number in range(count)]
    except (ValueError, struct.error) as error:
        raise _damaged(path, "its list of variables is not whole") from error
    width, start = sum(field.length for field in fields), rows_at + RECORD
    _check_fields(path, fields, width)
    return Layout(fields, width, start, _count_rows(path, width, start))


def _check_fields(path: Path, fields: list[Field], width: int) -> None:
    """Refuse variables that are nameless, repeated, longer than their kind allows, or outside the row."""
    names = {field.name for field in fields} - {""}
    if not fields or len(names) < len(fields):
        raise _damaged(path, f"{len(fields)} variables have {len(names)} names")
    for field in fields:
        longest = NUMBER_BYTES if field.numeric else TEXT_BYTES
        if not (0 < field.length <= longest and 0 <= field.start <= width - field.length):
            raise _damaged(path, f"variable {field.name!r} has {field.length} bytes from {field.start}")


def _damaged(path: Path, why: str) -> DataError:
    return DataError(f"{path.name} is damaged ({why[:120]}): download it again and compare its size")


def _field(head: bytes, at: int) -> Field:
    kind, length = struct.unpack_from(">h2xh", head, at)
    (start,) = struct.unpack_from(">i", head, at + 84)
    return Field(head[at + 8 : at + 16].decode("latin1").strip(), kind == NUMERIC, start, length)


def _count_rows(path: Path, width: int, start: int) -> int:
    size = path.stat().st_size
    rows, left = divmod(size - start, width)
    with path.open("rb") as stream:
        stream.seek(size - left)
        padding = stream.read()
        if size % RECORD or left >= RECORD or padding.strip(b" "):
            raise DataError(
                f"{path.name} is cut short: its {size} bytes do not end where a row and its padding end; "
                "download it again and compare its size"
            )
        while rows and width < RECORD:  # a short row fits into the padding as well
            stream.seek(start + (rows - 1) * width)
            if stream.read(width).strip(b" "):
                break
            rows -= 1
    return rows


def read(path: Path, whole: Layout, columns: list[str]) -> pd.DataFrame:
    """Read ``columns`` into a frame: floats (missing is NaN) and text without trailing blanks."""
    chosen = [field for field in whole.fields if field.name in columns]
    parts: dict[str, list[np.ndarray]] = {field.name: [] for field in chosen}
    for block in _blocks(path, whole):
        for field in chosen:
            cells = block[:, field.start : field.start + field.length]
            parts[field.name].append(_floats(cells) if field.numeric else _text(cells))
    return pd.DataFrame(
        {name: np.concatenate(found) if found else [] for name, found in parts.items()},
        index=range(whole.rows),
    )


def _blocks(path: Path, whole: Layout) -> Iterator[np.ndarray]:
    """Yield rows as bytes; a bar shows on a terminal while a large file is read."""
    from tqdm import tqdm

    at_once = max(1, BLOCK_BYTES // whole.width)
    starts = range(0, whole.rows, at_once)
    quiet = None if len(starts) > 1 else True
    for first in tqdm(starts, desc=f"read {path.name}", disable=quiet, leave=False):
        count = min(at_once, whole.rows - first) * whole.width
        block = np.fromfile(path, np.uint8, count=count, offset=whole.start + first * whole.width)
        yield block.reshape(-1, whole.width)


def _floats(cells: np.ndarray) -> np.ndarray:
    """Turn IBM floating point (sign, base-16 exponent less 64, fraction of 56 bits) into floats.

    A zero fraction under a first byte other than 0 is one of SAS's missing values.
    """
    padded = np.zeros((len(cells), 8), dtype=np.uint8)
    padded[:, : cells.shape[1]] = cells
    bits = padded.view(">u8").ravel().astype(np.uint64)
    fraction = bits & _FRACTION
    first = (bits >> _FRACTION_BITS).astype(np.int64)
    values = np.ldexp(fraction.astype(float), 4 * ((first & 0x7F) - 64) - 56)
    values = np.where(first >= 0x80, -values, values)
    return np.where((fraction == 0) & (first != 0), np.nan, values)


def _text(cells: np.ndarray) -> np.ndarray:
    joined = np.ascontiguousarray(cells).view(f"S{cells.shape[1]}").ravel()
    return np.char.decode(np.char.rstrip(joined), "latin1").astype(object)
