"""From what is true of a person to what is answered: items with measurement error.

An answer rises with ``loading`` times each node it measures; the rest, up to variance one, is error drawn
anew at each interview. ``shares`` are the parts of a standard normal population that would give each
answer, the lowest code first: they set the cut points. A negative loading turns the item.
"""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri

Loadings = tuple[tuple[str, float], ...]


class Item(NamedTuple):
    """One question: its column, what it measures, its cut points, its lowest code."""

    column: str
    loadings: Loadings
    cuts: tuple[float, ...]
    first: int = 1

    @property
    def error(self) -> float:
        """Standard deviation of the error, which keeps the answer's variance near one."""
        return (1.0 - sum(loading**2 for _, loading in self.loadings)) ** 0.5

    def answer(self, values: dict[str, np.ndarray], error: np.ndarray) -> np.ndarray:
        """Return the codes that people with these node ``values`` and standard normal ``error`` give."""
        position = self.error * error
        for node, loading in self.loadings:
            position = position + loading * values[node]
        return (np.searchsorted(np.array(self.cuts), position) + self.first).astype(np.int16)


def _item(column: str, shares: tuple[float, ...], first: int = 1, **loadings: float) -> Item:
    cuts = tuple(float(ndtri(share)) for share in accumulate(shares[:-1]))
    return Item(column, tuple(loadings.items()), cuts, first)


def _sum_score(column: str, mean: float, sd: float, high: int, **loadings: float) -> Item:
    """Make a score near to normal with ``mean`` and ``sd``, cut to whole numbers from 0 to ``high``."""
    return Item(column, tuple(loadings.items()), tuple((k + 0.5 - mean) / sd for k in range(high)), 0)


_SUPPORT = (0.04, 0.08, 0.18, 0.32, 0.38)
_OFTEN = (0.58, 0.32, 0.075, 0.025)
_SELDOM = (0.05, 0.15, 0.40, 0.40)

ITEMS = (
    _item("lonely_freq", (0.655, 0.277, 0.05, 0.018), loneliness=0.83),
    _item("lonely_troubled", (0.53, 0.334, 0.098, 0.038), loneliness=0.84),
    _item(
        "lonely_degree",
        (0.18, 0.15, 0.14, 0.11, 0.10, 0.12, 0.08, 0.06, 0.035, 0.015, 0.01),
        0,
        loneliness=0.56,
    ),
    _item("ucla3_a", (0.54, 0.35, 0.11), loneliness=0.86),
    _item("ucla3_b", (0.58, 0.34, 0.08), loneliness=0.85),
    _item("ucla3_c", (0.60, 0.32, 0.08), loneliness=0.87),
    _item("djg6_a", (0.12, 0.26, 0.62), loneliness=-0.72),
    _item("djg6_b", (0.14, 0.28, 0.58), loneliness=-0.68),
    _item("djg6_c", (0.08, 0.22, 0.70), loneliness=-0.66),
    _item("djg6_d", (0.60, 0.29, 0.11), loneliness=0.38, support=-0.48),
    _item("djg6_e", (0.42, 0.38, 0.20), loneliness=0.36, support=-0.42, trust=-0.10),
    _item("djg6_f", (0.55, 0.31, 0.14), loneliness=0.45, support=-0.42),
    _item("contact_freq", (0.015, 0.05, 0.075, 0.20, 0.20, 0.30, 0.16), network=0.86),
    _item("confidants", (0.04, 0.12, 0.17, 0.19, 0.28, 0.12, 0.08), 0, network=0.42, support=0.35),
    _item("social_activity", (0.12, 0.25, 0.41, 0.17, 0.05), arenas=0.45, network=0.35),
    _item("need_to_meet", (0.02, 0.05, 0.12, 0.25, 0.25, 0.22, 0.09), loneliness=0.25, network=0.35),
    _item("arena_weekly", (0.58, 0.42), 0, arenas=0.62),
    _item("arena_social", (0.62, 0.38), 0, arenas=0.60),
    _item("arena_culture", (0.58, 0.42), 0, arenas=0.48, education=0.25),
    _item("arena_course", (0.86, 0.14), 0, arenas=0.32, education=0.22),
    _item("arena_religious", (0.82, 0.18), 0, arenas=0.30, age=0.15),
    _item("volunteers", (0.74, 0.26), 0, arenas=0.58),
    _item(
        "ties_similar",
        (0.02, 0.05, 0.1, 0.15, 0.17, 0.16, 0.13, 0.1, 0.06, 0.04, 0.02),
        0,
        network=0.55,
        quality=0.2,
    ),
    _item(
        "ties_different", (0.25, 0.24, 0.19, 0.13, 0.08, 0.05, 0.03, 0.02, 0.01), 0, network=0.35, trust=0.3
    ),
    _item(
        "relationship_quality",
        (0.005, 0.01, 0.015, 0.03, 0.04, 0.08, 0.1, 0.17, 0.25, 0.17, 0.13),
        0,
        quality=0.74,
    ),
    _item("relationship_strain", (0.30, 0.42, 0.21, 0.07), quality=-0.50, stress=0.22),
    _item("support_emotional", _SUPPORT, support=0.70, quality=0.20),
    _item("support_instrumental", (0.06, 0.08, 0.16, 0.28, 0.42), support=0.68),
    _item("support_companionship", (0.03, 0.08, 0.20, 0.34, 0.35), support=0.66, network=0.20),
    _item("support_affection", (0.04, 0.07, 0.16, 0.28, 0.45), support=0.68, quality=0.18),
    _item("support_informational", (0.05, 0.10, 0.21, 0.34, 0.30), support=0.68, arenas=0.10),
    _item("support_appraisal", (0.06, 0.11, 0.23, 0.34, 0.26), support=0.66, quality=0.12),
    _item("oslo3_a", (0.05, 0.30, 0.40, 0.25), network=0.42, support=0.40),
    _item("oslo3_b", (0.03, 0.08, 0.25, 0.42, 0.22), support=0.58),
    _item("oslo3_c", (0.05, 0.13, 0.30, 0.34, 0.18), trust=0.35, network=0.28, support=0.10),
    _sum_score("trust", 5.5, 2.3, 10, trust=0.82),
    _sum_score("trust_fair", 6.2, 2.3, 10, trust=0.72),
    _sum_score("trust_help", 5.6, 2.3, 10, trust=0.68),
    _item("trust_most", (0.58, 0.42), 0, trust=0.85),
    _sum_score("trust_institutions", 5.0, 2.4, 10, trust=0.52),
    _item("trust_family", (0.01, 0.03, 0.21, 0.75), quality=0.40, trust=0.12),
    _item("trust_neighbours", (0.06, 0.22, 0.52, 0.20), trust=0.50, network=0.18),
    _item("trust_strangers", (0.20, 0.44, 0.32, 0.04), trust=0.66),
    _item("trust_different", (0.14, 0.34, 0.43, 0.09), trust=0.64),
    _item("voted", (0.24, 0.76), 0, trust=0.15, education=0.22, age=0.22),
    _item("childhood_mother", (0.02, 0.02, 0.03, 0.04, 0.07, 0.08, 0.12, 0.20, 0.20, 0.22), childhood=0.76),
    _item("childhood_father", (0.05, 0.04, 0.05, 0.06, 0.10, 0.10, 0.14, 0.18, 0.14, 0.14), childhood=0.70),
    _item("childhood_friends", (0.03, 0.09, 0.22, 0.36, 0.30), childhood=0.46),
    _item("life_events", (0.54, 0.28, 0.12, 0.042, 0.013, 0.005), 0, events=1.0),
    _sum_score("stress", 5.6, 3.1, 16, stress=0.87),
    _item("self_rated_health", (0.22, 0.45, 0.255, 0.06, 0.015), poor_health=0.85),
    _item("cesd_a", (0.62, 0.30, 0.06, 0.02), depression=0.80),
    _item("cesd_b", (0.50, 0.38, 0.09, 0.03), depression=0.66),
    _item("cesd_c", (0.42, 0.41, 0.12, 0.05), depression=0.38, poor_sleep=0.45),
    _item("cesd_d", _SELDOM, depression=-0.66),
    _item("cesd_e", (0.06, 0.17, 0.40, 0.37), depression=-0.66),
    _item("cesd_f", _OFTEN, depression=0.80),
    _item("cesd_g", (0.55, 0.35, 0.075, 0.025), depression=0.68),
    _sum_score("distress", 7.0, 4.4, 25, distress=0.90),
    _item("sleep_problems", (0.22, 0.32, 0.26, 0.14, 0.06), poor_sleep=0.86),
    _sum_score("life_satisfaction", 7.1, 1.9, 10, satisfaction=0.90),
    _sum_score("cognition", 20.0, 5.5, 40, cognition=0.86),
    _item("smoking", (0.52, 0.27, 0.21), 0, smoking=1.0),
    _item("inactive", (0.72, 0.28), 0, inactivity=0.90),
    _item("education", (0.25, 0.42, 0.33), education=1.0),
    _item("income_tertile", (1 / 3, 1 / 3, 1 / 3), income=1.0),
)
"""Every question, in the order of the questionnaire."""

LOG_BMI = (3.256, 0.165)
"""Median (25.9 kg/m²) and spread of body mass index on the log scale; self-reported weight errs by a
tenth."""


def body_mass_index(values: dict[str, np.ndarray], error: np.ndarray) -> np.ndarray:
    """Return body mass index in kg/m², to one decimal, from the node ``weight``."""
    centre, spread = LOG_BMI
    return np.round(np.exp(centre + spread * (0.99 * values["weight"] + 0.14 * error)), 1)


def items() -> pd.DataFrame:
    """Return one row an item and node: column, node, loading, and the lowest and highest code."""
    rows = [
        (item.column, node, loading, item.first, item.first + len(item.cuts))
        for item in ITEMS
        for node, loading in item.loadings
    ]
    return pd.DataFrame(rows, columns=["column", "node", "loading", "lowest", "highest"])
