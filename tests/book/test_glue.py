"""What `put` gives the text, and what it records."""

from __future__ import annotations

import ast

import pandas as pd
import pytest

from conftest import estimates
from lonely_analysis.book import glue
from lonely_analysis.book.records import from_record, to_record
from lonely_analysis.errors import DataError
from lonely_analysis.estimators.margins import Effects
from lonely_analysis.results import Estimates


@pytest.fixture
def outputs(monkeypatch):
    """Catch what would be sent to the notebook, by key."""
    sent: dict[str, tuple[str, dict]] = {}

    def catch(data, metadata=None):
        sent[metadata["scrapbook"]["name"]] = (data["application/papermill.record/text/plain"], metadata)

    monkeypatch.setattr(glue, "publish", catch)
    return sent


def test_a_row_becomes_estimate_interval_and_count_in_both_languages(outputs, by_country):
    glue.put("prev_no", by_country.row(country="NO"))
    text = {key: ast.literal_eval(value) for key, (value, _) in outputs.items()}
    assert text["prev_no"] == "8.2%"
    assert text["prev_no_ci"] == "95% CI 7.1 to 9.3"
    assert (text["prev_no_low"], text["prev_no_high"]) == ("7.1%", "9.3%")
    assert text["prev_no_n"] == "1,206"
    assert text["prev_no_se"] == "0.55 percentage points"
    assert text["prev_no_ci_nb"] == "95\u00a0% KI 7,1 til 9,3"
    assert text["prev_no_n_nb"] == "1\u202f206"


def test_the_highest_group_of_several_groupings_is_named_with_its_grouping(outputs):
    rows = [("income_tertile", 1, 0.12), ("lives_alone", True, 0.08)]
    frame = pd.DataFrame(rows, columns=["variable", "value", "estimate"])
    glue.put("who", frame, kind="percent")
    assert ast.literal_eval(outputs["who_highest_name"][0]) == "Income third: lowest"
    assert ast.literal_eval(outputs["who_lowest_name_nb"][0]) == "Bor alene: ja"


def test_the_largest_of_several_compared_effects_is_named_by_its_choice(outputs):
    rows = {
        "choice": ["As above", "Unweighted"],
        "estimate": [1.4, 1.2],
        "ci_low": [1.1, 1.0],
        "ci_high": [1.8, 1.5],
    }
    glue.put("choices", Effects(table=pd.DataFrame(rows), source="euls", variable="lonely", scale="ratio"))
    assert glue.text("choices_highest_name") == "As above"
    assert glue.text("choices_lowest_name") == "Unweighted"


def test_glued_text_survives_literal_evaluation_by_myst_nb(outputs):
    """Without quotation marks MyST-NB reads 1,206 as the pair (1, 206)."""
    for value in (1206, "it's", "back\\slash"):
        glue.put("x", value)
        expected = "1,206" if value == 1206 else value
        assert ast.literal_eval(outputs["x"][0]) == expected


def test_several_rows_name_their_extremes_in_words(outputs, by_country):
    glue.put("c", by_country)
    text = {key: ast.literal_eval(value) for key, (value, _) in outputs.items()}
    assert (text["c_highest"], text["c_highest_name"], text["c_highest_name_nb"]) == (
        "18%",
        "Greece",
        "Hellas",
    )
    assert (text["c_lowest"], text["c_lowest_name"]) == ("3.1%", "Denmark")
    assert text["c_rows"] == "3"


def test_a_mean_is_no_percentage_and_a_pair_of_texts_keeps_its_languages(outputs):
    glue.put("trust", estimates([("NO", 6.61, 0.04, 6.53, 6.69, 900, 60.0, 1.2)], statistic="mean"))
    glue.put("word", ("women", "kvinner"))
    assert ast.literal_eval(outputs["trust"][0]) == "6.61"
    assert ast.literal_eval(outputs["word_nb"][0]) == "kvinner"


def test_a_ratio_keeps_two_decimals_although_its_standard_error_is_that_of_the_log(outputs):
    frame = pd.DataFrame(
        {"term": ["lonely"], "estimate": [1.26], "se": [0.4], "ci_low": [1.04], "ci_high": [1.53]}
    )
    glue.put("hr", frame, kind="ratio")
    assert ast.literal_eval(outputs["hr"][0]) == "1.26"
    assert ast.literal_eval(outputs["hr_ci"][0]) == "95% CI 1.04 to 1.53"


@pytest.mark.parametrize("key", ["two words", "3rd", "prev_nb", ""])
def test_a_key_that_cannot_name_a_number_is_refused(outputs, key):
    with pytest.raises(DataError, match="cannot name a number"):
        glue.put(key, 1)


def test_text_gives_captions_the_same_words(outputs, by_country):
    glue.put("prev_no", by_country.row(country="NO"))
    assert glue.text("prev_no_nb") == "8,2\u00a0%"
    with pytest.raises(DataError, match="nothing has been put under 'absent'"):
        glue.text("absent")


def test_only_the_first_output_of_a_key_carries_the_record(outputs, by_country):
    glue.put("c", by_country)
    assert [key for key, (_, metadata) in outputs.items() if "lonely" in metadata] == ["c_rows"]
    assert glue.recorded()["c"]["type"] == "lonely_analysis.results:Estimates"


def test_a_record_gives_back_a_result_of_the_same_class_with_the_real_source(by_country):
    again = from_record(to_record(by_country, "percent"), "euls")
    assert isinstance(again, Estimates)
    assert (again.source, again.outcome, again.by) == ("euls", "lonely", ("country",))
    pd.testing.assert_frame_equal(again.to_frame(), by_country.to_frame())


def test_a_record_holds_no_digits_in_which_machines_differ(by_country):
    noisy = estimates([("NO", 1 / 3 + 1e-11, 0.1, float("nan"), 0.9, 10, 5.0, 1.0)])
    row = to_record(noisy, "percent")["rows"][0]
    assert row[1] == 0.333333333
    assert row[3] is None
