"""Intervals of published percentages from their n: against R prop.test, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

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


@pytest.mark.slow
@pytest.mark.parametrize("n", [150, 1800, 20_000])
def test_intervals_cover_simple_random_samples_only_and_not_from_coarse_percentages(n, record_property):
    """A design effect of 2 leaves 1.96 / sqrt 2 standard errors, which hold 83.4 %: the note warns of it.

    A whole percent adds an error of up to half a point, which is much beside a small standard error.
    """
    rng, samples = np.random.default_rng(20_261_241), 20_000
    truth = rng.uniform(0.05, 0.5, samples)

    def held(counts, decimals):
        rounded = np.round(100 * counts / n, decimals)
        table = pd.DataFrame({"row": np.arange(samples), "n": n, "percent": rounded})
        found = la.interval_from_n(table, "percent", by="row").table
        return float(((found["ci_low"] <= truth) & (truth <= found["ci_high"])).mean())

    independent = rng.binomial(n, truth)
    pairs = 2 * rng.binomial(n // 2, truth)  # everybody answers as one other person does
    drawn = f"published share, {n:,} persons"
    covers = {f"{drawn}, one decimal": held(independent, 1)}
    limits = {
        f"{drawn}, design effect 2": held(pairs, 1),
        f"{drawn}, whole percent": held(independent, 0),
    }
    record_property("covers", covers)
    record_property("limits", limits)
    assert all(0.935 < found < 0.965 for found in covers.values()), covers
    ends = 1.959964 * np.array([[-1], [1]]) + rng.uniform(-0.005, 0.005, samples) / np.sqrt(
        truth * (1 - truth) / n
    )
    expected = [0.8342, np.diff(ndtr(ends), axis=0).mean()]
    np.testing.assert_allclose(list(limits.values()), expected, atol=0.01)
