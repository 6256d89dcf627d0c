"""Survival curves: R ``svykm``, R ``survfit`` averaged, exact cases and invariants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survival_data import COLUMNS, FORMULA, design, frame, numerical_covariance, reference, small_frame

import lonely_analysis as la

R_DIGITS = 1e-10


def curves(data: la.SurveyDesign, by: str | None = "lonely", at: object = None, **more: object) -> object:
    return la.survival_curves(data, by, at, **COLUMNS, **more)


@pytest.mark.parametrize("group", ["0", "1"])
def test_kaplan_meier_by_group_is_that_of_svykm(group: str) -> None:
    expected = reference()["km"][group]
    table = curves(design(), at=expected["time"]).to_frame().query(f"lonely == {group}")
    np.testing.assert_allclose(table["estimate"], expected["surv"], rtol=R_DIGITS)


@pytest.mark.parametrize("group", ["0", "1"])
def test_nelson_aalen_and_its_design_variance_are_those_of_svykm(group: str) -> None:
    expected = reference()["km_se"][group]
    found = curves(design(), at=expected["time"], method="nelson-aalen")
    table = found.to_frame().query(f"lonely == {group}")
    np.testing.assert_allclose(table["estimate"], expected["surv"], rtol=R_DIGITS)
    np.testing.assert_allclose((table["se"] / table["estimate"]) ** 2, expected["varlog"], rtol=R_DIGITS)


def test_intervals_are_those_of_confint_svykm() -> None:
    expected = reference()["km_all"]
    table = curves(design(), None, expected["time"], method="nelson-aalen").to_frame()
    half = 1.959963984540054 * np.sqrt(expected["varlog"])
    np.testing.assert_allclose(table["ci_low"], np.exp(np.log(expected["surv"]) - half), rtol=1e-9)
    np.testing.assert_allclose(
        table["ci_high"], np.minimum(np.exp(np.log(expected["surv"]) + half), 1), rtol=1e-9
    )


def test_adjusted_curves_are_the_weighted_mean_of_survfit() -> None:
    model = la.cox(design(), formula=FORMULA, **COLUMNS)
    table = la.survival_curves(model, "lonely", reference()["times"]).to_frame()
    for group, expected in reference()["standardised"].items():
        found = table.loc[table["lonely"] == int(group), "estimate"]
        np.testing.assert_allclose(found, expected, rtol=R_DIGITS)


def test_without_censoring_a_curve_is_a_prevalence_with_its_standard_error() -> None:
    data = frame().assign(died=1)
    for month in (2, 9, 20):
        ours = curves(design(data), at=[month]).to_frame()
        theirs = la.prevalence(
            design(data.assign(alive=data["months"] > month)), "alive", by="lonely"
        ).to_frame()
        np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-12)
        np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-10)


def test_six_people_by_hand() -> None:
    data = pd.DataFrame({"months": [1, 2, 2, 3, 4, 5], "died": [1, 1, 0, 1, 0, 0]})
    table = curves(la.SurveyDesign(data), None, [0, 1, 2, 3, 5]).to_frame()
    np.testing.assert_allclose(table["estimate"], [1, 5 / 6, 4 / 6, 4 / 9, 4 / 9])
    assert list(table["at_risk"]) == [6, 6, 5, 3, 1]
    assert list(table["events"]) == [0, 1, 2, 3, 3]


@pytest.mark.parametrize("method", ["kaplan-meier", "nelson-aalen"])
def test_the_covariance_of_curves_is_that_of_numerical_derivatives(method: str) -> None:
    data, at = small_frame(5, 40), [1, 3, 6]

    def estimate(bound: la.SurveyDesign) -> np.ndarray:
        return curves(bound, at=at, method=method).to_frame()["estimate"].to_numpy()

    expected = numerical_covariance(data, estimate)
    np.testing.assert_allclose(
        curves(design(data), at=at, method=method).vcov, expected, rtol=1e-6, atol=1e-9
    )


@pytest.mark.parametrize("late", [False, True])
def test_the_covariance_of_adjusted_curves_is_that_of_numerical_derivatives(late: bool) -> None:
    data, at = small_frame(6, 40), [1, 3, 6]
    data["entry"] = data["months"] - 1 - np.arange(40) % 4
    more = {"entry": "entry"} if late else {}

    def adjusted(bound: la.SurveyDesign) -> object:
        return la.survival_curves(la.cox(bound, formula="x + lonely", **COLUMNS, **more), "lonely", at)

    expected = numerical_covariance(data, lambda bound: adjusted(bound).to_frame()["estimate"].to_numpy())
    np.testing.assert_allclose(adjusted(design(data)).vcov, expected, rtol=1e-6, atol=1e-9)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_curves_fall_from_one_and_their_intervals_hold_them(seed: int) -> None:
    for ci in ("log", "log-log"):
        table = curves(design(small_frame(seed)), ci=ci).to_frame()
        known = table.dropna()
        assert known["estimate"].between(0, 1).all()
        assert (table.groupby("lonely")["estimate"].diff().dropna() <= 1e-12).all()
        assert (known["ci_low"] <= known["estimate"]).all()
        assert (known["estimate"] <= known["ci_high"]).all()
        assert known["ci_high"].le(1).all()


def test_a_difference_between_curves_uses_their_covariance() -> None:
    model = la.cox(design(), formula=FORMULA, **COLUMNS)
    found = la.survival_curves(model, "lonely", [6, 12])
    difference, table = found.difference(0, 1), found.to_frame()
    contrast = np.array([[-1, 0, 1, 0], [0, -1, 0, 1]])
    np.testing.assert_allclose(difference["estimate"], contrast @ table["estimate"])
    np.testing.assert_allclose(difference["se"] ** 2, np.diag(contrast @ found.vcov @ contrast.T))
    # Both curves are averaged over the same people, so that their errors go together.
    assert (difference["se"] < np.hypot(table["se"][:2].to_numpy(), table["se"][2:].to_numpy())).all()


def test_survival_is_missing_after_the_last_exit_and_zero_once_all_have_died() -> None:
    data = pd.DataFrame({"months": [1, 2, 3, 4], "died": [1, 0, 1, 0], "g": ["a", "a", "b", "b"]})
    late = curves(la.SurveyDesign(data), "g", [4]).to_frame()
    assert late["estimate"].isna().tolist() == [True, False]
    gone = curves(la.SurveyDesign(data.assign(died=1)), "g", [4]).to_frame()
    assert gone["estimate"].tolist() == [0, 0]
    assert gone["se"].isna().all()


def test_groups_keep_their_own_values_and_one_row_can_be_taken() -> None:
    found = curves(design(), "sex", [6, 12])
    assert list(found.to_frame()["sex"]) == ["female", "female", "male", "male"]
    row = found.row(sex="male", time=12)
    assert row.se == pytest.approx(np.sqrt(row.vcov[0, 0]))


BAD = {
    "times= must hold times": {"at": [-1]},
    "is no interval of a curve": {"ci": "wilson"},
    "is unknown; choose": {"method": "fleming"},
    "at most 20: group it first": {"by": "age"},
    "no column 'nobody'": {"by": "nobody"},
    "is not between 0 and 1": {"level": 95},
}


@pytest.mark.parametrize("message", list(BAD))
def test_what_cannot_be_drawn_is_refused_in_words(message: str) -> None:
    with pytest.raises(la.DataError, match=message):
        curves(design(), **BAD[message])


def test_an_adjusted_curve_needs_a_variable_of_its_model() -> None:
    model = la.cox(design(), formula="age", **COLUMNS)
    with pytest.raises(la.DataError, match="not a variable of the model; choose one of: age"):
        la.survival_curves(model, "lonely")


def test_a_group_in_which_nobody_dies_survives_with_certainty() -> None:
    data = frame()
    data.loc[data["sex"] == "male", "died"] = 0
    table = curves(design(data), "sex", [6, 12]).to_frame().query("sex == 'male'")
    assert table[["estimate", "ci_low", "ci_high"]].eq(1).all(axis=None)
    assert table["se"].eq(0).all()


@pytest.mark.parametrize("rule", ["adjust", "average", "certainty", "remove"])
def test_a_groups_errors_are_those_of_the_group_alone_under_every_rule_for_single_psus(rule: str) -> None:
    # R svykm estimates each group of a formula on its own subset: "average" counts the group's strata.
    data = frame().assign(stratum=lambda d: d["stratum"].where(d["psu"] > 1, 99))
    data.loc[data["stratum"] == 99, "lonely"] = 1
    bound = la.SurveyDesign(data, weight="weight", stratum="stratum", psu="psu", single_psu=rule)
    together = curves(bound, at=[3, 12]).to_frame()
    for group in (0, 1):
        alone = curves(bound, None, [3, 12], where=f"lonely == {group}").to_frame()
        found = together[together["lonely"] == group]
        np.testing.assert_allclose(found[["estimate", "se"]], alone[["estimate", "se"]], rtol=1e-12)


def test_a_difference_of_curves_without_spread_has_an_error_of_zero() -> None:
    # The same people twice, weighing more the second time: rounding made variances negative, and SEs NaN.
    twice = pd.concat(
        [frame().assign(twin=k, weight=lambda d, k=k: d["weight"] * (1 + k / 3)) for k in (0, 1)]
    )
    bound = la.SurveyDesign(twice.reset_index(drop=True), weight="weight", stratum="stratum", psu="psu")
    gap = curves(bound, "twin").difference(0, 1)
    np.testing.assert_allclose(gap["se"], 0, atol=1e-7)
