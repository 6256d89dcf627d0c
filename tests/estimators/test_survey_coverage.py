"""Do 95 % intervals of means, shares and what a model says of people cover? Samples of one population.

Its ten strata are of unequal size and give as many places as each other, so that weights are unequal. People
of one place resemble each other in everything: each answer is a normal quantity below a threshold, and
places share a part of that quantity. Shares are then exact whatever the places share.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, ndtr

import lonely_analysis as la

SAMPLES = 2000
PLACES, PEOPLE = 80, 10
STRATA = 10
SIZE = np.array([2, 2, 3, 3, 4, 4, 5, 6, 7, 8]) / 44
AGES = np.linspace(0.2, 0.5, STRATA)[:, None] * [1, 0, -1] + [0.1, 0.3, 0.6]
#: Chances of "lives alone" and "lonely" by age.
ALONE, LONELY = np.array([0.3, 0.4, 0.5]), np.array([0.25, 0.3, 0.4])
#: Log odds of poor health: intercept, lonely, alone, both, two ages, man.
TRUTH = np.array([-1.6, 0.7, 0.3, 0.4, 0.4, 0.9, 0.3])
SHARED = 0.08
MODEL = "ill ~ lonely * alone + C(age) + man"


def predictor(
    lonely: np.ndarray, alone: np.ndarray, age: np.ndarray, man: np.ndarray, by: np.ndarray = TRUTH
) -> np.ndarray:
    one = np.ones(np.shape(age))
    x = [one, lonely * one, alone * one, lonely * alone * one, (age == 1) * one, (age == 2) * one, man * one]
    return np.tensordot(by, np.stack(x), 1)


def cells() -> pd.DataFrame:
    """Every kind of person, with its share of the population and its risk."""
    rows = []
    for stratum, age, man, alone, lonely in product(range(STRATA), range(3), (0, 1), (0, 1), (0, 1)):
        with_ = [(ALONE[age], alone), (LONELY[age], lonely)]
        chance = np.prod([p if value else 1 - p for p, value in with_])
        share = SIZE[stratum] * AGES[stratum, age] * 0.5 * chance
        rows.append((share, age, man, alone, lonely))
    table = pd.DataFrame(rows, columns=["share", "age", "man", "alone", "lonely"])
    return table.assign(risk=expit(predictor(table["lonely"], table["alone"], table["age"], table["man"])))


def sample(rng: np.random.Generator) -> la.SurveyDesign:
    place = np.repeat(np.arange(PLACES), PEOPLE)
    stratum = place % STRATA

    def uniform() -> np.ndarray:
        """Numbers between 0 and 1 that places share a part of."""
        own = rng.normal(size=len(place))
        return ndtr(np.sqrt(SHARED) * rng.normal(size=PLACES)[place] + np.sqrt(1 - SHARED) * own)

    age = (uniform()[:, None] > np.cumsum(AGES, axis=1)[stratum]).sum(axis=1).clip(max=2)
    man, alone, lonely = rng.random(len(place)) < 0.5, uniform() < ALONE[age], uniform() < LONELY[age]
    ill = uniform() < expit(predictor(lonely, alone, age, man))
    trust = 5 - age + rng.normal(size=PLACES)[place] * 0.5 + 2 * rng.normal(size=len(place))
    columns = {"age": age, "man": man, "alone": alone, "lonely": lonely, "ill": ill, "trust": trust}
    frame = pd.DataFrame({**columns, "place": place, "stratum": stratum, "weight": SIZE[stratum]})
    return la.SurveyDesign(frame, weight="weight", stratum="stratum", psu="place")


def covers(table: pd.DataFrame, truth: np.ndarray | float) -> np.ndarray:
    return (table["ci_low"].to_numpy() <= truth) & (truth <= table["ci_high"].to_numpy())


def counted(hits: dict[str, np.ndarray], record_property) -> None:
    """Record the row of each quantity that is furthest from 95 %; all rows must cover."""
    shares = {name: np.atleast_1d(hit) / SAMPLES for name, hit in hits.items()}
    furthest = {name: float(share[np.argmax(abs(share - 0.95))]) for name, share in shares.items()}
    record_property("covers", furthest)
    outside = {name: share for name, share in shares.items() if (abs(share - 0.95) > 0.015).any()}
    assert not outside, outside


@pytest.mark.slow
def test_intervals_of_means_and_shares_cover_the_population(record_property) -> None:
    kinds = cells()

    def share(of: pd.Series | np.ndarray, **where: int) -> float:
        keep = np.logical_and.reduce([kinds["share"] > 0, *(kinds[k] == v for k, v in where.items())])
        return float(np.average(np.asarray(of, dtype=float)[keep], weights=kinds["share"][keep]))

    standard = {0: 0.3, 1: 0.4, 2: 0.3}
    ill, lonely, alone = kinds["risk"], kinds["lonely"], kinds["alone"]
    by_age = [share(ill, age=age) for age in range(3)]
    standardised = [sum(standard[a] * share(ill, man=man, age=a) for a in range(3)) for man in (0, 1)]
    together = [share((lonely == i) & (alone == j)) for i, j in product((1, 0), (1, 0))]
    truth = {
        "mean": share(5 - kinds["age"]),
        "share in a group": np.array(by_age),
        "standardised share": np.array(standardised),
        "difference of shares": np.array(by_age[1:]) - by_age[0],
        "difference of standardised shares": standardised[1] - standardised[0],
        "overlap of two conditions": np.array(together),
    }
    hits, rng = dict.fromkeys(truth, 0), np.random.default_rng(20_261_129)
    for _ in range(SAMPLES):
        design = sample(rng)
        over = la.standardise(design, "ill", "man", "age", standard)
        ages = la.prevalence(design, "ill", "age")
        found = (
            la.mean(design, "trust"),
            ages,
            over,
            la.differences(ages),
            la.differences(over),
            la.overlap(design, ["lonely", "alone"]),
        )
        for (name, value), result in zip(truth.items(), found, strict=True):
            hits[name] = hits[name] + covers(result.table, value)
    counted(hits, record_property)


@pytest.mark.slow
def test_intervals_of_what_a_model_says_of_people_cover(record_property) -> None:
    kinds = cells()
    r10, r01, r11 = np.exp([TRUTH[1], TRUTH[2], TRUTH[1:4].sum()])
    reri = r11 - r10 - r01 + 1
    m00, m01, m10, m11 = (
        standardised(kinds, kinds["share"], lonely=i, alone=j) for i in (0, 1) for j in (0, 1)
    )
    everybody = np.array([standardised(kinds, kinds["share"], lonely=i) for i in (0, 1)])
    measures = {
        "RERI": ("relative excess risk (RERI)", reri),
        "ratio of ratios": ("ratio of odds ratios", np.exp(TRUTH[3])),
        "excess of risk differences": ("excess of risk differences", m11 - m10 - m01 + m00),
    }
    curved = {"attributable proportion": reri / r11, "synergy index": (r11 - 1) / (r10 + r01 - 2)}
    hits, hard = {}, np.zeros(2)
    rng = np.random.default_rng(20_261_130)
    for _ in range(SAMPLES):
        design = sample(rng)
        model = la.regress(design, MODEL)
        # What the model's means are of: the people sampled, with their weights.
        means = np.array([standardised(design.frame, design.frame["weight"], lonely=i) for i in (0, 1)])
        shown = la.margins(model, "lonely").table
        both = la.interaction(model, "lonely", "alone")
        found = {
            "average effect, difference": (la.average_effect(model, "lonely").table, means[1] - means[0]),
            "average effect, ratio": (la.average_effect(model, "lonely", "ratio").table, means[1] / means[0]),
            "standardised means of a model": (shown, means),
            "standardised means, as those of everybody": (shown, everybody),
            "difference of two coefficients": (
                la.contrast(model, {"lonely": 1, "alone": -1}, scale="coefficient").table,
                TRUTH[1] - TRUTH[2],
            ),
            "coefficient in a group": (
                la.slopes(design, "ill ~ lonely * alone + C(age)", "lonely", "man").table,
                TRUTH[1],
            ),
        }
        found |= {words: (both.row(measure=name).table, truth) for name, (words, truth) in measures.items()}
        for name, (table, truth) in found.items():
            hits[name] = hits.get(name, 0) + covers(table, truth)
        hard += [covers(both.row(measure=name).table, truth)[0] for name, truth in curved.items()]
    counted(hits, record_property)
    # Curved functions of coefficients: with exactly normal ones of this precision and known covariance, the
    # delta method covers 94 % and 97 % too, and both come to 95 % as samples grow.
    proportion, synergy = hard / SAMPLES
    named = (
        ("attributable proportion of an interaction", proportion),
        ("synergy index of an interaction", synergy),
    )
    record_property("limits", dict(named))
    assert 0.91 <= proportion < 0.95 < synergy <= 0.98, named


def standardised(people: pd.DataFrame, weights: pd.Series, **values: int) -> float:
    """Return the mean risk of people, all of them with these values."""
    lonely, alone, age, man = (
        np.full(len(people), values[name]) if name in values else people[name].to_numpy(dtype=int)
        for name in ("lonely", "alone", "age", "man")
    )
    return float(np.average(expit(predictor(lonely, alone, age, man)), weights=weights))
