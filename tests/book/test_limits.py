"""What the book says it lacks is what it lacks: subjects nobody asks, claims that no number reaches."""

from __future__ import annotations

import lonely_analysis as la
from lonely_analysis import book
from lonely_analysis.book.limits import SUBJECTS, columns_made
from lonely_analysis.surveys.problems import SHIPPED
from lonely_analysis.surveys.schema import common_columns


def test_every_subject_is_named_by_columns_that_exist():
    known = {*common_columns(), *(column for survey in SHIPPED for column in columns_made(survey))}
    assert {column for columns in SUBJECTS.values() for column in columns} <= known


def test_what_each_survey_asks_follows_its_codebook():
    asked = book.subjects_asked().set_index("subject")
    assert asked.loc["Deaths", list(SHIPPED)].tolist() == [False, False, True, False]
    assert asked.loc["Loneliness, one question", "euls"]
    assert not asked.loc["Loneliness, one question", "nhanes"]
    assert not asked.loc["Appraisal or informational support", list(SHIPPED)].any()


def test_the_table_of_subjects_ends_with_what_nobody_asks():
    html = book.not_asked().html
    assert html.index("Deaths") < html.index("Stress hormones")
    assert html.count("<tr>") == len(SUBJECTS) + 1


def test_claims_without_evidence_are_those_of_the_ledger():
    undecided = {one.id for one in la.claims() if one.evidence.query("level != 'context'").empty}
    assert set(book.undecided()["id"]) == undecided
    assert all(id_ in book.without_evidence().html for id_ in undecided)


def test_the_count_of_second_hand_rows_covers_every_published_table():
    grades = book.grades()
    assert set(grades.index) == {"A", "B"}
    assert grades["B"] > len(la.published("trust_levels").query("grade == 'B'"))
