"""Moments stand for the PSU totals that they were made of, wherever the outcome is measured from."""

from __future__ import annotations

import numpy as np
import pytest

from lonely_analysis.estimators.part_moments import added, joined, of_psus, over_strata

K = 3


def drawn(seed: int, n_psu: int = 40) -> tuple[np.ndarray, ...]:
    """Draw PSU totals in some domains: stratum, domain, S and T, and the sizes of the strata."""
    rng = np.random.default_rng(seed)
    stratum_of_psu = np.sort(rng.integers(0, 6, n_psu))
    psu, domain = np.nonzero(rng.random((n_psu, K)) < 0.7)
    s = rng.gamma(2.0, size=len(psu))
    sizes = np.bincount(stratum_of_psu, minlength=6)
    return stratum_of_psu[psu], domain, s, s * rng.normal(0.3, 1.0, len(psu)), sizes


@pytest.mark.parametrize("seed", range(4))
def test_squares_are_those_of_deviations_from_the_mean_of_each_stratum(seed) -> None:
    stratum, domain, s, t, sizes = drawn(seed)
    found = over_strata(of_psus(stratum, domain, s, t), sizes, "fail", K)
    for d in range(K):
        expected = 0.0
        for h in np.flatnonzero(sizes > 1):
            here = (stratum == h) & (domain == d)
            totals = np.append(t[here], np.zeros(sizes[h] - here.sum()))
            expected += sizes[h] / (sizes[h] - 1) * ((totals - totals.mean()) ** 2).sum()
        assert found.squares[2, d] == pytest.approx(expected, rel=1e-12)
        assert found.psus[d] == (domain == d).sum()
        assert found.strata[d] == len(np.unique(stratum[domain == d]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rule", ["adjust", "remove"])
def test_measuring_from_elsewhere_before_or_after_is_the_same(seed, rule) -> None:
    stratum, domain, s, t, sizes = drawn(seed)
    up = np.array([0.5, -2.0, 7.0])
    directly = over_strata(of_psus(stratum, domain, s, t + up[domain] * s), sizes, rule, K)
    for moved in (
        over_strata(of_psus(stratum, domain, s, t).moved(up), sizes, rule, K),
        over_strata(of_psus(stratum, domain, s, t), sizes, rule, K).moved(up),
    ):
        np.testing.assert_allclose(moved.squares, directly.squares, rtol=1e-10)


def test_moments_add_up_over_parts_under_the_codes_of_all() -> None:
    stratum, domain, s, t, sizes = drawn(5)
    first = np.arange(len(s)) < 20
    halves = [of_psus(stratum[rows], domain[rows], s[rows], t[rows]) for rows in (first, ~first)]
    turned = [half.renumbered(np.arange(6)[::-1], np.array([1, 2, 0])) for half in halves]
    found = over_strata(added(joined(turned)), sizes[::-1], "fail", K)
    whole = over_strata(of_psus(stratum, domain, s, t), sizes, "fail", K).renumbered(np.array([1, 2, 0]), K)
    np.testing.assert_allclose(found.squares, whole.squares, rtol=1e-12)
    np.testing.assert_array_equal(found.strata, whole.strata)
