"""What a survey cannot answer becomes one sentence and placeholders, and nothing else does."""

from __future__ import annotations

import pandas as pd
import pytest
from conftest import notebook
from nbformat.v4 import new_code_cell

import lonely_analysis as la
from lonely_analysis.book import absent
from lonely_analysis.errors import DataError, MissingVariable


def failed(error: Exception) -> dict[str, str]:
    return {"status": "error", "ename": type(error).__name__, "evalue": str(error)}


def test_an_estimator_that_misses_a_common_column_is_recognised():
    """The words of the estimators' message and of the pattern that reads it must not drift apart."""
    design = la.SurveyDesign(pd.DataFrame({"y": [True, False]}))
    with pytest.raises(DataError) as caught:
        la.prevalence(design, "trust")
    assert absent.missing_variable(failed(caught.value)) == "trust"
    assert absent.missing_variable(failed(MissingVariable("panel", "ESS"))) == "panel"


def test_a_misspelt_name_and_other_errors_are_not_taken_for_a_missing_variable():
    design = la.SurveyDesign(pd.DataFrame({"y": [True, False]}))
    with pytest.raises(DataError) as caught:
        la.prevalence(design, "lonly")
    assert absent.missing_variable(failed(caught.value)) is None
    assert absent.missing_variable(failed(KeyError("no column 'trust'"))) is None
    assert absent.missing_variable({"status": "ok"}) is None


def test_names_that_a_cell_reads_and_sets_are_told_apart():
    assert absent.names_of(new_code_cell("a = f(b)\na")) == ({"f", "b", "a"}, {"a"})
    assert absent.names_of(new_code_cell("not python (")) == (set(), set())


def test_placeholders_are_glued_only_for_keys_that_prose_uses_and_no_cell_put():
    book = notebook([("md", "{glue:text}`gone` {glue:text}`gone_nb` {glue:text}`02_x.ipynb::other:s`")])
    absent.add_placeholders(book)
    glued = {
        key: out.data["application/papermill.record/text/plain"] for key, out in absent.glued(book).items()
    }
    assert glued == {"gone": "'not measured here'", "gone_nb": "'ikke målt her'"}
