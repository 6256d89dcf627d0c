"""Hard sums against rational arithmetic: weights over ten orders of magnitude, rare outcomes, 2 to 5 PSUs.

Means and shares are compared so in ``test_prevalence.py``; here are a regression and surveys in parts.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

BOUND = {"weight": "w", "stratum": "s", "psu": "p"}


def exact_line(frame: pd.DataFrame) -> tuple[list[Fraction], list[Fraction]]:
    """Coefficients of ``y ~ x`` and their sandwich variances, from the definitions, without rounding."""
    rows = [
        (Fraction(w), Fraction(x), Fraction(y), s, p)
        for w, x, y, s, p in frame[["w", "x", "y", "s", "p"]].itertuples(index=False, name=None)
    ]
    sw, sx = sum(w for w, *_ in rows), sum(w * x for w, x, *_ in rows)
    sxx, sy = sum(w * x * x for w, x, *_ in rows), sum(w * y for w, _, y, *_ in rows)
    sxy = sum(w * x * y for w, x, y, *_ in rows)
    det = sw * sxx - sx * sx
    beta = [(sxx * sy - sx * sxy) / det, (sw * sxy - sx * sy) / det]
    bread = [[sxx / det, -sx / det], [-sx / det, sw / det]]
    strata: dict = {}
    for w, x, y, s, p in rows:
        rest = w * (y - beta[0] - beta[1] * x)
        total = strata.setdefault(s, {}).setdefault(p, [Fraction(0), Fraction(0)])
        for k in (0, 1):
            total[k] += bread[k][0] * rest + bread[k][1] * rest * x
    variance = [Fraction(0), Fraction(0)]
    for totals in strata.values():
        n = len(totals)
        for k in (0, 1):
            centre = sum(t[k] for t in totals.values()) / n
            variance[k] += Fraction(n, n - 1) * sum((t[k] - centre) ** 2 for t in totals.values())
    return beta, variance


@pytest.mark.parametrize("psus", [2, 3, 5])
@pytest.mark.parametrize("rare", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_a_regression_with_weights_over_ten_orders_of_magnitude_loses_no_digits(psus, rare, seed):
    rng, n = np.random.default_rng(seed), 60
    frame = pd.DataFrame(
        {
            "w": rng.uniform(1, 9, n).round(2) * 10.0 ** rng.integers(-5, 6, n),
            "s": np.arange(n) % 2,
            "p": np.arange(n) // 2 % psus,
            "x": rng.integers(-4, 5, n).astype(float),
            "y": (rng.random(n) < (0.03 if rare else 0.4)).astype(float),
        }
    )
    frame.loc[7, "y"], frame.loc[8, "y"] = 1.0, 0.0
    beta, variance = exact_line(frame)
    table = la.regress(la.SurveyDesign(frame, **BOUND), "y ~ x", family="linear").to_frame()
    # A few people carry nearly all the weight, so that a coefficient is a small rest of larger sums.
    scale = max(abs(float(b)) for b in beta)
    np.testing.assert_allclose(table["estimate"], [float(b) for b in beta], rtol=1e-9, atol=1e-12 * scale)
    np.testing.assert_allclose(table["se"], [float(v) ** 0.5 for v in variance], rtol=1e-6)


@pytest.mark.parametrize("apart", [0.0, 1e3])
@pytest.mark.parametrize("batch", [37, 2**18])
def test_surveys_in_parts_keep_their_digits_with_extreme_weights_and_groups_far_apart(
    apart, batch, tmp_path, monkeypatch
):
    rng, n = np.random.default_rng(1), 2000
    psu = np.sort(rng.integers(0, 100, n))
    frame = pd.DataFrame({"p": psu, "s": psu % 10, "w": rng.gamma(2, 1, n) * 10.0 ** rng.integers(-5, 6, n)})
    frame["g"] = rng.choice(["a", "b"], n)
    frame["x"] = np.where(frame["g"] == "b", apart, 0.0) + rng.normal(size=n)
    frame["y"] = 0.0
    frame.loc[rng.choice(n, 2, replace=False), "y"] = 1.0
    for number, part in frame.groupby(frame["p"] // 25):
        part.to_parquet(tmp_path / f"{number}.parquet")
    monkeypatch.setattr("lonely_analysis.surveys.parts._BATCH", batch)
    whole, parts = la.SurveyDesign(frame, **BOUND), la.SurveyDesign(la.parts(tmp_path), **BOUND)
    for estimate, outcome in ((la.mean, "x"), (la.prevalence, "y")):
        one, other = (estimate(d, outcome, by="g").to_frame() for d in (whole, parts))
        np.testing.assert_allclose(other["estimate"], one["estimate"], rtol=1e-9)
        # Moments of groups that lie d standard deviations from the first part lose d^2 of 1e16.
        np.testing.assert_allclose(other["se"], one["se"], rtol=1e-8)
