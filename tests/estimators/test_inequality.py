"""Inequality indices.

References (tests/reference/inequality_indices.json, versions inside): estimates by R's ``lm``, ``glm`` and
covariance; standard errors of the total, under R ``survey``'s design, of the derivative of each estimate by
each weight.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

import lonely_analysis as la
from lonely_analysis.errors import DataError

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "inequality_indices.json").read_text())
DATA = pd.DataFrame(REFERENCE["data"])
DESIGN = la.SurveyDesign(DATA, weight="weight", stratum="stratum", psu="psu")


def test_the_slope_index_and_its_se_are_rs_with_the_ranks_estimated():
    sii = la.slope_index(DESIGN, "lonely", "income").row(quantity="sii")
    assert sii.estimate == pytest.approx(REFERENCE["sii"]["estimate"], rel=1e-10)
    assert sii.se == pytest.approx(REFERENCE["sii"]["se"], rel=1e-8)
    assert sii.df == REFERENCE["sii_fixed_ranks"]["df"]


def test_ranks_held_fixed_would_give_another_standard_error():
    sii = la.slope_index(DESIGN, "lonely", "income").row(quantity="sii")
    assert sii.estimate == pytest.approx(REFERENCE["sii_fixed_ranks"]["estimate"], rel=1e-10)
    assert abs(sii.se / REFERENCE["sii_fixed_ranks"]["se"] - 1) > 1e-3


def test_the_adjusted_relative_index_and_its_se_are_rs():
    rii = la.slope_index(DESIGN, "lonely", "income", adjust="age").row(quantity="rii")
    assert np.log(rii.estimate) == pytest.approx(REFERENCE["log_rii_age"]["estimate"], rel=1e-9)
    assert rii.se == pytest.approx(REFERENCE["log_rii_age"]["se"], rel=1e-7)
    assert np.log(rii.ci_high / rii.estimate) == pytest.approx(np.log(rii.estimate / rii.ci_low), rel=1e-9)


@pytest.mark.parametrize(
    ("outcome", "options", "key"),
    [
        ("lonely", {"correction": "none"}, "ci"),
        ("lonely", {"correction": "wagstaff"}, "wagstaff"),
        ("lonely", {"correction": "erreygers"}, "erreygers"),
        ("score", {"correction": "none"}, "ci_score"),
        ("score", {"correction": "erreygers", "bounds": (0, 20)}, "erreygers_score"),
    ],
)
def test_concentration_indices_and_their_se_are_rs(outcome, options, key):
    index = la.concentration_index(DESIGN, outcome, "income", **options)
    assert index.estimate == pytest.approx(REFERENCE[key]["estimate"], rel=1e-10)
    assert index.se == pytest.approx(REFERENCE[key]["se"], rel=1e-8)


def test_a_hand_computed_example():
    # Four people of rising income; the poorer half has it: ranks 1/8 3/8 5/8 7/8, cov(y, R) = -1/8, mean 1/2.
    frame = pd.DataFrame({"y": [1, 1, 0, 0], "income": [1, 2, 3, 4]})
    design = la.SurveyDesign(frame)
    none, wagstaff, erreygers = (
        la.concentration_index(design, "y", "income", correction=c).estimate
        for c in ("none", "wagstaff", "erreygers")
    )
    assert (none, wagstaff, erreygers) == pytest.approx((-0.5, -1.0, -1.0))
    # Slope of y on rank: -cov/var = (1/8) / (5/64).
    assert la.slope_index(design, "y", "income").row(quantity="sii").estimate == pytest.approx(1.6)


def test_an_equal_outcome_has_indices_of_nothing():
    frame = pd.DataFrame({"y": [0, 1] * 30, "income": np.repeat([1, 2, 3], 20)})
    table = la.slope_index(la.SurveyDesign(frame), "y", "income").to_frame()
    assert table["estimate"].tolist() == pytest.approx([0, 1], abs=1e-12)
    assert la.concentration_index(la.SurveyDesign(frame), "y", "income").estimate == pytest.approx(
        0, abs=1e-12
    )


@settings(max_examples=15)
@given(st.floats(0.01, 100), st.integers(0, 2**32 - 1))
def test_indices_see_only_the_order_of_the_ranking(scale, seed):
    order = np.random.default_rng(seed).permutation(len(DATA))
    other = DATA.iloc[order].assign(
        weight=lambda d: d["weight"] * scale,
        income=lambda d: pd.Categorical(
            d["income"].map({1: "low", 2: "mid", 3: "high"}), ["low", "mid", "high"], True
        ),
    )
    design = la.SurveyDesign(other, weight="weight", stratum="stratum", psu="psu")
    for index, options in ((la.slope_index, {}), (la.concentration_index, {"correction": "wagstaff"})):
        ours = index(design, "lonely", "income", **options).to_frame().drop(columns="quantity")
        base = index(DESIGN, "lonely", "income", **options).to_frame().drop(columns="quantity")
        np.testing.assert_allclose(ours, base, rtol=1e-8)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 5)), min_size=6, max_size=40))
def test_turning_the_ranking_round_turns_the_sign(people):
    frame = pd.DataFrame(people, columns=["y", "income"]).assign(debt=lambda d: -d["income"])
    if frame["y"].nunique() < 2 or frame["income"].nunique() < 2:
        return
    design = la.SurveyDesign(frame)
    along, against = (la.concentration_index(design, "y", rank) for rank in ("income", "debt"))
    assert along.estimate == pytest.approx(-against.estimate, abs=1e-12)
    assert along.se == pytest.approx(against.se, abs=1e-12)


def test_a_domain_is_ranked_within_itself_and_keeps_the_design():
    some = DATA["stratum"] <= 3
    inside = la.concentration_index(DESIGN, "lonely", "income", where=some)
    design = la.SurveyDesign(DATA[some], weight="weight", stratum="stratum", psu="psu")
    alone = la.concentration_index(design, "lonely", "income")
    assert (inside.estimate, inside.se, inside.df) == pytest.approx((alone.estimate, alone.se, alone.df))


def test_the_jackknife_agrees_with_the_linearised_error():
    # Equal in large samples; with 24 PSUs the jackknife is a few per cent wider.
    jackknife = la.replicates(DESIGN, method="jackknife")
    for index in (la.slope_index, la.concentration_index):
        exact, again = (
            index(DESIGN, "lonely", "income"),
            index(DESIGN, "lonely", "income", replicates=jackknife),
        )
        np.testing.assert_allclose(again.to_frame()["estimate"], exact.to_frame()["estimate"])
        np.testing.assert_allclose(again.to_frame()["se"], exact.to_frame()["se"], rtol=0.1)


def test_a_missing_answer_leaves_the_ranking():
    holes = DATA.astype({"lonely": "boolean"}).assign(lonely=lambda d: d["lonely"].mask(d.index % 5 == 0))
    ours = la.slope_index(
        la.SurveyDesign(holes, weight="weight", stratum="stratum", psu="psu"), "lonely", "income"
    )
    kept = la.slope_index(DESIGN, "lonely", "income", where=pd.Series(DATA.index % 5 != 0))
    pd.testing.assert_frame_equal(ours.to_frame(), kept.to_frame())


def test_a_score_below_zero_has_a_slope_and_no_ratio():
    design = la.SurveyDesign(DATA.assign(score=DATA["score"] - 6))
    result = la.slope_index(design, "score", "income")
    assert result.to_frame()["quantity"].tolist() == ["sii"]
    assert "negative" in result.note


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ({"income": 1}, {}, "has one level"),
        ({"income": pd.Categorical(["a", "b"] * 72)}, {}, "category without order"),
        ({"lonely": 0}, {}, "mean 0"),
        ({}, {"correction": "gini"}, "none of: none, wagstaff"),
        ({"lonely": DATA["score"]}, {}, "outside bounds"),
    ],
)
def test_what_cannot_be_ranked_is_refused(change, options, says):
    with pytest.raises(DataError, match=says):
        la.concentration_index(la.SurveyDesign(DATA.assign(**change)), "lonely", "income", **options)


@pytest.mark.slow
def test_intervals_cover_the_population_values(record_property):
    rng, hits = np.random.default_rng(20261123), np.zeros(3)
    income = np.arange(3)
    share = np.array([0.3, 0.2, 0.1])
    ridit = np.array([1, 3, 5]) / 6
    sii = -np.polyfit(ridit, share, 1)[0]
    erreygers = 4 * 2 * np.mean((share - share.mean()) * (ridit - 0.5))
    # The population value of the relative index: the Poisson fit to the three shares.
    fitted = la.slope_index(
        la.SurveyDesign(pd.DataFrame({"y": share, "income": income})), "y", "income"
    ).to_frame()["estimate"]
    for _ in range(2000):
        level = rng.integers(3, size=800)
        place = np.repeat(np.arange(80), 10)
        latent = np.sqrt(0.05) * rng.normal(size=80)[place] + np.sqrt(0.95) * rng.normal(size=800)
        y = latent < ndtri(share[level])
        design = la.SurveyDesign(pd.DataFrame({"y": y, "income": level, "psu": place}), psu="psu")
        table = la.slope_index(design, "y", "income").to_frame()
        index = la.concentration_index(design, "y", "income")
        covers = (table["ci_low"] <= [sii, fitted[1]]) & ([sii, fitted[1]] <= table["ci_high"])
        hits += [*covers, index.ci_low <= erreygers <= index.ci_high]
    names = ("slope index", "relative index", "concentration index")
    record_property("covers", dict(zip(names, hits / 2000, strict=True)))
    assert (abs(hits / 2000 - 0.95) <= 0.015).all(), hits


def test_a_rank_of_text_is_called_a_rank_and_not_an_outcome():
    rows = pd.DataFrame({"lonely": [0, 1, 0, 1], "education": list("abab")})
    with pytest.raises(la.DataError, match=r"rank 'education' holds .*make it numbers, or an ordered"):
        la.concentration_index(la.SurveyDesign(rows), "lonely", "education")


def test_an_empty_domain_is_one_sentence_and_not_a_printed_column():
    rows = pd.DataFrame({"lonely": [0, 1, 0, 1], "income": [1, 2, 3, 4]})
    with pytest.raises(la.DataError, match="no row with a weight above 0 is in the domain") as said:
        la.slope_index(la.SurveyDesign(rows), "lonely", "income", where="income > 9")
    assert "\n" not in str(said.value)
