"""The 24 countries: how many are interviewed, what each country's level is, and the curves over age.

Levels are *not* results about countries: they are the settings that bring the synthetic survey near to
published shares (``calibration`` shows how near). A country without a published share has the mean of its
region's.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

AGE_LOWER = (16, 25, 35, 45, 55, 65, 75)
"""Lowest age of each of the seven age groups."""

AGE_GROUPS = ("16-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75+")

OLDEST = 95
"""Highest age that is drawn."""


class Country(NamedTuple):
    """One country. ``adults`` in millions, rounded: it sizes the weights and supports no claim."""

    code: str
    region: str
    interviews: int
    adults: float
    abroad: float
    loneliness: float
    trust: float
    alone: float


COUNTRIES = (
    Country("NO", "north", 3000, 4.5, 0.16, 0.10, 0.70, -0.18),
    Country("SE", "north", 1250, 8.5, 0.19, 0.06, 0.49, 0.23),
    Country("DK", "north", 1200, 4.9, 0.12, -0.20, 0.74, 0.19),
    Country("FI", "north", 1250, 4.7, 0.07, -0.08, 0.23, 0.36),
    Country("IS", "north", 900, 0.3, 0.16, -0.12, -0.06, -0.37),
    Country("DE", "west", 1500, 70.0, 0.17, -0.06, -0.37, -0.02),
    Country("NL", "west", 1250, 14.9, 0.13, -0.27, -0.16, -0.17),
    Country("BE", "west", 1200, 9.6, 0.17, 0.04, -0.51, -0.37),
    Country("FR", "west", 1350, 55.0, 0.12, 0.30, -1.01, -0.27),
    Country("AT", "west", 1200, 7.7, 0.19, 0.06, -0.30, -0.27),
    Country("CH", "west", 1200, 7.4, 0.28, -0.15, 0.09, -0.30),
    Country("IE", "west", 1150, 4.1, 0.18, -0.04, -0.45, -1.08),
    Country("GB", "west", 1350, 55.0, 0.15, 0.11, -0.59, -0.50),
    Country("IT", "south", 1300, 51.0, 0.1, 0.38, -0.66, -0.49),
    Country("ES", "south", 1250, 41.0, 0.15, 0.21, -0.97, -0.70),
    Country("PT", "south", 1150, 9.0, 0.08, 0.20, -1.00, -0.85),
    Country("GR", "south", 1150, 9.0, 0.09, 0.35, -0.88, -0.71),
    Country("CY", "south", 900, 0.8, 0.18, 0.12, -1.45, -1.12),
    Country("PL", "east", 1250, 31.0, 0.02, 0.23, -1.01, -0.78),
    Country("CZ", "east", 1300, 8.9, 0.05, 0.28, -0.68, -0.43),
    Country("HU", "east", 1200, 8.2, 0.04, 0.24, -0.76, -0.49),
    Country("BG", "east", 1150, 5.5, 0.02, 0.59, -0.88, -0.41),
    Country("RO", "east", 1200, 16.0, 0.02, 0.57, -0.96, -0.58),
    Country("SI", "east", 1150, 1.8, 0.1, 0.19, -1.06, -0.57),
)

AGE_SHARES = (0.13, 0.15, 0.16, 0.16, 0.16, 0.13, 0.11)
"""Share of adults in each age group, the same everywhere: assumption."""

PARTNER_BY_AGE = (-0.95, 0.25, 0.62, 0.60, 0.55, 0.50, -0.05)
"""Probit of having a partner, by age group: assumption, about two thirds of adults."""

ALONE_BY_AGE = (-0.65, 0.08, 0.45, 0.45, 0.50, 0.75, 0.95)
"""Probit of living alone without a partner, by age group: set by the shares of Norway in ``margins.csv``."""

LONELINESS_BY_AGE = {
    "north": (0.42, 0.38, 0.22, -0.06, -0.20, -0.46, -0.42),
    "west": (0.00, 0.05, 0.02, 0.00, -0.02, -0.05, 0.00),
    "south": (-0.10, -0.02, 0.00, 0.00, 0.02, 0.05, 0.05),
    "east": (-0.25, -0.15, -0.15, -0.05, 0.25, 0.50, 0.55),
}
"""Loneliness that age brings beside partner, income and ties, by region: SSB20 (north), SURK6-8 (east)."""


def age_group_index(age: np.ndarray) -> np.ndarray:
    """Return 0 to 6: the age group of each age in years."""
    return np.searchsorted(np.array(AGE_LOWER), age, side="right") - 1
