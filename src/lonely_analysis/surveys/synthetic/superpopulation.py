"""The population that the samples are drawn from, simulated so large that its numbers count as the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.surveys.schema import common_columns
from lonely_analysis.surveys.synthetic.countries import COUNTRIES
from lonely_analysis.surveys.synthetic.mortality import FOLLOW_UP, years_to_death
from lonely_analysis.surveys.synthetic.panel import NORWAY, grow
from lonely_analysis.surveys.synthetic.sampling import URBAN_UNITS
from lonely_analysis.surveys.synthetic.simulate import Streams, Values, answers, exogenous, walk
from lonely_analysis.surveys.synthetic.store import derive

PEOPLE_PER_PLACE = 20
"""Persons simulated in each place: few, so that places average out."""

TRUTH_SEED = 7
"""Another seed than the survey's: the truth is not learnt from the sample."""


def everybody(n: int, countries: list[int], seed: int = TRUTH_SEED) -> tuple[Values, pd.DataFrame]:
    """Simulate ``n`` adults in each of ``countries``: what is true of them, and their complete answers.

    ``weight`` brings countries to their numbers of adults.
    """
    streams = Streams(seed)
    country = np.repeat(np.array(countries), n)
    place = np.arange(len(country)) // PEOPLE_PER_PLACE
    urban = (streams.uniform("urban place", place.max() + 1) < URBAN_UNITS)[place]
    values = walk(exogenous(streams, country, place, urban), streams)
    adults = np.array([each.adults for each in COUNTRIES])
    frame = _frame(answers(values, streams), country).assign(weight=adults[country] / n)
    return values, frame


def _frame(told: Values, country: np.ndarray) -> pd.DataFrame:
    answered = pd.DataFrame({name: _typed(name, column) for name, column in told.items()})
    answered["country"] = pd.Categorical.from_codes(country, [each.code for each in COUNTRIES])
    return derive(answered)


def _typed(name: str, column: np.ndarray) -> pd.Series:
    if name in common_columns() and common_columns()[name].kind == "yes/no":
        return pd.Series(column == 1, dtype="boolean")
    return pd.Series(column) if name == "bmi" else pd.Series(column.astype(int), dtype="Int64")


def norwegians(n: int, seed: int = TRUTH_SEED) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate ``n`` Norwegians at two waves: the first wave's answers with deaths, the second wave's.

    ``true_loneliness`` in both is what the answers measure, free of error.
    """
    streams = Streams(seed)
    values, frame = everybody(n, [NORWAY], seed)
    told = answers(values, streams)
    death = years_to_death(values, told, streams)
    frame = frame.assign(follow_up_years=np.minimum(death, FOLLOW_UP), died=death < FOLLOW_UP)
    later = grow(values, streams, wave=2)
    second = _frame(answers(later, streams, wave=2), np.full(n, NORWAY))
    return (
        frame.assign(true_loneliness=values["loneliness"]),
        second.assign(true_loneliness=later["loneliness"]),
    )
