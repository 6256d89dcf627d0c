"""Cells add up to a plain group-by, however rows are ordered, stored and cut into chunks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.estimators import cell_sums
from lonely_analysis.estimators.cell_sums import Outcome
from lonely_analysis.estimators.group_codes import group_codes
from lonely_analysis.estimators.psus import coded


@st.composite
def people(draw) -> pd.DataFrame:
    """Draw people of few PSUs of very unequal size, in any order, some without weight, group or answer."""
    n = draw(st.integers(4, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    psu = np.sort(rng.integers(0, draw(st.integers(1, n)), n))
    frame = pd.DataFrame(
        {
            "psu": psu if draw(st.booleans()) else rng.permutation(psu),
            "w": rng.gamma(2.0, size=n),
            "group": rng.integers(0, draw(st.integers(1, 5)), n) * draw(st.integers(1, 9)),
            "whole": rng.integers(0, 2, n).astype(draw(st.sampled_from(["int8", "bool", "uint8", "int64"]))),
            "number": rng.normal(size=n),
        }
    )
    if draw(st.booleans()):
        frame.loc[rng.random(n) < 0.2, "w"] = 0.0
        frame.loc[0, "w"] = 1.0
    if draw(st.booleans()):
        frame.loc[rng.random(n) < 0.2, "number"] = np.nan
    return frame


def plain(
    frame: pd.DataFrame, outcome: str, unit: pd.Series, inside: np.ndarray, shift: float
) -> pd.DataFrame:
    """Return sum(w) and sum(w (y - shift)) by PSU and group, with pandas."""
    kept = inside & frame[outcome].notna() & (frame["w"] > 0)
    rows = pd.DataFrame({"psu": unit, "group": frame["group"], "weight": frame["w"]})
    rows["total"] = frame["w"] * (frame[outcome].astype(float) - shift)
    return rows[kept].groupby(["psu", "group"])[["weight", "total"]].sum()


@pytest.mark.parametrize("by_row", [False, True])
@given(
    frame=people(),
    outcome=st.sampled_from(["whole", "number"]),
    by=st.booleans(),
    some=st.booleans(),
    shift=st.sampled_from([0.0, 0.75]),
    limits=st.sampled_from([(7, 1, 1), (16, 9, 20), (3, 2**16, 5), (2**16, 2**16, 2**20), (50, 1, 2**20)]),
)
def test_cells_are_those_of_a_group_by(by_row, frame, outcome, by, some, shift, limits) -> None:
    frame = frame if by else frame.assign(group=0)
    inside = frame["number"].to_numpy() > -0.3 if some else np.ones(len(frame), dtype=bool)
    psus = coded(la.SurveyDesign(frame, weight="w", psu="psu"))
    groups = group_codes(frame, ["group"] if by else [], inside)
    labels = np.sort(frame["group"].unique()) if by else np.zeros(1, dtype=int)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip(("_CHUNK", "_CACHED", "_TABLE"), limits, strict=True):
            patch.setattr(cell_sums, name, value)
        stored = frame[outcome].to_numpy()
        found = cell_sums.cell_sums(psus, groups, Outcome(stored, shift), by_row=by_row)
    unit = pd.Series(np.arange(len(frame)) if by_row else psus.psu)
    expected = plain(frame, outcome, unit, inside, shift)
    cells = pd.DataFrame({name: getattr(found, name) for name in ("psu", "weight", "total")})
    cells = cells.assign(group=labels[found.domain]).groupby(["psu", "group"]).sum()
    pd.testing.assert_frame_equal(cells, expected, check_dtype=False, check_index_type=False, rtol=1e-12)
    within = frame["group"][inside]
    assert found.inside.tolist() == [int((within == label).sum()) for label in labels]
    counted = within[(frame[outcome].notna() & (frame["w"] > 0))[inside]]
    assert found.count.tolist() == [int((counted == label).sum()) for label in labels]


def test_a_psu_larger_than_a_chunk_is_summed_whole(monkeypatch) -> None:
    monkeypatch.setattr(cell_sums, "_CHUNK", 4)
    frame = pd.DataFrame({"psu": [0] * 11 + [1] * 2, "y": 1.0, "g": [0, 1] * 6 + [0]})
    psus = coded(la.SurveyDesign(frame, psu="psu"))
    found = cell_sums.cell_sums(
        psus, group_codes(frame, ["g"], np.ones(13, dtype=bool)), Outcome(frame["y"].to_numpy())
    )
    totals = pd.Series(found.total).groupby([found.psu, found.domain]).sum()
    assert totals.to_dict() == {(0, 0): 6.0, (0, 1): 5.0, (1, 0): 1.0, (1, 1): 1.0}
