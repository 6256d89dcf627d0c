"""A survey too large for memory: several Parquet files, taken one at a time.

A *part* is one file. Every PSU lies wholly in one part, as when files were written by region or country;
strata may spread over parts.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from lonely_analysis.errors import DataError

# Memory does not grow with a part's size. Smaller batches cost more in calls, larger ones in memory.
_BATCH = 2**20
# This many batches are read before they are needed. More would only take more memory.
_AHEAD = 2

_T = TypeVar("_T")


@dataclass(frozen=True)
class Part:
    """A file; whether its strata are in no other file; and its lowest and highest stratum, if it says so."""

    file: Path
    alone: bool
    strata: tuple[Any, Any] | None = None


@dataclass(frozen=True)
class Parts:
    """The files of a survey and the columns that all of them have."""

    files: tuple[Path, ...]
    columns: tuple[str, ...]

    def by_stratum(self, column: str | None) -> list[Part]:
        """Return the parts, and of each whether its strata lie in it alone.

        A Parquet file states the lowest and highest value of a column in its footer; where the ranges of two
        files meet, or one states nothing, a stratum may lie in both.
        """
        if column is None or len(self.files) == 1:
            return [Part(file, alone=len(self.files) == 1) for file in self.files]
        ranges = [_range(file, column) for file in self.files]
        return [Part(*each) for each in zip(self.files, _apart(ranges), ranges, strict=True)]

    def batches(self, parts: Sequence[Part], columns: Sequence[str]) -> Iterator[tuple[Part, pd.DataFrame]]:
        """Read some columns of parts, some thousand rows at a time, ahead of who takes them."""
        return _ahead((part, frame) for part in parts for frame in _frames(part.file, columns))


def _frames(file: Path, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = 0
    # One thread reads: another adds up what is read.
    try:
        stored = pq.ParquetFile(file)
        for batch in stored.iter_batches(_BATCH, columns=list(columns), use_threads=False):
            rows += len(batch)
            # Columns stay where they were read: none is copied into a block with others.
            yield pa.Table.from_batches([batch]).to_pandas(split_blocks=True, use_threads=False)
    except Exception as error:  # a damaged page, or a damaged description of the columns in the footer
        why = " ".join(str(error).split())[:120]
        raise DataError(f"{file.name}: it is cut short or damaged ({why})") from error
    if not rows:
        raise DataError(f"{file.name} has no rows: leave it out")


def _ahead(batches: Iterator[_T]) -> Iterator[_T]:
    """Yield what an iterator yields, which a thread of its own asks for some steps before it is needed."""
    with ThreadPoolExecutor(1) as reader:
        coming = deque(reader.submit(next, batches, None) for _ in range(_AHEAD))
        while (batch := coming.popleft().result()) is not None:
            coming.append(reader.submit(next, batches, None))
            yield batch


def parts(files: Sequence[str | Path] | str | Path) -> Parts:
    """Name the Parquet files of a survey, as a list or as a folder, for ``SurveyDesign(parts(...), ...)``.

    Prevalences and means are then estimated file by file. Where files hold strata of their own, which their
    footers tell, memory does not grow with the number of rows; else it grows with strata by domains::

        survey = la.SurveyDesign(la.parts("survey/"), weight="w", stratum="s", psu="p")
        la.prevalence(survey, "lonely", by="country")

    Raises ``DataError`` when there is no file, when one is no Parquet file or is named twice, or when
    files differ in columns.
    """
    found = _found(files)
    schemas = {file: _columns(file) for file in found}
    first = schemas[found[0]]
    for file, columns in schemas.items():
        if set(columns) != set(first):
            odd = sorted(set(columns) ^ set(first))
            raise DataError(f"{file.name} and {found[0].name} differ in columns: {', '.join(odd)}")
    return Parts(files=found, columns=first)


def _found(files: Sequence[str | Path] | str | Path) -> tuple[Path, ...]:
    if not isinstance(files, str | Path):
        listed = tuple(Path(file) for file in files)
    elif Path(files).is_dir():
        listed = tuple(sorted(Path(files).glob("*.parquet")))
    else:
        listed = (Path(files),)
    if not listed:
        raise DataError(f"no Parquet file in {files}: the survey's files must end in .parquet")
    for file in listed:
        if not file.is_file():
            raise DataError(f"no file {file}: name the survey's Parquet files, or the folder that holds them")
    for file, times in Counter(file.resolve() for file in listed).items():
        if times > 1:
            raise DataError(f"{file.name} is named twice, so that its people would count twice: name it once")
    return listed


def _range(file: Path, column: str) -> tuple[Any, Any] | None:
    """Return the lowest and highest value of a column, as the file's footer states them, if it does."""
    import pyarrow.parquet as pq

    footer = pq.read_metadata(file)
    paths = [footer.schema.column(number).path for number in range(footer.num_columns)]
    at = paths.index(column)
    groups = [footer.row_group(number).column(at) for number in range(footer.num_row_groups)]
    stated = [group.statistics for group in groups if group.num_values]
    if not stated or not all(one is not None and one.has_min_max for one in stated):
        return None
    return min(one.min for one in stated), max(one.max for one in stated)


def _apart(ranges: list[tuple[Any, Any] | None]) -> list[bool]:
    """Return for each range whether it meets no other; none does where one is unknown or of another kind."""
    kinds = {type(end) for one in ranges if one for end in one}
    if None in ranges or len(kinds) != 1 or not kinds <= {int, float, str}:
        return [False] * len(ranges)
    order = sorted(range(len(ranges)), key=lambda number: ranges[number])
    alone, reached = [True] * len(ranges), None
    for number in order:
        low, high = ranges[number]
        if reached is not None and low <= ranges[reached][1]:
            alone[number] = alone[reached] = False
        if reached is None or high > ranges[reached][1]:
            reached = number
    return alone


def _columns(file: Path) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(file).names)
    except (pa.ArrowException, OSError, ValueError) as error:
        why = " ".join(str(error).split())[:120]
        raise DataError(f"{file.name} is no Parquet file, or is cut short: {why}") from error
