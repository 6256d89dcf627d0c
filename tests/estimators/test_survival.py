"""Cox's model: R's values, exact small cases, invariants, and the messages of impossible input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from survival_data import COLUMNS, FORMULA, design, frame, numerical_covariance, reference, small_frame

import lonely_analysis as la

# R iterates to 1e-12 here (``coxph.control(eps=)``); what is left is rounding.
R_DIGITS = 1e-8


def fit(data: pd.DataFrame | la.SurveyDesign, formula: str = "x + lonely", **more: object) -> object:
    bound = data if isinstance(data, la.SurveyDesign) else design(data)
    return la.cox(bound, formula=formula, **COLUMNS, **more)


def check(model: object, expected: dict) -> None:
    np.testing.assert_allclose(model.table["estimate"], expected["estimate"], rtol=R_DIGITS)
    np.testing.assert_allclose(np.diag(model.vcov), np.diag(expected["vcov"]), rtol=R_DIGITS)
    scale = np.sqrt(np.outer(np.diag(expected["vcov"]), np.diag(expected["vcov"])))
    np.testing.assert_allclose(model.vcov / scale, expected["vcov"] / scale, atol=R_DIGITS)
    assert model.n == expected["n"]


def test_coefficients_and_design_covariance_are_those_of_svycoxph() -> None:
    check(fit(design(), FORMULA), reference()["surveyed"])


def test_a_domain_is_estimated_with_the_whole_design_as_svycoxph_on_a_subset() -> None:
    check(fit(design(), FORMULA, where="age >= 60"), reference()["domain"])


def test_left_truncation_is_that_of_svycoxph() -> None:
    model = fit(design(), "lonely + age + C(sex)", entry="entry", where="months > 0")
    check(model, reference()["entered"])


def test_the_unweighted_fit_and_its_likelihood_are_those_of_coxph() -> None:
    expected = reference()["plain"]
    model = fit(la.SurveyDesign(frame()), FORMULA)
    np.testing.assert_allclose(model.table["estimate"], expected["estimate"], rtol=R_DIGITS)
    np.testing.assert_allclose(model.fit.inverse, expected["vcov"], atol=R_DIGITS)
    likelihoods = [model.fit.null_log_likelihood, model.fit.at.log_likelihood]
    np.testing.assert_allclose(likelihoods, expected["loglik"], rtol=1e-12)


def test_the_robust_covariance_without_a_design_is_that_of_coxph_less_the_small_sample_factor() -> None:
    data = frame().query("weight > 0")
    model = fit(la.SurveyDesign(data, weight="weight"), FORMULA)
    expected = np.array(reference()["weighted"]["vcov"]) * len(data) / (len(data) - 1)
    np.testing.assert_allclose(model.vcov, expected, atol=R_DIGITS * expected.max())


def test_statsmodels_gives_the_same_unweighted_efron_fit() -> None:
    from statsmodels.duration.hazard_regression import PHReg

    data = frame()
    x = np.column_stack([data["lonely"], data["age"], data["sex"] == "male"]).astype(float)
    oracle = PHReg(data["months"], x, status=data["died"], ties="efron").fit(disp=False)
    model = fit(la.SurveyDesign(data), "lonely + age + C(sex)")
    np.testing.assert_allclose(model.table["estimate"], oracle.params, rtol=1e-7)
    np.testing.assert_allclose(np.sqrt(np.diag(model.fit.inverse)), oracle.bse, rtol=1e-7)


def test_three_deaths_by_hand() -> None:
    # Deaths of x = 1, 0, 1 in this order: r/(2r+1) * 1/(1+r) with r = exp(b) is largest at r = 1/sqrt(2).
    data = pd.DataFrame({"months": [1, 2, 3], "died": 1, "x": [1, 0, 1]})
    model = fit(la.SurveyDesign(data), "x")
    assert model.estimate == pytest.approx(-np.log(2) / 2, abs=1e-10)


def test_a_death_in_month_zero_counts() -> None:
    data = frame()
    model = fit(design(data), FORMULA)
    assert model.events == data.query("weight > 0")["died"].sum()
    later = fit(design(data), FORMULA, where="months > 0")
    assert later.events == model.events - data.query("weight > 0 and months == 0")["died"].sum()


def test_to_frame_has_the_columns_of_a_model_and_ratios_are_exponentiated() -> None:
    model = fit(design(), FORMULA)
    table = model.to_frame()
    assert list(table) == ["term", "estimate", "se", "ci_low", "ci_high", "t", "df", "p"]
    terms = ["lonely", "age", "C(sex)[male]", "C(smoking)[1]", "C(smoking)[2]"]
    assert list(table["term"]) == list(model.vcov) == terms
    assert np.isinf(table["df"]).all()
    np.testing.assert_allclose(table["ci_high"] - table["estimate"], 1.959963984540054 * table["se"])
    ratios = model.ratios()
    np.testing.assert_allclose(ratios["ci_low"], np.exp(table["ci_low"]))
    assert (ratios["se"] == table["se"]).all()


seeds = st.integers(0, 10_000)
few = settings(max_examples=15)


@few
@given(seeds, st.floats(1e-4, 1e6))
def test_neither_the_scale_of_weights_nor_the_order_of_rows_matters(seed: int, scale: float) -> None:
    data = small_frame(seed)
    other = (
        data.assign(weight=data["weight"] * scale).sample(frac=1, random_state=seed).reset_index(drop=True)
    )
    np.testing.assert_allclose(fit(other).vcov, fit(data).vcov, rtol=1e-6, atol=1e-10)
    np.testing.assert_allclose(
        fit(other).table["estimate"], fit(data).table["estimate"], rtol=1e-7, atol=1e-9
    )


@few
@given(seeds)
def test_only_the_order_of_times_matters(seed: int) -> None:
    data = small_frame(seed)
    other = data.assign(months=np.sqrt(data["months"]) * 7 + 2)
    np.testing.assert_allclose(
        fit(other).table["estimate"], fit(data).table["estimate"], rtol=1e-9, atol=1e-11
    )


@few
@given(seeds, st.floats(-1e4, 1e4), st.floats(0.01, 100))
def test_a_covariate_in_other_units_gives_the_same_model(seed: int, shift: float, unit: float) -> None:
    data = small_frame(seed)
    ours, other = fit(data), fit(data.assign(x=shift + unit * data["x"]))
    assert other.table["estimate"][0] * unit == pytest.approx(ours.table["estimate"][0], rel=1e-6, abs=1e-9)
    assert other.table["se"][0] * unit == pytest.approx(ours.table["se"][0], rel=1e-6)


@few
@given(seeds)
def test_rows_of_weight_zero_and_rows_outside_the_domain_do_not_move_the_estimate(seed: int) -> None:
    data = small_frame(seed)
    data["inside"] = np.arange(len(data)) % 3 > 0
    wild = data.copy()
    wild.loc[~wild["inside"], "x"] = 1e6
    ours, other = (fit(d, where="inside").table for d in (data, wild))
    pd.testing.assert_frame_equal(ours, other)
    nought = data.assign(weight=data["weight"] * data["inside"])
    np.testing.assert_allclose(fit(nought).table["estimate"], ours["estimate"], rtol=1e-12)


@few
@given(seeds)
def test_everybody_entering_before_the_first_death_is_no_truncation(seed: int) -> None:
    data = small_frame(seed)
    early = fit(data, entry="entry")
    np.testing.assert_allclose(early.table["estimate"], fit(data).table["estimate"], rtol=1e-9)
    np.testing.assert_allclose(early.vcov, fit(data).vcov, rtol=1e-9)


@pytest.mark.parametrize("late", [False, True])
def test_the_covariance_is_that_of_numerical_derivatives_by_each_weight(late: bool) -> None:
    data = small_frame(11, 40)
    data["entry"] = data["months"] - 1 - np.arange(40) % 4
    more = {"entry": "entry"} if late else {}

    def estimate(bound: la.SurveyDesign) -> np.ndarray:
        return fit(bound, **more).table["estimate"].to_numpy()

    np.testing.assert_allclose(fit(data, **more).vcov, numerical_covariance(data, estimate), rtol=1e-6)


def test_replicates_centre_on_the_full_sample_and_agree_with_linearisation() -> None:
    bound = design()
    jackknife = la.replicates(bound, method="jackknife")
    model, linear = fit(bound, FORMULA, replicates=jackknife), fit(bound, FORMULA)
    expected = np.zeros((5, 5))
    for r, factor in enumerate(jackknife.rscales):
        data = bound.frame.assign(weight=bound.frame["weight"] * jackknife.row_multipliers(r))
        change = (fit(data, FORMULA).table["estimate"] - linear.table["estimate"]).to_numpy()
        expected += factor * np.outer(change, change)
    np.testing.assert_allclose(model.vcov, expected, rtol=1e-8)
    # Two estimators of one variance, from 24 PSUs.
    np.testing.assert_allclose(model.table["se"], linear.table["se"], rtol=0.35)


def test_missing_answers_leave_the_domain_and_are_counted() -> None:
    data = frame()
    data.loc[:4, "age"] = np.nan
    data.loc[5:7, ["months", "died"]] = np.nan
    model = fit(design(data), FORMULA)
    assert model.dropped["age"] == 5
    assert model.dropped["months"] == 3
    assert model.n == (data["weight"] > 0).sum() - 8


BROKEN = {
    "negative in 1 rows": lambda d: d.assign(months=d["months"].where(d.index != 3, -1)),
    "1 for a death and 0 for none, and has also 2": lambda d: d.assign(died=d["died"].where(d.index != 3, 2)),
    "2 rows have only one of 'months' and 'died'": lambda d: d.assign(months=d["months"].where(d.index > 1)),
    "must hold numbers": lambda d: d.assign(months=d["months"].astype(str)),
    "infinite": lambda d: d.assign(months=d["months"].where(d.index > 1, np.inf)),
    "no column 'months'": lambda d: d.drop(columns="months"),
}


@pytest.mark.parametrize("message", list(BROKEN))
def test_follow_up_that_cannot_be_is_refused_in_words(message: str) -> None:
    with pytest.raises(la.DataError, match=message):
        fit(BROKEN[message](small_frame(3)))


def test_a_row_that_leaves_before_it_enters_is_refused() -> None:
    data = small_frame(3)
    with pytest.raises(la.DataError, match="never at risk"):
        fit(data.assign(entry=data["months"]), entry="entry")


UNFITTABLE = {
    "no events: 'died' is 0 in all 60 rows": (lambda d: d.assign(died=0), "x"),
    "collinear": (lambda d: d.assign(twice=2 * d["x"] + 1), "x + twice"),
    "same in every row": (lambda d: d.assign(x=4), "x"),
    "no events among the .* rows with lonely = 1": (
        lambda d: d.assign(died=d["died"] * (d["lonely"] == 0)),
        "lonely",
    ),
    "of 'order' grows without end": (lambda d: d.assign(order=-d["months"], died=1), "order"),
}


@pytest.mark.parametrize("message", list(UNFITTABLE))
def test_a_model_without_an_estimate_is_refused_in_words(message: str) -> None:
    change, formula = UNFITTABLE[message]
    with pytest.raises(la.EstimationError, match=message):
        fit(change(small_frame(3)), formula)


def test_a_formula_without_covariates_points_to_curves() -> None:
    with pytest.raises(la.DataError, match="survival_curves"):
        fit(small_frame(3), "1")


def test_times_that_differ_by_rounding_are_tied() -> None:
    """As in R ``survival`` (``aeqSurv``): months summed as years must not break ties by chance."""
    data = small_frame(3)
    exact = fit(data.assign(months=data["months"] / 10))
    rounded = data["months"] / 10 + np.where(np.arange(len(data)) % 2, 1e-15, -1e-15) * (data["months"] > 0)
    assert rounded.nunique() > data["months"].nunique()
    np.testing.assert_allclose(fit(data.assign(months=rounded)).table["se"], exact.table["se"], rtol=1e-12)
    late = data.assign(months=rounded, entry=rounded.mask(data["months"] > 0, 0) - 0.05)
    same = data.assign(
        months=data["months"] / 10, entry=(data["months"] / 10).mask(data["months"] > 0, 0) - 0.05
    )
    entered, expected = (fit(rows, entry="entry") for rows in (late, same))
    np.testing.assert_allclose(entered.table["estimate"], expected.table["estimate"], rtol=1e-12)
