"""How often intervals around a pool hold the truth, and where theory says that they cannot: few studies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import chdtri, ndtr, stdtrit
from scipy.stats import chi2
from simulated_studies import MEAN, draw, holds

import lonely_analysis as la
from lonely_analysis.evidence.random_effects import tau2_where_q_is

SETS = 20_000


@pytest.mark.slow
@pytest.mark.parametrize(("k", "tau2"), [(5, 0.05), (20, 0.05), (20, 0.3)])
def test_the_interval_of_the_spread_covers(k, tau2, record_property):
    """Q-profile: Q at the true tau2 is chi-squared, whatever the number of studies (Viechtbauer 2007)."""
    covered = spread_is_held(k, tau2)
    record_property("covers", {f"spread between studies, {k} studies, tau² {tau2:g}": covered})
    assert abs(covered - 0.95) < 0.005


@pytest.mark.slow
def test_the_interval_of_no_spread_covers_too_often(record_property):
    """A tau2 of 0 can only be missed from above: the interval holds it in 97.5 % of sets."""
    covered = spread_is_held(20, 0.0)
    record_property("limits", {"spread between studies, 20 studies, tau² 0": covered})
    assert abs(covered - 0.975) < 0.005


def spread_is_held(k: int, tau2: float) -> float:
    """Return the share of sets whose interval of tau holds it; the first sets through ``between_sd``."""
    y, v = draw(np.random.default_rng(20_261_201), (SETS, k), tau2)
    ends = [tau2_where_q_is(chdtri(k - 1, tail), y, v, np.ones((k, 1))) for tail in (0.025, 0.975)]
    low, high = np.sqrt(ends)
    for i in range(20):
        shown = la.between_sd(la.pool(y[i], v[i]))
        np.testing.assert_allclose([shown.ci_low, shown.ci_high], [low[i], high[i]], rtol=1e-9, atol=1e-12)
    return float(((low <= np.sqrt(tau2)) & (np.sqrt(tau2) <= high)).mean())


#: Share of sets whose interval holds it, tau2 0.05: mean under z, mean under Knapp-Hartung, next study.
#: The prediction interval takes tau2 as known (Higgins, Thompson and Spiegelhalter 2009), z takes it as known
#: for the mean as well.
FEW = {
    3: (0.889, 0.942, 0.882),
    5: (0.901, 0.940, 0.856),
    10: (0.918, 0.943, 0.864),
    20: (0.930, 0.944, 0.905),
}


@pytest.mark.slow
@pytest.mark.parametrize("k", FEW)
def test_with_few_studies_only_knapp_hartung_covers(k, record_property):
    rng = np.random.default_rng(20_261_202)
    y, v = draw(rng, (SETS, k), tau2=0.05)
    new = rng.normal(MEAN, np.sqrt(0.05), SETS)
    plain, scaled = (la.pool_many(y, v, test=test) for test in ("z", "knha"))
    shares = {
        f"mean, {k} studies, z": holds(plain, MEAN).mean(),
        f"mean, {k} studies, Knapp-Hartung": holds(scaled, MEAN).mean(),
        f"next study, {k} studies": holds(scaled, new, "pi").mean(),
    }
    record_property("limits", shares)
    assert np.abs(np.array(list(shares.values())) - FEW[k]).max() < 0.01, shares
    assert 0.935 < shares[f"mean, {k} studies, Knapp-Hartung"] < 0.965


@pytest.mark.slow
def test_each_pool_without_a_study_covers_but_not_the_one_picked_for_its_size(record_property):
    rng, samples = np.random.default_rng(20_261_203), 2000
    each, lowest = 0.0, 0
    for _ in range(samples):
        table = la.leave_one_out(la.pool(*draw(rng, 20, tau2=0.05)))
        held = holds(table, MEAN)
        each += held.mean()
        lowest += held[table["estimate"].argmin()]
    record_property("covers", {"mean, one of 20 studies left out": each / samples})
    record_property("limits", {"mean, the lowest of 20 pools with a study left out": lowest / samples})
    assert 0.935 < each / samples < 0.965
    assert 0.90 < lowest / samples < 0.94


@pytest.mark.slow
def test_the_interval_of_a_simulated_coverage_holds_what_an_integral_gives(record_property):
    """With equal variances Knapp-Hartung is Student's t: 95 % for the mean, an integral for the next."""
    k, v, tau2 = 6, 0.05, 0.05
    deviations = np.array([-1.5, -0.9, -0.3, 0.3, 0.9, 1.5])
    pooled = la.pool(deviations * np.sqrt((v + tau2) / deviations.var(ddof=1)), np.full(k, v), method="DL")
    assert pooled.tau2 == pytest.approx(tau2, rel=1e-12)
    truth = {"mean": 0.95, "next study": _next_study_held(k, v, tau2)}
    samples, hits = 1000, dict.fromkeys(truth, 0)
    for seed in range(samples):
        drawn = la.pool_coverage(pooled, seed=seed).set_index("held")
        for name, share in truth.items():
            hits[name] += bool(holds(drawn.loc[[name]], share)[0])
    shares = {f"share of sets that hold the {name}": count / samples for name, count in hits.items()}
    record_property("covers", shares)
    assert all(0.93 < share < 0.97 for share in shares.values()), shares


def _next_study_held(k: int, v: float, tau2: float) -> float:
    """Integrate over the sample variance, from which both tau2 and the standard error follow."""
    spread = np.sqrt(tau2 + (v + tau2) / k)

    def inside(u: float) -> float:
        s2 = (v + tau2) * u / (k - 1)
        reach = stdtrit(k - 1, 0.975) * np.sqrt(s2 / k + max(0.0, s2 - v))
        return (2 * ndtr(reach / spread) - 1) * chi2.pdf(u, k - 1)

    kink = v * (k - 1) / (v + tau2)
    return sum(quad(inside, low, high)[0] for low, high in ((0, kink), (kink, np.inf)))
