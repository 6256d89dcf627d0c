"""Sums of domains, put together from any batches, are those of all rows at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.estimators.domain_sums import domain_sums, pooled
from lonely_analysis.estimators.memory_cells import memory_cells

ROWS = 60
rng = np.random.default_rng(4)
PEOPLE = pd.DataFrame(
    {
        "group": rng.choice(["b", "a", "c"], ROWS),
        "w": np.where(rng.random(ROWS) < 0.1, 0.0, rng.gamma(2.0, size=ROWS)),
        "y": np.where(rng.random(ROWS) < 0.1, np.nan, rng.normal(3.0, 2.0, ROWS)),
    }
)
PEOPLE["y"] += 1e5 * (PEOPLE["group"] == "c")


def sums(rows: pd.DataFrame):
    cells = memory_cells(
        la.SurveyDesign(rows, weight="w"),
        rows["y"].to_numpy(),
        ["group"],
        np.ones(len(rows), bool),
        binary=False,
    )
    return domain_sums(cells)


@given(st.lists(st.integers(2, ROWS - 2), max_size=4, unique=True))
def test_no_cut_into_batches_changes_a_sum(cuts) -> None:
    pieces = np.split(np.arange(ROWS), sorted(cuts))
    batches = [PEOPLE.iloc[rows] for rows in pieces if PEOPLE["w"].iloc[rows].sum() > 0]
    found, codes = pooled([sums(batch) for batch in batches], ["group"])
    assert list(found.groups["group"]) == ["a", "b", "c"]
    assert [len(code) for code in codes] == [batch["group"].nunique() for batch in batches]
    for at, name in enumerate("abc"):
        rows = PEOPLE[(PEOPLE["group"] == name) & PEOPLE["y"].notna() & (PEOPLE["w"] > 0)]
        mean = np.average(rows["y"], weights=rows["w"])
        assert found.count[at] == len(rows)
        assert found.weight[at] == pytest.approx(rows["w"].sum(), rel=1e-13)
        # A batch is measured from its overall mean, up to 1e5 away.
        assert found.reference[at] + found.total[at] / found.weight[at] == pytest.approx(mean, rel=1e-10)
        spread = (rows["w"] * (rows["y"] - mean) ** 2).sum()
        assert found.spread[at] == pytest.approx(spread, rel=1e-9)
