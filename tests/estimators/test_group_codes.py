"""Group codes are those of a plain group-by, whatever the columns hold and however many groups there are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lonely_analysis.estimators import group_codes


def plain(frame: pd.DataFrame, by: list[str], inside: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    kept = frame[inside].dropna(subset=by)
    code = pd.Series(-1, index=frame.index)
    grouped = kept.groupby(by, sort=True, observed=True)
    code[kept.index] = grouped.ngroup()
    return code.to_numpy(), kept[by].drop_duplicates().sort_values(by, ignore_index=True)


@pytest.mark.parametrize("table", [4, 60, 2**20])
@pytest.mark.parametrize("by", [["a"], ["a", "b"], ["b", "c", "a"]])
@pytest.mark.parametrize("some", [False, True])
def test_groups_are_those_of_a_group_by_however_small_the_table(by, some, table, monkeypatch):
    monkeypatch.setattr(group_codes, "_TABLE", table)
    monkeypatch.setattr(group_codes, "_FEW", table)
    rng = np.random.default_rng(3)
    n = 500
    frame = pd.DataFrame(
        {
            "a": pd.Categorical(
                rng.choice(["x", "y", "z"], n), categories=["z", "none", "y", "x"], ordered=True
            ),
            "b": rng.integers(-4, 9, n),
            "c": rng.choice(["low", "high", None], n),
        }
    )
    frame.loc[rng.random(n) < 0.1, "a"] = np.nan
    inside = rng.random(n) < 0.3 if some else np.ones(n, dtype=bool)
    code, groups = group_codes.group_rows(frame, by, inside)
    expected, rows = plain(frame, by, inside)
    np.testing.assert_array_equal(code, expected)
    pd.testing.assert_frame_equal(groups, rows, check_dtype=False)


def test_nobody_inside_gives_no_group():
    code, groups = group_codes.group_rows(pd.DataFrame({"a": [1, 2]}), ["a"], np.zeros(2, dtype=bool))
    assert (code == -1).all()
    assert list(groups) == ["a"]
    assert groups.empty
