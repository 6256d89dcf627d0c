"""Who is asked and who answers: strata, sampling units of unequal size, unequal chances, absent answers.

A *candidate* is a person in a drawn sampling unit; a candidate is interviewed with a probability that is
lower for the young, the lonely, city dwellers and immigrants and higher for the educated. The weight is
the inverse of that probability, which no real survey knows so well: here the weighted answer is right and
the unweighted one visibly wrong. Absent answers carry a reason as a negative code.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lonely_analysis.surveys.synthetic.countries import COUNTRIES
from lonely_analysis.surveys.synthetic.simulate import Streams, Values

REGIONS = 4
"""Regions within a country; each has a rural and an urban stratum."""

PEOPLE_PER_UNIT = 12
"""Interviews that a sampling unit yields on average."""

UNIT_SPREAD = 0.5
"""Spread of sampling-unit sizes on the log scale: the largest have many times the smallest."""

URBAN_UNITS = 0.6
"""Share of sampling units in the urban strata."""

REMOTE = ("IS", "CY")
"""Countries with one more stratum that holds a single sampling unit, as small and remote places do in
surveys."""

BASE_CHANCE, HIGHEST_CHANCE = 0.42, 0.97
"""Chance of an interview where all of ``CHANCE`` is zero, and its upper limit."""

CHANCE = {"young": -0.45, "loneliness": -0.30, "urban": -0.35, "abroad": -0.40, "education": 0.15}
"""What changes the chance of an interview (log scale): young is below 35. Directions as in surveys; sizes
assumed."""

EXPECTED_CHANCE = 0.312
"""Mean chance of an interview, which turns interviews wanted into candidates needed."""

REASONS = {-1: "refused", -2: "dont_know", -3: "no_answer", -4: "not_asked", -5: "not_applicable"}
"""Code of an absent answer -> reason."""

ABSENT = {"income_tertile": 0.14, "bmi": 0.05, "lonely_freq": 0.012, "childhood_father": 0.06, "voted": 0.03}
ABSENT_ELSE = 0.010
"""Share of absent answers by column, and for every other item: assumption, orders of magnitude as in
surveys."""

SENSITIVE = (
    "income_tertile",
    "bmi",
    "lonely_freq",
    "lonely_troubled",
    "lonely_degree",
    "voted",
    "trust_different",
)
"""Columns where a refusal is commoner than not knowing."""

NEVER_ABSENT = ("age", "female", "urban")

NOT_ASKED = {
    "lonely_troubled": {each.code for each in COUNTRIES} - {"NO"},
    "lonely_degree": {each.code for each in COUNTRIES} - {"NO"},
    "djg6": {"IS", "CY", "BG", "RO"},
    "oslo3": {"IE", "GB", "IT", "ES", "PT", "GR", "CY", "BG"},
}
"""Beginning of a column's name -> countries that left it out. The two SSB items are Norwegian."""


class Place(NamedTuple):
    """Sampling units: index of the country, stratum within it, urban or not, candidates to draw."""

    country: np.ndarray
    stratum: np.ndarray
    urban: np.ndarray
    size: np.ndarray


def places(streams: Streams, interviews: dict[int, int]) -> Place:
    """Lay out the sampling units of each country (index -> interviews wanted)."""
    rows = [row for country, wanted in interviews.items() for row in _units(streams, country, wanted)]
    country, stratum, urban, size = (np.array(column) for column in zip(*rows, strict=True))
    return Place(country, stratum, urban.astype(bool), size)


def _units(streams: Streams, country: int, wanted: int) -> list[tuple[int, int, bool, int]]:
    code = COUNTRIES[country].code
    n = wanted // PEOPLE_PER_UNIT
    spread = np.exp(UNIT_SPREAD * streams.normal(f"unit size, {code}", n))
    size = np.maximum(8, np.round(spread / spread.mean() * PEOPLE_PER_UNIT / EXPECTED_CHANCE)).astype(int)
    n_urban = round(n * URBAN_UNITS)
    units = []
    for unit in range(n):
        urban = unit < n_urban
        stratum = 2 * (unit % REGIONS) + urban
        units.append((country, int(stratum), urban, int(size[unit])))
    if code in REMOTE:
        units[-1] = (country, 2 * REGIONS, False, units[-1][3])
    return units


def chance(values: Values, *, without: str = "") -> np.ndarray:
    """Return each candidate's probability of an interview; ``without`` names a trait that plays no part."""
    traits = values | {"young": (values["age_years"] < 35).astype(float)}
    log_chance = sum(coefficient * traits[name] for name, coefficient in CHANCE.items() if name != without)
    return np.minimum(HIGHEST_CHANCE, BASE_CHANCE * np.exp(log_chance))


def leave_out(
    told: Values, values: Values, country: np.ndarray, streams: Streams, *, wave: int = 1
) -> Values:
    """Return the answers with a reason code wherever one is absent.

    Those who trust less and the oldest leave out more (a *missing at random* rule: it depends on what is
    known).
    """
    n = len(country)
    tendency = np.exp(-0.3 * values["trust"] + 0.4 * (values["age_years"] >= 75))
    codes = np.array([each.code for each in COUNTRIES])[country]
    out = {}
    for column, answer in told.items():
        share = 0.0 if column in NEVER_ABSENT else ABSENT.get(column, ABSENT_ELSE)
        absent = streams.uniform(f"absent: {column}, {wave}", n) < share * tendency
        answer = np.where(absent, _reason(column, streams.uniform(f"reason: {column}, {wave}", n)), answer)
        for beginning, countries in NOT_ASKED.items():
            if column.startswith(beginning):
                answer = np.where(np.isin(codes, sorted(countries)), -4, answer)
        out[column] = answer
    return out


def _reason(column: str, uniform: np.ndarray) -> np.ndarray:
    refused, dont_know = (0.60, 0.25) if column in SENSITIVE else (0.20, 0.55)
    return -1 - np.searchsorted(np.array([refused, refused + dont_know]), uniform)
