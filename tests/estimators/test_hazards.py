"""Proportional hazards and concordance: R ``cox.zph`` and ``concordance``, brute force and invariants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survival_data import COLUMNS, FORMULA, design, frame, reference, small_frame

import lonely_analysis as la

R_DIGITS = 1e-8


def surveyed() -> object:
    return la.cox(design(), formula=FORMULA, **COLUMNS)


def unweighted() -> object:
    return la.cox(la.SurveyDesign(frame()), formula=FORMULA, **COLUMNS)


def late() -> object:
    formula = "lonely + age + C(sex)"
    return la.cox(design(), formula=formula, entry="entry", where="months > 0", **COLUMNS)


def check(test: object, expected: dict) -> None:
    table = test.to_frame()
    np.testing.assert_allclose(table["chi2"], expected["chi2"], rtol=R_DIGITS)
    np.testing.assert_allclose(table["p"], expected["p"], rtol=R_DIGITS)
    assert list(table["df"]) == expected["df"]
    assert table["term"].iloc[-1] == "GLOBAL"


@pytest.mark.parametrize("transform", ["km", "identity", "rank"])
def test_the_unweighted_test_is_cox_zph(transform: str) -> None:
    check(la.proportional_hazards(unweighted(), transform=transform), reference()["zph_plain"][transform])


@pytest.mark.parametrize("transform", ["km", "identity"])
def test_the_weighted_test_is_cox_zph_of_weights_with_mean_one(transform: str) -> None:
    check(la.proportional_hazards(surveyed(), transform=transform), reference()["zph_weighted"][transform])


def test_the_test_with_left_truncation_is_cox_zph() -> None:
    check(la.proportional_hazards(late()), reference()["zph_entered"])


def test_one_row_a_term_so_that_categories_are_tested_together() -> None:
    table = la.proportional_hazards(surveyed()).to_frame()
    assert list(table["term"]) == ["lonely", "age", "C(sex)", "C(smoking)", "GLOBAL"]
    assert list(table["df"]) == [1, 1, 1, 2, 5]


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e5))
def test_neither_test_depends_on_the_scale_of_weights_or_units(seed: int, scale: float) -> None:
    data = small_frame(seed)
    other = data.assign(weight=data["weight"] * scale, x=data["x"] * 1e9 + 3)
    ours, theirs = (
        la.proportional_hazards(la.cox(design(d), formula="x + lonely", **COLUMNS)).to_frame()
        for d in (data, other)
    )
    columns = ["chi2", "chi2_design"]
    np.testing.assert_allclose(theirs[columns], ours[columns], rtol=1e-5, atol=1e-8)


def test_hazards_that_cross_are_found() -> None:
    rng = np.random.default_rng(3)
    n = 1500
    x = rng.integers(0, 2, n)
    # Weibull shapes 0.6 and 1.8: the hazard ratio changes from far below to far above 1.
    months = rng.weibull(np.where(x == 1, 1.8, 0.6)) * 10
    data = pd.DataFrame({"x": x, "months": months, "died": 1, "psu": np.arange(n) % 60})
    model = la.cox(la.SurveyDesign(data, psu="psu"), formula="x", **COLUMNS)
    table = la.proportional_hazards(model).to_frame()
    assert table["p"].max() < 1e-6
    assert table["p_design"].max() < 1e-6


def test_times_that_cannot_be_transformed_are_refused_in_words() -> None:
    with pytest.raises(la.DataError, match="time 0 has no logarithm"):
        la.proportional_hazards(surveyed(), transform="log")
    with pytest.raises(la.DataError, match="there is no transform 'square'"):
        la.proportional_hazards(surveyed(), transform="square")
    data = small_frame(1)
    model = la.cox(design(data.assign(months=np.where(data["died"] == 1, 4, 6))), formula="x", **COLUMNS)
    with pytest.raises(la.EstimationError, match="all deaths have one time"):
        la.proportional_hazards(model)


MODELS = {"plain": unweighted, "weighted": surveyed, "entered": late}


@pytest.mark.parametrize("name", list(MODELS))
def test_concordance_is_that_of_r(name: str) -> None:
    expected = reference()[f"concordance_{name}"]
    assert la.concordance(MODELS[name]()).estimate == pytest.approx(expected["estimate"], rel=1e-10)


def test_its_standard_error_is_that_of_r_but_for_the_small_sample_factor() -> None:
    model = unweighted()
    variance = reference()["concordance_plain"]["var"] * model.n / (model.n - 1)
    assert la.concordance(model).se ** 2 == pytest.approx(variance, rel=R_DIGITS)


def test_its_design_standard_error_is_svyrecvar_of_r_s_influences() -> None:
    expected = reference()["concordance_weighted"]["design_var"]
    assert la.concordance(surveyed()).se ** 2 == pytest.approx(expected, rel=R_DIGITS)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_concordance_counts_pairs(seed: int) -> None:
    data = small_frame(seed)
    model = la.cox(design(data), formula="lonely", **COLUMNS)
    risk = data["lonely"] * model.estimate
    good = total = 0.0
    for i, one in data[data["died"] == 1].iterrows():
        for j, other in data.iterrows():
            same = other["months"] == one["months"] and other["died"] == 0
            if other["months"] > one["months"] or same:
                weight = one["weight"] * other["weight"]
                total += weight
                good += weight * (1.0 if risk[i] > risk[j] else 0.5 * (risk[i] == risk[j]))
    found = la.concordance(model)
    assert found.estimate == pytest.approx(good / total, rel=1e-12)
    assert found.pairs == pytest.approx(total, rel=1e-12)


def test_with_fewer_psus_than_coefficients_the_design_test_of_all_is_missing() -> None:
    data = small_frame(2).assign(z=lambda d: np.sin(np.arange(len(d))), psu=lambda d: np.arange(len(d)) % 4)
    model = la.cox(design(data), formula="x + lonely + z", **COLUMNS)
    table = la.proportional_hazards(model).to_frame()
    assert table["p"].notna().all()
    assert table["p_design"].isna().tolist() == [False, False, False, True]
