"""regress against R survey 4.1-1 (tests/reference/models_regression.R), its invariants, and its refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.estimators.model import coefficient_table
from lonely_analysis.estimators.replicates import Replicates

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "models_regression.json").read_text(encoding="utf-8")
)
R = REFERENCE["values"]
CLOSE = {"rtol": 1e-8, "atol": 1e-12}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pd.DataFrame(REFERENCE["data"]).astype({"ill": "Float64", "income": float})


@pytest.fixture(scope="module")
def design(frame) -> la.SurveyDesign:
    return la.SurveyDesign(frame, weight="weight", stratum="stratum", psu="psu")


def check(model, r, order=None):
    order = list(range(len(r["estimate"]))) if order is None else order
    table = model.to_frame()
    np.testing.assert_allclose(table["estimate"], np.array(r["estimate"])[order], **CLOSE)
    vcov = np.array(r["vcov"])[np.ix_(order, order)]
    se = np.sqrt(np.diag(vcov))
    np.testing.assert_allclose(table["se"], se, **CLOSE)
    np.testing.assert_allclose(model.vcov / np.outer(se, se), vcov / np.outer(se, se), atol=1e-8)
    np.testing.assert_allclose(table[["ci_low", "ci_high"]], np.array(r["ci"])[order], **CLOSE)
    np.testing.assert_allclose(table["p"], np.array(r["p"])[order], rtol=1e-7)
    assert (table["df"] == r["df"]).all()


@pytest.mark.parametrize(
    ("name", "formula", "family"),
    [
        ("logistic", "ill ~ lonely + age + sex + C(country)", "logistic"),
        ("interaction", "ill ~ lonely * sex + age + income + C(country, ref='NO')", "logistic"),
        ("poisson", "ill ~ lonely + age + sex + country", "poisson"),
        ("counts", "visits ~ lonely * age + log(income)", "poisson"),
        ("linear", "score ~ lonely + income + I(age**2) + age + sex * country", "linear"),
        ("years", "score ~ year + I(year**2) + lonely", "linear"),
        ("spline", "ill ~ spline(age, df=3) + sex", "logistic"),
    ],
)
def test_coefficients_covariance_and_intervals_are_those_of_svyglm(design, name, formula, family):
    check(la.regress(design, formula, family), R[name])


def test_a_domain_keeps_the_design_as_subset_does_in_r(design):
    check(la.regress(design, "ill ~ lonely + sex + income", where="age >= 40"), R["domain"])


def test_spline_knots_are_harrells_quantiles(design):
    model = la.regress(design, "ill ~ spline(age, df=3) + sex")
    assert model.points.layout.encoding.knots["spline(age, df=3)"] == pytest.approx(R["spline"]["knots"])


def bootstrap(design) -> Replicates:
    stored = R["bootstrap"]
    index = pd.MultiIndex.from_arrays([stored["stratum"], stored["psu"]])
    multipliers = pd.DataFrame(stored["multipliers"], index=index).sort_index()
    ours = la.replicates(design, n=multipliers.shape[1], seed=1)
    assert list(ours.multipliers.index) == list(multipliers.index)
    return replace(ours, multipliers=multipliers)


@pytest.mark.parametrize(
    ("name", "formula", "family"),
    [
        ("logistic", "ill ~ lonely + age + sex", "logistic"),
        ("mixed", "ill ~ lonely + income", "logistic"),
        ("linear", "score ~ lonely * income", "linear"),
        ("poisson", "visits ~ lonely + age", "poisson"),
    ],
)
def test_bootstrap_refits_give_the_covariance_of_svyglm_on_the_same_replicates(design, name, formula, family):
    model = la.regress(design, formula, family, replicates=bootstrap(design))
    r = R["bootstrap"][name]
    np.testing.assert_allclose(model.to_frame()["estimate"], r["estimate"], **CLOSE)
    np.testing.assert_allclose(np.sqrt(np.diag(model.vcov)), np.sqrt(np.diag(r["vcov"])), **CLOSE)


def test_jackknife_refits_give_the_covariance_of_svyglm(design):
    model = la.regress(
        design, "ill ~ lonely + age + sex", replicates=la.replicates(design, method="jackknife")
    )
    check(model, R["jackknife"])


def test_wald_tests_of_terms_are_those_of_regtermtest(design):
    country = la.regress(design, "ill ~ lonely + age + sex + C(country)").wald("C(country)")
    product = la.regress(design, "ill ~ lonely * sex + age + income + C(country, ref='NO')").wald(
        "lonely:sex"
    )
    for ours, r in ((country, R["logistic"]["wald_country"]), (product, R["interaction"]["wald"])):
        assert ours.statistic == pytest.approx(r["F"], rel=1e-8)
        assert ours.p == pytest.approx(r["p"], rel=1e-8)
        assert (ours.df1, ours.df2) == (r["df1"], r["df2"])


def test_ratios_are_exponentiated_with_the_se_of_the_log(design):
    model = la.regress(design, "ill ~ lonely + sex")
    table, ratios = model.to_frame().iloc[1:], model.ratios()
    assert list(ratios["term"]) == ["lonely", "sex[male]"]
    np.testing.assert_allclose(np.log(ratios[["estimate", "ci_low"]]), table[["estimate", "ci_low"]])
    np.testing.assert_allclose(ratios["se"], table["se"])
    narrow = model.ratios(level=0.5)
    assert (narrow["ci_high"] < ratios["ci_high"]).all()
    with pytest.raises(la.DataError, match="no ratios"):
        la.regress(design, "score ~ lonely", "linear").ratios()


def test_what_was_not_used_is_counted_by_variable(design):
    model = la.regress(design, "ill ~ income + lonely")
    assert dict(model.dropped) == {"ill": 2, "income": 3, "lonely": 0}
    assert model.n == 480 - 2 - 2 - 3


def test_a_yes_no_column_is_the_same_as_0_and_1_and_as_a_category(design, frame):
    known = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
    asked = la.SurveyDesign(frame.assign(lonely=frame["lonely"].astype("boolean")), **known)
    for formula, d in (("ill ~ lonely + age", asked), ("ill ~ C(lonely) + age", design)):
        other = la.regress(d, formula)
        np.testing.assert_allclose(other.vcov, la.regress(design, "ill ~ lonely + age").vcov, rtol=1e-9)
    assert list(la.regress(asked, "ill ~ C(lonely) + age").vcov.index)[1] == "C(lonely)[True]"


@pytest.mark.parametrize("family", ["logistic", "poisson", "linear"])
def test_a_model_of_groups_alone_gives_their_means(design, family):
    model = la.regress(design, "ill ~ country", family)
    mean = la.mean(design, "ill", by="country").to_frame()
    margins = la.margins(model, "country").to_frame()
    np.testing.assert_allclose(margins["estimate"], mean["estimate"], rtol=1e-10)
    np.testing.assert_allclose(margins["se"], mean["se"], rtol=1e-8)


def test_many_continuous_rows_give_the_same_fit_as_their_cells():
    """The thinned starts, the blocks of rows and the cells are three ways to one maximum."""
    rng = np.random.default_rng(5)
    n = 90_000
    frame = pd.DataFrame(
        {"p": rng.integers(0, 300, n), "x": rng.integers(0, 40, n), "g": rng.integers(0, 3, n)}
    )
    frame["y"] = rng.random(n) < 1 / (1 + np.exp(2 - 0.05 * frame["x"]))
    cells = la.regress(la.SurveyDesign(frame, psu="p"), "y ~ x * C(g)")
    # A shift by a third makes the numbers continuous, and changes the coefficients in a known way.
    rows = la.regress(la.SurveyDesign(frame.assign(x=frame["x"] + 1 / 3), psu="p"), "y ~ x * C(g)")
    assert not cells.points.layout.bases
    assert rows.points.layout.bases
    slopes = ["x", "x:C(g)[1]", "x:C(g)[2]"]
    np.testing.assert_allclose(rows.vcov.loc[slopes, slopes], cells.vcov.loc[slopes, slopes], rtol=1e-9)
    by_term = [m.to_frame().set_index("term")["estimate"] for m in (rows, cells)]
    np.testing.assert_allclose(by_term[0][slopes], by_term[1][slopes], rtol=1e-10)
    assert by_term[0]["Intercept"] == pytest.approx(by_term[1]["Intercept"] - by_term[1]["x"] / 3, rel=1e-10)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10_000), scale=st.floats(1e-3, 1e6), family=st.sampled_from(["logistic", "linear"])
)
def test_row_order_and_the_scale_of_weights_change_nothing(seed, scale, family):
    frame = pd.DataFrame(REFERENCE["data"])
    moved = frame.sample(frac=1, random_state=seed, ignore_index=True)
    moved["weight"] *= scale
    known = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
    formula = (
        "ill ~ lonely + spline(age) + C(country) + income" if family == "logistic" else "score ~ age * income"
    )
    one, other = (la.regress(la.SurveyDesign(f, **known), formula, family) for f in (frame, moved))
    np.testing.assert_allclose(other.coefficients, one.coefficients, rtol=1e-8)
    np.testing.assert_allclose(other.vcov, one.vcov, rtol=1e-7, atol=1e-12)


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_splitting_rows_within_their_psu_changes_nothing(seed):
    frame = pd.DataFrame(REFERENCE["data"]).astype({"ill": "Float64"})
    share = np.random.default_rng(seed).uniform(0.1, 0.9, len(frame))
    parts = pd.concat(
        [frame.assign(weight=frame["weight"] * s) for s in (share, 1 - share)], ignore_index=True
    )
    known = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
    one, other = (
        la.regress(la.SurveyDesign(f, **known), "ill ~ lonely * age + income") for f in (frame, parts)
    )
    np.testing.assert_allclose(other.coefficients, one.coefficients, rtol=1e-9)
    np.testing.assert_allclose(other.vcov, one.vcov, rtol=1e-8, atol=1e-13)
    assert other.df == one.df


def broken(frame, **columns):
    return la.SurveyDesign(frame.assign(**columns), weight="weight", stratum="stratum", psu="psu")


@pytest.mark.parametrize(
    ("columns", "formula", "family", "message"),
    [
        (
            {"ill": lambda f: f["country"] == "SE"},
            "ill ~ age + country",
            "logistic",
            r"separation: .*country\[SE\]",
        ),
        ({"ill": lambda f: f["age"] > 50}, "ill ~ income + age", "logistic", "separation: .*age"),
        (
            {"visits": lambda f: f["visits"] * (f["sex"] == "male")},
            "visits ~ sex",
            "poisson",
            r"outcome is 0 .*sex",
        ),
        (
            {"twice": lambda f: 2 * f["age"]},
            "ill ~ age + twice + sex",
            "logistic",
            "'twice' is collinear.*age",
        ),
        ({"same": 3.5}, "ill ~ age + same", "logistic", "'same' is the same in every row"),
        (
            {"man": lambda f: f["sex"] == "male"},
            "ill ~ sex + man",
            "logistic",
            r"'man' is collinear.*sex\[male\]",
        ),
        ({}, "ill ~ sex:country", "logistic", "is collinear"),
        ({"ill": 1}, "ill ~ age", "logistic", "outcome 'ill' is 1 in all 478 rows"),
        ({"sex": "female"}, "ill ~ sex", "logistic", "'sex' has one category"),
    ],
)
def test_models_that_cannot_be_fitted_name_the_term(frame, columns, formula, family, message):
    with pytest.raises(la.EstimationError, match=message):
        la.regress(broken(frame, **columns), formula, family)


@pytest.mark.parametrize(
    ("columns", "formula", "family", "message"),
    [
        ({}, "ill ~ lonley", "logistic", "no column 'lonley'.*near it: lonely"),
        ({}, "sex ~ age", "logistic", "outcome 'sex' holds categories"),
        ({}, "score ~ age", "logistic", 'family="linear"'),
        ({"score": lambda f: -f["score"]}, "score ~ age", "poisson", "needs 0 or more"),
        ({}, "ill ~ age", "probit", "family='probit' is unknown"),
        ({}, "ill ~ C(country, ref='XX')", "logistic", "no category 'XX'.*DK, FI, NO, SE"),
        ({}, "ill ~ spline(country)", "logistic", "needs numbers"),
        ({}, "ill ~ log(lonely)", "logistic", "cannot be computed where lonely = 0"),
        ({}, "ill ~ spline(lonely)", "logistic", "takes too few values"),
        (
            {"income": lambda f: f["income"].where(f["country"] != "FI")},
            "ill ~ income + country",
            "logistic",
            "no row with country = 'FI' .*income missing there.*where=",
        ),
        ({"income": np.nan}, "ill ~ income", "logistic", "no complete row among the 478.*income missing"),
        ({"income": np.inf}, "ill ~ income", "logistic", "infinite"),
    ],
)
def test_input_that_cannot_be_used_says_what_to_do(frame, columns, formula, family, message):
    with pytest.raises(la.DataError, match=message):
        la.regress(broken(frame, **columns), formula, family)


def test_more_coefficients_than_degrees_of_freedom_are_said_and_not_hidden(frame):
    few = la.SurveyDesign(
        frame.assign(psu=frame["psu"] % 2, stratum=1), weight="weight", stratum="stratum", psu="psu"
    )
    model = la.regress(few, "score ~ age + sex + country", "linear")
    assert model.df < 0
    assert "no intervals" in model.note
    assert model.to_frame()[["ci_low", "p"]].isna().all(axis=None)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["logistic", "poisson", "linear"])
def test_intervals_cover_the_truth(family, record_property):
    """2,000 samples of 60 PSUs in 10 strata: the share of 95 % intervals that hold the coefficient."""
    rng = np.random.default_rng(20)
    samples, psus, size = 2000, 60, 12
    truth = {"logistic": 0.7, "poisson": 0.3, "linear": 0.5}[family]
    hits = 0
    for _ in range(samples):
        psu = np.repeat(np.arange(psus), size)
        x = rng.random(psus * size) < 0.4
        shared = rng.normal(scale=0.3, size=psus)[psu]
        eta = {"logistic": -0.5, "poisson": -1.2, "linear": 0.0}[family] + truth * x
        if family == "linear":
            y = eta + shared + rng.normal(size=len(x))
        else:
            # A tenth of a cluster shares one uniform number, so that the mean stays a function of eta.
            u = np.where(rng.random(len(x)) < 0.1, rng.random(psus)[psu], rng.random(len(x)))
            y = (u < (1 / (1 + np.exp(-eta)) if family == "logistic" else np.exp(eta))).astype(int)
        frame = pd.DataFrame({"x": x, "y": y, "p": psu, "s": psu % 10, "w": rng.uniform(0.5, 1.5, len(x))})
        row = la.regress(la.SurveyDesign(frame, "w", "s", "p"), "y ~ x", family).to_frame().iloc[1]
        hits += row["ci_low"] <= truth <= row["ci_high"]
    record_property("covers", {f"coefficient, {family}": hits / samples})
    assert 0.935 <= hits / samples <= 0.965


def test_a_linear_outcome_far_from_zero_converges_to_the_same_slopes(frame):
    # "the model does not converge: rescale covariates" was said of an outcome at 1e7 with a spread of 0.001.
    far = frame.assign(score=1e7 + frame["score"] / 1000)
    near = far.assign(score=far["score"] - 1e7)
    how = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
    models = []
    for data in (near, far):
        bound = la.SurveyDesign(data, **how)
        made = la.replicates(bound, n=20, seed=1)
        models += [la.regress(bound, "score ~ lonely + income", "linear", replicates=r) for r in (None, made)]
    for one, other in zip(models[:2], models[2:], strict=True):
        np.testing.assert_allclose(other.table["estimate"][1:], one.table["estimate"][1:], rtol=1e-5)
        np.testing.assert_allclose(other.table["se"][1:], one.table["se"][1:], rtol=1e-5)
        assert one.note == other.note == ""


def test_whole_numbers_of_one_byte_are_read_over_their_whole_range(frame):
    # From -100 to 100 is more than a byte holds: the cells got negative numbers, and the fit a foreign error.
    data = frame.assign(degrees=np.arange(len(frame)) % 201 - 100)
    byte = la.regress(la.SurveyDesign(data.astype({"degrees": np.int8})), "score ~ degrees", "linear")
    wide = la.regress(la.SurveyDesign(data), "score ~ degrees", "linear")
    np.testing.assert_array_equal(byte.table["estimate"], wide.table["estimate"])


def test_a_term_without_enough_psus_to_test_it_is_refused_and_not_divided_by_rounding(frame):
    one = la.SurveyDesign(frame.assign(psu=1), psu="psu", single_psu="remove")
    with pytest.raises(la.EstimationError, match=r"lonely cannot be tested: .* rank 0, not 1"):
        la.regress(one, "ill ~ lonely").wald("lonely")
    few = la.SurveyDesign(frame.assign(psu=frame["psu"] % 3), psu="psu")
    with pytest.raises(la.EstimationError, match=r"C\(country\) cannot be tested: .* rank 2, not 3"):
        la.regress(few, "ill ~ C(country) + lonely").wald("C(country)")


def test_errors_of_predictions_are_never_missing_where_they_are_zero():
    # The mean of a group within one PSU has no error, and rounding made some of such variances negative: NaN.
    for seed in range(20):
        rng = np.random.default_rng(seed)
        psu = rng.integers(4, size=80)
        rows = pd.DataFrame({"psu": psu, "w": rng.gamma(1, 1, 80), "x": rng.normal(size=80)})
        rows["g"] = np.where(psu == 0, "one", rng.choice(["a", "b"], 80))
        rows["y"] = rows["x"] + rng.normal(size=80)
        model = la.regress(la.SurveyDesign(rows, weight="w", psu="psu"), "y ~ x * g", "linear")
        assert la.margins(model, "g").table["se"].notna().all()
        assert la.average_effect(model, ["g", "x"]).table["se"].notna().all()
        assert model.predict(rows)["se"].notna().all()


def test_a_variance_that_rounding_made_negative_is_zero():
    table = coefficient_table(["a", "b"], np.array([1.0, 2.0]), np.diag([-1e-33, 4.0]), 5, 0.95)
    assert table["se"].tolist() == [0.0, 2.0]
    assert np.isnan(table["t"][0])


def test_a_column_that_occurs_twice_is_named(frame):
    twice = la.SurveyDesign(pd.concat([frame, frame[["age"]]], axis=1))
    with pytest.raises(la.DataError, match="column 'age' occurs 2 times"):
        la.regress(twice, "ill ~ age")


def test_a_test_of_no_term_lists_the_terms(design):
    with pytest.raises(la.DataError, match="wald needs a term of the model: Intercept, age"):
        la.regress(design, "ill ~ age").wald([])


@pytest.mark.parametrize("level", ["0.95", None, 95, float("nan")])
def test_a_level_that_is_no_probability_is_refused(design, level):
    with pytest.raises(la.DataError, match="is not between 0 and 1"):
        la.regress(design, "ill ~ age", level=level)
