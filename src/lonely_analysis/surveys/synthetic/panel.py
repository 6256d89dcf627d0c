"""The Norwegian panel: 6,000 adults asked three times, examined once and followed for fifteen years."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.surveys.synthetic import sampling
from lonely_analysis.surveys.synthetic.countries import COUNTRIES
from lonely_analysis.surveys.synthetic.mortality import FOLLOW_UP, biomarkers, years_to_death
from lonely_analysis.surveys.synthetic.people import assemble, draw_candidates
from lonely_analysis.surveys.synthetic.simulate import SEED, Streams, Values, answers, by_age, walk

PERSONS = 6000
YEARS = (2006, 2010, 2014)
"""Years of the three waves."""

NORWAY = 0
"""Index of Norway among the countries."""

DROPOUT = (0.10, {"young": 0.5, "loneliness": 0.15, "education": -0.2, "poor_health": 0.1})
"""Chance of leaving between waves, and what multiplies it (log scale): assumption."""

CIGARETTES = (11.0, 0.6, 60)
"""Median of cigarettes a day among those who smoke, spread of its logarithm, and most: assumption. Deaths
depend on smoking and not on how much, as they nearly do in real cohorts."""

UNSEEN = -4
"""Code of what a wave did not ask."""


def panel(seed: int = SEED) -> pd.DataFrame:
    """Simulate the panel: one row a person and wave; absent answers are negative codes.

    Weights are those of the first wave: they do not make up for those who left later. The lonely are as
    likely to join as others (too few would be left to follow), but likelier to leave.
    """
    streams = Streams(seed + 1)
    units, first, place = draw_candidates(streams, {NORWAY: round(1.15 * PERSONS)})
    every = _waves(first, streams)
    probability = sampling.chance(first, without="loneliness")
    # Order sampling: a fixed number, each with a chance close to its probability.
    chosen = np.sort(
        np.argsort(streams.uniform("interview", len(place)) / probability, kind="stable")[:PERSONS]
    )
    every = [{name: column[chosen] for name, column in values.items()} for values in every]
    place, weight = place[chosen], 1 / probability[chosen]
    weight = np.round(weight * COUNTRIES[NORWAY].adults * 1000 / weight.sum(), 4)
    return _long(every, streams, units, place, weight)


def _waves(first: Values, streams: Streams) -> list[Values]:
    every = [first]
    for wave in range(2, len(YEARS) + 1):
        every.append(grow(every[-1], streams, wave=wave))
    return every


def grow(before: Values, streams: Streams, *, wave: int) -> Values:
    """Return the same Norwegians at ``wave``, given what was true of them at the wave before."""
    older = dict(before) | {"age_years": before["age_years"] + YEARS[wave - 1] - YEARS[wave - 2]}
    older |= by_age(older["age_years"], np.full(len(older["age"]), NORWAY))
    return walk(older, streams, wave=wave, before=before)


def _long(
    every: list[Values], streams: Streams, units: sampling.Place, place: np.ndarray, weight: np.ndarray
) -> pd.DataFrame:
    """Stack the waves of those alive and still taking part, and add what is known once for each person."""
    told = [answers(values, streams, wave=wave) for wave, values in enumerate(every, start=1)]
    death = years_to_death(every[0], told[0], streams)
    once = {
        "follow_up_years": np.round(np.minimum(death, FOLLOW_UP), 2),
        "died": (death < FOLLOW_UP).astype(np.int8),
    }
    examined = {"cigarettes": cigarettes(told[0], streams)} | biomarkers(every[0], streams)
    taking_part = np.ones(len(place), dtype=bool)
    rows = []
    for wave, (values, answer, year) in enumerate(zip(every, told, YEARS, strict=True), start=1):
        if wave > 1:
            taking_part &= (death > year - YEARS[0]) & ~_leaves(every[wave - 2], streams, wave)
        coded = sampling.leave_out(answer, values, units.country[place], streams, wave=wave)
        frame = assemble(coded, units, place, weight, year).assign(wave=np.int8(wave), **once)
        measured = {
            name: value if wave == 1 else np.full(len(place), UNSEEN) for name, value in examined.items()
        }
        unknown = (frame["smoking"] < 0) & (wave == 1)
        measured["cigarettes"] = np.where(unknown, frame["smoking"], measured["cigarettes"]).astype(np.int8)
        rows.append(frame.assign(**measured)[taking_part])
    return pd.concat(rows).sort_values(["person_id", "wave"], kind="stable").reset_index(drop=True)


def cigarettes(told: Values, streams: Streams) -> np.ndarray:
    """Return cigarettes a day: 0 for those who do not smoke now, at least 1 for those who do."""
    median, spread, most = CIGARETTES
    number = median * np.exp(spread * streams.normal("cigarettes", len(told["smoking"])))
    return np.where(told["smoking"] == 2, np.clip(np.round(number), 1, most), 0).astype(np.int8)


def _leaves(values: Values, streams: Streams, wave: int) -> np.ndarray:
    base, multipliers = DROPOUT
    traits = values | {"young": (values["age_years"] < 35).astype(float)}
    log_chance = sum(coefficient * traits[name] for name, coefficient in multipliers.items())
    return streams.uniform(f"leaves, {wave}", len(values["age"])) < base * np.exp(log_chance)
