"""The causal model behind the synthetic survey: a graph, and a number with its reason on every arrow.

A *node* is something true of a person (it is not an answer: answers are made from nodes in ``measurement``).
Its value is its intercept, plus coefficient times value summed over its parents, plus noise. Nodes are
near to mean 0 and standard deviation 1, so a coefficient reads as "standard deviations of the child per
standard deviation of the parent", or per yes for the yes/no nodes in ``YES_NO``. ``stable`` is the share
of the noise's variance that stays with a person from wave to wave; the rest is drawn anew at each wave.

A parent named ``x_before`` is ``x`` at the wave before; ``a*b`` is the product of two nodes. A reason that
names a row (SSB20_much_single_all, PARK2020_dep) means that the number was tried until the survey came near
to that row of ``data/published``; every other number is an assumption, chosen modest (see ``targets``).
"""

from __future__ import annotations

import pandas as pd

from lonely_analysis.surveys.synthetic.health_nodes import HEALTH
from lonely_analysis.surveys.synthetic.social_nodes import SOCIAL

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

NODES = (*SOCIAL, *HEALTH)
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
