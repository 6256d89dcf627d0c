"""Every estimator takes replicates: its errors are those of estimating again by hand, or it says why not."""

from __future__ import annotations

import inspect
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


def levelled(data: la.SurveyDesign, **how: Any) -> Any:
    """Outcome by rank; its indices are tested below, because some of them are ratios and some are not."""
    asked = ("died ~ lonely + C(smoking)", {"lonely": 0}, "smoking")
    return la.levelling(data, *asked, reach={0: 0.2, 1: 0.5, 2: 0.9}, **how).groups


def first_rows(result: Any) -> pd.DataFrame:
    """Rows of ``counterfactual`` and ``mediation`` that are no ratios."""
    return result.to_frame().iloc[:3]


#: Of each estimator, by its public name and, where it is asked in two ways, a word: the design, the call, and
#: the scale of the estimates whose ``se`` the replicates give. A ratio's ``se`` is that of its log.
CALLS: dict[str, tuple[la.SurveyDesign, Callable[..., Any], Callable[[np.ndarray], np.ndarray]]] = {
    "prevalence": (MORTALITY, lambda d, **how: la.prevalence(d, "died", "sex", **how), np.asarray),
    "mean": (MORTALITY, lambda d, **how: la.mean(d, "age", "smoking", **how), np.asarray),
    "standardise": (
        MORTALITY,
        # The standard is given: the survey's own composition is taken as it stands in every replicate.
        lambda d, **how: la.standardise(d, "died", "sex", "smoking", {0: 5, 1: 3, 2: 2}, **how),
        np.asarray,
    ),
    "profile": (MORTALITY, lambda d, **how: la.profile(d, "died", ["sex", "smoking"], **how), np.asarray),
    "cut_points": (MORTALITY, lambda d, **how: la.cut_points(d, "smoking", **how), np.asarray),
    "regress": (MORTALITY, lambda d, **how: la.regress(d, "died ~ lonely + age", **how), np.asarray),
    "slopes": (MORTALITY, lambda d, **how: la.slopes(d, "died ~ lonely", "lonely", "sex", **how), np.asarray),
    "cox": (MORTALITY, lambda d, **how: la.cox(d, formula="lonely + age", **COLUMNS, **how), np.asarray),
    "slope_index": (
        MORTALITY,
        # The first row: the second is a ratio.
        lambda d, **how: la.slope_index(d, "died", "smoking", **how).to_frame()[:1],
        np.asarray,
    ),
    "slope_index ratio": (
        MORTALITY,
        lambda d, **how: la.slope_index(d, "died", "smoking", **how).to_frame()[1:],
        np.log,
    ),
    "concentration_index": (
        MORTALITY,
        lambda d, **how: la.concentration_index(d, "died", "smoking", **how),
        np.asarray,
    ),
    "attributable_fraction": (
        MORTALITY,
        lambda d, **how: la.attributable_fraction(d, "died ~ lonely + age", "lonely", **how),
        lambda fraction: np.log(1 - fraction),
    ),
    "counterfactual": (
        MORTALITY,
        lambda d, **how: first_rows(la.counterfactual(d, "died ~ lonely + age", {"lonely": 0}, **how)),
        np.asarray,
    ),
    "levelling": (MORTALITY, levelled, np.asarray),
    "mediation": (
        MORTALITY,
        lambda d, **how: first_rows(la.mediation(d, "lonely", "smoking", "age", **how)),
        np.asarray,
    ),
    "sequential": (
        MORTALITY,
        lambda d, **how: la.sequential(d, "died", "lonely", ["age"], family="linear", **how),
        np.asarray,
    ),
    "overlap": (MORTALITY, lambda d, **how: la.overlap(d, ["lonely", "died"], **how), np.asarray),
    "unanswered": (PANEL, lambda d, **how: la.unanswered(d, "size", **how), np.asarray),
    "correlation": (
        PANEL,
        lambda d, **how: la.correlation(d, ["score", "size", "lonely"], **how),
        np.asarray,
    ),
    "correlation partial": (
        MORTALITY,
        lambda d, **how: la.correlation(d, ["lonely", "age"], adjust="C(sex)", **how),
        np.asarray,
    ),
    "correlation ranks": (
        PANEL,
        lambda d, **how: la.correlation(d, ["score", "size"], adjust="lonely", ranks=True, **how),
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
    "survival_curves": (
        MORTALITY,
        lambda d, **how: la.survival_curves(d, "lonely", [2, 9, 20], **COLUMNS, **how),
        np.asarray,
    ),
    "survival_curves adjusted": (MORTALITY, curves_of_a_model, np.asarray),
    "hazard_steps": (
        MORTALITY,
        lambda d, **how: la.hazard_steps(d, "lonely", STEPS, **COLUMNS, **how),
        np.log,
    ),
}

#: Estimators with a test of their own, below or in the file of their name, because estimating again by hand
#: is not what their replicates do: coefficients stay, or the spread is that of the items' covariances.
OTHERWISE = {"concordance", "compare_models", "factor_structure", "reliability", "rao_scott", "mixed"}

_OF_A_MODEL = "asks a model, whose covariance is that of the replicates it was fitted with"
_NO_SAMPLE = "takes numbers and no sample"
#: Why the others take none.
NONE_TAKEN = {
    "replicates": "makes them",
    "contrast": _OF_A_MODEL,
    "dose_for_ratio": _OF_A_MODEL,
    "average_effect": _OF_A_MODEL,
    "margins": _OF_A_MODEL,
    "interaction": _OF_A_MODEL,
    "pool_imputations": _OF_A_MODEL,
    "proportional_hazards": "tests a fitted model by the linearised score, and estimates nothing",
    "differences": "asks a result, whose covariance is that of the replicates it was estimated with",
    "compare": "puts results under each other",
    "chain_ratio": "multiplies point estimates and has no interval",
    "compare_chains": "puts chains under each other",
    "impute": "fills gaps; the models fitted to the completed designs take replicates",
    "within_between": "adds columns",
    "evalue": _NO_SAMPLE,
    "number_needed": _NO_SAMPLE,
    "published_attributable_fraction": _NO_SAMPLE,
    "interaction_power": _NO_SAMPLE,
    "interaction_sample": _NO_SAMPLE,
}


def test_no_public_estimator_leaves_replicates_out_without_a_reason() -> None:
    names = {name for name in la.__all__ if la._MODULE_OF[name].startswith("estimators.")}
    takes = {name for name in names if "replicates" in inspect.signature(getattr(la, name)).parameters}
    assert names - takes == set(NONE_TAKEN)
    assert takes == {name.split()[0] for name in CALLS} | OTHERWISE


def shown(result: Any) -> pd.DataFrame:
    return result if isinstance(result, pd.DataFrame) else result.to_frame()


def reweighted(data: la.SurveyDesign, made: la.Replicates, r: int) -> la.SurveyDesign:
    frame = data.frame.assign(weight=data.frame["weight"] * made.row_multipliers(r))
    return la.SurveyDesign(frame, weight="weight", stratum="stratum", psu="psu", single_psu="adjust")


@pytest.mark.parametrize("name", CALLS)
def test_an_error_from_replicates_is_that_of_estimating_again_by_hand(name: str) -> None:
    data, ask, scale = CALLS[name]
    made = la.replicates(data, n=R, seed=7)
    result = shown(ask(data, replicates=made))
    full = scale(shown(ask(data))["estimate"].to_numpy(float))
    again = [shown(ask(reweighted(data, made, r)))["estimate"].to_numpy(float) for r in range(R)]
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


def test_compared_models_keep_their_coefficients_and_count_pairs_again() -> None:
    made = la.replicates(MORTALITY, n=R, seed=7)
    models = {"age": "age", "both": "age + lonely"}
    found = la.compare_models(MORTALITY, "died", models, replicates=made).to_frame()
    full = la.compare_models(MORTALITY, "died", models).to_frame()
    fits = [la.regress(MORTALITY, f"died ~ {right}", replicates=made) for right in models.values()]
    died = MORTALITY.frame["died"].to_numpy(bool)
    risks = [np.round(fit.predict(MORTALITY.frame)["estimate"].to_numpy(), 12) for fit in fits]
    c = []
    for r in range(R):
        w = MORTALITY.frame["weight"].to_numpy() * made.row_multipliers(r)
        lead = [0.5 + 0.5 * np.sign(risk[died, None] - risk[None, ~died]) for risk in risks]
        c.append([w[died] @ each @ w[~died] / (w[died].sum() * w[~died].sum()) for each in lead])
    away = np.array(c) - full["estimate"].to_numpy()
    np.testing.assert_allclose(found["se"], np.sqrt((away**2).sum(axis=0) / (R - 1)), rtol=1e-9)
    change = away[:, 1] - away[:, 0]
    assert found["change_se"][1] == pytest.approx(np.sqrt((change**2).sum() / (R - 1)), rel=1e-9)
    np.testing.assert_allclose(found["estimate"], full["estimate"], rtol=1e-12)
    # One coefficient, weights of mean 1 over the rows that have any: the trace is the ratio of two variances.
    w = MORTALITY.frame["weight"].to_numpy()
    w = w / w[w > 0].mean()
    risk, age = fits[0].predict(MORTALITY.frame)["estimate"].to_numpy(), MORTALITY.frame["age"]
    x = np.column_stack([np.ones(len(age)), age])
    believed = np.linalg.inv((x * (w * risk * (1 - risk))[:, None]).T @ x)[1, 1]
    assert found["parameters"][0] == pytest.approx(fits[0].vcov.iloc[1, 1] / believed, rel=1e-6)


def test_levelling_refits_and_ranks_again_in_each_replicate() -> None:
    made = la.replicates(MORTALITY, n=R, seed=7)
    asked = ("died ~ lonely + C(smoking)", {"lonely": 0}, "smoking")

    def indices(data: la.SurveyDesign) -> np.ndarray:
        values = la.levelling(data, *asked).to_frame()["estimate"].to_numpy(float)
        return np.append(values[:3], np.log(values[3:]))

    full = indices(MORTALITY)
    away = np.array([indices(reweighted(MORTALITY, made, r)) for r in range(R)]) - full
    found = la.levelling(MORTALITY, *asked, replicates=made)
    np.testing.assert_allclose(found.vcov, away.T @ away / (R - 1), rtol=1e-7, atol=1e-14)
    shown_ = found.to_frame()["estimate"].to_numpy(float)
    np.testing.assert_allclose(np.append(shown_[:3], np.log(shown_[3:])), full, rtol=1e-12)


def test_a_rank_that_a_replicate_did_not_draw_makes_it_absent_and_not_another_ranking() -> None:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"psu": np.arange(200) // 10, "lonely": rng.random(200) < 0.4})
    # One place holds the whole of the lowest rank.
    frame["rank"] = np.where(frame["psu"] == 0, 1, rng.integers(2, 4, 200))
    frame["ill"] = rng.random(200) < 0.4
    data = la.SurveyDesign(frame, psu="psu")
    made = la.replicates(data, n=40, seed=2)
    asked = ("ill ~ lonely + C(rank)", {"lonely": 0}, "rank")
    drawn = [r for r in range(40) if (made.row_multipliers(r)[frame["rank"] == 1] > 0).any()]
    assert 0 < len(drawn) < 40
    full = la.levelling(data, *asked).row(quantity="sii_before").estimate
    spread = [
        la.levelling(la.SurveyDesign(frame.assign(w=made.row_multipliers(r)), weight="w", psu="psu"), *asked)
        .row(quantity="sii_before")
        .estimate
        - full
        for r in drawn
    ]
    found = la.levelling(data, *asked, replicates=made).row(quantity="sii_before").se
    assert found == pytest.approx(np.sqrt(np.square(spread).sum() / 39), rel=1e-9)


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


@pytest.mark.parametrize("name", ["overlap", "correlation", "survival_curves", "hazard_steps", "levelling"])
def test_replicates_of_another_design_are_refused(name: str) -> None:
    data, ask, _ = CALLS[name]
    made = la.replicates(la.SurveyDesign(data.frame.iloc[:-3], weight="weight", psu="psu"), n=R, seed=7)
    with pytest.raises(la.DataError, match="replicates were made for another design"):
        ask(data, replicates=made)
