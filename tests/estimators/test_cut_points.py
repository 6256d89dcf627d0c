"""Every cut point of a score: equal to the prevalence of the same yes/no column, and nested."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lonely_analysis as la

NUMBERS = ["estimate", "se", "ci_low", "ci_high", "n", "df", "deff"]


def design(seed: int = 1, n: int = 200) -> la.SurveyDesign:
    rng = np.random.default_rng(seed)
    a, b = rng.integers(1, 5, n), rng.integers(0, 4, n)
    frame = pd.DataFrame(
        {
            "w": rng.gamma(2.0, 1.0, n),
            "s": np.arange(n) % 3,
            "p": np.arange(n) % 12,
            "g": rng.choice(["x", "y"], n),
            "a": pd.array(np.where(rng.random(n) < 0.1, None, a), dtype="Int64"),
            "b": pd.array(np.where(rng.random(n) < 0.2, None, b), dtype="Int64"),
        }
    )
    return la.SurveyDesign(frame, weight="w", stratum="s", psu="p")


@pytest.mark.parametrize("ci", ["logit", "beta", "wilson"])
def test_a_cut_point_is_the_prevalence_of_its_yes_no_column(ci: str) -> None:
    data = design()
    yes = (data.frame["a"] >= 3).astype("boolean")
    direct = la.prevalence(data.replace(frame=data.frame.assign(yes=yes)), "yes", by="g", ci=ci)
    cuts = la.cut_points(data, "a", by="g", ci=ci).to_frame()
    pd.testing.assert_frame_equal(
        cuts[cuts["cut"] == 3][["g", *NUMBERS]].reset_index(drop=True), direct.to_frame()
    )


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_a_higher_cut_point_never_counts_more_people(seed: int) -> None:
    found = la.cut_points(design(seed), ["a", "b"]).to_frame()
    for _, rows in found.groupby("item"):
        assert (rows["estimate"].diff().dropna() <= 0).all()
        assert rows["cut"].is_monotonic_increasing


def test_several_scores_are_cut_in_the_same_people() -> None:
    data = design()
    found = la.cut_points(data, ["a", "b"], where="g == 'x'")
    both = (data.frame[["a", "b"]].notna().all(axis=1) & (data.frame["g"] == "x")).sum()
    assert found.by == ("item", "cut")
    assert set(found.to_frame()["n"]) == {both}
    assert both < la.cut_points(data, "a", where="g == 'x'").row(cut=2).n


def test_the_lowest_value_is_no_cut_point_because_everybody_reaches_it() -> None:
    assert la.cut_points(design(), "b").to_frame()["cut"].tolist() == [1, 2, 3]


def test_a_score_that_cannot_be_cut_is_refused() -> None:
    data = design()
    with pytest.raises(la.DataError, match="whole numbers"):
        la.cut_points(data, "w")
    with pytest.raises(la.EstimationError, match="everybody has a = 1"):
        la.cut_points(data, "a", where="a == 1")
    with pytest.raises(la.DataError, match="nobody is in the domain where g == 'z'"):
        la.cut_points(data, "a", where="g == 'z'")
    with pytest.raises(la.DataError, match="no column 'c'"):
        la.cut_points(data, "c")
