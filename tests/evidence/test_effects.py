"""Conversions against worked examples (Borenstein and others 2009), metafor 3.8.1, and their own inverses."""

import numpy as np
import pytest
from evidence_reference import METAFOR
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.evidence import effects

R = METAFOR["conversions"]
ratio = st.floats(0.05, 20)
risk = st.floats(0.01, 0.95)
correlation = st.floats(-0.99, 0.99)


def test_fishers_z_is_borensteins_example_page_42():
    z = effects.z_from_r(0.5, 100)
    assert z.estimate == pytest.approx(0.5493, abs=5e-5)
    assert z.variance == pytest.approx(0.0103, abs=5e-5)
    assert z.estimate == pytest.approx(R["rtoz"], rel=1e-12)  # metafor transf.rtoz
    assert effects.r_from_z(R["rtoz"]) == pytest.approx(R["ztor"], rel=1e-12)


def test_d_from_means_and_hedges_g_are_borensteins_example_page_26_and_27():
    d = effects.d_from_means(103, 5.5, 50, 100, 4.5, 50)
    assert (round(float(d.estimate), 4), round(float(d.variance), 4)) == (0.5970, 0.0418)
    g = effects.g_from_d(*d, 98)
    assert (round(float(g.estimate), 3), round(float(g.variance), 3)) == (0.592, 0.041)


def test_the_small_sample_factor_is_exact_as_in_metafor():
    assert effects.small_sample_factor([5, 20, 98]) == pytest.approx(R["smd_exact_factor"], rel=1e-12)


def test_log_odds_ratio_and_d_are_borensteins_example_page_47():
    d = effects.d_from_log_or(0.9069, 0.0676)
    assert (round(float(d.estimate), 4), round(float(d.variance), 4)) == (0.5000, 0.0205)


def test_r_and_d_are_borensteins_example_page_48():
    d = effects.d_from_r(0.5, 0.0058)
    assert (round(float(d.estimate), 4), round(float(d.variance), 4)) == (1.1547, 0.0550)
    r = effects.r_from_d(1.1547, 0.0550)
    assert (round(float(r.estimate), 4), round(float(r.variance), 4)) == (0.5000, 0.0058)


def test_groups_of_unequal_size_make_the_same_d_a_smaller_r():
    assert effects.r_from_d(0.8, 0.02, 90, 10).estimate < effects.r_from_d(0.8, 0.02, 50, 50).estimate


def test_the_standardised_change_is_metafors_smcc():
    change = effects.standardised_change(45.1, 9.9, 40.2, 8.8, 0.6, 43)
    assert [float(part) for part in change] == pytest.approx(R["smcc"], rel=1e-12)


def test_an_odds_ratio_of_1_5_with_29_percent_deaths_is_a_risk_ratio_of_1_31():
    assert effects.or_to_rr(1.5, 0.29) == pytest.approx(1.5 / (1 - 0.29 + 0.29 * 1.5))
    assert round(float(effects.or_to_rr(1.5, 0.29)), 2) == 1.31


def test_zhang_and_yu_are_exact_for_a_two_by_two_table():
    exposed, unexposed = 40 / 100, 20 / 100
    odds_ratio = exposed / (1 - exposed) / (unexposed / (1 - unexposed))
    assert effects.or_to_rr(odds_ratio, unexposed) == pytest.approx(2.0, rel=1e-12)


def test_common_outcomes_take_the_square_root_of_the_odds_ratio():
    assert effects.or_to_rr_common(2.25) == pytest.approx(1.5)
    # within 1.25 times the truth for risks from 0.2 to 0.8 (VanderWeele 2020)
    p0, p1 = np.meshgrid(np.linspace(0.2, 0.8, 61), np.linspace(0.2, 0.8, 61))
    approximate = effects.or_to_rr_common(p1 / (1 - p1) / (p0 / (1 - p0)))
    off = approximate / (p1 / p0)
    assert np.maximum(off, 1 / off).max() == pytest.approx(1.25)


def test_hazard_ratios_become_risk_ratios_at_the_end_of_follow_up():
    rate, years = 0.05, 8
    p0, p1 = 1 - np.exp(-rate * years), 1 - np.exp(-1.7 * rate * years)
    assert effects.hr_to_rr(1.7, p0) == pytest.approx(p1 / p0, rel=1e-12)
    assert effects.hr_to_rr_common(1.0) == pytest.approx(1.0)
    assert 1 < effects.hr_to_rr_common(1.7) < 1.7


def test_a_correlation_in_people_out_of_a_hundred():
    assert effects.above_median(0) == pytest.approx(0.5)
    assert effects.above_median(0.5) == pytest.approx(2 / 3)  # asin(0.5) = pi / 6
    assert effects.superiority(0) == pytest.approx(0.5)
    assert round(float(effects.superiority(0.5)), 3) == 0.638


def test_a_printed_interval_gives_back_its_standard_error():
    table = la.published("study_level_holtlunstad2010_table1_first21")
    half = 1.959963984540054 * table["se"]
    effect = effects.log_ratio(
        np.exp(table["ln_or"]), np.exp(table["ln_or"] - half), np.exp(table["ln_or"] + half)
    )
    assert np.sqrt(effect.variance) == pytest.approx(table["se"].to_numpy(), rel=1e-12)
    assert effect.estimate == pytest.approx(table["ln_or"].to_numpy(), abs=1e-12)


def test_a_99_percent_interval_is_not_read_as_95():
    assert effects.se_from_ci(2.4, 3.1, 0.99) < effects.se_from_ci(2.4, 3.1, 0.95)
    assert effects.se_from_ci(-2.5758293035489, 2.5758293035489, 0.99) == pytest.approx(1)


@given(ratio, risk)
def test_odds_and_risk_ratios_are_inverse(odds_ratio, p0):
    assert effects.rr_to_or(effects.or_to_rr(odds_ratio, p0), p0) == pytest.approx(odds_ratio, rel=1e-6)


@given(st.floats(0.1, 5), st.floats(0.01, 0.8))
def test_hazard_and_risk_ratios_are_inverse(hazard_ratio, p0):
    assert effects.rr_to_hr(effects.hr_to_rr(hazard_ratio, p0), p0) == pytest.approx(hazard_ratio, rel=1e-6)


@given(ratio, risk)
def test_the_risk_ratio_lies_between_one_and_the_odds_ratio(odds_ratio, p0):
    low, high = sorted([1.0, odds_ratio])
    assert low - 1e-12 <= effects.or_to_rr(odds_ratio, p0) <= high + 1e-12


@given(ratio, st.floats(1.01, 3))
def test_inverting_twice_changes_nothing_and_limits_change_places(value, width):
    once = effects.invert(value, value / width, value * width)
    assert once[1] <= once[0] <= once[2]
    assert effects.invert(*once) == pytest.approx((value, value / width, value * width), rel=1e-12)
    there, back = effects.log_ratio(value, value / width, value * width), effects.log_ratio(*once)
    assert back.estimate == pytest.approx(-there.estimate, abs=1e-12)
    assert back.variance == pytest.approx(there.variance, rel=1e-9)


@given(correlation, st.floats(0.0001, 0.1))
def test_r_and_d_are_inverse_for_groups_of_equal_size(r, variance):
    d = effects.d_from_r(r, variance)
    back = effects.r_from_d(*d)
    assert back.estimate == pytest.approx(r, abs=1e-9)
    assert back.variance == pytest.approx(variance, rel=1e-6)


@given(correlation)
def test_z_and_r_are_inverse(r):
    assert effects.r_from_z(effects.z_from_r(r, 50).estimate) == pytest.approx(r, abs=1e-12)


@given(st.floats(-3, 3), st.floats(0.001, 1))
def test_d_and_log_odds_ratio_are_inverse(d, variance):
    back = effects.d_from_log_or(*effects.log_or_from_d(d, variance))
    assert back == pytest.approx((d, variance), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: effects.log_ratio([1.2, 2.0], [1.1, 2.1], [1.3, 2.4]),
            "do not contain their estimate, first at row 1",
        ),
        (lambda: effects.log_ratio(-1.2, 1.1, 1.3), "not above 0"),
        (lambda: effects.log_ratio(1.2, 0, 1.3), "lower limit: 1 value"),
        (lambda: effects.log_ratio(1.2, 1.2, 1.2), "no length"),
        (lambda: effects.log_ratio(1.2, np.nan, 1.3), "missing or infinite"),
        (lambda: effects.se_from_ci(0.1, 0.2, 95), "such as 0.95"),
        (lambda: effects.d_from_r(1.0, 0.1), "strictly between -1 and 1"),
        (lambda: effects.d_from_r(0.2, 0.0), "variance: 1 value"),
        (lambda: effects.z_from_r(0.2, 3), "more than 3 persons"),
        (lambda: effects.or_to_rr(1.5, 29), "between 0 and 1"),
        (lambda: effects.rr_to_or(4, 0.3), "no odds ratio corresponds"),
        (lambda: effects.rr_to_hr(4, 0.3), "no hazard ratio corresponds"),
        (lambda: effects.small_sample_factor(1), "more than one degree of freedom"),
        (lambda: effects.turn([0.1, 0.2], [1, 0]), "1 or -1"),
        (lambda: effects.or_to_rr("high", 0.2), "must be numbers"),
    ],
)
def test_impossible_input_is_refused_in_one_sentence(call, message):
    with pytest.raises(la.DataError, match=message):
        call()
