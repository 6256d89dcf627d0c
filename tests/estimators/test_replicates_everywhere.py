"""Every estimator takes replicates: its errors are those of estimating again by hand, or it says why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from panel_data import PANEL
from survival_data import COLUMNS, FORMULA, design

import lonely_analysis as la

R = 5
MORTALITY = design()
KEYS = {"between": (1, 2), "person": "person"}
STEPS = ["age", "C(sex)"]


def curves_of_a_model(data: la.SurveyDesign, **how: Any) -> Any:
    return la.survival_curves(la.cox(data, formula=FORMULA, **COLUMNS), "lonely", [2, 9, 20], **how)


#: Of each estimator: the design, the call, and the columns of estimates whose ``se`` the replicates give. A
#: ratio's ``se`` is that of its log.
CALLS: dict[str, tuple[la.SurveyDesign, Callable[..., Any], Callable[[np.ndarray], np.ndarray]]] = {
    "overlap": (MORTALITY, lambda d, **how: la.overlap(d, ["lonely", "died"], **how), np.asarray),
    "unanswered": (PANEL, lambda d, **how: la.unanswered(d, "size", **how), np.asarray),
    "correlation": (
        PANEL,
        lambda d, **how: la.correlation(d, ["score", "size", "lonely"], **how),
        np.asarray,
    ),
    "partial": (
        MORTALITY,
        lambda d, **how: la.correlation(d, ["lonely", "age"], adjust="C(sex)", **how),
        np.asarray,
    ),
    "transitions": (PANEL, lambda d, **how: la.transitions(d, "lonely", **KEYS, **how), np.asarray),
    "stability": (
        PANEL,
        lambda d, **how: la.stability(d, "score", reliability=0.8, **KEYS, **how),
        np.asarray,
    ),
    "persistence": (
        PANEL,
        lambda d, **how: la.persistence(d, "lonely", reliability=[0.9, 1], **KEYS, **how),
        np.asarray,
    ),
    "cross_lagged": (
        PANEL,
        lambda d, **how: la.cross_lagged(d, "score", "lonely", **KEYS, **how),
        np.asarray,
    ),
    "kaplan_meier": (
        MORTALITY,
        lambda d, **how: la.survival_curves(d, "lonely", [2, 9, 20], **COLUMNS, **how),
        np.asarray,
    ),
    "adjusted_curves": (MORTALITY, curves_of_a_model, np.asarray),
    "hazard_steps": (
        MORTALITY,
        lambda d, **how: la.hazard_steps(d, "lonely", STEPS, **COLUMNS, **how),
        np.log,
    ),
}


def reweighted(data: la.SurveyDesign, made: la.Replicates, r: int) -> la.SurveyDesign:
    frame = data.frame.assign(weight=data.frame["weight"] * made.row_multipliers(r))
    return la.SurveyDesign(frame, weight="weight", stratum="stratum", psu="psu", single_psu="adjust")


@pytest.mark.parametrize("name", CALLS)
def test_an_error_from_replicates_is_that_of_estimating_again_by_hand(name: str) -> None:
    data, ask, scale = CALLS[name]
    made = la.replicates(data, n=R, seed=7)
    result = ask(data, replicates=made).to_frame()
    full = scale(ask(data).to_frame()["estimate"].to_numpy(float))
    again = [ask(reweighted(data, made, r)).to_frame()["estimate"].to_numpy(float) for r in range(R)]
    expected = np.sqrt(((scale(np.array(again)) - full) ** 2).sum(axis=0) / (R - 1))
    np.testing.assert_allclose(scale(result["estimate"].to_numpy(float)), full, rtol=1e-12)
    np.testing.assert_allclose(result["se"].to_numpy(float), expected, rtol=1e-7, atol=1e-14)


def test_concordance_in_a_replicate_counts_pairs_with_its_weights_under_the_same_coefficients() -> None:
    model, made = la.cox(MORTALITY, formula=FORMULA, **COLUMNS), la.replicates(MORTALITY, n=R, seed=7)
    data = MORTALITY.frame[model.used]
    end, died = data["months"].to_numpy(), data["died"].to_numpy(bool)
    hazard = np.round(model.fit.at.x @ model.fit.beta, 10)
    outlived = died[:, None] & ((end > end[:, None]) | ((end == end[:, None]) & ~died))
    lead = outlived * (0.5 + 0.5 * np.sign(hazard[:, None] - hazard))
    spread = []
    for r in range(R):
        w = (MORTALITY.frame["weight"].to_numpy() * made.row_multipliers(r))[model.used]
        spread.append(w @ lead @ w / (w @ outlived @ w) - la.concordance(model).estimate)
    found = la.concordance(model, replicates=made)
    assert found.se == pytest.approx(np.sqrt(np.square(spread).sum() / (R - 1)), rel=1e-9)
    assert found.estimate == pytest.approx(la.concordance(model).estimate, rel=1e-12)


def test_a_factor_models_test_rests_on_the_item_covariances_of_each_replicate() -> None:
    rng = np.random.default_rng(3)
    trait = rng.normal(size=240)
    items = [f"item{k}" for k in range(5)]
    frame = pd.DataFrame({name: trait + rng.normal(size=240) for name in items})
    frame = frame.assign(weight=rng.uniform(1, 3, 240), stratum=np.arange(240) % 2, psu=np.arange(240) % 24)
    data = la.SurveyDesign(frame, weight="weight", stratum="stratum", psu="psu")
    many = la.replicates(data, n=4000, seed=1)
    linear, again = (la.factor_structure(data, items, replicates=each).fit for each in (None, many))
    assert again["chi2_unscaled"].item() == pytest.approx(linear["chi2_unscaled"].item(), rel=1e-12)
    # Linearised and bootstrap covariance agree to the order of one over the number of PSUs.
    assert again["scaling"].item() == pytest.approx(linear["scaling"].item(), rel=0.1)
    few = la.replicates(data, n=R, seed=1)
    moments = la_moments(data, items)
    spread = [vech_of(frame, items, frame["weight"] * few.row_multipliers(r)) for r in range(R)]
    deviations = np.array(spread) - vech_of(frame, items, frame["weight"])
    by_hand = deviations.T @ deviations / (R - 1)
    np.testing.assert_allclose(moments.replicate_covariance(few), by_hand, rtol=1e-9, atol=1e-14)


def la_moments(data: la.SurveyDesign, items: list[str]) -> Any:
    from lonely_analysis.estimators.item_covariance import item_moments

    return item_moments(data, items)


def vech_of(frame: pd.DataFrame, items: list[str], weights: pd.Series) -> np.ndarray:
    matrix = np.cov(frame[items].to_numpy().T, aweights=weights.to_numpy(), ddof=0)
    return matrix[np.tril_indices(len(items))]


def test_a_mixed_model_refuses_replicates_and_says_why() -> None:
    made = la.replicates(MORTALITY, n=R, seed=7)
    with pytest.raises(la.DataError, match=r"groups as the sampling units.*la\.regress"):
        la.mixed(MORTALITY, "months ~ age", "psu", replicates=made)


@pytest.mark.parametrize("name", ["overlap", "correlation", "kaplan_meier", "hazard_steps"])
def test_replicates_of_another_design_are_refused(name: str) -> None:
    data, ask, _ = CALLS[name]
    made = la.replicates(la.SurveyDesign(data.frame.iloc[:-3], weight="weight", psu="psu"), n=R, seed=7)
    with pytest.raises(la.DataError, match="replicates were made for another design"):
        ask(data, replicates=made)
