"""Stability without measurement error: R (see ``panel_data``), the synthetic truth, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from panel_data import PANEL, REFERENCE
from scipy.special import ndtr
from scipy.stats import multivariate_normal

import lonely_analysis as la
from lonely_analysis.estimators.bivariate_normal import below_both, density, margin_slopes, tetrachoric
from lonely_analysis.surveys.synthetic import read_truth

KEYS = {"between": (1, 2), "person": "person"}


def test_the_bivariate_normal_distribution_is_mvtnorms():
    grid = pd.DataFrame(REFERENCE["bivariate_normal"])
    ours = [below_both(row.h, row.k, row.r) for row in grid.itertuples()]
    np.testing.assert_allclose(ours, grid["p"], atol=1e-13)


@pytest.mark.parametrize(("h", "k", "r"), [(-1.2, 0.4, 0.6), (0.3, 0.3, -0.8), (1.5, -0.7, 0.1)])
def test_the_derivatives_of_the_bivariate_normal_are_those_of_finite_differences(h, k, r):
    step = 1e-5
    by_r = (below_both(h, k, r + step) - below_both(h, k, r - step)) / (2 * step)
    by_h = (below_both(h + step, k, r) - below_both(h - step, k, r)) / (2 * step)
    normal = np.exp(-h * h / 2) / np.sqrt(2 * np.pi)
    assert density(h, k, r) == pytest.approx(by_r, rel=1e-7)
    assert margin_slopes(h, k, r)[0] * normal == pytest.approx(by_h, rel=1e-7)


def test_the_tetrachoric_correlation_is_psychs():
    table = np.array(REFERENCE["tetrachoric"]["table"]) / np.sum(REFERENCE["tetrachoric"]["table"])
    ours = tetrachoric(table[0].sum(), table[:, 0].sum(), table[0, 0])
    # psych's optimiser stops at the fifth digit.
    assert ours == pytest.approx(REFERENCE["tetrachoric"]["rho"], abs=2e-5)


def test_stability_of_a_score_is_rs_correlation_divided_by_the_reliability():
    ours, theirs = la.stability(PANEL, "score", reliability=[1.0, 0.8], **KEYS), REFERENCE["stability"]
    for column in ("estimate", "se", "ci_low", "ci_high"):
        assert getattr(ours.row(reliability=1.0), column) == pytest.approx(theirs[column], rel=1e-10)
        assert getattr(ours.row(reliability=0.8), column) == pytest.approx(theirs[column] / 0.8, rel=1e-10)


def test_persistence_and_its_error_are_rs():
    for theirs in REFERENCE["persistence"]:
        ours = la.persistence(PANEL, "lonely", reliability=theirs["reliability"], **KEYS).to_frame()
        np.testing.assert_allclose(ours["estimate"], theirs["estimate"], rtol=1e-9)
        # R's slopes are five-point differences.
        np.testing.assert_allclose(ours["se"], theirs["se"], rtol=1e-6)


def test_a_perfectly_reliable_answer_keeps_its_transitions():
    ours = la.persistence(PANEL, "lonely", **KEYS).to_frame()
    plain = la.transitions(PANEL, "lonely", **KEYS).to_frame().query("after == 1")[::-1]
    np.testing.assert_allclose(ours[["estimate", "se", "n"]], plain[["estimate", "se", "n"]], rtol=1e-10)


def test_the_correction_finds_what_is_true_of_the_synthetic_panel():
    panel, truth = la.read_survey("synthetic", part="panel"), read_truth()["panel"]
    known = truth["reliability_lonely_freq"]
    found = la.persistence(panel, "lonely_sometimes", between=(1, 2), reliability=[1.0, known])
    true = truth["without_error"]["lonely_sometimes"]
    observed, corrected = (found.row(reliability=each, before=True) for each in (1.0, known))
    assert corrected.ci_low < true["lonely_again"] < corrected.ci_high
    assert observed.ci_high < true["lonely_again"]
    scores = la.stability(
        panel, "ucla3", (1, 2), la.reliability(panel, "ucla3").row(coefficient="omega").estimate
    )
    assert scores.estimate == pytest.approx(truth["correlation_without_error"], abs=0.05)


def test_a_reliability_that_the_answers_contradict_is_refused():
    with pytest.raises(la.EstimationError, match=r"reliability 0\.2 is not possible"):
        la.persistence(PANEL, "lonely", reliability=0.2, **KEYS)


@pytest.mark.parametrize("wrong", [0.0, 1.2, []])
def test_a_reliability_is_a_share(wrong):
    with pytest.raises(la.DataError, match="above 0 and at most 1"):
        la.stability(PANEL, "score", reliability=wrong, **KEYS)


def test_a_state_that_nobody_keeps_is_refused():
    rows = pd.DataFrame({"person": [*range(40), *range(40)], "wave": [1] * 40 + [2] * 40})
    rows["lonely"] = [1] * 10 + [0] * 30 + [0] * 30 + [1] * 10
    with pytest.raises(la.EstimationError, match="empty cell between waves 1 and 2"):
        la.persistence(la.SurveyDesign(rows), "lonely", **KEYS)


def test_a_plain_yes_no_column_is_followed_like_one_of_numbers():
    plain = PANEL.replace(frame=PANEL.frame.assign(lonely=PANEL.frame["lonely"].astype(bool)))
    for estimator in (la.persistence, la.transitions):
        as_bool, as_number = (estimator(d, "lonely", **KEYS).to_frame() for d in (plain, PANEL))
        np.testing.assert_allclose(as_bool["estimate"], as_number["estimate"], rtol=1e-12)
        np.testing.assert_allclose(as_bool["se"], as_number["se"], rtol=1e-12)


@pytest.mark.slow
def test_intervals_of_change_between_waves_cover_what_is_true_of_the_panel(record_property):
    """Normal quantities with known reliability, seen with error at two waves; 80 places of 10 persons."""
    rng, samples, place = np.random.default_rng(20261201), 2000, np.repeat(np.arange(80), 10)
    true_r, reliability, limit = 0.65, 0.7, 0.7

    def both(r: float) -> float:
        return float(multivariate_normal([0, 0], [[1, r], [r, 1]]).cdf([-limit, -limit]))

    yes = float(ndtr(-limit))
    observed, true = both(true_r * reliability), both(true_r)
    # By state before and after, no before yes.
    table = np.array(
        [1 - (yes - observed) / (1 - yes), (yes - observed) / (1 - yes), 1 - observed / yes, observed / yes]
    )
    truth = {
        "transitions": table,
        "persistence without measurement error": np.array([true / yes, (yes - true) / (1 - yes)]),
        "stability without measurement error": np.array([true_r]),
    }
    hits = {name: np.zeros(len(values)) for name, values in truth.items()}

    def normal():
        return np.sqrt(0.08) * rng.normal(size=80)[place] + np.sqrt(0.92) * rng.normal(size=800)

    for _ in range(samples):
        first = normal()
        later = true_r * first + np.sqrt(1 - true_r**2) * normal()
        waves = [
            np.sqrt(reliability) * t + np.sqrt(1 - reliability) * rng.normal(size=800) for t in (first, later)
        ]
        frame = pd.DataFrame({"person_id": np.tile(np.arange(800), 2), "wave": np.repeat([1, 2], 800)})
        frame["score"], frame["psu"] = np.concatenate(waves), np.tile(place, 2)
        frame["w"], frame["lonely"] = np.tile(rng.uniform(0.5, 1.5, 800), 2), frame["score"] > limit
        panel = la.SurveyDesign(frame, weight="w", psu="psu")
        found = (
            la.transitions(panel, "lonely", (1, 2)),
            la.persistence(panel, "lonely", (1, 2), reliability),
            la.stability(panel, "score", (1, 2), reliability),
        )
        for (name, values), result in zip(truth.items(), found, strict=True):
            low, high = (result.table[column].to_numpy() for column in ("ci_low", "ci_high"))
            hits[name] += (low <= values) & (values <= high)
    shares = {name: hit / samples for name, hit in hits.items()}
    record_property("covers", {name: share[np.argmax(abs(share - 0.95))] for name, share in shares.items()})
    assert all((abs(share - 0.95) <= 0.015).all() for share in shares.values()), shares
