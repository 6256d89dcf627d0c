"""Marks: yes/no columns from conditions, in which a missing answer stays missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la


@pytest.fixture
def design() -> la.SurveyDesign:
    frame = pd.DataFrame(
        {"support": [1.0, 4.0, np.nan, 5.0], "events": pd.array([0, 2, 1, None], dtype="Int64"), "w": 2.0}
    )
    return la.SurveyDesign(frame, weight="w", source="test")


def test_a_missing_number_gives_a_missing_mark_not_a_no(design):
    marked = la.mark(design, supported="support >= 4", event="events >= 1").frame
    assert marked["supported"].to_list() == [False, True, pd.NA, True]
    assert marked["event"].to_list() == [False, True, True, pd.NA]


def test_what_decides_a_condition_makes_up_for_a_missing_answer(design):
    marked = la.mark(design, either="support >= 4 or events >= 1", both="support >= 4 and events >= 1").frame
    assert marked["either"].to_list() == [False, True, True, True]
    assert marked["both"].to_list() == [False, True, pd.NA, pd.NA]


def test_later_marks_may_use_earlier_ones_and_the_design_stays(design):
    marked = la.mark(design, supported="support >= 4", alone="not supported")
    assert marked.frame["alone"].to_list() == [True, False, pd.NA, False]
    assert (marked.weight, marked.source) == ("w", "test")
    assert "supported" not in design.frame


@pytest.mark.parametrize(
    ("conditions", "told"), [({"w": "support >= 4"}, "already"), ({"x": "trust >= 4"}, "no column 'trust'")]
)
def test_names_that_exist_and_columns_that_do_not_are_refused(design, conditions, told):
    with pytest.raises(la.DataError, match=told):
        la.mark(design, **conditions)
