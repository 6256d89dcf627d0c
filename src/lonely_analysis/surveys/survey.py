"""What a reader returns: common columns, their design, what is missing and why, where it all came from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from lonely_analysis.errors import DataError, MissingVariable
from lonely_analysis.surveys.design import SurveyDesign


@dataclass(frozen=True)
class Provenance:
    """Where the numbers come from, in the words a page prints."""

    title: str
    edition: str
    citation: str
    licence: str
    file: str = ""
    sha256: str = ""
    synthetic: bool = False


@dataclass(frozen=True, eq=False)
class Survey:
    """A survey in common columns.

    ``missing`` counts absent answers: one row a variable, one column a reason (``refused``, ``dont_know``,
    ``no_answer``, ``not_asked``, ``not_applicable``, ...).
    """

    design: SurveyDesign = field(repr=False)
    missing: pd.DataFrame = field(repr=False)
    provenance: Provenance

    @property
    def frame(self) -> pd.DataFrame:
        """The common columns, one row a person."""
        return self.design.frame

    @property
    def source(self) -> str:
        """The short name that every result carries."""
        return self.design.source

    def require(self, *variables: str) -> None:
        """Raise ``MissingVariable`` for the first of ``variables`` that this survey lacks."""
        for variable in variables:
            if variable not in self.frame.columns:
                raise MissingVariable(variable, self.provenance.title, self.frame.columns)

    def with_columns(self, **columns: pd.Series) -> Survey:
        """Return the survey with columns added or replaced; rows and design stay as they are.

        Each column is a Series with the index of ``frame``: ``survey.with_columns(load=load.score)``. Raises
        ``DataError`` for another index, which would put values beside the wrong persons.
        """
        for name, column in columns.items():
            if not isinstance(column, pd.Series) or not column.index.equals(self.frame.index):
                raise DataError(f"column {name!r} must be a Series with one value for each row of the survey")
        return replace(self, design=self.design.replace(frame=self.frame.assign(**columns)))
