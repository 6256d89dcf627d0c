"""The social half of the causal model: childhood, position, trust, ties, support, events and loneliness.

How to read a node, a coefficient and a reason: see ``causal_model``.
"""

from __future__ import annotations

from lonely_analysis.surveys.synthetic.node import Node

SOCIAL = (
    Node(
        "childhood",
        "warm and safe ties as a child",
        intercept=0.0,
        noise=1.0,
        stable=1.0,
    ),
    Node(
        "education",
        "length of education",
        intercept=0.01,
        noise=0.93,
        stable=1.0,
        parents=(
            ("childhood", 0.15, "safe children stay longer at school: assumption"),
            ("age", -0.28, "older generations had less schooling: assumption"),
            ("abroad", -0.10, "schooling abroad counts less: assumption"),
        ),
    ),
    Node(
        "partner",
        "lives with a spouse or partner",
        intercept=0.0,
        noise=1.0,
        stable=0.96,
        parents=(
            ("age_partner", 1.00, "age curve"),
            ("childhood", 0.12, "secure attachment eases lasting couples: assumption"),
            ("education", 0.05, "shared schooling is a marriage market: assumption"),
        ),
    ),
    Node(
        "alone",
        "lives alone",
        intercept=0.0,
        noise=1.0,
        stable=0.95,
        parents=(
            ("age_alone", 1.00, "age curve among people without a partner"),
            ("country_alone", 1.00, "level of the country"),
            ("partner", -2.60, "few couples live apart: assumption"),
            ("urban", 0.15, "small dwellings are in cities: assumption"),
        ),
    ),
    Node(
        "income",
        "household income within the country",
        intercept=-0.22,
        noise=0.86,
        stable=0.8,
        parents=(
            ("education", 0.35, "return to schooling: assumption"),
            ("partner", 0.45, "two earners: assumption"),
            ("age_squared", -0.15, "earnings peak in mid-life: assumption"),
            ("abroad", -0.25, "immigrants earn less: assumption"),
        ),
    ),
    Node(
        "trust",
        "trust in people in general",
        intercept=0.27,
        noise=0.85,
        stable=0.7,
        parents=(
            ("country_trust", 1.00, "level of the country"),
            ("place_trust", 1.00, "neighbourhood"),
            ("education", 0.20, "educated people trust more: assumption"),
            ("childhood", 0.12, "basic trust is learnt early: assumption"),
            ("income", 0.08, "who has more can afford to trust: assumption"),
            ("age", 0.13, "rows SSBTRUST_*: the young trust less"),
            ("abroad", -0.05, "trust brought along from elsewhere: assumption"),
        ),
    ),
    Node(
        "network",
        "structure: how many people one meets, how often",
        intercept=0.03,
        noise=0.94,
        stable=0.7,
        parents=(
            ("age", -0.20, "networks thin out with age: assumption"),
            ("childhood", 0.10, "secure children become sociable adults: assumption"),
            ("trust", 0.15, "trust opens doors: assumption"),
            ("income", 0.08, "company costs money: assumption"),
            ("abroad", -0.30, "ties were left behind: assumption"),
        ),
    ),
    Node(
        "arenas",
        "takes part in meeting places and associations",
        intercept=0.0,
        noise=0.9,
        stable=0.7,
        parents=(
            ("network", 0.30, "people come along with people: assumption"),
            ("trust", 0.18, "who trusts strangers joins them: assumption"),
            ("education", 0.18, "associations recruit the educated: assumption"),
        ),
    ),
    Node(
        "quality",
        "quality of the closest relationships",
        intercept=0.0,
        noise=0.93,
        stable=0.7,
        parents=(("childhood", 0.35, "early ties shape later ones (slide on attachment): assumption"),),
    ),
    Node(
        "support",
        "function: support one can count on",
        intercept=-0.25,
        noise=0.85,
        stable=0.72,
        parents=(
            ("network", 0.30, "support comes from ties: assumption"),
            ("quality", 0.25, "good relationships help more: assumption"),
            ("partner", 0.38, "a partner is the first helper: assumption"),
            ("arenas", 0.08, "arenas build ties: assumption"),
            ("trust", 0.12, "who trusts asks for help: assumption"),
            ("female", 0.12, "women report more support: assumption"),
        ),
    ),
    Node(
        "events",
        "stressful events of the past year",
        intercept=0.0,
        noise=0.98,
        stable=0.1,
        parents=(
            ("income", -0.15, "poverty brings events: assumption"),
            ("age", -0.10, "break-ups and job loss come early in life: assumption"),
        ),
    ),
    Node(
        "loneliness",
        "felt lack of company: the wanted ties less those one has",
        intercept=0.0,
        noise=0.7,
        stable=0.75,
        parents=(
            ("country_loneliness", 1.00, "level of the country: rows ESS_*"),
            ("age_loneliness", 1.00, "rows SSB20_much_* in the north, SURK6 to SURK8 in the east"),
            ("place_loneliness", 1.00, "neighbourhood"),
            ("partner", -0.42, "rows SSB20_much_single_all and SSB20_much_married_cohabiting_all"),
            ("alone", 0.15, "living alone adds little: assumption"),
            ("abroad", 0.12, "rows SSB20_much_immigrant_*"),
            ("support", -0.30, "loneliness and support correlate in the EU survey: size by trial"),
            ("quality", -0.15, "poor relationships leave people lonely in company: assumption"),
            ("network", -0.24, "isolation and loneliness are related, not the same: assumption"),
            ("childhood", -0.10, "attachment, beyond its way through quality: assumption"),
            ("income", -0.10, "taking part costs money: assumption"),
            ("trust", -0.05, "distrust keeps others away: assumption"),
            ("events", 0.14, "loss and break-up: assumption"),
            ("female", 0.10, "rows SSB20_much_all_*: women no less lonely, with more support"),
            ("depression_before", 0.08, "withdrawal, wave to wave: assumption"),
        ),
    ),
)
"""Each node after its parents."""
