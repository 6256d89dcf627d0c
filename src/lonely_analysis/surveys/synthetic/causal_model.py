"""The causal model behind the synthetic survey: a graph, and a number with its reason on every arrow.

A *node* is something true of a person (it is not an answer: answers are made from nodes in ``measurement``).
Its value is its intercept, plus coefficient times value summed over its parents, plus noise. Nodes are
near to mean 0 and standard deviation 1, so a coefficient reads as "standard deviations of the child per
standard deviation of the parent", or per yes for the yes/no nodes in ``YES_NO``. ``stable`` is the share
of the noise's variance that stays with a person from wave to wave; the rest is drawn anew at each wave.

A parent named ``x_before`` is ``x`` at the wave before; ``a*b`` is the product of two nodes. A reason that
begins with a capital code such as SSB20 or PARK2020 names rows of the tables in ``data/published``; every
other number is an assumption, chosen modest, and calibrated only as a whole (see ``calibration``).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

EXOGENOUS = {
    "country_loneliness": "level of the country (table of countries)",
    "country_trust": "level of the country (table of countries)",
    "country_alone": "custom of living alone in the country (table of countries)",
    "age_loneliness": "age curve of the region (table of countries)",
    "age_partner": "how common a partner is at this age (table of countries)",
    "age_alone": "how common living alone is at this age without a partner (table of countries)",
    "place_loneliness": "what neighbours share: drawn for each primary sampling unit",
    "place_trust": "what neighbours share: drawn for each primary sampling unit",
    "age": "age, in units of 18 years from 50",
    "age_squared": "square of age, less its mean",
    "female": "1 for women, 0 for men",
    "urban": "1 in cities and suburbs",
    "abroad": "1 for born in another country",
}
"""Nodes without parents in the model."""

YES_NO = ("partner", "alone", "female", "urban", "abroad")
"""Nodes that are 0 or 1; ``partner`` and ``alone`` are 1 where the sum passes zero."""


@dataclass(frozen=True)
class Node:
    """A node with parents: ``noise`` is the standard deviation of what the parents do not explain."""

    name: str
    meaning: str
    intercept: float
    noise: float
    stable: float
    parents: tuple[tuple[str, float, str], ...] = ()


NODES = (
    Node("childhood", "warm and safe ties as a child", 0.0, 1.0, 1.0),
    Node(
        "education",
        "length of education",
        0.01,
        0.93,
        1.0,
        (
            ("childhood", 0.15, "safe children stay longer at school: assumption"),
            ("age", -0.28, "older generations had less schooling: assumption"),
            ("abroad", -0.10, "schooling abroad counts less: assumption"),
        ),
    ),
    Node(
        "partner",
        "lives with a spouse or partner",
        0.0,
        1.0,
        0.96,
        (
            ("age_partner", 1.0, "age curve"),
            ("childhood", 0.12, "secure attachment eases lasting couples: assumption"),
            ("education", 0.05, "assumption"),
        ),
    ),
    Node(
        "alone",
        "lives alone",
        0.0,
        1.0,
        0.95,
        (
            ("age_alone", 1.0, "age curve among people without a partner"),
            ("country_alone", 1.0, "level of the country"),
            ("partner", -2.6, "few couples live apart: assumption"),
            ("urban", 0.15, "small dwellings are in cities: assumption"),
        ),
    ),
    Node(
        "income",
        "household income within the country",
        -0.22,
        0.86,
        0.80,
        (
            ("education", 0.35, "return to schooling: assumption"),
            ("partner", 0.45, "two earners: assumption"),
            ("age_squared", -0.15, "earnings peak in mid-life: assumption"),
            ("abroad", -0.25, "immigrants earn less: assumption"),
        ),
    ),
    Node(
        "trust",
        "trust in people in general",
        0.27,
        0.85,
        0.70,
        (
            ("country_trust", 1.0, "level of the country"),
            ("place_trust", 1.0, "neighbourhood"),
            ("education", 0.20, "educated people trust more: assumption"),
            ("childhood", 0.12, "basic trust is learnt early: assumption"),
            ("income", 0.08, "assumption"),
            ("age", 0.13, "SSB low trust: 26 % at 16-24, 13 % at 67+"),
            ("abroad", -0.05, "assumption"),
        ),
    ),
    Node(
        "network",
        "structure: how many people one meets, how often",
        0.03,
        0.94,
        0.7,
        (
            ("age", -0.20, "networks thin out with age: assumption"),
            ("childhood", 0.10, "assumption"),
            ("trust", 0.15, "trust opens doors: assumption"),
            ("income", 0.08, "company costs money: assumption"),
            ("abroad", -0.30, "ties were left behind: assumption"),
        ),
    ),
    Node(
        "arenas",
        "takes part in meeting places and associations",
        0.0,
        0.90,
        0.7,
        (
            ("network", 0.30, "people come along with people: assumption"),
            ("trust", 0.18, "assumption"),
            ("education", 0.18, "assumption"),
        ),
    ),
    Node(
        "quality",
        "quality of the closest relationships",
        0.0,
        0.93,
        0.70,
        (("childhood", 0.35, "early ties shape later ones (slide on attachment): assumption"),),
    ),
    Node(
        "support",
        "function: support one can count on",
        -0.25,
        0.85,
        0.72,
        (
            ("network", 0.3, "support comes from ties: assumption"),
            ("quality", 0.25, "assumption"),
            ("partner", 0.38, "a partner is the first helper: assumption"),
            ("arenas", 0.08, "arenas build ties: assumption"),
            ("trust", 0.12, "assumption"),
            ("female", 0.12, "women report more support: assumption"),
        ),
    ),
    Node(
        "events",
        "stressful events of the past year",
        0.0,
        0.98,
        0.10,
        (
            ("income", -0.15, "poverty brings events: assumption"),
            ("age", -0.10, "assumption"),
        ),
    ),
    Node(
        "loneliness",
        "felt lack of company: the wanted ties less those one has",
        0.0,
        0.70,
        0.75,
        (
            ("country_loneliness", 1.0, "level of the country: rows ESS_*"),
            ("age_loneliness", 1.0, "SSB20 in the north, SURK6-8 in the east"),
            ("place_loneliness", 1.0, "neighbourhood"),
            ("partner", -0.42, "SSB20: 22 % of singles, 6 % of couples"),
            ("alone", 0.15, "living alone adds little: assumption"),
            ("abroad", 0.12, "SSB20: 23 % from Asia and Africa, 12 % from the EU, 10 % of others"),
            ("support", -0.3, "support and UCLA-3 correlate about -0.4 in the EU survey"),
            ("quality", -0.15, "assumption"),
            ("network", -0.24, "isolation and loneliness correlate only 0.2 to 0.3"),
            ("childhood", -0.10, "attachment, beyond its way through quality: assumption"),
            ("income", -0.10, "assumption"),
            ("trust", -0.05, "assumption"),
            ("events", 0.14, "loss and break-up: assumption"),
            ("female", 0.10, "SSB20: 12 % of women, 11 % of men, women having more support"),
            ("depression_before", 0.08, "withdrawal, wave to wave: assumption"),
        ),
    ),
    Node(
        "stress",
        "perceived stress",
        -0.06,
        0.83,
        0.40,
        (
            ("events", 0.30, "assumption"),
            ("loneliness", 0.28, "loneliness as a stressor (slide): assumption"),
            ("income", -0.12, "assumption"),
            ("support", -0.08, "main effect of support: assumption"),
            ("events*support", -0.04, "buffering, small: assumption"),
            ("age", -0.15, "stress falls with age: assumption"),
            ("female", 0.10, "assumption"),
        ),
    ),
    Node(
        "smoking",
        "pull towards smoking",
        0.06,
        0.95,
        0.985,
        (
            ("education", -0.25, "assumption"),
            ("stress", 0.12, "assumption"),
            ("female", -0.15, "assumption"),
            ("loneliness", 0.05, "assumption"),
        ),
    ),
    Node(
        "inactivity",
        "lack of physical activity",
        0.0,
        0.92,
        0.60,
        (
            ("age", 0.20, "assumption"),
            ("education", -0.18, "assumption"),
            ("loneliness", 0.08, "assumption"),
            ("arenas", -0.12, "sports clubs: assumption"),
        ),
    ),
    Node(
        "weight",
        "body weight for height",
        0.0,
        0.94,
        0.96,
        (
            ("age", 0.15, "assumption"),
            ("education", -0.12, "assumption"),
            ("inactivity", 0.20, "assumption"),
            ("stress", 0.04, "assumption"),
        ),
    ),
    Node(
        "poor_sleep",
        "bad sleep",
        -0.07,
        0.90,
        0.50,
        (
            ("stress", 0.27, "assumption"),
            ("loneliness", 0.29, "PARK2020_sleep, with the way through stress"),
            ("age", 0.12, "assumption"),
            ("female", 0.14, "assumption"),
        ),
    ),
    Node(
        "depression",
        "depressive feelings",
        -0.04,
        0.75,
        0.45,
        (
            ("loneliness", 0.29, "PARK2020_dep, with the way through stress and sleep"),
            ("stress", 0.25, "assumption"),
            ("poor_sleep", 0.15, "assumption"),
            ("support", -0.06, "main effect of support: assumption"),
            ("stress*support", -0.02, "buffering, small: assumption"),
            ("female", 0.08, "assumption"),
            ("loneliness_before", 0.08, "wave to wave: assumption"),
        ),
    ),
    Node(
        "distress",
        "worry and restlessness",
        0.0,
        0.75,
        0.40,
        (
            ("stress", 0.35, "assumption"),
            ("depression", 0.25, "assumption"),
            ("loneliness", 0.26, "PARK2020_anx, with the ways through stress and depression"),
        ),
    ),
    Node(
        "poor_health",
        "poor health as one sees it",
        0.0,
        0.76,
        0.60,
        (
            ("age", 0.35, "assumption"),
            ("loneliness", 0.24, "PARK2020_genhealth, with all ways through the others"),
            ("depression", 0.22, "assumption"),
            ("stress", 0.12, "assumption"),
            ("smoking", 0.06, "assumption"),
            ("weight", 0.10, "assumption"),
            ("inactivity", 0.12, "assumption"),
            ("income", -0.10, "assumption"),
            ("education", -0.06, "assumption"),
            ("trust", -0.06, "GILBERT2013_trust: odds ratio 1.32 before adjustment"),
        ),
    ),
    Node(
        "satisfaction",
        "satisfaction with life",
        -0.08,
        0.75,
        0.50,
        (
            ("loneliness", -0.3, "PARK2020_wb, with the way through depression"),
            ("depression", -0.28, "assumption"),
            ("poor_health", -0.15, "assumption"),
            ("income", 0.12, "assumption"),
            ("trust", 0.15, "assumption"),
            ("partner", 0.12, "assumption"),
        ),
    ),
    Node(
        "cognition",
        "memory and reckoning",
        0.0,
        0.74,
        0.85,
        (
            ("age", -0.45, "assumption"),
            ("education", 0.28, "assumption"),
            ("loneliness", -0.14, "PARK2020_cog"),
            ("depression", -0.08, "assumption"),
        ),
    ),
    Node(
        "strain",
        "wear and tear of the body: what allostatic load tries to measure",
        0.0,
        0.85,
        0.90,
        (
            ("age", 0.30, "assumption"),
            ("stress", 0.18, "the slide's chain; no pooled estimate exists: assumption"),
            ("weight", 0.22, "assumption"),
            ("smoking", 0.10, "assumption"),
            ("inactivity", 0.10, "assumption"),
            ("income", -0.06, "assumption"),
        ),
    ),
)
"""Every node with parents, each after its parents."""


def nodes() -> pd.DataFrame:
    """Return one row a node: meaning, intercept, noise, stable (missing where a node has no parents)."""
    outer = [{"node": name, "meaning": words} for name, words in EXOGENOUS.items()]
    inner = [
        {"node": node.name, "meaning": node.meaning}
        | {"intercept": node.intercept, "noise": node.noise, "stable": node.stable}
        for node in NODES
    ]
    return pd.DataFrame(outer + inner)


def graph() -> pd.DataFrame:
    """Return one row an arrow: parent, child, coefficient and the source or reason of the coefficient."""
    rows = [(parent, node.name, value, reason) for node in NODES for parent, value, reason in node.parents]
    return pd.DataFrame(rows, columns=["parent", "child", "coefficient", "reason"])
