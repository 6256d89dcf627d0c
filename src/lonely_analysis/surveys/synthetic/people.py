"""The cross-section: about 30,000 adults in 24 countries, as one table of codes ready to be stored."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.surveys.synthetic import sampling
from lonely_analysis.surveys.synthetic.countries import COUNTRIES
from lonely_analysis.surveys.synthetic.simulate import SEED, Streams, Values, answers, exogenous, walk

YEAR = 2023
"""Year of the cross-section's interviews."""


def people(seed: int = SEED) -> pd.DataFrame:
    """Simulate the cross-section: one row a person interviewed; absent answers are negative codes.

    Weights sum to each country's adults in thousands, so that countries pooled answer for their population.
    """
    streams = Streams(seed)
    wanted = {index: each.interviews for index, each in enumerate(COUNTRIES)}
    units, candidates, place = draw_candidates(streams, wanted)
    probability = sampling.chance(candidates)
    chosen = streams.uniform("interview", len(place)) < probability
    values = {name: column[chosen] for name, column in candidates.items()}
    place, probability = place[chosen], probability[chosen]
    country = units.country[place]
    told = sampling.leave_out(answers(values, streams), values, country, streams)
    return assemble(told, units, place, _weights(probability, country), YEAR)


def draw_candidates(streams: Streams, wanted: dict[int, int]) -> tuple[sampling.Place, Values, np.ndarray]:
    """Draw the sampling units and everybody in them; the third value is each person's unit."""
    units = sampling.places(streams, wanted)
    place = np.repeat(np.arange(len(units.size)), units.size)
    return units, walk(exogenous(streams, units.country[place], place, units.urban[place]), streams), place


def _weights(probability: np.ndarray, country: np.ndarray) -> np.ndarray:
    weight = 1 / probability
    total = np.bincount(country, weight)
    adults = np.array([each.adults for each in COUNTRIES]) * 1000
    return np.round(weight * (adults / total)[country], 4)


def assemble(
    told: Values, units: sampling.Place, place: np.ndarray, weight: np.ndarray, year: int
) -> pd.DataFrame:
    """Put the columns of the design in front of the answers."""
    country = units.country[place]
    design = {
        "person_id": np.arange(1, len(place) + 1, dtype=np.int32),
        "country": pd.Categorical.from_codes(country, [each.code for each in COUNTRIES]),
        "year": np.full(len(place), year, dtype=np.int16),
        "weight": weight,
        "stratum": (country * 10 + units.stratum[place]).astype(np.int16),
        "psu": place.astype(np.int16),
    }
    kept = {name: column if name == "bmi" else column.astype(np.int8) for name, column in told.items()}
    return pd.DataFrame(design | kept)
