"""The columns of a raw file as codes, spelled as the codebook spells them.

*Codes* are the numbers that a data producer gives to answers. The file's own statement about missing answers
(SPSS missing ranges, Stata's ``.a`` to ``.z``) is kept in ``declared``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

Declared = dict[str, dict[Any, str]]


@dataclass(frozen=True, eq=False)
class RawTable:
    """The wanted columns of a file, spelled as the codebook spells them.

    ``what`` says what the file is; ``present`` lists all columns of the file; ``declared`` gives, for each
    column, the codes that the file itself declares missing, with their labels.
    """

    path: Path
    what: str
    frame: pd.DataFrame
    present: list[str]
    declared: Declared = field(default_factory=dict)


def spelled(present: list[str], wanted: Iterable[str]) -> dict[str, str]:
    """Map each wanted column of the file to the codebook's spelling; an exact match goes first."""
    exact, lower = set(present), {name.lower(): name for name in reversed(present)}
    found = {name: name if name in exact else lower.get(name.lower()) for name in wanted}
    return {there: name for name, there in found.items() if there is not None}


def raw_table(
    path: Path, what: str, frame: pd.DataFrame, present: list[str], wanted: list[str], declared: Declared
) -> RawTable:
    """Rename what was read from a file to the codebook's spelling, in the columns and in ``declared``."""
    names = spelled(present, wanted)
    declared = {names.get(name, name): codes for name, codes in declared.items()}
    return RawTable(path, what, frame.rename(columns=names), list(present), declared)
