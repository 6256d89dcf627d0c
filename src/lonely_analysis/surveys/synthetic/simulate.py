"""Drawing people: random numbers that stay the same, and the walk through the graph.

Every node and every item has its own stream of random numbers, named after it, so that a new item changes no
other column. Only uniform numbers of PCG64 and the inverse normal distribution are used: their values do not
depend on the version of numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy.special import ndtri

from lonely_analysis.surveys.synthetic.causal_model import NODES, YES_NO
from lonely_analysis.surveys.synthetic.countries import (
    AGE_LOWER,
    AGE_SHARES,
    ALONE_BY_AGE,
    COUNTRIES,
    LONELINESS_BY_AGE,
    OLDEST,
    PARTNER_BY_AGE,
    age_group_index,
)
from lonely_analysis.surveys.synthetic.measurement import ITEMS, body_mass_index
from lonely_analysis.surveys.synthetic.node import Node

Values = dict[str, np.ndarray]

SEED = 20231123
"""The seed of the embedded survey."""

WOMEN = 0.51
"""Share of women among adults: assumption."""

PLACE_LONELINESS, PLACE_TRUST = 0.14, 0.25
"""Standard deviations between sampling units: intraclass correlations near 0.02 and 0.06, as in social
surveys."""

AGE_SQUARED_MEAN = 1.1
"""Mean of squared age (in units of 18 years from 50): keeps income centred."""

HALF_STEP = 2.0**-54
"""Keeps uniform numbers off zero, where the inverse normal distribution is infinite."""


@dataclass(frozen=True)
class Streams:
    """Named random numbers: the same ``seed``, name and length give the same numbers everywhere."""

    seed: int

    def uniform(self, name: str, n: int) -> np.ndarray:
        """Return ``n`` numbers between 0 and 1, both excluded."""
        generator = np.random.Generator(np.random.PCG64([self.seed, crc32(name.encode())]))
        return generator.random(n) + HALF_STEP

    def normal(self, name: str, n: int) -> np.ndarray:
        """Return ``n`` standard normal numbers."""
        return ndtri(self.uniform(name, n))


def draw_ages(streams: Streams, n: int, oldest: int = OLDEST) -> np.ndarray:
    """Return ages in whole years: the age groups by their shares, even within each group."""
    group = np.searchsorted(np.cumsum(AGE_SHARES[:-1]), streams.uniform("age group", n))
    lower = np.array(AGE_LOWER)[group]
    width = np.array([*AGE_LOWER[1:], oldest + 1])[group] - lower
    return lower + np.floor(streams.uniform("age", n) * width).astype(int)


def exogenous(streams: Streams, country: np.ndarray, place: np.ndarray, urban: np.ndarray) -> Values:
    """Return what the graph takes as given, for people in these countries (indices), places and settings."""
    n = len(country)
    abroad_share = np.array([each.abroad for each in COUNTRIES])[country] * np.where(urban, 1.25, 0.6)
    values: Values = {
        "age_years": draw_ages(streams, n),
        "female": (streams.uniform("female", n) < WOMEN).astype(float),
        "urban": urban.astype(float),
        "abroad": (streams.uniform("abroad", n) < abroad_share).astype(float),
        "place_loneliness": PLACE_LONELINESS * streams.normal("place loneliness", place.max() + 1)[place],
        "place_trust": PLACE_TRUST * streams.normal("place trust", place.max() + 1)[place],
    }
    for level in ("loneliness", "trust", "alone"):
        values[f"country_{level}"] = np.array([getattr(each, level) for each in COUNTRIES])[country]
    return values | by_age(values["age_years"], country)


def by_age(age: np.ndarray, country: np.ndarray) -> Values:
    """Return the nodes that follow from age, which change from wave to wave."""
    group = age_group_index(age)
    curves = np.array([LONELINESS_BY_AGE[each.region] for each in COUNTRIES])
    scaled = (age - 50) / 18
    return {
        "age": scaled,
        "age_squared": scaled**2 - AGE_SQUARED_MEAN,
        "age_loneliness": curves[country, group],
        "age_partner": np.array(PARTNER_BY_AGE)[group],
        "age_alone": np.array(ALONE_BY_AGE)[group],
    }


def walk(
    values: Values,
    streams: Streams,
    *,
    wave: int = 1,
    before: Values | None = None,
    shift: Mapping[str, float] | None = None,
) -> Values:
    """Return ``values`` with every node of the graph added, each computed from its parents.

    ``shift`` intervenes: what it names is moved by so much in everybody, whatever the parents, and all that
    follows from it moves along. The same ``streams`` then give the same persons in both worlds.
    """
    values, moved = dict(values), shift or {}
    for node in NODES:
        total = (
            node.intercept
            + moved.get(node.name, 0.0)
            + node.noise * _noise(node, streams, wave, len(values["age"]))
        )
        for parent, coefficient, _ in node.parents:
            if (parent_value := _parent(parent, values, before)) is not None:
                total = total + coefficient * parent_value
        values[node.name] = (total > 0).astype(float) if node.name in YES_NO else total
    return values


def _parent(name: str, values: Values, before: Values | None) -> np.ndarray | None:
    if name.endswith("_before"):
        return None if before is None else before[name.removesuffix("_before")]
    first, _, second = name.partition("*")
    return values[first] * values[second] if second else values[first]


def _noise(node: Node, streams: Streams, wave: int, n: int) -> np.ndarray:
    lasting = streams.normal(node.name, n)
    passing = streams.normal(f"{node.name}, wave {wave}", n)
    return node.stable**0.5 * lasting + (1 - node.stable) ** 0.5 * passing


def answers(values: Values, streams: Streams, *, wave: int = 1) -> Values:
    """Return the codes of every item, plus body mass index, with fresh measurement error."""
    n = len(values["age"])
    told = {item.column: item.answer(values, streams.normal(f"{item.column}, {wave}", n)) for item in ITEMS}
    told["bmi"] = body_mass_index(values, streams.normal(f"bmi, {wave}", n))
    told |= {"partner": values["partner"], "lives_alone": values["alone"], "urban": values["urban"]}
    return told | {"born_abroad": values["abroad"], "female": values["female"], "age": values["age_years"]}
