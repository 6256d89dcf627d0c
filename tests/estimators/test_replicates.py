"""Replicate weights: what each method multiplies, what a file may bring, and coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.estimators.replicates import replicate_covariance

RNG = np.random.default_rng(41)
N = 400
FRAME = pd.DataFrame(
    {
        "w": RNG.gamma(2.0, 1.0, N),
        "s": RNG.integers(0, 4, N),
        "p": RNG.integers(0, 6, N),
        "g": RNG.choice(["a", "b"], N),
        "y": RNG.random(N) < 0.3,
        "x": RNG.normal(0, 1, N),
    }
)
DESIGN = la.SurveyDesign(FRAME, weight="w", stratum="s", psu="p")


def test_rao_wu_draws_one_psu_less_than_a_stratum_has_and_keeps_its_total() -> None:
    made = la.replicates(DESIGN, n=50, seed=1)
    assert made.multipliers.shape == (24, 50)
    assert made.multipliers.index.names == ["s", "p"]
    times = made.multipliers * 5 / 6
    np.testing.assert_allclose(times, times.round(), atol=1e-12)
    np.testing.assert_allclose(times.groupby(level="s").sum(), 5.0, rtol=1e-12)
    assert (made.scale, made.rscales.tolist()) == (1 / 49, [1.0] * 50)


def test_a_seed_repeats_the_replicates_and_another_changes_them() -> None:
    one, same, other = (la.replicates(DESIGN, n=5, seed=seed).multipliers for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other)


def test_rao_wu_approaches_the_linearised_variance() -> None:
    # The spread of 4,000 replicates of a mean estimates its SE with a relative error of about 1/sqrt(8000) =
    # 1.1 %.
    made = la.replicates(DESIGN, n=4000, seed=3)
    assert la.mean(DESIGN, "x", replicates=made).se == pytest.approx(la.mean(DESIGN, "x").se, rel=0.05)


def test_jackknife_leaves_out_each_psu_once() -> None:
    made = la.replicates(DESIGN, method="jackknife")
    table = made.multipliers.to_numpy()
    assert table.shape == (24, 24)
    np.testing.assert_array_equal(np.diag(table), 0.0)
    np.testing.assert_allclose(made.multipliers.groupby(level="s").sum(), 6.0, rtol=1e-12)
    np.testing.assert_allclose(made.rscales, 5 / 6)


@pytest.mark.parametrize("estimator", [la.prevalence, la.mean])
def test_an_estimate_in_a_replicate_is_the_estimate_with_its_weights(estimator: object) -> None:
    made = la.replicates(DESIGN, n=6, seed=2)
    outcome = "y" if estimator is la.prevalence else "x"
    result = estimator(DESIGN, outcome, by="g", where="p != 3", replicates=made)
    full = estimator(DESIGN, outcome, by="g", where="p != 3").to_frame()["estimate"].to_numpy()
    rows = []
    for r in range(6):
        frame = FRAME.assign(w=FRAME["w"] * made.row_multipliers(r))
        one = la.SurveyDesign(frame, weight="w", stratum="s", psu="p")
        rows.append(estimator(one, outcome, by="g", where="p != 3").to_frame()["estimate"].to_numpy() - full)
    deviations = np.array(rows)
    np.testing.assert_allclose(result.vcov, deviations.T @ deviations / 5, rtol=1e-9)


def test_replicate_totals_of_scores_are_sums_over_reweighted_rows() -> None:
    made = la.replicates(DESIGN, n=3, seed=4)
    scores = FRAME[["w", "x"]].to_numpy()
    expected = [scores.T @ made.row_multipliers(r) for r in range(3)]
    np.testing.assert_allclose(made.totals(scores), expected, rtol=1e-10)


def given_columns(within_psu: bool) -> tuple[pd.DataFrame, la.Replicates]:
    made = la.replicates(DESIGN, n=8, seed=5)
    columns = {f"r{i}": FRAME["w"] * made.row_multipliers(i) for i in range(8)}
    if within_psu:
        columns = {name: values * (1 + 0.01 * (np.arange(N) % 3)) for name, values in columns.items()}
    return FRAME.assign(**columns), made


def test_columns_of_a_file_that_are_constant_within_psus_become_psu_multipliers() -> None:
    frame, made = given_columns(within_psu=False)
    design = la.SurveyDesign(frame, weight="w", stratum="s", psu="p")
    given = la.replicates(design, columns=[f"r{i}" for i in range(8)], scale=1 / 7)
    assert given.by_psu
    np.testing.assert_allclose(given.multipliers, made.multipliers, rtol=1e-9, atol=1e-12)
    assert given.df == 7
    ours = la.prevalence(design, "y", by="g", replicates=given).to_frame()
    expected = la.prevalence(DESIGN, "y", by="g", replicates=made).to_frame()
    np.testing.assert_allclose(ours["se"], expected["se"], rtol=1e-9)


def test_columns_that_vary_within_psus_multiply_rows() -> None:
    frame, _ = given_columns(within_psu=True)
    design = la.SurveyDesign(frame, weight="w", stratum="s", psu="p")
    given = la.replicates(design, columns=[f"r{i}" for i in range(8)], scale=1 / 7)
    assert not given.by_psu
    full = np.average(FRAME["x"], weights=FRAME["w"])
    spread = [np.average(FRAME["x"], weights=frame[f"r{i}"]) - full for i in range(8)]
    assert la.mean(design, "x", replicates=given).se == pytest.approx(
        (np.square(spread).sum() / 7) ** 0.5, rel=1e-9
    )


def test_multipliers_that_leave_the_weight_out_are_taken_as_they_are() -> None:
    frame, made = given_columns(within_psu=False)
    for i in range(8):
        frame[f"r{i}"] = made.row_multipliers(i)
    design = la.SurveyDesign(frame, weight="w", stratum="s", psu="p")
    given = la.replicates(design, columns=[f"r{i}" for i in range(8)], scale=1 / 7, combined=False)
    np.testing.assert_allclose(given.multipliers, made.multipliers, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "asked", "words"),
    [
        ({}, {"columns": ["r0", "r9"], "scale": 1.0}, "no column 'r9'"),
        (
            {"r1": np.nan},
            {"columns": ["r0", "r1"], "scale": 1.0},
            "400 missing, infinite or negative values, as in 'r1'",
        ),
        ({"w": 0.0}, {"columns": ["r0", "r1"], "scale": 1.0}, "rows whose weight in 'w' is 0"),
        ({}, {"columns": ["r0", "r1"]}, "scale= that the survey documents"),
        ({}, {"columns": ["r0", "r1"], "scale": 1.0, "rscales": [1.0]}, "1 values for 2 replicate columns"),
        ({}, {"method": "bootstrap"}, "'rao-wu' or 'jackknife'"),
        ({}, {"n": 1}, "no spread"),
        ({}, {"scale": 1.0}, "belong to columns="),
    ],
)
def test_replicates_that_do_not_fit_are_refused(change: dict, asked: dict, words: str) -> None:
    frame, _ = given_columns(within_psu=False)
    for name, value in change.items():
        frame.loc[frame.index[: 20 if name == "w" else N], name] = value
    with pytest.raises(la.DataError, match=words):
        la.replicates(la.SurveyDesign(frame, weight="w", stratum="s", psu="p"), **asked)


def test_replicates_of_another_design_are_refused() -> None:
    other = la.SurveyDesign(FRAME, weight="w", psu="p")
    with pytest.raises(la.DataError, match="made for another design"):
        la.prevalence(DESIGN, "y", replicates=la.replicates(other, n=5, seed=1))


def test_a_stratum_with_one_psu_is_refused_or_kept_as_it_is() -> None:
    frame = FRAME.assign(p=FRAME["p"].mask(FRAME["s"] == 3, 0))
    with pytest.raises(la.DataError, match=r"1 of 4 strata \(s\) have one PSU.*: 3\."):
        la.replicates(la.SurveyDesign(frame, "w", "s", "p"))
    made = la.replicates(la.SurveyDesign(frame, "w", "s", "p", single_psu="certainty"), n=5, seed=1)
    assert (made.multipliers.loc[3] == 1).all(axis=None)
    jackknife = la.replicates(
        la.SurveyDesign(frame, "w", "s", "p", single_psu="certainty"), method="jackknife"
    )
    assert len(jackknife) == 18


def test_a_replicate_without_an_estimate_adds_nothing_and_none_at_all_is_nan() -> None:
    made = la.replicates(DESIGN, n=4, seed=1)
    estimates = np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, np.nan], [4.0, np.nan]])
    vcov = replicate_covariance(np.array([2.0, 5.0]), estimates, made)
    assert vcov[0, 0] == pytest.approx((1 + 0 + 4) / 3)
    assert np.isnan(vcov[1, 1])


@pytest.mark.slow
def test_rao_wu_intervals_cover_95_percent_over_500_samples(record_property) -> None:
    """10 strata with 8 of very many PSUs each, 12 persons a PSU, correlated answers."""
    rng = np.random.default_rng(20_240_503)
    centre = np.repeat(rng.normal(0, 1, 10), 96)
    hits = 0
    for _ in range(500):
        effect = np.repeat(rng.normal(0, 0.5, 80), 12)
        frame = pd.DataFrame(
            {
                "x": centre + effect + rng.normal(0, 1, 960),
                "s": np.repeat(np.arange(10), 96),
                "p": np.repeat(np.arange(80), 12),
            }
        )
        design = la.SurveyDesign(frame, stratum="s", psu="p")
        result = la.mean(design, "x", replicates=la.replicates(design, n=300, seed=int(rng.integers(2**31))))
        hits += result.ci_low <= centre.mean() <= result.ci_high
    record_property("covers", {"mean, bootstrap": hits / 500})
    assert 0.93 <= hits / 500 <= 0.97


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"scale": -1.0}, r"scale=-1.0 must be above 0"),
        ({"scale": float("nan")}, r"scale=nan must be above 0"),
        ({"scale": 1.0, "rscales": [1.0, -0.5]}, "rscales= 0 or more"),
        ({"scale": 1.0, "rscales": [1.0, float("nan")]}, "rscales= 0 or more"),
        ({"scale": 1.0, "columns": ["r1", "g"]}, "replicate column 'g' holds .*, not numbers"),
        ({"scale": 1.0, "columns": ["r1", "empty"]}, "replicate columns empty are 0 in every row"),
    ],
)
def test_what_would_make_a_variance_nan_without_a_word_is_refused(more: dict, message: str) -> None:
    design = la.SurveyDesign(FRAME.assign(r1=FRAME["w"], r2=2 * FRAME["w"], empty=0.0), weight="w")
    with pytest.raises(la.DataError, match=message):
        la.replicates(design, **({"columns": ["r1", "r2"]} | more))
