"""The covariates of a model, written for the survey at hand."""

from __future__ import annotations

import pandas as pd

from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.survey import Survey


def covariates(data: Survey | SurveyDesign, *names: str) -> str:
    """Write ``names`` as the terms of a formula: ``"age + C(sex) + C(country)"``.

    Numbers and yes/no variables stand as they are, all others as categories. A variable with one value in the
    data adjusts for nothing and is left out: so a chapter that compares people of one country also runs on a
    survey of one. Raises ``DataError`` for a column that the data lack.
    """
    frame = data.frame
    require_columns(list(frame.columns), list(names))
    varied = [name for name in names if frame[name].nunique() > 1]
    return " + ".join(name if pd.api.types.is_numeric_dtype(frame[name]) else f"C({name})" for name in varied)
