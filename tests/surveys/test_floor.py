"""A floor that makes an interaction out of none: against numerical integration in R and by simulation."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la

R = json.loads((Path(__file__).parents[1] / "reference" / "interaction_power.json").read_text())


def product(design: la.SurveyDesign, outcome: str):
    model = la.regress(design, f"{outcome} ~ event * supported", family="linear")
    return la.interaction(model, "event", "supported").row(measure="difference of differences")


@pytest.mark.parametrize("place", range(3))
def test_the_interaction_that_a_floor_makes_is_that_of_r_integrate(place):
    share = (0.1, 0.3, 0.5)[place]
    assert la.floor_interaction(share) == pytest.approx(R["floor_interaction"][place], abs=1e-8)


def test_the_simulated_people_show_it_in_the_score_and_not_in_what_they_feel():
    people = la.simulate_floor(200_000, at_floor=0.4, seed=3)
    score, latent = product(people, "score"), product(people, "latent")
    assert score.estimate == pytest.approx(la.floor_interaction(0.4), abs=4 * score.se)
    assert latent.estimate == pytest.approx(0, abs=4 * latent.se)
    assert score.ci_high < 0


def test_the_share_on_the_floor_is_the_one_asked_for():
    score = la.simulate_floor(100_000, at_floor=0.3).frame["score"]
    assert (score == score.min()).mean() == pytest.approx(0.3, abs=0.006)


def test_the_cells_are_of_equal_size_and_rounding_leaves_whole_steps():
    frame = la.simulate_floor(400, at_floor=0.2, step=0.5).frame
    assert frame.groupby(["event", "supported"]).size().to_list() == [100] * 4
    steps = (frame["score"] - frame["score"].min()) / 0.5
    assert np.allclose(steps, steps.round())


@given(share=st.floats(0.01, 0.9), events=st.floats(0.1, 1.5), support=st.floats(-1.5, -0.1), c=st.booleans())
def test_without_a_floor_or_without_one_of_the_effects_there_is_no_interaction(share, events, support, c):
    assert la.floor_interaction(0.0, events=events, support=support) == pytest.approx(0, abs=1e-12)
    one = {"events": events, "support": 0.0} if c else {"events": 0.0, "support": support}
    assert la.floor_interaction(share, **one) == pytest.approx(0, abs=1e-9)
    assert la.floor_interaction(share, events=events, support=support) < 0


def test_everybody_on_the_floor_is_refused():
    with pytest.raises(la.DataError, match="below 1"):
        la.simulate_floor(100, at_floor=1.0)


def test_the_curve_is_the_interaction_of_a_fitted_model_and_holds_the_exact_value():
    curve = la.floor_curve((0.0, 0.3), n=4000, seed=5).to_frame().set_index("at_floor")
    people = la.simulate_floor(4000, at_floor=0.3, seed=5)
    fitted = product(people, "score")
    assert curve.loc["30%", "estimate"] == pytest.approx(fitted.estimate)
    # A model's robust standard error divides by n in each cell and multiplies by n / (n - 1) overall.
    assert curve.loc["30%", "se"] == pytest.approx(fitted.se, rel=1e-3)
    assert curve.loc["30%", "exact"] == la.floor_interaction(0.3)
    assert (abs(curve["estimate"] - curve["exact"]) < 4 * curve["se"]).all()


@pytest.mark.slow
def test_intervals_of_the_interaction_in_answers_cover_the_exact_one(record_property):
    samples, shares = 2000, (0.0, 0.4)
    hits = np.zeros(len(shares))
    for seed in range(samples):
        table = la.floor_curve(shares, n=400, seed=seed).to_frame()
        hits += (table["ci_low"] <= table["exact"]) & (table["exact"] <= table["ci_high"])
    coverage = hits / samples
    record_property("covers", {"interaction made by a floor": coverage[np.argmax(abs(coverage - 0.95))]})
    assert (abs(coverage - 0.95) <= 0.015).all(), coverage
