"""Inequality before and after a change.

References (tests/reference/levelling.json, versions inside): shares from R's ``glm`` and ``predict``, indices
from ``lm`` and ``glm`` over them; standard errors of the total, under R ``survey``'s design, of the
derivative of each estimate by each weight.
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
from lonely_analysis.estimators.levelling import NAMES

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "levelling.json").read_text())
DATA = pd.DataFrame(REFERENCE["data"])
DESIGN = la.SurveyDesign(DATA, weight="weight", stratum="stratum", psu="psu")
MODEL = "poor_health ~ lonely + age + C(income)"
REACH = dict(zip((1, 2, 3), REFERENCE["reach"], strict=True))


def change(**options):
    return la.levelling(DESIGN, MODEL, {"lonely": 0}, "income", **options)


@pytest.mark.parametrize("quantity", NAMES)
def test_indices_before_and_after_and_their_se_are_rs(quantity):
    row = change(reach=REACH, causal=REFERENCE["causal"]).row(quantity=quantity)
    found = np.log(row.estimate) if quantity.startswith("rii") else row.estimate
    assert found == pytest.approx(REFERENCE[quantity]["estimate"], rel=1e-8)
    assert row.se == pytest.approx(REFERENCE[quantity]["se"], rel=1e-6)


def test_shares_by_rank_are_rs():
    groups = change(reach=REACH, causal=REFERENCE["causal"]).groups
    row = groups[(groups["when"] == "after") & (groups["income"] == "3")].iloc[0]
    assert row["estimate"] == pytest.approx(REFERENCE["best_off_after"]["estimate"], rel=1e-9)
    assert row["se"] == pytest.approx(REFERENCE["best_off_after"]["se"], rel=1e-7)


def test_the_indices_before_are_those_of_the_slope_index():
    table = change().to_frame().set_index("quantity")
    for row in la.slope_index(DESIGN, "poor_health", "income").to_frame().itertuples():
        ours = table.loc[f"{row.quantity}_before"]
        assert (ours["estimate"], ours["se"]) == pytest.approx((row.estimate, row.se), rel=1e-7)


def test_a_change_that_reaches_everybody_gives_the_attributable_fraction():
    groups = change().groups
    mean = np.average(groups["estimate"][3:], weights=DATA.groupby("income")["weight"].sum())
    fraction = la.attributable_fraction(DESIGN, MODEL, "lonely").estimate
    assert 1 - mean / la.mean(DESIGN, "poor_health").estimate == pytest.approx(fraction, rel=1e-9)


def test_two_ranks_by_hand():
    # Half of each rank exposed; risk 0.5 with and 0.25 without in the worse off, 0.4 and 0.2 in the others.
    cells = [(1, 1, 20, 40), (1, 0, 10, 40), (2, 1, 16, 40), (2, 0, 8, 40)]
    rows = [(g, x, i < cases) for g, x, cases, n in cells for i in range(n)]
    frame = pd.DataFrame(rows, columns=["income", "lonely", "y"])
    result = la.levelling(
        la.SurveyDesign(frame),
        "y ~ lonely * C(income)",
        {"lonely": 0},
        "income",
        reach={1: 0, 2: 0.5},
        causal=0.8,
    )
    before, after = (0.375, 0.3), (0.375, 0.3 - 0.8 * 0.5 * 0.1)
    assert result.groups["estimate"].tolist() == pytest.approx([*before, *after])
    # Ranks are a quarter and three quarters: the slope is twice the difference, the ratio is squared.
    table = result.to_frame().set_index("quantity")["estimate"]
    assert table["sii_after"] == pytest.approx(2 * (after[0] - after[1]))
    assert table["rii_after"] == pytest.approx((after[0] / after[1]) ** 2)
    assert table["rii_change"] == pytest.approx((0.3 / 0.26) ** 2)


@pytest.mark.parametrize("nothing", [{"causal": 0}, {"reach": 0}, {"reach": {1: 0, 2: 0, 3: 0}}])
def test_what_has_no_effect_or_reaches_nobody_changes_nothing(nothing):
    table = change(**nothing).to_frame().set_index("quantity")
    assert table.loc["sii_change", ["estimate", "se"]].tolist() == pytest.approx([0, 0], abs=1e-9)
    assert table.loc["rii_change", ["estimate", "se"]].tolist() == pytest.approx([1, 0], abs=1e-9)


def test_the_jackknife_agrees_with_the_linearised_error():
    # Equal in large samples; with 30 PSUs the jackknife is a few per cent wider.
    jackknife = la.replicates(DESIGN, method="jackknife")
    exact, again = (change(reach=REACH, replicates=chosen) for chosen in (None, jackknife))
    for a, b in ((exact.to_frame(), again.to_frame()), (exact.groups, again.groups)):
        np.testing.assert_allclose(b["estimate"], a["estimate"])
        np.testing.assert_allclose(b["se"], a["se"], rtol=0.1)
    nothing = change(causal=0, replicates=jackknife).to_frame().set_index("quantity")
    assert nothing.loc[["sii_change", "rii_change"], "se"].tolist() == [0, 0]


@settings(max_examples=10)
@given(st.floats(0.05, 1), st.floats(0.05, 1), st.floats(0.1, 10))
def test_reach_and_causal_count_by_their_product_and_the_scale_of_weights_not_at_all(reach, causal, scale):
    whole = change(reach=reach * causal).to_frame()
    other = la.SurveyDesign(
        DATA.assign(weight=DATA["weight"] * scale), weight="weight", stratum="stratum", psu="psu"
    )
    parts = la.levelling(other, MODEL, {"lonely": 0}, "income", reach=reach, causal=causal).to_frame()
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"causal": 1.5}, "causal=1.5 is no share"),
        ({"reach": -0.1}, "reach=-0.1 is no share"),
        ({"reach": {1: 0.1, 2: 0.2}}, "names 1, 2, and not the rank 3"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, words):
    with pytest.raises(DataError, match=words):
        change(**options)


def test_a_rank_must_be_a_category_of_the_formula_and_its_outcome_above_zero():
    with pytest.raises(DataError, match=r"write C\(income\) in it"):
        la.levelling(DESIGN, "poor_health ~ lonely + income", {"lonely": 0}, "income")
    healthy = la.SurveyDesign(DATA.assign(poor_health=DATA["poor_health"].where(DATA["income"] < 3, 0)))
    with pytest.raises(EstimationError, match="0 or below"):
        la.levelling(healthy, "poor_health ~ lonely + C(income)", {"lonely": 0}, "income", family="linear")


@pytest.mark.slow
def test_intervals_cover_the_population_values(record_property):
    rng, runs, n, hits = np.random.default_rng(20261123), 2000, 4000, np.zeros(2)
    exposed, base, effect, reach = (
        np.array([0.5, 0.3, 0.2]),
        np.array([-0.5, -1.0, -1.4]),
        0.8,
        (0.2, 0.5, 0.9),
    )
    yes, no = expit(base + effect), expit(base)
    before = exposed * yes + (1 - exposed) * no
    after = before - np.array(reach) * exposed * (yes - no)
    truth = []
    for share in (before, after):
        frame = pd.DataFrame({"y": share, "income": np.arange(3)})
        truth.append(la.slope_index(la.SurveyDesign(frame), "y", "income").to_frame()["estimate"].to_numpy())
    wanted = truth[1][0] - truth[0][0], truth[1][1] / truth[0][1]
    for _ in range(runs):
        income = rng.integers(3, size=n)
        lonely = rng.uniform(size=n) < exposed[income]
        y = rng.uniform(size=n) < np.where(lonely, yes[income], no[income])
        design = la.SurveyDesign(pd.DataFrame({"y": y, "income": income, "lonely": lonely}))
        table = la.levelling(
            design, "y ~ lonely + C(income)", {"lonely": 0}, "income", reach=dict(enumerate(reach))
        )
        for place, quantity in enumerate(("sii_change", "rii_change")):
            row = table.row(quantity=quantity)
            hits[place] += row.ci_low <= wanted[place] <= row.ci_high
    record_property(
        "covers",
        dict(zip(("change of the slope index", "ratio of the relative indices"), hits / runs, strict=True)),
    )
    assert (abs(hits / runs - 0.95) <= 0.015).all(), hits / runs


def test_nobody_reached_changes_nothing_and_leaves_no_rounding():
    table = la.levelling(
        DESIGN, "poor_health ~ lonely + C(income)", {"lonely": 0}, "income", causal=0
    ).to_frame()
    changes = table.set_index("quantity").loc[["sii_change", "rii_change"]]
    assert changes["se"].tolist() == [0.0, 0.0]
    assert changes["estimate"].tolist() == [0.0, 1.0]
