"""Codes of PSUs are those of sorted pairs of stratum and PSU, however the rows are ordered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.estimators.psus import as_design, coded

FRAME = pd.DataFrame({"s": np.repeat(["b", "a", "c"], 20), "p": np.tile(["y", "x", "z", "v"], 15)})
DESIGN = la.SurveyDesign(FRAME, stratum="s", psu="p")


def test_psus_are_numbered_stratum_by_stratum_and_the_same_code_in_two_strata_is_two_psus() -> None:
    rows = coded(DESIGN)
    assert rows.psu_labels.tolist() == [(s, p) for s in "abc" for p in "vxyz"]
    assert rows.stratum_of_psu.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert [rows.psu_labels[code] for code in rows.psu] == list(zip(FRAME["s"], FRAME["p"], strict=True))
    assert coded(DESIGN) is rows


@given(
    labels=st.lists(st.tuples(st.integers(0, 3), st.integers(-2, 4)), min_size=1, max_size=30),
    kind=st.sampled_from(["int64", "float64", "str", "category", "Int64"]),
    arranged=st.booleans(),
    has=st.sampled_from([("s", "p"), (None, "p"), ("s", None), (None, None)]),
)
def test_rows_of_any_order_and_kind_find_their_psu(labels, kind, arranged, has) -> None:
    pairs = sorted(labels) if arranged else labels
    frame = pd.DataFrame(pairs, columns=["s", "p"], index=np.arange(len(pairs)) + 100)
    text = frame.astype(str) if kind == "category" else frame
    design = la.SurveyDesign(text.astype(kind), stratum=has[0], psu=has[1])
    rows = coded(design)
    stratum = design.frame["s"] if has[0] else pd.Series("all", index=frame.index)
    name = design.frame["p"] if has[1] else frame.index.to_series()
    assert [rows.psu_labels[code] for code in rows.psu] == list(zip(stratum, name, strict=True))
    assert rows.psu_labels.is_unique
    assert (np.diff(rows.stratum_of_psu) >= 0).all()
    assert rows.psus_in_stratum.sum() == rows.n_psu == len(set(zip(stratum, name, strict=True)))
    # What a chunk of rows relies on: sorted rows, and where each PSU begins among them.
    order = np.arange(len(frame)) if rows.order is None else rows.order
    assert np.diff(rows.psu[order]).min(initial=0) >= 0
    assert (
        np.split(rows.psu[order], rows.bounds[1:-1])[-1].tolist()
        == [rows.n_psu - 1] * np.diff(rows.bounds)[-1]
    )
    np.testing.assert_array_equal(np.repeat(np.arange(rows.n_psu), np.diff(rows.bounds)), rows.psu[order])


def test_any_estimator_takes_a_survey_or_its_design() -> None:
    assert as_design(DESIGN) is DESIGN
    survey = la.Survey(design=DESIGN, missing=pd.DataFrame(), provenance=None)
    assert as_design(survey) is DESIGN


def test_one_column_may_name_both_strata_and_psus() -> None:
    frame = pd.DataFrame({"y": [0, 1, 1, 0, 1, 0], "s": [1, 1, 2, 2, 3, 3]})
    with pytest.raises(la.DataError, match=r"3 of 3 strata \(s\) have one PSU"):
        la.prevalence(la.SurveyDesign(frame, stratum="s", psu="s"), "y")
