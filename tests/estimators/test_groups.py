"""Profiles, differences between groups and item non-response: against R survey, and against their parts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

#: R 4.2.2, survey 4.1.1 (`svyglm`, `svyby(~is.na(y))`): tests/reference/groups_differences.R.
REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "groups_differences.json").read_text(encoding="utf-8")
)
R = REFERENCE["values"]
CLOSE = {"rtol": 1e-10, "atol": 1e-12}


@pytest.fixture(scope="module")
def design() -> la.SurveyDesign:
    frame = pd.DataFrame(REFERENCE["data"]).astype({"y": "boolean"})
    frame["old"] = frame["age"] == "65+"
    return la.SurveyDesign(frame, weight="weight", stratum="stratum", psu="psu")


@pytest.mark.parametrize(("key", "outcome", "over"), [("crude", "y", None), ("standardised", "full", "age")])
def test_differences_and_their_errors_are_those_of_r(design, key, outcome, over):
    found = la.differences(la.profile(design, outcome, ["group"], over=over))
    np.testing.assert_allclose(found.to_frame()["estimate"], R[key]["estimate"], **CLOSE)
    np.testing.assert_allclose(found.to_frame()["se"], R[key]["se"], **CLOSE)
    assert list(found.to_frame()["value"]) == ["y", "z"]


def test_the_t_interval_uses_the_smaller_groups_degrees_of_freedom(design):
    found = la.differences(la.profile(design, "y", ["group"])).to_frame()
    assert list(found["df"]) == [min(R["df"][0], other) for other in R["df"][1:]]
    half = 2.131449545559323 * found["se"]  # qt(0.975, 15) in R 4.2.2
    np.testing.assert_allclose(found["ci_high"] - found["estimate"], half, **CLOSE)


def test_unanswered_is_r_svyby_of_the_missing_answer(design):
    found = la.unanswered(design, "y", by="group").to_frame()
    np.testing.assert_allclose(found["estimate"], R["unanswered"]["estimate"], **CLOSE)
    np.testing.assert_allclose(found["se"], R["unanswered"]["se"], **CLOSE)
    assert list(found["n"]) == list(design.frame["group"].value_counts().sort_index())


def test_a_profile_holds_the_prevalences_of_each_grouping_unchanged(design):
    stacked = la.profile(design, "y", ["group", "old"], where="age != '16-34'")
    alone = la.prevalence(design, "y", by="old", where="age != '16-34'")
    pd.testing.assert_series_equal(
        stacked.row(variable="old", value=False).to_frame().iloc[0][["estimate", "se", "n", "df"]],
        alone.row(old=False).to_frame().iloc[0][["estimate", "se", "n", "df"]],
    )
    assert list(stacked.to_frame()["variable"]) == ["group"] * 3 + ["old"] * 2


def test_covariances_across_groupings_are_not_invented(design):
    vcov = la.profile(design, "y", ["group", "old"]).vcov
    assert np.isnan(vcov[:3, 3:]).all()
    assert np.isfinite(vcov[:3, :3]).all()


def test_another_reference_turns_the_sign_and_keeps_the_error(design):
    result = la.profile(design, "y", ["group", "old"])
    first = la.differences(result).row(variable="group", value="z")
    turned = la.differences(result, {"group": "z"}).row(variable="group", value="x")
    assert turned.estimate == pytest.approx(-first.estimate, rel=1e-12)
    assert turned.se == pytest.approx(first.se, rel=1e-12)
    assert turned.p == pytest.approx(first.p, rel=1e-12)


def test_differences_of_one_prevalence_are_those_of_its_profile(design):
    direct = la.differences(la.prevalence(design, "y", by="group")).to_frame()
    pd.testing.assert_frame_equal(direct, la.differences(la.profile(design, "y", ["group"])).to_frame())


def test_several_questions_stand_beneath_each_other(design):
    found = la.unanswered(design, ["y", "age"]).to_frame()
    assert list(found["variable"]) == ["y", "age"]
    assert found["estimate"].iloc[1] == 0


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda d: la.profile(d, "y", []), "groupings= names the columns"),
        (lambda d: la.profile(d, "y", ["nothing"]), "no column 'nothing'"),
        (lambda d: la.differences(la.prevalence(d, "y", by=["group", "age"])), "within one grouping.*has 2"),
        (lambda d: la.differences(la.prevalence(d, "y")), "within one grouping.*has 0"),
        (lambda d: la.differences(la.unanswered(d, ["y"], by="group")), "within one grouping.*has 2"),
        (lambda d: la.differences(la.profile(d, "y", ["old"]), {"sex": 1}), "reference= names sex"),
        (lambda d: la.differences(la.profile(d, "y", ["group"]), {"group": "w"}), "no group 'w'.*x, y, z"),
        (
            lambda d: la.differences(la.prevalence(d, "y", by="group", where="group == 'x'")),
            "one group a grouping",
        ),
        (lambda d: la.differences(la.unanswered(d, ["y", "age"])), "no covariance"),
        (lambda d: la.unanswered(d, "nothing"), "no column 'nothing'"),
        (lambda d: la.unanswered(d, []), "questions= names the columns"),
    ],
)
def test_questions_without_an_answer_are_refused(design, ask, message):
    with pytest.raises(la.DataError, match=message):
        ask(design)


def test_a_difference_without_spread_has_an_error_of_zero():
    """The same people twice, weighing more the second time: rounding must not make the variance negative."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows = pd.DataFrame(
            {"psu": rng.integers(9, size=90), "w": rng.gamma(1, 1, 90), "y": rng.normal(size=90)}
        )
        twice = pd.concat(
            [rows.assign(twin="a"), rows.assign(twin="b", w=rows["w"] * 4 / 3)], ignore_index=True
        )
        found = la.differences(la.mean(la.SurveyDesign(twice, weight="w", psu="psu"), "y", "twin"))
        assert found.se == pytest.approx(0, abs=1e-8)
