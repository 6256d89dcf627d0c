"""Mediation.

References (tests/reference/mediation_effects.json, versions inside): effects from R's ``glm`` with the
trapezoid rule for integrals; standard errors of the total, under R ``survey``'s design, of the derivative
of each effect by each weight; the indirect effect under correlated errors by maximum likelihood of both
equations in ``lavaan``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

import lonely_analysis as la
from lonely_analysis.errors import DataError, EstimationError

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "mediation_effects.json").read_text())
DATA = pd.DataFrame(REFERENCE["data"])
DESIGN = la.SurveyDesign(DATA, weight="weight", stratum="stratum", psu="psu")
PAIRS = {
    ("linear", "linear"): ("stress", "health"),
    ("linear", "logistic"): ("stress", "poor"),
    ("logistic", "linear"): ("stressed", "health"),
    ("logistic", "logistic"): ("stressed", "poor"),
}


def estimated(families, design=DESIGN, **options):
    mediator, outcome = PAIRS[families]
    return la.mediation(design, "lonely", mediator, outcome, adjust="age", families=families, **options)


@pytest.mark.parametrize(
    ("families", "interaction"), [*((pair, False) for pair in PAIRS), (("linear", "logistic"), True)]
)
def test_effects_and_their_se_are_rs(families, interaction):
    theirs = REFERENCE["_".join(families) + ("_interaction" if interaction else "")]
    ours = estimated(families, interaction=interaction).to_frame()
    assert ours["quantity"].tolist() == theirs["quantity"]
    ratio = ours["quantity"].str.endswith("ratio")
    estimate = np.where(ratio, np.log(ours["estimate"].where(ratio, 1)), ours["estimate"])
    np.testing.assert_allclose(estimate, theirs["estimate"], rtol=1e-8)
    np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-6)


def test_a_linear_pair_is_the_product_of_coefficients():
    ours = estimated(("linear", "linear"))
    to_mediator = la.regress(DESIGN, "stress ~ lonely + age", family="linear").coefficients[1]
    model = la.regress(DESIGN, "health ~ lonely + stress + age", family="linear").coefficients
    assert ours.row(quantity="indirect").estimate == pytest.approx(to_mediator * model[2], rel=1e-10)
    assert ours.row(quantity="direct").estimate == pytest.approx(model[1], rel=1e-10)


@pytest.mark.parametrize("families", list(PAIRS))
def test_direct_and_indirect_add_up_and_multiply_up(families):
    table = estimated(families).to_frame().set_index("quantity")["estimate"]
    assert table["direct"] + table["indirect"] == pytest.approx(table["total"], rel=1e-12)
    assert table["proportion_mediated"] == pytest.approx(table["indirect"] / table["total"], rel=1e-12)
    if families[1] == "logistic":
        assert table["direct_ratio"] * table["indirect_ratio"] == pytest.approx(
            table["total_ratio"], rel=1e-12
        )


def test_the_indirect_effect_under_correlated_errors_is_lavaans():
    ours = estimated(("linear", "linear"), la.SurveyDesign(DATA)).sensitivity(REFERENCE["rho"])
    np.testing.assert_allclose(ours.to_frame()["estimate"], REFERENCE["indirect_by_rho"], rtol=2e-5)
    assert ours.rho_at_zero == pytest.approx(REFERENCE["rho_at_zero"], rel=1e-10)
    assert ours.r2_at_zero == pytest.approx(REFERENCE["rho_at_zero"] ** 2, rel=1e-10)


def test_without_correlation_the_sensitivity_table_is_the_estimate_with_its_error():
    ours = estimated(("linear", "linear"))
    at_zero = ours.sensitivity([0.0])
    indirect = ours.row(quantity="indirect")
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert getattr(at_zero, name) == pytest.approx(getattr(indirect, name), rel=1e-9)
    assert at_zero.note == ""


def test_the_indirect_effect_vanishes_at_its_own_rho_and_falls_as_rho_grows():
    ours = estimated(("linear", "linear"))
    assert ours.sensitivity([ours.rho_at_zero]).estimate == pytest.approx(0, abs=1e-12)
    assert (np.diff(ours.sensitivity().to_frame()["estimate"]) < 0).all()


def test_yes_no_variables_make_the_sensitivity_an_approximation_and_it_says_so():
    assert "linear probability" in estimated(("logistic", "logistic")).sensitivity([0.1]).note


@settings(max_examples=6)
@given(st.floats(0.1, 10), st.integers(0, 2**32 - 1), st.sampled_from(list(PAIRS)))
def test_effects_ignore_row_order_weight_scale_and_the_units_of_a_linear_mediator(scale, seed, families):
    order = np.random.default_rng(seed).permutation(len(DATA))
    other = DATA.iloc[order].assign(
        weight=lambda d: d["weight"] * scale, stress=lambda d: d["stress"] * 5 - 1
    )
    ours = estimated(families, la.SurveyDesign(other, weight="weight", stratum="stratum", psu="psu"))
    base = estimated(families)
    np.testing.assert_allclose(
        ours.to_frame().drop(columns="quantity"), base.to_frame().drop(columns="quantity"), rtol=1e-6
    )
    assert ours.rho_at_zero == pytest.approx(base.rho_at_zero, rel=1e-8)


@pytest.mark.parametrize("families", [("linear", "linear"), ("logistic", "logistic")])
def test_the_jackknife_agrees_with_the_linearised_error(families):
    # Equal in large samples; with 20 PSUs the jackknife is a few per cent wider.
    again = estimated(families, replicates=la.replicates(DESIGN, method="jackknife"))
    base = estimated(families)
    few = ["total", "direct", "indirect"]
    ours, theirs = (r.to_frame().set_index("quantity").loc[few, "se"] for r in (again, base))
    np.testing.assert_allclose(ours, theirs, rtol=0.1)
    assert again.sensitivity([0.2]).se == pytest.approx(base.sensitivity([0.2]).se, rel=0.1)


def test_a_total_that_may_be_nothing_warns_of_its_proportion():
    shuffled = DATA.assign(lonely=np.random.default_rng(2).permutation(DATA["lonely"]))
    assert "no stable meaning" in la.mediation(la.SurveyDesign(shuffled), "lonely", "stress", "health").note
    assert estimated(("linear", "linear")).note == ""


def test_swapping_treated_and_control_swaps_the_sign_of_the_total():
    forth = estimated(("logistic", "logistic"))
    back = estimated(("logistic", "logistic"), treated=0, control=1)
    assert back.row(quantity="total").estimate == pytest.approx(-forth.row(quantity="total").estimate)


def test_rows_that_miss_the_mediator_leave_both_models():
    holes = DATA.assign(stress=DATA["stress"].mask(DATA.index % 6 == 0))
    design = la.SurveyDesign(holes, weight="weight", stratum="stratum", psu="psu")
    kept = estimated(("linear", "linear"), where=pd.Series(DATA.index % 6 != 0))
    pd.testing.assert_frame_equal(estimated(("linear", "linear"), design).to_frame(), kept.to_frame())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"families": ("linear", "poisson")}, "linear or logistic"),
        ({"treated": 0}, "nothing is compared"),
        ({"adjust": "income"}, "income"),
    ],
)
def test_questions_without_an_answer_are_refused(options, says):
    with pytest.raises(DataError, match=says):
        la.mediation(DESIGN, "lonely", "stress", "health", **options)


def test_a_correlation_beyond_1_is_refused():
    with pytest.raises(DataError, match="outside -1 to 1"):
        estimated(("linear", "linear")).sensitivity([1.2])


def test_a_mediator_that_follows_from_the_exposure_is_refused():
    design = la.SurveyDesign(DATA.assign(stress=DATA["lonely"] * 2.0))
    with pytest.raises(EstimationError):
        la.mediation(design, "lonely", "stress", "health")


@pytest.mark.slow
@pytest.mark.parametrize("families", list(PAIRS))
def test_intervals_cover_the_true_effects_in_clustered_samples(families, record_property):
    rng, hits = np.random.default_rng(20261123), np.zeros(3)

    def drawn(size, place, a, b):
        """Draw people whose exposure is ``a`` for the outcome and ``b`` for the mediator; age clusters by
        place.
        """
        age, u, v = (
            np.sqrt(0.2) * place + np.sqrt(0.8) * rng.normal(size=size),
            rng.normal(size=size),
            rng.random(size),
        )
        m = 0.5 * b + 0.3 * age + u
        if families[0] == "logistic":
            m = (v < expit(-0.5 + 0.8 * b + 0.3 * age)).astype(float)
        predictor = -0.7 + 0.4 * a + 0.5 * m + 0.2 * age
        if families[1] == "linear":
            return age, m, predictor + rng.normal(size=size), predictor
        return age, m, (rng.random(size) < expit(predictor)).astype(float), expit(predictor)

    # Truth by simulation of a large population.
    many = 4_000_000
    y11, y10, y00 = (drawn(many, rng.normal(size=many), a, b)[3].mean() for a, b in ((1, 1), (1, 0), (0, 0)))
    truth = np.array([y11 - y00, y10 - y00, y11 - y10])
    for _ in range(500):
        psu = np.repeat(np.arange(80), 10)
        x = (rng.random(800) < 0.4).astype(float)
        age, m, y, _ = drawn(800, rng.normal(size=80)[psu], x, x)
        frame = pd.DataFrame({"x": x, "m": m, "y": y, "age": age, "psu": psu})
        table = la.mediation(
            la.SurveyDesign(frame, psu="psu"), "x", "m", "y", adjust="age", families=families
        ).to_frame()
        low, high = (table[name].to_numpy()[:3] for name in ("ci_low", "ci_high"))
        hits += (low <= truth) & (truth <= high)
    names = [f"{effect} effect, {'-'.join(families)}" for effect in ("total", "direct", "indirect")]
    record_property("covers", dict(zip(names, hits / 500, strict=True)))
    # 500 samples have a simulation error of one percentage point.
    assert (abs(hits / 500 - 0.95) <= 0.025).all(), hits


@pytest.mark.slow
def test_intervals_under_the_true_correlation_of_errors_cover_the_true_indirect_effect(record_property):
    # An unmeasured cause of both makes errors correlate by 0.3; told so, the indirect effect is right again.
    rng, hits, psu = np.random.default_rng(20261204), np.zeros(2), np.repeat(np.arange(80), 10)
    for _ in range(2000):
        x = (rng.random(800) < 0.4).astype(float)
        age = np.sqrt(0.2) * rng.normal(size=80)[psu] + np.sqrt(0.8) * rng.normal(size=800)
        e = rng.normal(size=800)
        m = 0.5 * x + 0.3 * age + e
        y = 0.4 * x + 0.5 * m + 0.2 * age + 0.3 * e + np.sqrt(1 - 0.09) * rng.normal(size=800)
        frame = pd.DataFrame({"x": x, "m": m, "y": y, "age": age, "psu": psu})
        found = la.mediation(la.SurveyDesign(frame, psu="psu"), "x", "m", "y", adjust="age")
        row, alone = found.sensitivity([0.3]), found.row(quantity="indirect")
        hits += [row.ci_low <= 0.25 <= row.ci_high, alone.ci_low <= 0.25 <= alone.ci_high]
    told, untold = hits / 2000
    record_property("covers", {"indirect effect, errors correlated": told})
    assert abs(told - 0.95) <= 0.015, told
    assert untold < 0.9


def test_a_total_effect_of_exactly_zero_has_no_share_and_says_so():
    rows = pd.DataFrame({"e": [0, 1] * 8, "m": [0.0, 0, 1, 1] * 4, "y": [0.0, 0, 1, 1, 1, 1, 0, 0] * 2})
    found = la.mediation(la.SurveyDesign(rows), "e", "m", "y")
    assert found.row(quantity="total").estimate == 0
    assert np.isnan(found.row(quantity="proportion_mediated").estimate)
    assert "no stable meaning" in found.note
