"""SAS transport files: whether one is whole.

A transport file (version 5; SAS Institute, TS-140, "The Record Layout of a SAS Transport Data Set") has
records of 80 bytes, headers, one 140-byte description a variable, and then the rows without any count of
them: a file that was cut short reads as a shorter survey. What shows the cut is that rows, packed end to
end and filled up with blanks, no longer add up to the size of the file.
"""

from __future__ import annotations

import struct
from pathlib import Path

from lonely_analysis.errors import DataError

RECORD = 80
DESCRIPTION = 140
HEAD_BYTES = 1 << 20
"""Enough for the headers of some seven thousand variables."""
_VARIABLES = b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!"
_ROWS = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!"


def check_whole(path: Path) -> None:
    """Raise ``DataError`` when the size or the end of a transport file shows that it was cut short."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        width, start = row_width(head), head.find(_ROWS) + RECORD
        left = (size - start) % width if width else 0
        stream.seek(size - left)
        end = stream.read()
    if size % RECORD or (width and (left >= RECORD or end.strip(b" "))):
        raise DataError(
            f"{path.name} is cut short: its {size} bytes do not end where a row and its padding end; "
            "download it again and compare its size"
        )


def row_width(head: bytes) -> int:
    """Return the bytes of one row, 0 where the headers are not those of version 5."""
    at = head.find(_VARIABLES)
    if at < 0 or head.find(_ROWS) < 0:
        return 0
    count = int(head[at + 54 : at + 58])
    first = at + RECORD
    lengths = (struct.unpack_from(">h", head, first + number * DESCRIPTION + 4)[0] for number in range(count))
    return sum(lengths)
