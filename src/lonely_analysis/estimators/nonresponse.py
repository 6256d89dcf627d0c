"""Who did not answer: the share of a group's people without a usable answer to a question.

*Item non-response* is a missing answer of somebody who took part. Those who never took part are not in the
data: the weights stand in for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.domains import names
from lonely_analysis.estimators.intervals import IntervalMethod
from lonely_analysis.estimators.prevalence import prevalence
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory
from lonely_analysis.results import Estimates, joined_notes
from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.survey import Survey

_FLAG = "__unanswered__"


def unanswered(
    data: Survey | SurveyDesign,
    questions: str | Sequence[str],
    by: str | Sequence[str] | None = None,
    *,
    where: pd.Series | str | None = None,
    ci: IntervalMethod = "logit",
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate the share of people, or of groups, who gave no usable answer, for one question or several.

    The prevalence of a missing value, with weights and design as in ``prevalence`` (R
    ``svyby(~is.na(y), ~by, design, svyciprop)``). Counts by reason stand in ``survey.missing``.

    Returns ``variable`` (the question, where ``questions`` is a list), the ``by`` columns and the columns of
    ``prevalence``. ``vcov`` is absent from several questions: the same people stand behind each. Raises
    ``DataError`` for a column that the data do not have, and on frames other than pandas.
    """
    design, asked = design_in_memory(data, "unanswered"), names(questions)
    if not asked:
        raise DataError("questions= names the columns whose missing answers are counted")
    require_columns(list(design.frame.columns), list(asked))
    found = []
    for question in asked:
        flagged = design.replace(frame=design.frame.assign(**{_FLAG: design.frame[question].isna()}))
        share = prevalence(flagged, _FLAG, by, where=where, ci=ci, level=level, replicates=replicates)
        found.append(replace(share, outcome="unanswered"))
    if isinstance(questions, str):
        return found[0]
    table = pd.concat([part.table for part in found], ignore_index=True)
    table.insert(0, "variable", [q for q, part in zip(asked, found, strict=True) for _ in range(len(part))])
    return replace(found[0], table=table, by=("variable", *found[0].by), vcov=None, note=joined_notes(found))
