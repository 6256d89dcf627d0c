"""Transitions between waves: R ``survey`` on the wide frame (see ``panel_data``), and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from panel_data import HOW, LONG, PANEL, REFERENCE

import lonely_analysis as la

KEYS = {"person": "person"}


def test_the_matrix_its_errors_and_intervals_are_rs():
    ours = la.transitions(PANEL, "lonely", (1, 2), **KEYS).to_frame()
    theirs = pd.DataFrame(REFERENCE["transitions"])
    assert ours[["before", "after"]].astype(int).equals(theirs[["before", "after"]])
    for column in ("estimate", "se", "n", "df", "deff"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-10)
    for column in ("ci_low", "ci_high"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-8)


def test_each_earlier_state_goes_somewhere():
    states = la.SurveyDesign(LONG.assign(state=LONG["score"].round().clip(-1, 2)), **HOW)
    found = la.transitions(states, "state", (1, 2), **KEYS).to_frame()
    assert len(found) == 16
    np.testing.assert_allclose(found.groupby("before")["estimate"].sum(), 1, rtol=1e-12)


def test_those_not_seen_again_are_counted_and_not_dropped_silently():
    assert la.transitions(PANEL, "lonely", (1, 2), **KEYS).note.startswith(
        "60 answers of the earlier wave have none"
    )


def test_by_default_every_wave_is_paired_with_the_next():
    third = LONG[LONG["wave"] == 1].assign(wave=3)
    three = la.SurveyDesign(pd.concat([LONG, third], ignore_index=True), **HOW)
    pooled = la.transitions(three, "lonely", **KEYS).to_frame()
    apart = [la.transitions(three, "lonely", pair, **KEYS).to_frame() for pair in ((1, 2), (2, 3))]
    assert (pooled["n"] == apart[0]["n"] + apart[1]["n"]).all()


def test_pairs_of_one_person_are_one_unit_where_the_design_has_no_psu():
    twice = pd.concat([LONG, LONG.assign(wave=LONG["wave"] + 1)], ignore_index=True)
    twice = twice.drop_duplicates(["person", "wave"])
    pooled = la.transitions(la.SurveyDesign(twice), "lonely", **KEYS)
    persons = LONG.loc[LONG["lonely"] == 1, "person"].nunique()
    assert pooled.row(before=1, after=1).df < persons


@pytest.mark.parametrize(
    ("between", "message"), [((1, 5), "earlier and a later wave of 1, 2"), ((2, 1), "earlier and a later")]
)
def test_a_wave_that_is_not_there_is_said(between, message):
    with pytest.raises(la.DataError, match=message):
        la.transitions(PANEL, "lonely", between, **KEYS)


def test_a_cross_section_is_refused():
    once = la.SurveyDesign(LONG[LONG["wave"] == 1], **HOW)
    with pytest.raises(la.DataError, match="nobody is followed"):
        la.transitions(once, "lonely", **KEYS)


def test_a_repeated_person_is_named():
    twice = la.SurveyDesign(pd.concat([LONG, LONG[LONG["person"] == "p007"]]), **HOW)
    with pytest.raises(la.DataError, match=r"repeat a person and wave .*p007"):
        la.transitions(twice, "lonely", (1, 2), **KEYS)


def test_a_measure_is_not_a_state():
    with pytest.raises(la.DataError, match="group them into at most 12 states"):
        la.transitions(PANEL, "score", (1, 2), **KEYS)


def test_nobody_with_both_answers_is_one_message_and_no_foreign_error():
    gone = la.SurveyDesign(LONG.assign(lonely=LONG["lonely"].where(LONG["wave"] == 1)), **HOW)
    with pytest.raises(la.DataError, match="nobody in the domain answered 'lonely' at both waves"):
        la.transitions(gone, "lonely", (1, 2), **KEYS)
