"""Standardised rates: the definition, the ways to give a standard, and empty classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

RNG = np.random.default_rng(21)
N = 800
FRAME = pd.DataFrame(
    {
        "w": RNG.gamma(2.0, 1.0, N),
        "s": RNG.integers(0, 4, N),
        "p": RNG.integers(0, 6, N),
        "country": RNG.choice(["NO", "SE"], N),
        "age": RNG.choice(["young", "mid", "old"], N, p=[0.2, 0.3, 0.5]),
        "sex": RNG.choice(["f", "m"], N),
        "x": RNG.normal(10, 3, N),
    }
)
FRAME["y"] = RNG.random(N) < np.where(FRAME["age"] == "old", 0.5, 0.2)
DESIGN = la.SurveyDesign(FRAME, weight="w", stratum="s", psu="p")
SHARES = {"young": 0.3, "mid": 0.3, "old": 0.4}


def test_a_rate_is_the_mean_of_class_rates_with_the_standards_shares_and_its_variance_theirs() -> None:
    classes = la.prevalence(DESIGN, "y", by=["country", "age"])
    table = classes.to_frame()
    rates = la.standardise(DESIGN, "y", "country", "age", SHARES)
    for row, country in enumerate(["NO", "SE"]):
        share = np.where(table["country"] == country, table["age"].map(SHARES), 0.0)
        assert rates.to_frame()["estimate"][row] == pytest.approx(share @ table["estimate"], rel=1e-12)
        assert rates.to_frame()["se"][row] == pytest.approx((share @ classes.vcov @ share) ** 0.5, rel=1e-12)
    assert rates.to_frame().columns[0] == "country"
    assert rates.by == ("country",)


@pytest.mark.parametrize(
    "population",
    [
        pd.Series(SHARES),
        {name: 1000 * share for name, share in SHARES.items()},
        pd.DataFrame({"age": list(SHARES), "persons": [3000, 3000, 4000]}),
    ],
    ids=["series", "counts", "frame"],
)
def test_every_way_to_give_the_standard_gives_the_same(population: object) -> None:
    expected = la.standardise(DESIGN, "y", "country", "age", SHARES).to_frame()
    pd.testing.assert_frame_equal(
        la.standardise(DESIGN, "y", "country", "age", population).to_frame(), expected
    )


def test_standardising_everybody_to_the_surveys_own_distribution_changes_nothing() -> None:
    crude = la.prevalence(DESIGN, "y")
    assert la.standardise(DESIGN, "y", None, "age").estimate == pytest.approx(crude.estimate, rel=1e-12)


def test_groups_with_the_same_class_rates_get_the_same_standardised_rate() -> None:
    rate = FRAME["age"].map({"young": 1, "mid": 0, "old": 1})
    design = la.SurveyDesign(FRAME.assign(z=rate), weight="w", stratum="s", psu="p")
    assert la.prevalence(design, "z", by="country").to_frame()["estimate"].nunique() == 2
    rates = la.standardise(design, "z", "country", "age", SHARES).to_frame()
    np.testing.assert_allclose(rates["estimate"], 0.7, rtol=1e-12)
    np.testing.assert_allclose(rates["se"], 0.0, atol=1e-15)


def test_two_classifications_take_a_frame_and_replicates_repeat_the_whole_estimate() -> None:
    standard = pd.DataFrame([(a, s, 1.0) for a in SHARES for s in "fm"], columns=["age", "sex", "share"])
    asked = ("y", "country", ["age", "sex"], standard)
    made = la.replicates(DESIGN, n=10, seed=1)
    result = la.standardise(DESIGN, *asked, replicates=made).to_frame()
    full = la.standardise(DESIGN, *asked).to_frame()["estimate"].to_numpy()
    again = []
    for r in range(10):
        weights = FRAME["w"] * made.row_multipliers(r)
        design = la.SurveyDesign(FRAME.assign(w=weights), weight="w", stratum="s", psu="p")
        again.append(la.standardise(design, *asked).to_frame()["estimate"].to_numpy() - full)
    np.testing.assert_allclose(result["estimate"], full, rtol=1e-13)
    np.testing.assert_allclose(result["se"], np.sqrt((np.array(again) ** 2).sum(axis=0) / 9), rtol=1e-10)


def test_a_class_nobody_answered_in_is_shared_out_and_said() -> None:
    frame = FRAME[(FRAME["country"] == "NO") | (FRAME["age"] != "old")]
    design = la.SurveyDesign(frame, weight="w", stratum="s", psu="p")
    result = la.standardise(design, "y", "country", "age", SHARES)
    parts = (
        la.prevalence(design, "y", by="age", where="country == 'SE'").to_frame().set_index("age")["estimate"]
    )
    assert result.row(country="SE").estimate == pytest.approx((parts["young"] + parts["mid"]) / 2, rel=1e-12)
    assert "1 classes of age have no respondents" in result.note


def test_a_measure_is_standardised_with_t_intervals() -> None:
    result = la.standardise(DESIGN, "x", "country", "age", SHARES, binary=False)
    assert result.method == "t"
    assert result.statistic == "standardised mean"
    assert result.to_frame()["estimate"].between(9, 11).all()


@pytest.mark.parametrize(
    ("population", "words"),
    [
        ({"young": 0.5, "mid": 0.5}, "no share for age old"),
        ({"young": 0.5, "mid": -0.5, "old": 1.0}, "share or count of 0 or more"),
        ("european", "'european' is unknown"),
        (pd.DataFrame({"ages": ["young"], "share": [1.0]}), "needs the columns age"),
    ],
)
def test_a_standard_that_does_not_fit_is_refused(population: object, words: str) -> None:
    with pytest.raises(la.DataError, match=words):
        la.standardise(DESIGN, "y", "country", "age", population)


def test_over_cannot_be_among_by() -> None:
    with pytest.raises(la.DataError, match="cannot be among by="):
        la.standardise(DESIGN, "y", "age", "age")


def test_shares_of_none_and_of_all_stay_exact_and_get_the_exact_interval() -> None:
    # Rounding gave a share of 1.0000000000000002, or one just below 1 whose interval was the share itself.
    for seed in range(40):
        rng = np.random.default_rng(seed)
        rows = pd.DataFrame({"g": rng.choice(["a", "b"], 90), "band": rng.choice(list("uvwxyz"), 90)})
        rows = rows.assign(w=rng.gamma(1, 1, 90), p=rng.integers(8, size=90), yes=rows["g"] == "a")
        table = la.standardise(la.SurveyDesign(rows, weight="w", psu="p"), "yes", "g", "band").table
        assert table["estimate"].tolist() == [1.0, 0.0]
        assert (table["ci_low"][0] < 1, table["ci_high"][0]) == (True, 1.0)
        assert (table["ci_low"][1], table["ci_high"][1] > 0) == (0.0, True)


def test_a_standard_of_text_is_refused() -> None:
    rows = pd.DataFrame({"y": [0, 1, 0, 1], "band": list("abab")})
    with pytest.raises(la.DataError, match="population= must give each class a number"):
        la.standardise(la.SurveyDesign(rows), "y", None, "band", {"a": "half", "b": "half"})
