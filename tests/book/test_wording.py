"""Words in two languages."""

from __future__ import annotations

import pytest

from lonely_analysis.book import wording
from lonely_analysis.surveys.schema import common_columns


def test_every_common_column_has_words_in_both_languages():
    for column in common_columns():
        for language in ("en", "nb"):
            assert wording.field_name(column, language).strip(), (column, language)


def test_every_level_of_a_grouping_has_words():
    for column in ("sex", "education"):
        for level in common_columns()[column].levels:
            assert wording.group_name(level, column, "nb") != level


@pytest.mark.parametrize(
    ("value", "column", "english", "norwegian"),
    [
        ("GR", "country", "Greece", "Hellas"),
        ("female", "sex", "Women", "Kvinner"),
        (True, "lives_alone", "Yes", "Ja"),
        ("16-24", "age_group", "16–24", "16–24"),
        ("QQ", "country", "QQ", "QQ"),
        (1, "income_tertile", "Lowest", "Lavest"),
        (1, "ucla3", "1", "1"),
        ("born_abroad", "variable", "Born abroad", "Født i utlandet"),
        ("single", "group", "Single", "Enslig"),
        ("born_abroad", "with_variable", "Born abroad", "Født i utlandet"),
        (8, "week", "Week 8", "Uke 8"),
    ],
)
def test_groups_read_as_words(value, column, english, norwegian):
    assert wording.group_name(value, column) == english
    assert wording.group_name(value, column, "nb") == norwegian


@pytest.mark.parametrize(
    ("row", "english", "norwegian"),
    [
        (("lives_alone", True, False), "Lives alone: yes", "Bor alene: ja"),
        (("partner", False), "Partner: no", "Partner: nei"),
        (("sex", "male", "female"), "Sex: men against women", "Kjønn: menn mot kvinner"),
        (("country", "GR", "NO"), "Country: Greece against Norway", "Land: Hellas mot Norge"),
    ],
)
def test_a_group_is_named_with_its_grouping_and_what_it_is_compared_with(row, english, norwegian):
    assert wording.compared_name(*row) == english
    assert wording.compared_name(*row, language="nb") == norwegian


def test_a_cut_point_of_a_known_question_reads_as_its_answers_and_others_as_their_number():
    assert wording.cut_name(4, "lonely_freq", "euls") == wording.cut_name(3, "lonely_freq", "ess")
    assert wording.cut_name(6, "ucla3", "euls", "nb") == "6 eller mer"
    assert wording.cut_name(4, "lonely_freq", "a county") == "4 or more"


def test_the_total_of_a_mediation_is_an_effect_and_the_total_of_a_survey_is_everybody():
    assert wording.group_name("total", "quantity") == "Total effect"
    assert wording.group_name("total", "sex", "nb") == "Alle"
