"""Yes/no columns made from conditions, so that a cut point is written where it is used."""

from __future__ import annotations

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.expressions import truth_rows
from lonely_analysis.surveys.survey import Survey


def mark(data: Survey | SurveyDesign, **conditions: str) -> SurveyDesign:
    """Add a nullable yes/no column for each condition: ``la.mark(survey, supported="support >= 4")``.

    A condition is an expression as in ``where=``. Where it is neither true nor false, because an answer is
    missing, the mark is missing too; a plain comparison in pandas would turn a missing number into a no.
    Later conditions may use earlier marks. Returns the design with the columns added.

    Raises ``DataError`` for a column that the data lack, for a name that they have already, and for frames
    other than pandas.
    """
    design = data.design if isinstance(data, Survey) else data
    if not design.in_memory:
        raise DataError("mark needs a pandas frame; on other frames add the column with their own means")
    frame = design.frame
    for name, condition in conditions.items():
        if name in frame.columns:
            raise DataError(f"the data have a column {name!r} already: choose another name for the mark")
        true, false = truth_rows(frame, condition)
        marked = pd.Series(true, index=frame.index, dtype="boolean").mask(~(true | false))
        frame = frame.assign(**{name: marked})
    return design.replace(frame=frame)
