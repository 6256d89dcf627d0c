"""What moving a node of the causal model does to deaths: the chain from loneliness to death, end to end.

A *twin* is the same person (the same random numbers) in a second world, in which one node has been moved in
everybody. The two worlds differ by what that node causes and by nothing else, so comparing their deaths needs
no adjustment. A *gap* is how much lonelier those are who answer that they are, at equal age and sex.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from lonely_analysis.surveys.synthetic.causal_model import graph
from lonely_analysis.surveys.synthetic.mortality import FOLLOW_UP, years_to_death
from lonely_analysis.surveys.synthetic.panel import NORWAY
from lonely_analysis.surveys.synthetic.sampling import URBAN_UNITS
from lonely_analysis.surveys.synthetic.simulate import Streams, Values, answers, exogenous, walk
from lonely_analysis.surveys.synthetic.superpopulation import PEOPLE_PER_PLACE

CHAIN = ("loneliness", "stress", "strain")
"""The lecture's chain up to death: loneliness, stress, a worn body."""

DIGITS = 5


def chain_truth(n: int, seed: int) -> dict[str, float]:
    """Return the true hazard ratios of the lonely answer's gap in loneliness, whole and along the chain.

    ``gap`` is in units of the node. ``all_paths`` moves loneliness by it; ``through_stress`` moves stress by
    what that does to stress and leaves loneliness where it is; ``through_strain`` moves strain by what that
    stress does to strain: the chain alone. Twins are compared by a Cox model at equal age, sex and first
    answer.
    """
    people = _World(n, seed)
    here = people.told({})
    gap = _gap(here)
    steps = np.cumprod([gap, *(_arrow(a, b) for a, b in pairwise(CHAIN))])
    found = {"gap": gap}
    for name, node, size in zip(("all_paths", "through_stress", "through_strain"), CHAIN, steps, strict=True):
        moved = people.told({node: float(size)})
        both = pd.concat([here.assign(moved=0.0), moved.assign(moved=1.0)])
        found[name] = _hazard_ratio(both)
    return {name: round(float(value), DIGITS) for name, value in found.items()}


class _World:
    """Norwegians who can be lived through again with a node moved."""

    def __init__(self, n: int, seed: int) -> None:
        self.streams = Streams(seed)
        country, place = np.full(n, NORWAY), np.arange(n) // PEOPLE_PER_PLACE
        urban = (self.streams.uniform("urban place", place.max() + 1) < URBAN_UNITS)[place]
        self.given: Values = exogenous(self.streams, country, place, urban)
        self.lonely = self._answers({})[1]["lonely_freq"] >= 3

    def _answers(self, shift: dict[str, float]) -> tuple[Values, Values]:
        values = walk(self.given, self.streams, shift=shift)
        return values, answers(values, self.streams)

    def told(self, shift: dict[str, float]) -> pd.DataFrame:
        """Return age, sex, loneliness and death of everybody in the world with ``shift``."""
        values, told = self._answers(shift)
        death = years_to_death(values, told, self.streams)
        columns = {
            "age": values["age_years"],
            "male": 1 - values["female"],
            "true_loneliness": values["loneliness"],
            "lonely": told["lonely_freq"] >= 3,
            "lonely_before": self.lonely,
            "follow_up_years": np.minimum(death, FOLLOW_UP),
            "died": death < FOLLOW_UP,
        }
        return pd.DataFrame({name: np.asarray(column, dtype=float) for name, column in columns.items()})


def _arrow(parent: str, child: str) -> float:
    """Return the coefficient of the arrow from one node to another."""
    arrows = graph().set_index(["parent", "child"])["coefficient"]
    return float(arrows[parent, child])


def _gap(people: pd.DataFrame) -> float:
    """Return how much lonelier the lonely are than others at equal age and sex, by least squares."""
    x = np.column_stack([np.ones(len(people)), people[["lonely", "age", "male"]]])
    return float(np.linalg.lstsq(x, people["true_loneliness"].to_numpy(), rcond=None)[0][1])


def _hazard_ratio(people: pd.DataFrame) -> float:
    from statsmodels.duration.hazard_regression import PHReg

    terms = people[["moved", "age", "male", "lonely_before"]]
    fit = PHReg(people["follow_up_years"], terms, status=people["died"]).fit()
    return float(np.exp(fit.params[0]))
