"""Cross-lagged paths.

References: R ``survey`` (tests/reference/panel_cross_lagged.json, versions inside); invariances; coverage.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from panel_data import HOW, LONG, PANEL

import lonely_analysis as la

FILE = Path(__file__).parents[1] / "reference" / "panel_cross_lagged.json"
REFERENCE = json.loads(FILE.read_text())
PERSON = {"between": (1, 2), "person": "person"}


@pytest.mark.parametrize(("adjust", "key"), [(None, "plain"), ("size", "size")])
def test_paths_and_their_errors_are_rs(adjust, key):
    ours, theirs = la.cross_lagged(PANEL, "score", "lonely", adjust=adjust, **PERSON), REFERENCE[key]
    table = ours.to_frame()
    np.testing.assert_allclose(table["estimate"], theirs["estimate"], rtol=1e-10)
    np.testing.assert_allclose(table["se"], theirs["se"], rtol=1e-7)
    np.testing.assert_allclose(table["ci_low"], theirs["ci_low"], rtol=1e-6)
    assert (table["n"] == theirs["n"]).all()
    assert (table["df"] == theirs["df"]).all()


def test_the_two_directions_are_compared_with_their_covariance():
    paths = la.cross_lagged(PANEL, "score", "lonely", words=("score", "lonely"), **PERSON)
    gap = la.differences(paths)
    first, second = REFERENCE["plain"]["estimate"]
    assert (gap.estimate, gap.se) == pytest.approx((second - first, REFERENCE["plain"]["gap_se"]), rel=1e-7)
    assert (gap.value, gap.reference) == ("lonely", "score")


def test_units_do_not_matter_and_a_turned_scale_turns_both_paths():
    turned = la.SurveyDesign(LONG.assign(score=5 - 3 * LONG["score"]).reset_index(drop=True), **HOW)
    one = la.cross_lagged(PANEL, "score", "lonely", **PERSON).to_frame()
    other = la.cross_lagged(turned, "score", "lonely", **PERSON).to_frame()
    np.testing.assert_allclose(-other["estimate"], one["estimate"], rtol=1e-10)
    np.testing.assert_allclose(other["se"], one["se"], rtol=1e-10)


def test_exposure_and_outcome_change_places():
    one = la.cross_lagged(PANEL, "score", "lonely", **PERSON).to_frame()
    other = la.cross_lagged(PANEL, "lonely", "score", **PERSON).to_frame()
    np.testing.assert_allclose(other["estimate"], one["estimate"][::-1], rtol=1e-12)
    np.testing.assert_allclose(other["se"], one["se"][::-1], rtol=1e-12)


def test_persons_seen_once_stay_in_the_design_and_leave_the_regression():
    often = LONG.groupby("person")["wave"].transform("size") == 2
    inside = LONG.loc[often].reset_index(drop=True)
    of_all = la.cross_lagged(PANEL, "score", "lonely", **PERSON).to_frame()
    of_seen = la.cross_lagged(la.SurveyDesign(inside, **HOW), "score", "lonely", **PERSON).to_frame()
    np.testing.assert_allclose(of_all["estimate"], of_seen["estimate"], rtol=1e-12)


@pytest.mark.parametrize("outcomes", ["score", [], ["lonely", "score"]])
def test_an_outcome_that_is_the_exposure_is_refused(outcomes):
    with pytest.raises(la.DataError, match="one or more other columns"):
        la.cross_lagged(PANEL, "score", outcomes, **PERSON)


@pytest.mark.slow
def test_intervals_of_a_path_cover_what_is_true_of_the_model(record_property):
    """Two related variables, each with its own past and one arrow between them; panels of 400 persons."""
    import pandas as pd

    rng = np.random.default_rng(20261123)
    inside, samples = 0, 2000
    for _ in range(samples):
        x = rng.normal(size=400)
        y = 0.5 * x + np.sqrt(0.75) * rng.normal(size=400)
        later_y = 0.2 * x + 0.5 * y + np.sqrt(1 - 0.04 - 0.25 - 0.1) * rng.normal(size=400)
        later_x = 0.7 * x + np.sqrt(0.51) * rng.normal(size=400)
        first = pd.DataFrame({"person_id": range(400), "wave": 1, "x": x, "y": y})
        second = pd.DataFrame({"person_id": range(400), "wave": 2, "x": later_x, "y": later_y})
        panel = la.SurveyDesign(pd.concat([first, second], ignore_index=True), psu="person_id")
        path = la.cross_lagged(panel, "x", "y", (1, 2)).to_frame().iloc[0]
        inside += path["ci_low"] <= 0.2 <= path["ci_high"]
    record_property("covers", {"cross-lagged path": inside / samples})
    assert 0.935 <= inside / samples <= 0.965
