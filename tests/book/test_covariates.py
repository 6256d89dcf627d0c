"""Covariates written for a survey: kinds of variables, and those that do not vary."""

from __future__ import annotations

import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis import book

FRAME = pd.DataFrame(
    {
        "age": pd.array([20, 30, None], dtype="Int64"),
        "partner": pd.array([True, False, None], dtype="boolean"),
        "sex": pd.Categorical(["female", "male", "male"]),
        "country": ["NO", "NO", "NO"],
    }
)


def test_numbers_and_yes_no_stand_as_they_are_and_words_become_categories():
    design = la.SurveyDesign(FRAME.assign(country=["NO", "SE", "SE"]))
    assert (
        book.covariates(design, "age", "partner", "sex", "country") == "age + partner + C(sex) + C(country)"
    )


def test_one_country_is_no_covariate_so_that_a_national_survey_can_be_fitted():
    assert book.covariates(la.SurveyDesign(FRAME), "age", "country") == "age"


def test_an_absent_column_is_named():
    with pytest.raises(la.DataError, match="no column 'income'"):
        book.covariates(la.SurveyDesign(FRAME), "income")
