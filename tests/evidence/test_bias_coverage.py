"""What small-study methods hold: where their model is true, where effects differ, where results are selected.

No interval of these methods is meant to hold the mean of all studies whatever happens: the rows say how far
each may be believed (Carter, Schönbrodt, Gervais and Hilgard 2019 find the same order).
"""

from __future__ import annotations

import numpy as np
import pytest
from simulated_studies import MEAN, VARIED, draw, holds, published

import lonely_analysis as la

SAMPLES, K = 2000, 20
#: Trim-and-fill pools anew several times a sample.
REFITTED = 500
#: Chance that a result without a significant gain is published, where results are selected.
KEPT = 0.2


@pytest.mark.slow
@pytest.mark.parametrize("tau2", [0.0, 0.05])
def test_eggers_test_rejects_at_its_level_where_effects_are_alike(tau2, record_property):
    """Weights 1 / vi are those of one true effect; where effects differ it rejects too often."""
    rng = np.random.default_rng(20_261_221)
    rejected = np.mean([la.egger(*draw(rng, K, tau2, VARIED)).p < 0.05 for _ in range(SAMPLES)])
    record_property("rejects", {f"no small-study effect (Egger), {K} studies, tau² {tau2:g}": rejected})
    assert abs(rejected - 0.05) < 0.015 if tau2 == 0 else 0.06 < rejected < 0.13


#: Lowest and highest share allowed, of PET, PEESE and the one chosen: tau2, share of the insignificant kept.
LINES = {
    (0.0, 1.0): ((0.935, 0.965),) * 3,
    (0.05, 1.0): ((0.845, 0.895),) * 3,
    (0.0, KEPT): ((0.94, 0.98), (0.91, 0.96), (0.88, 0.93)),
    (0.05, KEPT): ((0.87, 0.93), (0.73, 0.80), (0.71, 0.78)),
}


@pytest.mark.slow
@pytest.mark.parametrize(("tau2", "kept"), LINES)
def test_pet_and_peese_cover_only_where_effects_are_alike_and_all_published(tau2, kept, record_property):
    rng, hits = np.random.default_rng(20_261_222), np.zeros(3)
    for _ in range(SAMPLES):
        found = la.pet_peese(*published(rng, K, tau2, kept))
        held = holds(found.table, MEAN)
        hits += [*held, held[found.table["method"] == found.chosen][0]]
    drawn = f"{K} studies, tau² {tau2:g}, {'all' if kept == 1 else 'selectively'} published"
    shares = dict(
        zip((f"{name}, {drawn}" for name in ("PET", "PEESE", "PET-PEESE")), hits / SAMPLES, strict=True)
    )
    record_property("covers" if (tau2, kept) == (0.0, 1.0) else "limits", shares)
    for share, (low, high) in zip(hits / SAMPLES, LINES[tau2, kept], strict=True):
        assert low < share < high, shares


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tau2", "kept", "band"),
    [(0.0, 1.0, (0.88, 0.95)), (0.05, 1.0, (0.84, 0.92)), (0.05, KEPT, (0.51, 0.65))],
)
def test_trim_and_fill_holds_the_mean_less_often_than_it_says(tau2, kept, band, record_property):
    """It fills in studies by chance where none is missing, and too few of those that are (Carter 2019)."""
    rng, hits = np.random.default_rng(20_261_223), np.zeros(2)
    for _ in range(REFITTED):
        pooled = la.pool(*published(rng, K, tau2, kept))
        hits += [holds(one.to_frame(), MEAN)[0] for one in (pooled, la.trim_and_fill(pooled))]
    drawn = f"{K} studies, tau² {tau2:g}, {'all' if kept == 1 else 'selectively'} published"
    plain, filled = hits / REFITTED
    record_property("limits", {f"plain pool, {drawn}": plain, f"trim-and-fill, {drawn}": filled})
    assert band[0] < filled < band[1]
    assert (filled > plain) == (kept < 1)


#: Lowest and highest share allowed of the mean's interval, by number of studies and share kept.
SELECTED = {
    (20, KEPT): (0.86, 0.92),
    (100, 1.0): (0.935, 0.965),
    (100, KEPT): (0.91, 0.95),
    (250, KEPT): (0.935, 0.965),
}


@pytest.mark.slow
@pytest.mark.parametrize(("k", "kept"), SELECTED)
def test_a_selection_model_covers_the_mean_with_many_studies(k, kept, record_property):
    """Wald intervals of maximum likelihood, which need more studies where more are selected.

    Those of tau2 and delta are missing at a bound, and rougher: they are skewed, the intervals are not.
    """
    rng, tau2, samples = np.random.default_rng(20_261_224), 0.05, SAMPLES // 2
    hits, fitted = np.zeros(3), 0
    while fitted < samples:
        try:
            model = la.selection_model(*published(rng, k, tau2, kept))
        except la.EstimationError:  # all on one side of the step: the analyst gets no interval
            continue
        fitted += 1
        hits += holds(model.table, np.array([MEAN, tau2, kept]))
    drawn = f"{k} studies, {'all' if kept == 1 else 'selectively'} published"
    names = ("mean", "tau²", "delta")
    shares = {f"selection model: {name}, {drawn}": s for name, s in zip(names, hits / samples, strict=True)}
    mean, *rest = shares
    low, high = SELECTED[k, kept]
    record_property("covers" if low == 0.935 else "limits", {mean: shares[mean]})
    record_property("limits", {name: shares[name] for name in rest})
    assert low < shares[mean] < high, shares
    assert all((0.89 if k > 20 else 0.76) < shares[name] < 0.965 for name in rest), shares
