"""Do 95 % intervals of survival analysis cover? Samples of places from the synthetic model's Norwegians."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.surveys.synthetic.superpopulation import PEOPLE_PER_PLACE, norwegians

SAMPLES = 2000
PLACES = 120
AT = [4.0, 8.0]
COLUMNS = ["lonely_sometimes", "age", "sex", "urban", "follow_up_years", "died"]
FORMULA = "lonely_sometimes + age + C(sex)"


@cache
def population() -> pd.DataFrame:
    """200,000 people in 10,000 places, urban or rural; followed in half-years, so that deaths tie."""
    people = norwegians(200_000)[0][COLUMNS].copy()
    people["follow_up_years"] = np.floor(people["follow_up_years"].to_numpy(float) * 2) / 2
    people["died"] = people["died"].to_numpy(dtype=int)
    return people


def sample(rng: np.random.Generator) -> la.SurveyDesign:
    """Places in two strata, the rural ones drawn at four times the rate, everybody in a place observed."""
    people = population()
    places = np.arange(len(people) // PEOPLE_PER_PLACE)
    urban = people["urban"].to_numpy(dtype=bool)[places * PEOPLE_PER_PLACE]
    chosen = [rng.choice(places[urban == side], PLACES // 2, replace=False) for side in (True, False)]
    rows = (np.concatenate(chosen)[:, None] * PEOPLE_PER_PLACE + np.arange(PEOPLE_PER_PLACE)).ravel()
    frame = people.iloc[rows].reset_index(drop=True)
    frame["place"] = rows // PEOPLE_PER_PLACE
    frame["weight"] = np.where(frame["urban"].astype(bool), urban.sum(), (~urban).sum())
    return la.SurveyDesign(frame, weight="weight", stratum="urban", psu="place")


def covers(low: np.ndarray, high: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return (np.asarray(low) <= truth) & (truth <= np.asarray(high))


@pytest.mark.slow
def test_intervals_of_hazard_ratios_and_curves_cover_the_population(record_property) -> None:
    everybody = la.SurveyDesign(population())
    model = la.cox(everybody, formula=FORMULA)
    crude = la.survival_curves(everybody, "lonely_sometimes", AT).to_frame()["estimate"].to_numpy()
    adjusted = la.survival_curves(model, "lonely_sometimes", AT)
    truth = (
        model.table["estimate"].to_numpy(),
        crude,
        adjusted.to_frame()["estimate"].to_numpy(),
        adjusted.difference(False, True)["estimate"].to_numpy(),
    )
    rng = np.random.default_rng(20_261_123)
    hits = [np.zeros(len(values)) for values in truth]
    for _ in range(SAMPLES):
        design = sample(rng)
        fitted = la.cox(design, formula=FORMULA)
        curves = la.survival_curves(fitted, "lonely_sometimes", AT)
        tables = (
            fitted.table,
            la.survival_curves(design, "lonely_sometimes", AT).to_frame(),
            curves.to_frame(),
            curves.difference(False, True),
        )
        for hit, table, values in zip(hits, tables, truth, strict=True):
            hit += covers(table["ci_low"], table["ci_high"], values)
    coverage = np.concatenate(hits) / SAMPLES
    names = ("hazard ratios", "survival curves", "adjusted curves", "differences of curves")
    record_property("covers", {name: min(hit / SAMPLES) for name, hit in zip(names, hits, strict=True)})
    assert (abs(coverage - 0.95) <= 0.015).all(), coverage


@pytest.mark.slow
def test_the_interval_of_the_cox_models_c_covers_the_cs_of_the_population(record_property) -> None:
    """One covariate, whose order no fit can change; the population's C from pairs of people drawn at once."""
    rng, places, hits = np.random.default_rng(20_261_203), 80, 0

    def lives(x: np.ndarray, frailty: np.ndarray) -> np.ndarray:
        return rng.exponential(20 / np.exp(0.7 * x + 0.3 * frailty))

    def covariate(shared: np.ndarray, size: int) -> np.ndarray:
        return np.sqrt(0.1) * shared + np.sqrt(0.9) * rng.normal(size=size)

    many, end = 4_000_000, 12.0
    (x, y), (first, second) = zip(
        *[(z := covariate(rng.normal(size=many), many), lives(z, rng.normal(size=many))) for _ in range(2)],
        strict=True,
    )
    comparable = np.minimum(first, second) < end
    truth = ((first < second) == (x > y))[comparable].mean()
    place = np.repeat(np.arange(places), 8)
    for _ in range(SAMPLES):
        x = covariate(rng.normal(size=places)[place], len(place))
        life = lives(x, rng.normal(size=places)[place])
        frame = pd.DataFrame({"x": x, "years": np.minimum(life, end), "died": life < end, "place": place})
        row = la.concordance(la.cox(la.SurveyDesign(frame, psu="place"), "years", "died", "x"))
        hits += row.ci_low <= truth <= row.ci_high
    record_property("covers", {"C statistic, hazards": hits / SAMPLES})
    assert abs(hits / SAMPLES - 0.95) <= 0.015, hits


@pytest.mark.slow
def test_the_design_based_test_rejects_proportional_hazards_at_its_level(record_property) -> None:
    """A covariate that whole places share: the test that takes rows as independent rejects too often."""
    rng = np.random.default_rng(20_261_124)
    rejected = np.zeros(2)
    for _ in range(SAMPLES):
        place = np.repeat(np.arange(80), 12)
        # Two kinds of places whose hazards differ in shape, and do so alike on both sides of x.
        shape = rng.choice([0.6, 1.6], 80)[place]
        x = rng.integers(0, 2, 80)[place]
        life = rng.weibull(shape) * 10
        frame = pd.DataFrame({"x": x, "years": np.minimum(life, 15), "died": life < 15, "place": place})
        model = la.cox(la.SurveyDesign(frame, psu="place"), time="years", event="died", formula="x")
        row = la.proportional_hazards(model).row(term="x")
        rejected += [row.p < 0.05, row.p_design < 0.05]
    plain, design = rejected / SAMPLES
    record_property("rejects", {"rows taken as independent": plain, "with the design": design})
    assert plain > 0.15, plain
    assert abs(design - 0.05) <= 0.015, design
