"""Standardised means and effects: against R's svypredmeans with fixed covariates, and by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "models_regression.json").read_text(encoding="utf-8")
)
R = REFERENCE["values"]
CLOSE = {"rtol": 1e-8, "atol": 1e-12}


@pytest.fixture(scope="module")
def design() -> la.SurveyDesign:
    frame = pd.DataFrame(REFERENCE["data"]).astype({"ill": "Float64", "income": float})
    return la.SurveyDesign(frame, weight="weight", stratum="stratum", psu="psu")


@pytest.mark.parametrize(
    ("name", "variable", "family"),
    [
        ("margins_lonely", "lonely", "logistic"),
        ("margins_country", "country", "logistic"),
        ("margins_poisson", "lonely", "poisson"),
    ],
)
def test_margins_and_their_covariance_are_those_of_svypredmeans_with_fixed_covariates(
    design, name, variable, family
):
    model = la.regress(design, "ill ~ lonely + age + sex + country", family)
    margins = la.margins(model, variable)
    np.testing.assert_allclose(margins.to_frame()["estimate"], R[name]["mean"], **CLOSE)
    np.testing.assert_allclose(margins.vcov, R[name]["vcov"], **CLOSE)


def test_average_effects_are_contrasts_of_the_margins(design):
    model = la.regress(design, "ill ~ lonely + age + sex + country")
    mean, vcov = np.array(R["margins_lonely"]["mean"]), np.array(R["margins_lonely"]["vcov"])
    difference = la.average_effect(model, "lonely")
    step = np.array([-1, 1])
    assert difference.estimate == pytest.approx(mean[1] - mean[0], rel=1e-8)
    assert difference.se == pytest.approx(np.sqrt(step @ vcov @ step), rel=1e-8)
    ratio = la.average_effect(model, "lonely", scale="ratio")
    step = np.array([-1 / mean[0], 1 / mean[1]])
    assert ratio.estimate == pytest.approx(mean[1] / mean[0], rel=1e-8)
    assert ratio.se == pytest.approx(np.sqrt(step @ vcov @ step), rel=1e-8)
    assert np.log(ratio.ci_high / ratio.estimate) == pytest.approx(np.log(ratio.estimate / ratio.ci_low))


def test_categories_are_compared_with_the_models_reference(design):
    model = la.regress(design, "ill ~ age + sex + lonely + C(country, ref='NO')")
    effects = la.average_effect(model, "country").to_frame()
    assert list(effects["value"]) == ["DK", "FI", "SE"]
    assert set(effects["reference"]) == {"NO"}
    mean = dict(zip(R["margins_country"]["level"], R["margins_country"]["mean"], strict=True))
    np.testing.assert_allclose(effects["estimate"], [mean[c] - mean["NO"] for c in effects["value"]], **CLOSE)


def test_a_linear_models_effects_are_its_coefficients(design):
    model = la.regress(design, "score ~ income + lonely + country", "linear")
    table = model.to_frame().set_index("term")
    for variable in ("income", "lonely"):
        effect = la.average_effect(model, variable)
        for name in ("estimate", "se", "ci_low", "ci_high", "p"):
            assert getattr(effect, name) == pytest.approx(table.loc[variable, name], rel=1e-9)


def test_margins_of_a_number_are_asked_for_by_value_and_follow_the_spline(design):
    model = la.regress(design, "ill ~ spline(age, df=3) + income")
    with pytest.raises(la.DataError, match="give its values"):
        la.margins(model, "age")
    margins = la.margins(model, "age", at={"age": [30, 80], "income": 20})
    assert list(margins.to_frame()["age"]) == [30, 80]
    eta = np.log(margins.to_frame()["estimate"] / (1 - margins.to_frame()["estimate"]))
    b, t = model.coefficients, model.points.layout.encoding.knots["spline(age, df=3)"]

    def curve(x, k):
        """Harrell (2015), eq. 2.25, with knots t."""
        c = np.maximum(x - t, 0) ** 3
        tail = c[2] * (t[3] - t[k]) / (t[3] - t[2]) - c[3] * (t[2] - t[k]) / (t[3] - t[2])
        return (c[k] - tail) / (t[3] - t[0]) ** 2

    by_hand = [b[0] + b[1] * x + b[2] * curve(x, 0) + b[3] * curve(x, 1) + b[4] * 20 for x in (30.0, 80.0)]
    np.testing.assert_allclose(eta, by_hand, rtol=1e-10)


def test_a_yes_no_variable_is_compared_at_true_against_false_however_many_others_are_in_the_model():
    rng = np.random.default_rng(1)
    names = [f"x{i}" for i in range(16)]
    frame = pd.DataFrame(rng.random((600, 16)) < 0.5, columns=names)
    frame["y"] = rng.random(600) < np.where(frame["x15"], 0.6, 0.3)
    model = la.regress(la.SurveyDesign(frame), f"y ~ {' + '.join(names)}", family="linear")
    effect = la.average_effect(model, "x15")
    assert (effect.value, effect.reference) == (True, False)
    assert effect.estimate == pytest.approx(model.row(term="x15").estimate, rel=1e-10)


def test_effects_of_several_variables_are_those_of_each_alone(design):
    model = la.regress(design, "ill ~ lonely + age + sex + country")
    together = la.average_effect(model, ["country", "lonely"])
    alone = [la.average_effect(model, name).to_frame() for name in ("country", "lonely")]
    pd.testing.assert_frame_equal(together.to_frame(), pd.concat(alone, ignore_index=True))
    assert together.variable == "country, lonely"


def test_intervals_of_margins_stay_inside_the_outcomes_range(design):
    model = la.regress(design, "ill ~ age + country")
    table = la.margins(model, "age", at={"age": [-200, 20, 300]}).to_frame()
    assert ((table["ci_low"] > 0) & (table["ci_high"] < 1) & (table["ci_low"] < table["ci_high"])).all()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m: la.average_effect(m, "trust"), "'trust' is not in the model.*lonely"),
        (lambda m: la.average_effect(m, []), "at least one variable"),
        (lambda m: la.average_effect(m, "lonely", scale="odds"), "scale='odds'"),
        (lambda m: la.margins(m, "country", at={"country": ["XX"]}), "no category 'XX'.*DK, FI"),
    ],
)
def test_questions_the_model_cannot_answer_are_refused(design, ask, message):
    model = la.regress(design, "ill ~ lonely + country")
    with pytest.raises(la.DataError, match=message):
        ask(model)


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_predictions_for_new_rows_are_those_of_r(design, family):
    model = la.regress(design, "ill ~ lonely + age + sex + country", family)
    new = pd.DataFrame(R["predicted"]["new"], index=["a", "b", "c"])
    predicted = model.predict(new)
    np.testing.assert_allclose(predicted["estimate"], R["predicted"][family]["mean"], **CLOSE)
    np.testing.assert_allclose(predicted["se"], R["predicted"][family]["se"], **CLOSE)
    unknown = model.predict(new.assign(age=[np.nan, 50, 90]))
    assert unknown.loc["a"].isna().all()
    pd.testing.assert_frame_equal(unknown.iloc[1:], predicted.iloc[1:])
    with pytest.raises(la.DataError, match="no category 'XX'"):
        model.predict(new.assign(country="XX"))


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({"age": ["old"]}, "'age' is a number in the model, and cannot be set to 'old'"),
        ({"age": [float("nan")]}, "'age' is a number in the model, and cannot be set to nan"),
        ({"age": []}, "at= gives no value of age"),
    ],
)
def test_what_a_number_cannot_be_set_to_is_refused_by_name(at, message):
    rows = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0], "age": [20.5, 30, 40, 50, 60, 75]})
    with pytest.raises(la.DataError, match=message):
        la.margins(la.regress(la.SurveyDesign(rows), "y ~ age", "linear"), "age", at=at)
