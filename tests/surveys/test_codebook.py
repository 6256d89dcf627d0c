"""The codebook engine: rules one by one, and the shipped codebooks as a reviewer would check them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lonely_analysis.surveys.codebook import REASONS, Variable, codebook
from lonely_analysis.surveys.problems import SHIPPED
from lonely_analysis.surveys.recode import answers, apply_rule, reason_code, reason_of_label
from lonely_analysis.surveys.schema import common_columns

FIVE = Variable(
    "q", "", {}, codes={1: "a", 2: "b", 3: "c", 4: "d", 5: "e"}, missing={7: "refused", 8: "dont_know"}
)


def _given(rule, codes, variable=FIVE):
    found = answers(variable, pd.Series(codes, dtype=float), {})
    return apply_rule(rule, variable, found)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_codebook_gives_common_columns_only_and_says_its_source(name):
    book = codebook(name)
    assert set(book.gives()) <= set(common_columns())
    assert book.citation
    assert book.licence
    assert book.access
    assert book.recognised_by
    assert set(book.recognised_by) <= set(book.variables)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_rule_of_a_shipped_codebook_places_every_valid_code(name):
    """A code without a place would silently be missing: `recode` must list it, even if only as null."""
    for variable in codebook(name).variables.values():
        for column, rule in variable.gives.items():
            listed = set(rule.get("recode", {}))
            if listed and "others" not in rule and variable.codes:
                assert listed == set(variable.codes), (variable.name, column)
            for codes in (rule.get("true_for", []), rule.get("false_for", [])):
                if variable.codes:
                    assert set(codes) <= set(variable.codes), (variable.name, column)


@pytest.mark.parametrize("name", SHIPPED)
def test_no_missing_code_is_a_valid_code_as_well(name):
    for variable in codebook(name).variables.values():
        assert not set(variable.missing) & set(variable.codes), variable.name
        if variable.limits:
            low, high = variable.limits
            assert not [code for code in variable.missing if low <= code <= high], variable.name


@pytest.mark.parametrize("name", SHIPPED)
def test_every_asked_item_has_words_and_the_codebook_says_that_wording_was_not_verified(name):
    for variable in codebook(name).variables.values():
        assert variable.asks, variable.name
        assert variable.wording, variable.name


def test_reversed_turns_the_ends_and_keeps_the_middle():
    assert _given({"reversed": True}, [1, 3, 5])[0].tolist() == [5, 3, 1]


def test_yes_and_no_leave_missing_codes_missing():
    values, reasons = _given({"true_for": [4, 5]}, [5, 1, 7, 8])
    assert values.tolist() == [True, False, pd.NA, pd.NA]
    assert reasons.tolist() == [0, 0, reason_code("refused"), reason_code("dont_know")]


def test_codes_outside_both_lists_are_unclassified():
    values, reasons = _given({"true_for": [1], "false_for": [2]}, [1, 2, 3])
    assert values.tolist() == [True, False, pd.NA]
    assert reasons[2] == reason_code("unclassified")


def test_an_absent_answer_can_mean_no():
    values, reasons = _given({"true_for": [1], "false_when": ["refused"]}, [1, 2, 7, 8])
    assert values.tolist() == [True, False, False, pd.NA]
    assert reasons.tolist() == [0, 0, 0, reason_code("dont_know")]


def test_recode_to_null_is_unclassified_and_others_takes_the_rest():
    values, reasons = _given({"recode": {1: "low", 2: None}, "others": "high"}, [1, 2, 3, 7])
    assert values.tolist()[:3:2] == ["low", "high"]
    assert reasons.tolist() == [0, reason_code("unclassified"), 0, reason_code("refused")]


def test_bands_begin_where_they_say():
    age = Variable("age", "", {}, limits=(0, 120))
    values, reasons = _given({"bands": {"16-24": 16, "25+": 25}}, [15, 16, 24, 25, 99], age)
    assert values.tolist() == [pd.NA, "16-24", "16-24", "25+", "25+"]
    assert reasons[0] == reason_code("unclassified")


def test_units_are_changed_and_moved():
    percent = Variable("x", "", {}, limits=(0, 100))
    assert _given({"times": 10, "plus": -5}, [1, 2], percent)[0].tolist() == [5, 15]
    assert _given({"over": 12}, [12, 6], percent)[0].tolist() == [1, 0.5]


def test_an_unlisted_code_is_a_problem_that_names_column_code_and_count():
    found = answers(FIVE, pd.Series([1, 6, 6, 0]), {})
    assert found.problems == ["q has codes that its codebook does not list: 6 (2 rows), 0 (1 rows)"]


def test_a_code_that_the_file_calls_missing_is_an_answer_where_the_codebook_lists_it():
    """SPSS files declare 66, "not applicable", missing; it is the answer of whoever has no partner."""
    found = answers(FIVE, pd.Series([1.0, 5.0, 7.0, 66.0]), {5.0: "Not applicable", 66.0: "Not applicable"})
    assert found.codes[1] == 5
    assert found.reasons.tolist() == [0, 0, reason_code("refused"), reason_code("not_applicable")]


def test_labels_instead_of_codes_are_named_as_labels():
    found = answers(FIVE, pd.Series(["a", "b", "a"]), {})
    assert "labels instead of codes ('a' and others in 3 rows)" in found.problems[0]


def test_codes_that_were_exported_as_text_are_codes():
    found = answers(FIVE, pd.Series(["1", "5", "7", ""]), {})
    assert found.problems == []
    assert found.codes[:2].tolist() == [1, 5]


@pytest.mark.parametrize(
    ("label", "reason"),
    [
        ("Refusal", "refused"),
        ("Prefer not to say", "refused"),
        ("Don't know", "dont_know"),
        ("Don\u2019t know", "dont_know"),
        ("No answer", "no_answer"),
        ("Not applicable", "not_applicable"),
        ("Not available", "not_asked"),
        ("", "not_stated"),
    ],
)
def test_labels_of_missing_codes_tell_the_reason(label, reason):
    assert reason_of_label(label) == reason


@given(st.lists(st.sampled_from([1, 2, 3, 4, 5, 7, 8]), min_size=1, max_size=50))
def test_every_row_has_either_an_answer_or_a_reason(codes):
    for rule in (
        {"as_is": True},
        {"reversed": True},
        {"true_for": [5]},
        {"recode": dict.fromkeys(range(1, 6), 1)},
    ):
        values, reasons = _given(rule, codes)
        assert (values.isna().to_numpy() == (reasons != 0)).all()
        assert np.isin(reasons, np.arange(len(REASONS) + 1)).all()
