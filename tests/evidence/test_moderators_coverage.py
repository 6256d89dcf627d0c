"""How often intervals of meta-regressions and subgroups cover, and what few studies or clusters do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulated_studies import MEAN, VARIANCES, draw, holds

import lonely_analysis as la

SAMPLES = 2000
SLOPE, TAU2 = 0.2, 0.05
TRUTH = np.array([MEAN, SLOPE])
PARTS = ("mean", "slope")


@pytest.mark.slow
@pytest.mark.parametrize("test", ["knha", "z"])
def test_a_meta_regression_of_few_studies_covers_under_knapp_hartung_only(test, record_property):
    rng, k = np.random.default_rng(20_261_211), 10
    hits = np.zeros(2)
    for _ in range(SAMPLES):
        x = rng.normal(size=k)
        y, v = draw(rng, k, TAU2)
        fit = la.meta_regression(y + SLOPE * x, v, pd.DataFrame({"x": x}), test=test)
        hits += holds(fit.table, TRUTH)
    shares = hits / SAMPLES
    words = {"knha": "Knapp-Hartung", "z": "z"}[test]
    rows = {
        f"{part} of a meta-regression, {k} studies, {words}": s for part, s in zip(PARTS, shares, strict=True)
    }
    record_property("covers" if test == "knha" else "limits", rows)
    low, high = (0.935, 0.965) if test == "knha" else (0.90, 0.945)
    assert ((low < shares) & (shares < high)).all(), rows


#: Lowest and highest share of the robust interval of a cohort's moderator, by number of cohorts: the sandwich
#: is too small where they are few (Tipton 2015, Psychological Methods 20:375-393).
ROBUST = {10: (0.865, 0.925), 40: (0.905, 0.955)}


@pytest.mark.slow
@pytest.mark.parametrize("clusters", ROBUST)
def test_a_moderator_of_cohorts_needs_many_of_them_or_one_row_each(clusters, record_property):
    """Three rows a cohort share its true effect: as single studies they count thrice."""
    rng = np.random.default_rng(20_261_212)
    of = np.repeat(np.arange(clusters), 3)
    hits = {"rows as if independent": np.zeros(2), "robust": np.zeros(2), "one row a cohort": np.zeros(2)}
    for _ in range(SAMPLES // 2):
        level = rng.normal(size=clusters)
        truth = MEAN + SLOPE * level + rng.normal(0, np.sqrt(TAU2), clusters)
        v = rng.uniform(*VARIANCES, len(of))
        y = rng.normal(truth[of], np.sqrt(v))
        rows, cohorts = (pd.DataFrame({"level": values}) for values in (level[of], level))
        weights = (1 / v).reshape(clusters, 3)
        once = (weights * y.reshape(clusters, 3)).sum(axis=1) / weights.sum(axis=1)
        fits = (
            la.meta_regression(y, v, rows),
            la.meta_regression(y, v, rows, cluster=of),
            la.meta_regression(once, 1 / weights.sum(axis=1), cohorts),
        )
        for name, fit in zip(hits, fits, strict=True):
            hits[name] += holds(fit.table, TRUTH)
    shares = {name: count / (SAMPLES // 2) for name, count in hits.items()}
    for name, found in shares.items():
        rows = {f"{part}, {clusters} cohorts, {name}": s for part, s in zip(PARTS, found, strict=True)}
        record_property("covers" if name == "one row a cohort" else "limits", rows)
    assert (np.abs(shares["one row a cohort"] - 0.95) < 0.02).all(), shares
    assert (shares["rows as if independent"] < 0.90).all(), shares
    low, high = ROBUST[clusters]
    assert low < shares["robust"][1] < high, shares


@pytest.mark.slow
@pytest.mark.parametrize("k", [5, 20])
def test_subgroups_cover_and_few_studies_need_another_test_of_their_difference(k, record_property):
    """Q between subgroups takes their standard errors as known; the F test of a moderator does not."""
    rng, groups = np.random.default_rng(20_261_213), np.repeat(["a", "b", "c"], k)
    samples = SAMPLES // 2
    held, between, moderator = 0.0, 0, 0
    for _ in range(samples):
        y, v = draw(rng, 3 * k, TAU2)
        table, test = la.subgroups(y, v, groups)
        held += holds(table, MEAN).mean()
        between += test.p < 0.05
        moderator += la.meta_regression(y, v, pd.DataFrame({"group": groups})).q_moderators_p < 0.05
    drawn = f"3 subgroups of {k} studies"
    record_property("covers", {f"mean of one of {drawn}": held / samples})
    shares = {f"{drawn}, Q between them": between / samples, f"{drawn}, as a moderator": moderator / samples}
    record_property("rejects", shares)
    assert 0.935 < held / samples < 0.965, held / samples
    assert abs(moderator / samples - 0.05) < 0.02, shares
    low, high = {5: (0.09, 0.16), 20: (0.045, 0.095)}[k]
    assert low < between / samples < high, shares
