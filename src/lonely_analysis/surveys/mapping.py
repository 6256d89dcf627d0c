"""Any other survey, described in a YAML file: a codebook that also names its file.

``lonely check --survey county.yml`` reads ``county.yml``, whose ``file`` is looked for beside it unless
``--file`` gives another. Its keys are those of ``codebook``; the smallest useful one has ``title``,
``file``, and ``variables`` that give ``weight`` (or none: everybody counts the same) and at least one
outcome.
"""

from __future__ import annotations

from pathlib import Path

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.codebook import Codebook, load
from lonely_analysis.surveys.draft import Draft, add_scales, of_one_file
from lonely_analysis.surveys.schema import common_columns
from lonely_analysis.surveys.survey import Survey


def read(path: Path | None, *, part: str | None = None, mapping: Path) -> Survey:
    """Read the survey that ``mapping`` describes; raises ``DataError`` for an unusable mapping or file."""
    return draft(path, part=part, mapping=mapping).survey()


def draft(path: Path | None, *, part: str | None = None, mapping: Path) -> Draft:
    """Read the file into common columns, collecting problems instead of raising them."""
    if not mapping.is_file():
        raise DataError(f"there is no mapping {mapping}: check the path")
    book = load(mapping, mapping.stem)
    _check_columns(book)
    named = book.path.parent / book.file if book.file else None
    made = of_one_file(book, path or named, part)
    add_scales(made)
    return made


def _check_columns(book: Codebook) -> None:
    """Refuse columns that nobody would look for, before the file is read."""
    known = common_columns()
    unknown = [column for column in book.gives() if column not in known]
    if unknown:
        raise DataError(
            f"{book.path.name} gives {', '.join(unknown[:5])}, which is no common column; a name that begins "
            "with _ is a step between; see data/codebooks/common_columns.csv"
        )
