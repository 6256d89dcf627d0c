"""A survey too large for memory: several Parquet files, taken one at a time.

A *part* is one file. Every PSU lies wholly in one part, as when files were written by region or country;
strata may spread over parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from lonely_analysis.errors import DataError

# Memory does not grow with a part's size. Smaller batches cost more in calls, larger ones in memory.
_BATCH = 2**19


@dataclass(frozen=True)
class Parts:
    """The files of a survey and the columns that all of them have."""

    files: tuple[Path, ...]
    columns: tuple[str, ...]

    def batches(self, file: Path, columns: Sequence[str]) -> Iterator[pd.DataFrame]:
        """Read some columns of one part, some thousand rows at a time."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        # One thread a part: the parts themselves are taken side by side.
        try:
            stored = pq.ParquetFile(file)
            for batch in stored.iter_batches(_BATCH, columns=list(columns), use_threads=False):
                yield pa.Table.from_batches([batch]).to_pandas()
        except GeneratorExit:
            raise
        except Exception as error:  # a damaged page, or a damaged description of the columns in the footer
            raise DataError(f"it is cut short or damaged ({' '.join(str(error).split())[:120]})") from error


def parts(files: Sequence[str | Path] | str | Path) -> Parts:
    """Name the Parquet files of a survey, as a list or as a folder, for ``SurveyDesign(parts(...), ...)``.

    Prevalences and means are then estimated file by file, in memory that does not grow with their number::

        survey = la.SurveyDesign(la.parts("survey/"), weight="w", stratum="s", psu="p")
        la.prevalence(survey, "lonely", by="country")

    Raises ``DataError`` when there is no file, when one is no Parquet file, or when files differ in columns.
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
    return listed


def _columns(file: Path) -> tuple[str, ...]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return tuple(pq.read_schema(file).names)
    except (pa.ArrowException, OSError, ValueError) as error:
        why = " ".join(str(error).split())[:120]
        raise DataError(f"{file.name} is no Parquet file, or is cut short: {why}") from error
