"""Answers are compared with the live result."""

from __future__ import annotations

import pytest

from lonely_analysis.book import exercises
from lonely_analysis.errors import DataError


def test_an_answer_within_the_tolerance_is_right_and_one_outside_is_not(by_country):
    exercises.answer("ex", by_country.row(country="NO"), tolerance=0.001)
    assert exercises.check("ex", 0.0820).text.startswith("Right")
    assert exercises.check("ex", by_country.row(country="NO")).text.startswith("Right")
    assert exercises.check("ex", 0.0830).text.startswith("Not yet")


def test_hints_help_without_giving_the_answer_away(by_country):
    exercises.answer("ex", by_country.row(country="NO"), tolerance=0.001)
    assert "share of one" in exercises.check("ex", 8.16).text
    assert "0.0816" not in exercises.check("ex", 0.5).text
    exercises.answer("ex", 1, hint="Use the weights.")
    assert "Use the weights." in exercises.check("ex", 2).text


def test_texts_are_compared_without_regard_to_case():
    exercises.answer("word", "Denmark")
    assert exercises.check("word", " denmark ").text.startswith("Right")


@pytest.mark.parametrize(("key", "given"), [("nowhere", 1), ("ex", [1, 2])])
def test_an_unknown_exercise_or_a_list_is_a_clear_error(key, given):
    exercises.answer("ex", 1)
    with pytest.raises(DataError):
        exercises.check(key, given)
