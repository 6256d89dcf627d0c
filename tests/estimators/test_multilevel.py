"""Multilevel models: R ``lme4`` with 15 nodes, statsmodels, closed forms, invariants and messages."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.special import expit

import lonely_analysis as la
from lonely_analysis.estimators.quadrature import grouped, marginal

# lme4 optimises numerically; its own digits end near 1e-7.
LME4_DIGITS = 1e-6
COVARIATES = "age + urban + C(sex)"


@cache
def reference() -> dict:
    """lme4 1.1.31 (``multilevel_mixed.R``)."""
    return json.loads((Path(__file__).parents[1] / "reference" / "multilevel_mixed.json").read_text())


def frame() -> pd.DataFrame:
    return pd.DataFrame(reference()["data"])


def linear(**more: object) -> object:
    return la.mixed(frame(), f"trust ~ {COVARIATES}", "area", **more)


def logistic(**more: object) -> object:
    return la.mixed(frame(), f"lonely ~ {COVARIATES}", "area", family="logistic", **more)


def check_fixed(model: object, expected: dict) -> None:
    np.testing.assert_allclose(model.table["estimate"], expected["estimate"], rtol=LME4_DIGITS)
    np.testing.assert_allclose(np.diag(model.vcov), np.diag(expected["vcov"]), rtol=LME4_DIGITS)


@pytest.mark.parametrize(("name", "reml"), [("intercept", True), ("intercept_ml", False)])
def test_a_random_intercept_is_that_of_lmer(name: str, reml: bool) -> None:
    model, expected = linear(reml=reml), reference()[name]
    check_fixed(model, expected)
    between, within = expected["parts"]
    assert model.part("sd of intercepts").estimate ** 2 == pytest.approx(between, rel=LME4_DIGITS)
    assert model.part("sd of residuals").estimate ** 2 == pytest.approx(within, rel=LME4_DIGITS)
    assert model.part("icc").estimate == pytest.approx(between / (between + within), rel=LME4_DIGITS)
    assert model.log_likelihood == pytest.approx(expected["log_likelihood"], rel=1e-10)
    np.testing.assert_allclose(model.effects[["intercept"]], expected["ranef"], atol=LME4_DIGITS)


def test_a_random_slope_is_that_of_lmer() -> None:
    model, expected = linear(slope="age"), reference()["slope"]
    check_fixed(model, expected)
    intercept, slope, covariance, residual = expected["parts"]
    assert model.part("sd of intercepts").estimate ** 2 == pytest.approx(intercept, rel=LME4_DIGITS)
    assert model.part("sd of slopes").estimate ** 2 == pytest.approx(slope, rel=LME4_DIGITS)
    assert model.part("sd of residuals").estimate ** 2 == pytest.approx(residual, rel=LME4_DIGITS)
    correlation = covariance / np.sqrt(intercept * slope)
    assert model.part("correlation").estimate == pytest.approx(correlation, rel=LME4_DIGITS)
    np.testing.assert_allclose(model.effects[["intercept", "slope"]], expected["ranef"], atol=LME4_DIGITS)


def test_a_logistic_intercept_is_that_of_glmer_with_fifteen_nodes() -> None:
    model, expected = logistic(), reference()["logistic"]
    check_fixed(model, expected)
    sd = model.part("sd of intercepts")
    assert sd.estimate == pytest.approx(expected["sd"], rel=LME4_DIGITS)
    assert sd.se * sd.estimate == pytest.approx(expected["sd_se"], rel=LME4_DIGITS)
    assert -2 * model.log_likelihood == pytest.approx(expected["deviance"], rel=1e-10)


def test_scaled_weights_give_the_estimates_of_glmer_with_them() -> None:
    model, expected = logistic(weight="weight"), reference()["logistic_weighted"]
    np.testing.assert_allclose(model.table["estimate"], expected["estimate"], rtol=LME4_DIGITS)
    assert model.part("sd of intercepts").estimate == pytest.approx(expected["sd"], rel=LME4_DIGITS)


def test_statsmodels_agrees_as_far_as_its_optimiser_goes() -> None:
    from statsmodels.regression.mixed_linear_model import MixedLM

    data = frame()
    x = np.column_stack([np.ones(len(data)), data["age"], data["urban"], data["sex"] == "male"]).astype(float)
    oracle = MixedLM(data["trust"], x, groups=data["area"]).fit()
    # Its default stops where the log likelihood is flat to 1e-8, which leaves four digits of a variance.
    np.testing.assert_allclose(linear().table["estimate"], oracle.fe_params, rtol=1e-5)
    assert linear().part("sd of intercepts").estimate ** 2 == pytest.approx(
        oracle.cov_re.iloc[0, 0], rel=1e-3
    )


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_a_balanced_intercept_is_the_analysis_of_variance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups, size = 12, 5
    y = 1.5 * rng.normal(size=(groups, 1)) + rng.normal(size=(groups, size)) + 3
    between = size * y.mean(axis=1).var(ddof=1)
    within = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum() / (groups * (size - 1))
    assume(between > 1.2 * within)
    data = pd.DataFrame({"y": y.ravel(), "g": np.repeat(np.arange(groups), size)})
    model = la.mixed(data, "y ~ 1", "g")
    assert model.part("sd of residuals").estimate ** 2 == pytest.approx(within, rel=1e-7)
    assert model.part("sd of intercepts").estimate ** 2 == pytest.approx((between - within) / size, rel=1e-6)
    assert model.se == pytest.approx(np.sqrt(between / (groups * size)), rel=1e-7)


@pytest.mark.parametrize(("nodes", "error"), [(15, 1e-7), (40, 1e-11)])
def test_quadrature_is_the_integral(nodes: int, error: float) -> None:
    from scipy.integrate import quad

    rng = np.random.default_rng(2)
    x = np.column_stack([np.ones(12), rng.normal(size=12)])
    y, weights, group = rng.integers(0, 2, 12), rng.uniform(0.5, 2, 12), np.repeat([0, 1, 2], 4)
    b, sd = np.array([-0.3, 0.8]), 1.3
    total = 0.0
    for j in range(3):
        rows = group == j

        def integrand(u: float, rows: np.ndarray = rows) -> float:
            p = expit(x[rows] @ b + sd * u)
            terms = weights[rows] * np.log(np.where(y[rows] == 1, p, 1 - p))
            return np.exp(terms.sum() - u**2 / 2) / np.sqrt(2 * np.pi)

        total += np.log(quad(integrand, -12, 12, epsabs=1e-14, epsrel=1e-13)[0])
    at = marginal(grouped(x, y, weights, group), np.append(b, sd), nodes)
    assert at.log_likelihood == pytest.approx(total, abs=error)


def test_scores_and_information_are_derivatives_of_the_likelihood() -> None:
    data = frame()
    x = np.column_stack([np.ones(len(data)), data["age"]])
    rows = grouped(x, data["lonely"].to_numpy(), np.ones(len(data)), data["area"].to_numpy() - 1)
    theta, step = np.array([-0.5, 0.3, 0.8]), 1e-5
    at = marginal(rows, theta)
    for i, e in enumerate(np.eye(3) * step):
        up, down = marginal(rows, theta + e), marginal(rows, theta - e)
        slope = (up.log_likelihood - down.log_likelihood) / (2 * step)
        assert at.scores.sum(axis=0)[i] == pytest.approx(slope, abs=1e-5)
        curve = -(up.scores.sum(axis=0) - down.scores.sum(axis=0)) / (2 * step)
        np.testing.assert_allclose(at.information[i], curve, rtol=1e-5, atol=1e-4)


def test_icc_and_median_odds_ratio_follow_from_the_standard_deviation() -> None:
    model = logistic()
    sd = model.part("sd of intercepts")
    for end in ("estimate", "ci_low", "ci_high"):
        assert model.part("icc")[end] == pytest.approx(sd[end] ** 2 / (sd[end] ** 2 + np.pi**2 / 3))
        # Larsen & Merlo 2005, p. 83: exp(sqrt(2 variance) * 0.6745).
        assert np.log(model.part("median odds ratio")[end]) == pytest.approx(
            np.sqrt(2) * sd[end] * 0.67449, rel=1e-4
        )


@settings(max_examples=5)
@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_a_covariate_in_other_units_gives_the_same_model(shift: float, unit: float) -> None:
    data = frame()
    moved = data.assign(age=shift + unit * data["age"])
    for outcome, family in (("trust", "linear"), ("lonely", "logistic")):
        ours, theirs = (la.mixed(d, f"{outcome} ~ age", "area", family=family) for d in (data, moved))
        assert theirs.table["estimate"][1] * unit == pytest.approx(ours.table["estimate"][1], rel=1e-6)
        assert theirs.table["se"][1] * unit == pytest.approx(ours.table["se"][1], rel=1e-6)
        np.testing.assert_allclose(theirs.parts["estimate"], ours.parts["estimate"], rtol=1e-6)


def test_a_slope_in_other_units_has_its_standard_deviation_in_them() -> None:
    moved = frame().assign(age=frame()["age"] * 100)
    theirs = la.mixed(moved, f"trust ~ {COVARIATES}", "area", slope="age")
    assert theirs.part("sd of slopes").estimate * 100 == pytest.approx(
        linear(slope="age").part("sd of slopes").estimate, rel=1e-6
    )


@settings(max_examples=5)
@given(st.integers(0, 100))
def test_neither_the_order_of_rows_nor_the_names_of_groups_matter(seed: int) -> None:
    data = frame().sample(frac=1, random_state=seed).reset_index(drop=True)
    renamed = data.assign(area="area " + data["area"].astype(str))
    theirs = la.mixed(renamed, f"lonely ~ {COVARIATES}", "area", family="logistic")
    np.testing.assert_allclose(theirs.table["estimate"], logistic().table["estimate"], rtol=1e-8)


def test_equal_weights_change_no_estimate() -> None:
    data = frame().assign(same=7.0)
    weighted = la.mixed(data, f"lonely ~ {COVARIATES}", "area", family="logistic", weight="same")
    np.testing.assert_allclose(weighted.table["estimate"], logistic().table["estimate"], rtol=1e-9)


def test_standard_errors_with_weights_come_from_the_spread_of_group_scores() -> None:
    data = frame()
    model = la.mixed(data, "lonely ~ age", "area", family="logistic", weight="weight")
    size = data.groupby("area")["weight"].transform("size") / data.groupby("area")["weight"].transform("sum")
    x = np.column_stack([np.ones(len(data)), data["age"]])
    rows = grouped(
        x, data["lonely"].to_numpy(), (data["weight"] * size).to_numpy(), data["area"].to_numpy() - 1
    )
    at = marginal(rows, np.append(model.table["estimate"], model.part("sd of intercepts").estimate))
    influence = np.linalg.solve(at.information, at.scores.T)
    expected = (influence @ influence.T) * 30 / 29
    np.testing.assert_allclose(model.vcov, expected[:2, :2], rtol=1e-7)
    np.testing.assert_allclose(at.scores.sum(axis=0), 0, atol=1e-7)


def test_within_and_between_give_the_fixed_effects_estimate() -> None:
    data = la.within_between(frame(), "age", "area")
    model = la.mixed(data, "trust ~ age_within + age_between", "area")
    centred = data["trust"] - data.groupby("area")["trust"].transform("mean")
    fixed = (data["age_within"] @ centred) / (data["age_within"] @ data["age_within"])
    assert model.table["estimate"][1] == pytest.approx(fixed, rel=1e-10)
    np.testing.assert_allclose(data["age_within"] + data["age_between"], data["age"])
    np.testing.assert_allclose(data.groupby("area")["age_within"].sum(), 0, atol=1e-10)


def test_within_between_keeps_missing_answers_missing() -> None:
    data = pd.DataFrame({"x": pd.array([1, None, 3, 5], dtype="Int64"), "g": ["a", "a", "a", None]})
    split = la.within_between(data, "x", "g")
    assert split["x_between"].tolist()[::2] == [2, 2]
    assert split["x_within"].isna().tolist() == [False, True, False, True]
    assert list(data) == ["x", "g"]


def test_rows_without_a_group_or_outside_the_domain_are_left_out() -> None:
    data = frame()
    data.loc[data.index[:10], "area"] = np.nan
    model = la.mixed(data, f"trust ~ {COVARIATES}", "area", where="age < 1")
    assert model.n == int(((data["age"] < 1) & data["area"].notna()).sum())
    assert model.n_groups == data.loc[(data["age"] < 1), "area"].nunique()


def test_a_survey_s_source_and_few_groups_are_told() -> None:
    design = la.SurveyDesign(frame()[frame()["area"] <= 8], weight="weight", source="euls")
    model = la.mixed(design, "trust ~ age", "area")
    assert model.source == "euls"
    assert "8 groups of 'area' say little" in model.note
    assert linear().note == ""


def flat(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    # Every group has the same answers, so that nothing is left between groups.
    y = rng.normal(size=6)
    return pd.DataFrame(
        {
            "y": np.tile(y, 20),
            "yes": np.tile([0, 1, 0, 1, 1, 0], 20),
            "x": rng.normal(size=120),
            "g": np.repeat(np.arange(20), 6),
        }
    )


UNFITTABLE = {
    "the variance between them is estimated as 0": ("y ~ x", {}),
    "estimated as 0. Fit the model without groups: la.regress": ("yes ~ x", {"family": "logistic"}),
    "collinear": ("y ~ x + twice", {}),
    "separation": ("high ~ x", {"family": "logistic"}),
    "there is nothing to explain": ("always ~ x", {"family": "logistic"}),
}


@pytest.mark.parametrize("message", list(UNFITTABLE))
def test_a_model_without_an_estimate_is_refused_in_words(message: str) -> None:
    data = flat().assign(twice=lambda d: 2 * d["x"], high=lambda d: d["x"] > 0, always=1)
    formula, more = UNFITTABLE[message]
    with pytest.raises(la.EstimationError, match=message):
        la.mixed(data, formula, "g", **more)


REFUSED = {
    "'one' has one value": {"group": "one"},
    "a different value in each of 120 rows": {"group": "row"},
    "no column 'nobody'": {"group": "nobody"},
    "must be a numeric term of the formula; terms are: x": {"slope": "yes"},
    "without weights": {"weight": "w"},
    'choose "linear" or "logistic"': {"family": "probit"},
    "needs yes/no": {"family": "logistic"},
}


@pytest.mark.parametrize("message", list(REFUSED))
def test_what_cannot_be_asked_is_refused_in_words(message: str) -> None:
    data = flat().assign(one=1, row=np.arange(120), w=1.0)
    with pytest.raises(la.DataError, match=message):
        la.mixed(data, "y ~ x", **{"group": "g", **REFUSED[message]})


def test_a_logistic_slope_and_ratios_of_a_linear_model_are_refused() -> None:
    with pytest.raises(la.DataError, match="random intercept only"):
        logistic(slope="age")
    with pytest.raises(la.DataError, match="no ratios"):
        linear().ratios()
    np.testing.assert_allclose(logistic().ratios()["estimate"], np.exp(logistic().table["estimate"][1:]))


def test_within_between_refuses_a_taken_name_and_categories() -> None:
    data = flat().assign(x_within=0)
    with pytest.raises(la.DataError, match="'x_within' already"):
        la.within_between(data, "x", "g")
    with pytest.raises(la.DataError, match="holds categories"):
        la.within_between(flat().assign(x="a"), "x", "g")


def test_groups_that_answer_alike_get_the_nodes_that_they_need() -> None:
    # Of groups this different, 15 nodes give the log likelihood to four decimals only.
    rng = np.random.default_rng(4)
    group = np.repeat(np.arange(30), 25)
    x = rng.normal(size=750)
    y = rng.random(750) < expit(0.5 * x + 4 * rng.normal(size=30)[group])
    model = la.mixed(pd.DataFrame({"y": y, "x": x, "g": group}), "y ~ x", "g", family="logistic")
    rows = grouped(np.column_stack([np.ones(750), x]), y, np.ones(750), group)
    theta = np.append(model.table["estimate"], model.part("sd of intercepts").estimate)
    assert model.log_likelihood == pytest.approx(marginal(rows, theta, 201).log_likelihood, abs=1e-5)
    assert abs(marginal(rows, theta, 15).log_likelihood - model.log_likelihood) > 2e-5
    assert abs(marginal(rows, theta, 201).scores.sum(axis=0)).max() < 1e-3


@pytest.mark.parametrize("more", [{}, {"reml": False}, {"slope": "age"}])
def test_an_outcome_far_from_zero_costs_no_digits(more: dict) -> None:
    # At 1e7 the standard deviations of groups had no correct digit, and their errors were NaN.
    near, far = (
        linear(**more),
        la.mixed(frame().eval("trust = trust + 1e7"), f"trust ~ {COVARIATES}", "area", **more),
    )
    assert far.table["estimate"][0] - 1e7 == pytest.approx(near.table["estimate"][0], rel=1e-6)
    np.testing.assert_allclose(far.table["estimate"][1:], near.table["estimate"][1:], rtol=1e-6)
    np.testing.assert_allclose(far.table["se"], near.table["se"], rtol=1e-6)
    np.testing.assert_allclose(far.parts[["estimate", "se"]], near.parts[["estimate", "se"]], rtol=1e-5)
    assert far.log_likelihood == pytest.approx(near.log_likelihood, rel=1e-7)


def test_an_outcome_that_the_terms_fit_exactly_is_refused() -> None:
    rows = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6], "group": list("aabbcc")}).assign(
        y=lambda d: 2 * d["x"] + 1
    )
    with pytest.raises(la.EstimationError, match="2 coefficients fit all 6 rows exactly"):
        la.mixed(rows, "y ~ x", "group")
    with pytest.raises(la.EstimationError, match="3 coefficients fit all 3 rows exactly"):
        la.mixed(rows.iloc[[0, 2, 3]].assign(y=[1.0, 4, 2]), "y ~ x + I(x**2)", "group")
    within = rows.assign(y=rows["group"].map({"a": 1.0, "b": 5.0, "c": 2.0}))
    with pytest.raises(la.EstimationError, match="no variance is left within groups"):
        la.mixed(within, "y ~ x", "group")


def test_groups_that_are_fixed_effects_too_are_refused() -> None:
    # The restricted likelihood is flat in the variance between groups: any value came out.
    with pytest.raises(la.DataError, match="'area' is in the formula as categories and is the group= too"):
        la.mixed(frame(), "trust ~ age + C(area)", "area")
