"""Intervals of published percentages from their n: against R prop.test, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

TABLE = pd.DataFrame({"group": ["a", "b", "c"], "n": [1798, 155, 40], "percent": [23.0, 26.0, 0.0]})
#: R 4.2.2: prop.test(p * n, n, correct = FALSE)$conf.int of the three rows.
WILSON = [
    (0.211135929632593, 0.250015330237147),
    (0.197344480881703, 0.334263950869195),
    (0.0, 0.0876216011972866),
]


def test_the_interval_is_wilsons():
    found = la.interval_from_n(TABLE, "percent", by="group").to_frame()
    np.testing.assert_allclose(found[["ci_low", "ci_high"]], WILSON, rtol=1e-12, atol=1e-14)


def test_the_error_is_that_of_a_simple_random_sample_and_the_note_says_so():
    found = la.interval_from_n(TABLE, "percent", by="group")
    assert found.row(group="a").se == pytest.approx(np.sqrt(0.23 * 0.77 / 1798), rel=1e-12)
    assert set(found.to_frame()["deff"]) == {1.0}
    assert "simple random sampling" in found.note


def test_a_published_table_keeps_its_source_and_is_never_synthetic():
    found = la.interval_from_n(
        la.published("prevalence_norway_ssb2020"), "troubled_14_days_pct", by=["group", "sex"]
    )
    assert found.source == "prevalence_norway_ssb2020"
    assert len(found) == 57


@pytest.mark.parametrize(
    ("change", "by", "message"),
    [
        ({"percent": [23.0, 126.0, 0.0]}, "group", "'percent' has 1 values that are missing or outside"),
        ({"n": [1798, np.nan, 40]}, "group", "'n' is missing or below 2 in 1 rows"),
        ({"group": ["a", "a", "c"]}, "group", "two rows are called a"),
        ({}, "sex", "no column 'sex'"),
    ],
)
def test_tables_that_cannot_have_intervals_are_refused(change, by, message):
    with pytest.raises(la.DataError, match=message):
        la.interval_from_n(TABLE.assign(**change), "percent", by=by)
