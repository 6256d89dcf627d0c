"""Power of an interaction against R's closed form and against studies simulated and fitted in R.

References (tests/reference/interaction_power.json, version inside): ``pnorm``; ``lm(y ~ a * b)``; ``glm``
with a log link.
"""

from __future__ import annotations

import json
from fractions import Fraction
from math import comb
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, nct, t

import lonely_analysis as la
from lonely_analysis.estimators.interaction_power import binomial_quantile

R = json.loads((Path(__file__).parents[1] / "reference" / "interaction_power.json").read_text())
CELLS = (0.3, 0.3, 0.2, 0.2)
RISKS = (0.12, 0.2, 0.08)


def test_closed_forms_are_those_of_r():
    score = la.interaction_power([200, 800], 0.4, cells=CELLS).to_frame()
    risk = la.interaction_power([1000, 8000], 0.7, cells=CELLS, risks=RISKS).to_frame()
    assert score["estimate"].to_list() == pytest.approx(R["closed_score"], rel=1e-10)
    assert risk["estimate"].to_list() == pytest.approx(R["closed_risk"], rel=1e-10)


def test_drawn_studies_find_what_linear_models_fitted_in_r_find():
    drawn = la.interaction_power(200, 0.4, cells=CELLS, first=0.5, simulations=20_000)
    chance = 4 * np.sqrt(2 * 0.25 / R["lm_reps"])
    assert drawn.simulated == pytest.approx(R["lm_found"], abs=chance)
    assert drawn.one_only == pytest.approx(R["lm_one_only"], abs=chance)


def test_drawn_risks_find_what_log_binomial_models_fitted_in_r_find():
    drawn = la.interaction_power(1000, 0.7, cells=CELLS, risks=RISKS, simulations=20_000)
    p = R["glm_found"]
    assert drawn.simulated == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / R["glm_reps"]))


def test_a_test_of_no_interaction_keeps_its_level_in_both_kinds():
    score = la.interaction_power(400, 0.0, cells=CELLS, first=0.3, simulations=20_000)
    risk = la.interaction_power(4000, 1.0, cells=CELLS, risks=RISKS, simulations=20_000)
    for found in (score, risk):
        assert found.estimate == pytest.approx(0.05)
        assert found.simulated == pytest.approx(0.05, abs=0.0065)


def test_the_needed_sample_is_that_of_the_formula_and_gives_its_power():
    interaction, main = la.interaction_sample(0.25), la.interaction_sample(0.5, main=True)
    assert [interaction, main] == R["needed"]
    assert la.interaction_power(interaction, 0.25).estimate == pytest.approx(0.8, abs=0.001)


@settings(max_examples=40)
@given(effect=st.floats(0.05, 1.5), n=st.integers(20, 100_000), power=st.floats(0.2, 0.95))
def test_power_grows_with_people_and_half_the_effect_needs_four_times_as_many(effect, n, power):
    smaller, larger = la.interaction_power([n, 2 * n], effect).to_frame()["estimate"]
    assert 0.05 <= smaller <= larger <= 1
    ratio = la.interaction_sample(effect / 2, power=power) / la.interaction_sample(effect, power=power)
    assert ratio == pytest.approx(4, rel=4 / la.interaction_sample(effect, power=power))


def test_the_same_seed_draws_the_same_studies():
    twice = [la.interaction_power([300, 600], 0.3, simulations=500, seed=7).to_frame() for _ in range(2)]
    assert twice[0].equals(twice[1])


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"cells": (0.5, 0.5)}, "four shares"),
        ({"cells": (0.4, 0.4, 0.4, 0.4)}, "sum to 1"),
        ({"risks": (0.1, 0.2)}, "three"),
        ({"risks": (0.1, 0.9, 0.9)}, "between 0 and 1"),
    ],
)
def test_impossible_cells_and_risks_are_refused(wrong, told):
    with pytest.raises(la.DataError, match=told):
        la.interaction_power(100, 1.0, **wrong)


def test_a_main_effect_has_no_ratio_of_ratios():
    with pytest.raises(la.DataError, match="leave risks out"):
        la.interaction_sample(0.5, main=True, risks=RISKS)


@pytest.mark.parametrize(
    ("n", "p"), [(1, 0.3), (5, 0.999), (30, 0.01), (1000, 0.07), (20_000, 0.13), (10**7, 0.4)]
)
def test_drawn_cases_are_quantiles_of_the_binomial(n, p):
    """Against ``scipy.stats.binom.ppf`` (SciPy 1.17.1), which inverts the incomplete beta function."""
    uniform = np.random.default_rng(5).random(5000)
    assert binomial_quantile(uniform, n, p).tolist() == binom.ppf(uniform, n, p).tolist()


@settings(max_examples=60)
@given(n=st.integers(1, 300), p=st.floats(1e-6, 1 - 1e-6), u=st.floats(1e-9, 1 - 1e-9))
def test_a_drawn_number_of_cases_is_the_one_that_exact_fractions_give(n, p, u):
    risk, before, reached = Fraction(p), Fraction(0), Fraction(0)
    for cases in range(n + 1):
        before, reached = reached, reached + comb(n, cases) * risk**cases * (1 - risk) ** (n - cases)
        if reached > Fraction(u):
            break
    assume(min(Fraction(u) - before, reached - Fraction(u)) > 1e-13)
    assert binomial_quantile(np.array([u]), n, p).tolist() == [cases]


def test_another_numpy_does_not_draw_other_studies():
    """Drawn with NumPy 2.4.6; ``Generator.binomial`` of 2.5 shifts them from the size 8000 on."""
    drawn = la.interaction_power([1000, 8000, 64_000], 2 / 3, cells=CELLS, risks=RISKS, simulations=2000)
    found = (2000 * drawn.to_frame()[["simulated", "one_only"]]).round().astype(int)
    assert found.to_numpy().tolist() == [[368, 1479], [1692, 1719], [2000, 547]]


@pytest.mark.slow
def test_intervals_of_the_simulated_power_cover_the_exact_power(record_property):
    """Studies of a score follow a noncentral t; 400 of them a time."""
    people, effect, samples = 400, 0.4, 2000
    counts, df = people * np.array(CELLS), people - 4
    limit = t.ppf(0.975, df)
    away = effect / np.sqrt((1 / counts).sum())
    truth = nct.sf(limit, df, away) + nct.cdf(-limit, df, away)
    rows = [
        la.interaction_power(people, effect, cells=CELLS, simulations=400, seed=seed)
        for seed in range(samples)
    ]
    hits = sum(row.ci_low <= truth <= row.ci_high for row in rows)
    record_property("covers", {"simulated power": hits / samples})
    assert abs(hits / samples - 0.95) <= 0.015, hits
