"""Alpha and omega.

References (tests/reference/scales_reliability.json, versions inside): alpha by ``psych::alpha``; its design
SE by ``survey`` (alpha as a contrast of survey means of squared deviations); omega and its
distribution-free SE by ``lavaan`` (one factor, MLR), whose covariance divides by n where the design's
divides by n - 1 and whose optimiser stops at the seventh digit; omega to more digits from the loadings of
``stats::factanal``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.errors import DataError, EstimationError

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "scales_reliability.json").read_text())
DATA = pd.DataFrame(REFERENCE["data"])
ITEMS = [f"i{k}" for k in range(1, 7)]
PLAIN = la.SurveyDesign(DATA)
WEIGHTED = la.SurveyDesign(DATA, weight="weight")
DESIGN = la.SurveyDesign(DATA, weight="weight", stratum="stratum", psu="psu")


def coefficient(design, items, name):
    return la.reliability(design, items).row(coefficient=name)


def test_alpha_without_a_design_is_psychs():
    assert coefficient(PLAIN, ITEMS, "alpha").estimate == pytest.approx(REFERENCE["psych_alpha"], rel=1e-12)


@pytest.mark.parametrize(
    ("design", "items", "key"),
    [(PLAIN, ITEMS, "alpha_plain"), (DESIGN, ITEMS, "alpha_design"), (DESIGN, ITEMS[:3], "alpha3_design")],
)
def test_alpha_and_its_linearised_se_are_rs(design, items, key):
    ours = coefficient(design, items, "alpha")
    assert ours.estimate == pytest.approx(REFERENCE[key]["estimate"], rel=1e-10)
    assert ours.se == pytest.approx(REFERENCE[key]["se"], rel=1e-9)


@pytest.mark.parametrize(
    ("design", "items", "key"),
    [(PLAIN, ITEMS, "omega_plain"), (PLAIN, ITEMS[:3], "omega3_plain"), (WEIGHTED, ITEMS, "omega_weighted")],
)
def test_omega_and_its_se_are_lavaans(design, items, key):
    ours, n = coefficient(design, items, "omega"), len(DATA)
    assert ours.estimate == pytest.approx(REFERENCE[key]["estimate"], rel=1e-6)
    assert ours.se * np.sqrt((n - 1) / n) == pytest.approx(REFERENCE[key]["se"], rel=1e-6)


def test_omega_is_that_of_factanals_loadings():
    assert coefficient(PLAIN, ITEMS, "omega").estimate == pytest.approx(REFERENCE["omega_factanal"], rel=1e-8)


def test_a_missing_item_takes_the_row_out_of_the_domain_and_not_out_of_the_design():
    holes = DATA.astype({"i1": "Float64"}).assign(i1=lambda d: d["i1"].mask(d.index % 7 == 0))
    design = la.SurveyDesign(holes, weight="weight", stratum="stratum", psu="psu")
    kept = la.reliability(DESIGN, ITEMS, where=pd.Series(DATA.index % 7 != 0))
    pd.testing.assert_frame_equal(la.reliability(design, ITEMS).to_frame(), kept.to_frame())


def test_a_scale_is_found_by_name_and_enters_as_it_is_scored():
    frame = DATA.rename(columns=dict(zip(ITEMS, [f"djg6_{k}" for k in "abcdef"], strict=True)))
    by_name = la.reliability(la.SurveyDesign(frame), "djg6")
    counted = DATA[ITEMS].le(2) * 1.0
    counted[ITEMS[3:]] = DATA[ITEMS[3:]].ge(2) * 1.0
    by_column = la.reliability(la.SurveyDesign(counted), ITEMS)
    assert by_name.to_frame()["estimate"].tolist() == pytest.approx(by_column.to_frame()["estimate"].tolist())
    subscale = la.reliability(la.SurveyDesign(frame), "djg6_social")
    assert subscale.items == ("djg6_d", "djg6_e", "djg6_f")


@settings(max_examples=15)
@given(st.floats(0.1, 50), st.integers(0, 2**32 - 1))
def test_alpha_and_omega_do_not_depend_on_units_weight_scale_or_row_order(scale, seed):
    order = np.random.default_rng(seed).permutation(len(DATA))
    other = DATA.iloc[order].assign(**{name: DATA[name] * 3.0 + 1 for name in ITEMS})
    other["weight"] *= scale
    design = la.SurveyDesign(other, weight="weight", stratum="stratum", psu="psu")
    ours = la.reliability(design, ITEMS).to_frame().drop(columns="coefficient")
    same = la.reliability(DESIGN, ITEMS).to_frame().drop(columns="coefficient")
    np.testing.assert_allclose(ours, same, rtol=1e-6)


def test_equal_loadings_make_alpha_and_omega_one_number():
    # Compound symmetry: Cronbach's alpha is exact when items share one loading (tau equivalence), and
    # equals omega.
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(500, 4))
    white = np.linalg.solve(np.linalg.cholesky(np.cov(rows.T, bias=True)), (rows - rows.mean(0)).T).T
    x = white @ np.linalg.cholesky(np.full((4, 4), 0.4) + 0.6 * np.eye(4)).T
    both = la.reliability(la.SurveyDesign(pd.DataFrame(x, columns=list("abcd"))), list("abcd")).to_frame()
    assert both["estimate"].tolist() == pytest.approx([4 * 0.4 / (1 + 3 * 0.4)] * 2, rel=1e-8)


def test_the_jackknife_agrees_with_the_linearised_error():
    # Equal in large samples; with 40 PSUs they differ by a per cent or two.
    again = la.reliability(DESIGN, ITEMS, replicates=la.replicates(DESIGN, method="jackknife")).to_frame()
    exact = la.reliability(DESIGN, ITEMS).to_frame()
    np.testing.assert_allclose(again["estimate"], exact["estimate"], rtol=1e-12)
    np.testing.assert_allclose(again["se"], exact["se"], rtol=0.05)


def test_a_surveys_own_replicates_bring_their_degrees_of_freedom():
    table = la.replicates(DESIGN, n=12, seed=3)
    columns = {f"r{k}": table.row_multipliers(k) * DATA["weight"] for k in range(12)}
    own = la.SurveyDesign(DATA.assign(**columns), weight="weight")
    given_ = la.replicates(own, columns=list(columns), scale=1 / 11)
    assert (la.reliability(own, ITEMS, replicates=given_).to_frame()["df"] == given_.df).all()


def test_rows_in_another_engine_are_refused_with_the_way_out():
    polars = pytest.importorskip("polars")
    with pytest.raises(DataError, match="into pandas first"):
        la.reliability(la.SurveyDesign(polars.DataFrame(DATA.to_dict("list")).lazy()), ITEMS)


def test_two_items_have_an_alpha_and_no_omega():
    result = la.reliability(PLAIN, ITEMS[:2])
    assert result.to_frame()["coefficient"].tolist() == ["alpha"]
    assert "three items" in result.note


@pytest.mark.parametrize(
    ("change", "items", "error", "says"),
    [
        ({"i1": 2}, ITEMS, DataError, "all 400 answers to i1 are the same"),
        ({}, ["i1"], DataError, "at least two items"),
        ({}, ["i1", "absent"], DataError, "absent"),
        ({"i1": np.nan}, ITEMS, DataError, "nobody in the domain"),
        ({"i1": DATA["i2"] * 2}, ITEMS, EstimationError, "combination of the others"),
    ],
)
def test_items_that_cannot_be_used_are_named(change, items, error, says):
    with pytest.raises(error, match=says):
        la.reliability(la.SurveyDesign(DATA.assign(**change)), items)


@pytest.mark.slow
def test_intervals_cover_the_true_alpha_and_omega_in_clustered_samples(record_property):
    # One factor with loadings .8, .7, .6, .5 on standard-normal items; 60 clusters of 10 share a part of
    # the factor.
    loadings, hits = np.array([0.8, 0.7, 0.6, 0.5]), np.zeros(2)
    rng = np.random.default_rng(20261123)
    implied = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    truth = np.array([4 / 3 * (1 - 4 / implied.sum()), loadings.sum() ** 2 / implied.sum()])
    place = np.repeat(np.arange(60), 10)
    for _ in range(2000):
        factor = np.sqrt(0.05) * rng.normal(size=60)[place] + np.sqrt(0.95) * rng.normal(size=600)
        x = factor[:, None] * loadings + rng.normal(size=(600, 4)) * np.sqrt(1 - loadings**2)
        frame = pd.DataFrame(x, columns=list("abcd")).assign(psu=place)
        table = la.reliability(la.SurveyDesign(frame, psu="psu"), list("abcd")).to_frame()
        hits += (table["ci_low"] <= truth) & (truth <= table["ci_high"])
    record_property("covers", dict(zip(("alpha", "omega"), hits / 2000, strict=True)))
    assert (hits / 2000 > 0.935).all()
    assert (hits / 2000 < 0.965).all()


def test_items_in_very_different_units_keep_their_standard_errors():
    # The derivative moved all covariances by one step: more than the variance of the smallest item.
    rng = np.random.default_rng(8)
    shared = rng.normal(size=300)
    items = pd.DataFrame({f"i{k}": shared + rng.normal(size=300) for k in range(4)})
    moved = items.assign(i0=items["i0"] * 1e-6)
    alone = la.reliability(la.SurveyDesign(moved), list(items)).to_frame()
    # By resampling the same people: the jackknife needs no derivative.
    made = la.replicates(la.SurveyDesign(moved), method="jackknife")
    again = la.reliability(la.SurveyDesign(moved), list(items), replicates=made).to_frame()
    np.testing.assert_allclose(alone["se"], again["se"], rtol=0.03)


def test_items_that_cancel_are_refused_with_the_way_out():
    rows = pd.DataFrame({"one": [1.0, 2, 3, 4, 5, 1]}).assign(other=lambda d: 6 - d["one"])
    with pytest.raises(EstimationError, match=r"sum of the items is the same .*turn round"):
        la.reliability(la.SurveyDesign(rows), ["one", "other"])


@pytest.mark.parametrize("estimate", [la.reliability, la.factor_structure])
def test_an_item_of_text_is_named(estimate):
    with pytest.raises(DataError, match=r"item 'i1' holds .*, not numbers"):
        estimate(la.SurveyDesign(DATA.assign(i1="often")), ITEMS)
