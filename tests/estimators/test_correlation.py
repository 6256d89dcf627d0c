"""Correlations under a design: R ``survey`` (see ``panel_data``), numpy without a design, invariances."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from panel_data import DESIGN, HOW, REFERENCE, WIDE
from scipy.special import ndtr

import lonely_analysis as la

FILE = Path(__file__).parents[1] / "reference" / "panel_partial.json"
VARIABLES = ["score", "size", "lonely"]


def test_estimates_errors_and_intervals_are_rs():
    ours, theirs = la.correlation(DESIGN, VARIABLES).to_frame(), pd.DataFrame(REFERENCE["correlation"])
    assert ours[["variable", "with_variable"]].equals(theirs[["variable", "with_variable"]])
    for column in ("estimate", "se", "ci_low", "ci_high", "n", "df"):
        np.testing.assert_allclose(ours[column], theirs[column], rtol=1e-10)


def test_without_a_design_it_is_pearsons():
    complete = WIDE.dropna(subset="score")
    ours = la.correlation(la.SurveyDesign(WIDE), VARIABLES).to_frame()["estimate"]
    theirs = np.corrcoef(complete[VARIABLES].to_numpy(float).T)[np.tril_indices(3, -1)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_a_partial_correlation_and_its_error_are_rs():
    theirs = json.loads(FILE.read_text())
    banded = la.SurveyDesign(WIDE.assign(band=WIDE["psu"] % 3), **HOW)
    ours = la.correlation(banded, ["score", "lonely"], adjust="size + isolated + C(band)")
    assert ours.estimate == pytest.approx(theirs["estimate"], rel=1e-10)
    assert ours.se == pytest.approx(theirs["se"], rel=1e-7)
    assert (ours.n, ours.df) == (theirs["n"], theirs["df"])


def test_adjusted_for_a_variable_that_is_unrelated_a_correlation_stays():
    twice = pd.concat([WIDE.assign(half=0), WIDE.assign(half=1)], ignore_index=True)
    design = la.SurveyDesign(twice, **HOW)
    plain, partial = (la.correlation(design, ["score", "size"], adjust=held) for held in (None, "half"))
    assert (partial.estimate, partial.se) == pytest.approx((plain.estimate, plain.se), rel=1e-9)


def test_a_partial_correlation_of_data_without_a_gap_is_pearsons_of_the_residuals():
    complete = WIDE.dropna(subset=["score", "size", "lonely"]).assign(weight=1.0)
    x = np.column_stack([np.ones(len(complete)), complete["size"]])
    y = complete[["score", "lonely"]].to_numpy(float)
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    ours = la.correlation(la.SurveyDesign(complete), ["score", "lonely"], adjust="size")
    assert ours.estimate == pytest.approx(np.corrcoef(left.T)[0, 1], rel=1e-10)


def test_a_partial_rank_correlation_is_that_of_the_ranks():
    complete = WIDE.dropna(subset=["score", "size"]).assign(weight=1.0)
    ranked = complete.assign(**complete[["score", "size"]].rank())
    ours = la.correlation(la.SurveyDesign(complete), ["score", "size"], adjust="lonely", ranks=True)
    theirs = la.correlation(la.SurveyDesign(ranked), ["score", "size"], adjust="lonely")
    assert ours.estimate == pytest.approx(theirs.estimate, rel=1e-10)
    assert ours.statistic == "partial rank correlation"


@pytest.mark.parametrize("adjust", [None, "isolated"])
def test_the_error_of_a_rank_correlation_counts_that_ranks_are_estimated(adjust):
    """The design SE of the total of the derivatives by each weight, which moves every rank (Deville 1999)."""
    few = WIDE[["score", "size", "lonely", "isolated", "weight", "psu"]].dropna().iloc[:60]
    few = few.reset_index(drop=True).astype(float)

    def estimates(weights):
        design = la.SurveyDesign(few.assign(weight=weights), weight="weight", psu="psu")
        return la.correlation(design, VARIABLES, adjust=adjust, ranks=True).to_frame()

    weights, step = few["weight"].to_numpy(), 1e-4
    ours, slopes = estimates(weights), []
    for row, weight in enumerate(weights):
        up, down = weights.copy(), weights.copy()
        up[row], down[row] = weight + step, weight - step
        slopes.append(weight * (estimates(up)["estimate"] - estimates(down)["estimate"]) / (2 * step))
    totals = pd.DataFrame(slopes).groupby(few["psu"].to_numpy()).sum()
    variance = len(totals) / (len(totals) - 1) * ((totals - totals.mean()) ** 2).sum()
    np.testing.assert_allclose(ours["se"], np.sqrt(variance), rtol=1e-5)


def test_rows_without_weight_change_no_rank_correlation():
    unseen = WIDE.assign(weight=WIDE["weight"].where(WIDE.index % 5 > 0, 0.0))
    seen = la.SurveyDesign(unseen[unseen["weight"] > 0], **HOW)
    zero, left = (la.correlation(d, VARIABLES, ranks=True) for d in (la.SurveyDesign(unseen, **HOW), seen))
    np.testing.assert_allclose(zero.to_frame()["estimate"], left.to_frame()["estimate"], rtol=1e-12)


def test_a_constant_is_named_also_under_covariates():
    with pytest.raises(la.DataError, match="answers to same are the same"):
        la.correlation(
            la.SurveyDesign(WIDE.assign(same=1.0), **HOW), ["score", "same"], adjust="size", ranks=True
        )


def test_units_do_not_matter_and_a_turned_scale_turns_the_sign():
    turned = WIDE.assign(score=100 - 7 * WIDE["score"])
    one = la.correlation(DESIGN, ["score", "size"])
    other = la.correlation(la.SurveyDesign(turned, **HOW), ["score", "size"])
    assert (-other.estimate, other.se, -other.ci_low) == pytest.approx(
        (one.estimate, one.se, one.ci_high), rel=1e-10
    )


def test_a_variable_and_its_copy_correlate_exactly_1():
    twin = la.SurveyDesign(WIDE.assign(copy=WIDE["size"]), **HOW)
    row = la.correlation(twin, ["size", "copy"])
    assert (row.estimate, row.ci_low, row.ci_high) == pytest.approx((1, 1, 1), abs=1e-6)


def test_a_domain_is_estimated_with_the_whole_design():
    inside = la.correlation(DESIGN, ["score", "size"], where="stratum <= 3")
    assert inside.df == 15 - 3
    filtered = la.SurveyDesign(WIDE[WIDE["stratum"] <= 3], **HOW)
    assert inside.estimate == pytest.approx(la.correlation(filtered, ["score", "size"]).estimate, rel=1e-12)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (["score"], "at least two"),
        (["score", "person"], "'person' holds"),
        (["score", "absent"], "no column 'absent'"),
    ],
)
def test_what_cannot_be_correlated_is_said(variables, message):
    with pytest.raises(la.DataError, match=message):
        la.correlation(DESIGN, variables)


@pytest.mark.slow
def test_intervals_of_correlations_cover_the_true_ones_in_clustered_samples(record_property):
    # Normal a and b with a common cause z; c is b in four answers. 60 places of 10 share a part of each.
    rng, samples, place = np.random.default_rng(20261130), 2000, np.repeat(np.arange(60), 10)
    cuts = np.array([-1.0, 0.0, 0.7])
    r_ab, r_left, with_z = 0.7, 0.6, 0.5 * np.sqrt(3 / np.pi)
    ranks_ab = 6 / np.pi * np.arcsin(r_ab / 2)
    # Shares of c's answers, its ranks, and the mean rank of a among people of each answer, on a fine grid.
    grid = np.linspace(-8, 8, 4001)
    bell = np.exp(-(grid**2) / 2)
    above = ndtr((r_ab * grid - cuts[:, None]) / np.sqrt(1 - r_ab**2))
    parts = -np.diff(np.vstack([np.ones(len(grid)), above, np.zeros(len(grid))]), axis=0) * bell / bell.sum()
    size = parts.sum(axis=1)
    rank_c = np.cumsum(size) - size / 2
    spread = np.sqrt(size @ (rank_c - 0.5) ** 2 / 12)
    ranks_ac = rank_c @ (parts @ (ndtr(grid) - 0.5)) / spread
    codes = np.arange(4)
    pearson_ac = codes @ (parts @ grid) / np.sqrt(size @ codes**2 - (size @ codes) ** 2)
    truth = {
        "correlation": r_ab,
        "correlation with a few answers": pearson_ac,
        "partial correlation": r_left,
        "rank correlation": ranks_ab,
        "rank correlation with a few answers": ranks_ac,
        "partial rank correlation": (ranks_ab - with_z**2) / (1 - with_z**2),
    }
    hits = dict.fromkeys(truth, 0)

    def normal():
        return np.sqrt(0.1) * rng.normal(size=60)[place] + np.sqrt(0.9) * rng.normal(size=600)

    for _ in range(samples):
        z, e = normal(), normal()
        a = 0.5 * z + np.sqrt(0.75) * e
        b = 0.5 * z + np.sqrt(0.75) * (r_left * e + np.sqrt(1 - r_left**2) * normal())
        c = (b[:, None] > cuts).sum(axis=1)
        frame = pd.DataFrame({"a": a, "b": b, "c": c, "z": z, "psu": place, "w": rng.uniform(0.5, 1.5, 600)})
        design = la.SurveyDesign(frame, weight="w", psu="psu")
        plain, ranked = (
            la.correlation(design, ["a", "b", "c"], ranks=r).table.iloc[:2] for r in (False, True)
        )
        left, ranked_left = (
            la.correlation(design, ["a", "b"], adjust="z", ranks=r).table for r in (False, True)
        )
        found = pd.concat([plain, left, ranked, ranked_left])
        inside = (found["ci_low"] <= list(truth.values())) & (found["ci_high"] >= list(truth.values()))
        hits = {name: hits[name] + hit for name, hit in zip(truth, inside, strict=True)}
    shares = {name: hit / samples for name, hit in hits.items()}
    record_property("covers", shares)
    assert all(abs(share - 0.95) <= 0.015 for share in shares.values()), shares


def test_units_of_any_size_give_the_same_correlation():
    # Answers of a size of 1e-8 were said to be all the same.
    small = la.SurveyDesign(WIDE.assign(score=WIDE["score"] * 1e-9, size=WIDE["size"] * 1e9), **HOW)
    for ranks in (False, True):
        ours = la.correlation(small, VARIABLES, ranks=ranks).to_frame()
        theirs = la.correlation(DESIGN, VARIABLES, ranks=ranks).to_frame()
        np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-9)
        np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-9)


def test_a_large_constant_is_refused_and_not_correlated_with_rounding():
    constant = la.SurveyDesign(WIDE.assign(score=123456789012.3), **HOW)
    with pytest.raises(la.DataError, match="to score are the same"):
        la.correlation(constant, VARIABLES)
