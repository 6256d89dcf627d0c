"""NHANES public-use linked mortality files: fixed-width text, one file a cycle and a release.

A *release* is the year to which deaths were searched. The column positions are those of the 2015 and 2019
releases; the 2011 release has others and is superseded.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

COLUMNS = {
    "SEQN": (0, 6),
    "ELIGSTAT": (14, 15),
    "MORTSTAT": (15, 16),
    "PERMTH_INT": (42, 45),
    "PERMTH_EXM": (45, 48),
}
"""Zero-based positions, end not included. Sequence numbers have five digits, and six from 2017 on."""
OLDEST_RELEASE = 2015
_NAME = re.compile(r"(?P<cycle>.*)_MORT_(?P<release>\d{4})", re.IGNORECASE)


def read_linked(
    folder: Path, problems: list[str], persons: pd.Series
) -> tuple[pd.DataFrame | None, list[Path]]:
    """Return the newest release of each cycle in ``folder``, one row a person, and the files read.

    ``persons`` are the sequence numbers of the survey: a file that holds none of them is of another cycle.
    """
    newest: dict[str, tuple[int, Path]] = {}
    for file in sorted(folder.iterdir()):
        found = _NAME.match(file.stem) if file.suffix.lower() == ".dat" else None
        if found:
            entry = (int(found["release"]), file)
            newest[found["cycle"]] = max(newest.get(found["cycle"], entry), entry)
    for release, file in list(newest.values()):
        if release < OLDEST_RELEASE:
            problems.append(
                f"{file.name} is an old release ({release}) with another layout: "
                "download the release of 2015 or 2019"
            )
    files = [file for release, file in newest.values() if release >= OLDEST_RELEASE]
    if not files:
        return None, []
    return pd.concat([_read(file, problems, persons) for file in files], ignore_index=True), files


def _read(file: Path, problems: list[str], persons: pd.Series) -> pd.DataFrame:
    lines = pd.Series(file.read_text("ascii", errors="replace").splitlines(), dtype="string")
    lines = lines[lines.str.strip() != ""]
    short = int((lines.str.len() < COLUMNS["PERMTH_EXM"][1]).sum())
    table = pd.DataFrame({name: _numbers(lines, *where) for name, where in COLUMNS.items()})
    unread = table["SEQN"].isna() | ~table["ELIGSTAT"].isin([1, 2, 3])
    if short or unread.any():
        problems.append(
            f"{file.name} is cut short or has another layout in {max(short, int(unread.sum()))} lines: "
            "download it again"
        )
    elif not table["SEQN"].isin(persons).any():
        problems.append(
            f"{file.name} holds nobody of this folder's cycles: put the mortality file of the same cycle "
            "beside the demographic file"
        )
    return table[~unread]


def _numbers(lines: pd.Series, start: int, end: int) -> pd.Series:
    cells = lines.str.slice(start, end).str.strip()
    return pd.to_numeric(cells.mask(cells.isin([".", ""])), errors="coerce").astype(float)
