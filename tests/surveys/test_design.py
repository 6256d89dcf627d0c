"""A design refuses what cannot be used, and says which column, how many rows and what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la


def frame(**columns: object) -> pd.DataFrame:
    base = {"w": [1.0, 2.0, 1.0, 3.0], "s": ["a", "a", "b", "b"], "p": [1, 2, 1, 2], "y": [0, 1, 1, 0]}
    return pd.DataFrame(base | columns)


def bind(data: pd.DataFrame, **names: str) -> la.SurveyDesign:
    return la.SurveyDesign(data, **({"weight": "w", "stratum": "s", "psu": "p"} | names))


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1.0, np.nan, 1.0, np.nan], ["'w'", "2 missing"]),
        ([1.0, np.inf, 1.0, 1.0], ["'w'", "1 infinite"]),
        ([1.0, -1.0, -2.0, 1.0], ["'w'", "2 negative"]),
        ([0.0, 0.0, 0.0, 0.0], ["'w'", "all weights", "0"]),
        (["1", "2", "x", "4"], ["'w'", "not numbers", "1 of 4 rows", "'x'"]),
        ([1.0, 2.0, "heavy", "much"], ["'w'", "not numbers", "2 of 4 rows", "'heavy'"]),
        (["1", "2", "3", "4"], ["'w'", "not numbers", "stored as text"]),
        ([True, True, True, True], ["'w'", "not numbers"]),
    ],
)
def test_weights_that_cannot_be_used_are_refused_by_name_and_count(weights: list, words: list[str]) -> None:
    with pytest.raises(la.DataError) as caught:
        bind(frame(w=weights))
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(("column", "role"), [("s", "stratum"), ("p", "PSU")])
def test_a_missing_stratum_or_psu_is_refused(column: str, role: str) -> None:
    with pytest.raises(la.DataError, match=rf"{role} column '{column}' is missing in 1 row:"):
        bind(frame(**{column: [1.0, None, 1.0, 2.0]}))


def test_an_absent_column_is_named_with_those_there_are() -> None:
    with pytest.raises(la.DataError, match=r"no column .weigth. in the data\. Columns: w, s, p, y"):
        bind(frame(), weight="weigth")


def test_a_column_that_occurs_twice_is_refused() -> None:
    doubled = pd.concat([frame(), frame()[["w"]]], axis=1)
    with pytest.raises(la.DataError, match="'w' occurs 2 times"):
        bind(doubled)


def test_an_unknown_single_psu_rule_lists_the_rules() -> None:
    with pytest.raises(la.DataError, match="fail, adjust, average, certainty, remove"):
        bind(frame(), single_psu="centre")


def test_an_empty_frame_and_a_thing_that_is_no_frame_are_refused() -> None:
    with pytest.raises(la.DataError, match="no rows"):
        bind(frame().iloc[:0])
    with pytest.raises(la.DataError, match="a frame is needed"):
        la.SurveyDesign([1, 2, 3], weight="w")


def test_changes_to_the_frame_after_binding_do_not_reach_the_design() -> None:
    data = frame()
    design = bind(data)
    data.loc[:, "y"] = 1
    assert la.mean(design, "y").estimate == pytest.approx(3 / 7)


def test_a_changed_design_keeps_the_rest_and_is_checked_again() -> None:
    design = bind(frame(), single_psu="adjust", source="euls")
    changed = design.replace(weight=None, single_psu="average")
    assert (changed.weight, changed.single_psu, changed.psu, changed.source) == (None, "average", "p", "euls")
    assert design.weight == "w"
    with pytest.raises(la.DataError, match="'w' has 1 negative"):
        design.replace(frame=frame(w=[1.0, -1.0, 1.0, 1.0]))
