"""What a survey cannot answer becomes one sentence and placeholders, and nothing else does."""

from __future__ import annotations

import json
from functools import partial
from types import SimpleNamespace

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_output

import lonely_analysis as la
from conftest import notebook
from lonely_analysis.book import absent, context, exercises, glue
from lonely_analysis.book.words import (
    ABSENT_PARTS,
    DEPENDS_SENTENCE,
    NOBODY_SENTENCE,
    ONE_GROUP_SENTENCE,
    UNFITTED_SENTENCE,
)
from lonely_analysis.errors import DataError, MissingVariable
from lonely_analysis.files import data_file

#: The function itself: a test replaces the name in its module.
SURVEY = context.survey.__wrapped__


def failed(error: Exception) -> dict[str, str]:
    return {"status": "error", "ename": type(error).__name__, "evalue": str(error)}


def test_an_estimator_that_misses_a_common_column_is_recognised():
    """The words of the estimators' message and of the pattern that reads it must not drift apart."""
    design = la.SurveyDesign(pd.DataFrame({"y": [True, False]}))
    with pytest.raises(DataError) as caught:
        la.prevalence(design, "trust")
    assert "no variable trust (Trust in people)" in absent.reason(failed(caught.value))[0]
    assert "variabelen distress" in absent.reason(failed(MissingVariable("distress", "ESS")))[1]


def test_a_row_that_the_table_of_missing_answers_lacks_is_an_absent_variable():
    missing = pd.DataFrame({"refused": [1]}, index=["trust"])
    for asked in (["lonely_freq"], ["trust", "lonely_freq"]):
        with pytest.raises(KeyError) as caught:
            missing.loc[asked]
        assert "no variable lonely_freq" in absent.reason(failed(caught.value))[0]
    with pytest.raises(KeyError) as caught:
        missing.loc[["lonly_freq"]]
    assert absent.reason(failed(caught.value)) is None


@pytest.mark.parametrize("part", ["panel", "truth"])
def test_a_part_that_a_real_survey_lacks_is_not_called_a_variable(part, monkeypatch):
    monkeypatch.setenv("LONELY_SURVEY", "euls")
    monkeypatch.setattr(context, "survey", lambda: SimpleNamespace(provenance=SimpleNamespace(title="EU")))
    ask = {"panel": partial(SURVEY, part="panel"), "truth": partial(context.truth, "panel", "lonely_again")}
    with pytest.raises(MissingVariable) as caught:
        ask[part]()
    assert absent.reason(failed(caught.value)) == ABSENT_PARTS[part]


def test_the_truth_is_a_number_of_the_synthetic_survey_or_an_error(monkeypatch):
    monkeypatch.delenv("LONELY_SURVEY", raising=False)
    stored = json.loads(data_file("synthetic/truth.json").read_text("utf-8"))
    assert context.truth("panel", "lonely_again") == stored["panel"]["lonely_again"]
    with pytest.raises(DataError, match="no number at 'panel / misspelt'"):
        context.truth("panel", "misspelt")


def test_a_misspelt_name_and_other_errors_are_not_taken_for_a_missing_variable():
    design = la.SurveyDesign(pd.DataFrame({"y": [True, False]}))
    with pytest.raises(DataError) as caught:
        la.prevalence(design, "lonly")
    assert absent.reason(failed(caught.value)) is None
    assert absent.reason(failed(KeyError("no column 'trust'"))) is None
    assert absent.reason({"status": "ok"}) is None


def test_a_group_with_nobody_in_it_is_recognised_however_it_is_asked_for(by_country):
    design = la.SurveyDesign(pd.DataFrame({"lonely": [True, False], "age": [30, 40]}))
    asked = [lambda: by_country.row(country="SE"), lambda: la.prevalence(design, "lonely", where="age > 99")]
    for ask in asked:
        with pytest.raises((KeyError, DataError)) as caught:
            ask()
        assert absent.reason(failed(caught.value)) == NOBODY_SENTENCE


def test_a_survey_of_one_country_leaves_out_what_compares_countries():
    frame = pd.DataFrame({"country": ["NO"] * 40, "x": [0, 1] * 20, "y": [0, 0, 1, 1] * 10, "z": range(40)})
    design = la.SurveyDesign(frame)
    for ask in (
        lambda: la.mixed(design, "z ~ x", "country"),
        lambda: la.slopes(design, "y ~ x", "x", by="country"),
    ):
        with pytest.raises(la.DataError) as caught:
            ask()
        assert absent.reason(failed(caught.value)) == ONE_GROUP_SENTENCE


def test_a_model_that_cannot_be_fitted_is_left_out_but_an_unreadable_file_is_not():
    assert absent.reason(failed(la.EstimationError("separation"))) == UNFITTED_SENTENCE
    assert absent.reason(failed(DataError("x.dta is not a Stata file"))) is None


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


def test_a_caption_or_check_that_rests_on_a_skipped_step_is_left_out_too():
    for ask in (lambda: glue.text("never_put_here"), lambda: exercises.check("ex_never", 1)):
        with pytest.raises(DataError) as caught:
            ask()
        assert absent.reason(failed(caught.value)) == DEPENDS_SENTENCE


def test_a_reference_to_a_figure_that_was_not_drawn_becomes_words():
    book = notebook([("md", "See {numref}`fig-01-a` and {numref}`fig-01-b`."), ("code", "draw")])
    book.cells[1].outputs = [new_output("display_data", data={"image/svg+xml": '<svg data-name="fig-01-b">'})]
    absent.unlink_figures(book)
    assert "{numref}`fig-01-a`" in book.cells[0].source
    absent.add_placeholders(book)
    absent.unlink_figures(book)
    assert book.cells[0].source == "See the figure that is left out here and {numref}`fig-01-b`."


def test_a_paragraph_without_any_of_its_numbers_is_left_out_and_the_fence_around_it_is_not():
    prose = (
        ":::{nb} Kort\nHer er {glue:text}`here`.\n\nTo runder: {glue:text}`gone`.\n:::\n\n## Title\n\nWords."
    )
    book = notebook([("md", prose), ("md", "Of {glue:text}`gone`, {glue:text}`here` stay.")])
    book.cells.append(new_code_cell("", outputs=[]))
    with_number = new_output("display_data", data={}, metadata={"scrapbook": {"name": "here"}})
    book.cells[2].outputs = [with_number]
    absent.drop_paragraphs(book)
    assert book.cells[0].source == prose
    absent.add_placeholders(book)
    absent.drop_paragraphs(book)
    assert book.cells[0].source == ":::{nb} Kort\nHer er {glue:text}`here`.\n\n:::\n\n## Title\n\nWords."
    assert book.cells[1].source == "Of {glue:text}`gone`, {glue:text}`here` stay."


def test_the_cohort_is_each_person_once_with_the_whole_design():
    panel, cohort = SURVEY(part="panel"), context.cohort.__wrapped__()
    assert cohort.frame["person_id"].is_unique
    assert set(cohort.frame["psu"]) == set(panel.frame["psu"])
    assert cohort.frame["died"].notna().all()


def test_a_survey_without_deaths_has_no_cohort_and_says_so(monkeypatch):
    survey = SURVEY()
    monkeypatch.setattr(context, "survey", lambda: survey)
    monkeypatch.setenv("LONELY_SURVEY", "euls")
    with pytest.raises(MissingVariable, match="follow_up_years"):
        context.cohort.__wrapped__()


def test_ever_counts_every_wave_that_a_person_took_part_in():
    panel, cohort = SURVEY(part="panel").frame, context.cohort.__wrapped__(ever="lonely").frame
    yes = set(panel.loc[panel["lonely"].fillna(False).astype(bool), "person_id"])
    assert set(cohort.loc[cohort["ever_lonely"], "person_id"]) == yes
