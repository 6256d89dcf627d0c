"""What a survey file is and gives, and everything that is wrong with it: the content of ``lonely check``.

Nothing is estimated and nothing is written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import pandas as pd

from lonely_analysis.surveys.draft import Draft
from lonely_analysis.surveys.read import ADAPTERS, read_survey


@dataclass(frozen=True, eq=False)
class Checkup:
    """A file examined: ``absent`` are source variables of the codebook that the file lacks."""

    title: str
    name: str
    what: str
    label: str
    n: int
    columns: list[str]
    missing: pd.DataFrame = field(repr=False)
    absent: list[str]
    notes: list[str]
    problems: list[str]


def checkup(name: str, path: Path | None) -> Checkup:
    """Examine the file or folder ``path`` as the survey ``name``, or as a ``.yml`` mapping describes it.

    Raises ``DataError`` for a file that cannot be read as a table at all; every other problem is listed.
    """
    if name == "synthetic":
        return _of_synthetic(path)
    made = _draft(name, path)
    columns = [column for column in made.frame().columns if made.columns[column].notna().any()]
    return Checkup(
        title=made.book.title,
        name=made.book.name,
        what=made.what,
        label=made.label,
        n=made.n,
        columns=columns,
        missing=made.missing(),
        absent=made.absent,
        notes=[*made.notes, *made.book.notes],
        problems=made.every_problem(),
    )


def _draft(name: str, path: Path | None) -> Draft:
    if Path(name).suffix.lower() in {".yml", ".yaml"}:
        from lonely_analysis.surveys import mapping

        return mapping.draft(path, mapping=Path(name))
    if name not in ADAPTERS:
        read_survey(name)  # raises with the names that there are
    module = import_module(ADAPTERS[name].split(":")[0])
    return module.draft(path)


def _of_synthetic(path: Path | None) -> Checkup:
    survey = read_survey("synthetic", path)
    about = survey.provenance
    return Checkup(
        title=about.title,
        name=survey.source,
        what="Parquet file",
        label=about.file,
        n=len(survey.frame),
        columns=list(survey.frame.columns),
        missing=survey.missing,
        absent=[],
        notes=["simulated: it teaches the method and says nothing about real people"],
        problems=[],
    )
