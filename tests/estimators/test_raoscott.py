"""The Rao-Scott test: Pearson's test where there is no design, invariances, and messages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

RNG = np.random.default_rng(31)
N = 600
FRAME = pd.DataFrame(
    {
        "w": RNG.gamma(2.0, 1.0, N),
        "s": RNG.integers(0, 5, N),
        "p": RNG.integers(0, 6, N),
        "a": RNG.choice(["x", "y", "z"], N),
        "b": RNG.choice(["u", "v"], N),
        "one": "same",
    }
)
DESIGN = la.SurveyDesign(FRAME, weight="w", stratum="s", psu="p")


def test_two_by_two_without_design_is_pearsons_chi_square() -> None:
    # 30 of 100 against 45 of 100: Pearson's X^2 is 4.8 by hand; with n-1 for n in the variance F is 4.8 *
    # 199/200.
    frame = pd.DataFrame({"g": np.repeat(["a", "b"], 100), "y": [1] * 30 + [0] * 70 + [1] * 45 + [0] * 55})
    result = la.rao_scott(la.SurveyDesign(frame), "y", "g")
    assert result.statistic == pytest.approx(4.8 * 199 / 200, rel=1e-10)
    assert (result.df1, result.df2) == pytest.approx((1.0, 199.0), rel=1e-10)


def test_which_variable_comes_first_does_not_matter() -> None:
    one, other = la.rao_scott(DESIGN, "a", "b"), la.rao_scott(DESIGN, "b", "a")
    np.testing.assert_allclose(one.to_frame(), other.to_frame(), rtol=1e-9)


def test_missing_answers_leave_the_table_and_not_the_design() -> None:
    holes = FRAME.assign(a=FRAME["a"].mask(FRAME["p"] == 0))
    design = la.SurveyDesign(holes, weight="w", stratum="s", psu="p")
    missing, asked = la.rao_scott(design, "a", "b"), la.rao_scott(DESIGN, "a", "b", where="p > 0")
    assert missing.statistic == pytest.approx(asked.statistic, rel=1e-12)
    assert missing.df1 == pytest.approx(asked.df1, rel=1e-12)


def test_replicates_and_linearisation_agree() -> None:
    made = la.replicates(DESIGN, method="jackknife")
    taylor, jackknife = la.rao_scott(DESIGN, "a", "b"), la.rao_scott(DESIGN, "a", "b", replicates=made)
    assert jackknife.statistic == pytest.approx(taylor.statistic, rel=0.02)


def test_a_constant_is_refused() -> None:
    with pytest.raises(la.EstimationError, match="one has one category"):
        la.rao_scott(DESIGN, "one", "b")


@pytest.mark.slow
def test_true_independence_is_rejected_in_5_percent_of_samples(record_property) -> None:
    """2,000 samples of independent answers that are correlated within PSUs."""
    rng = np.random.default_rng(20_240_502)
    rejected = 0
    for _ in range(2000):
        effect = np.repeat(rng.normal(0, 0.6, 60), 12)
        frame = pd.DataFrame(
            {
                "y": rng.random(720) < 1 / (1 + np.exp(1 - effect)),
                "g": rng.choice(["a", "b", "c"], 720),
                "s": np.repeat(np.arange(10), 72),
                "p": np.repeat(np.arange(60), 12),
                "w": rng.gamma(4.0, 0.25, 720),
            }
        )
        rejected += la.rao_scott(la.SurveyDesign(frame, "w", "s", "p"), "y", "g").p < 0.05
    record_property("rejects", {"independence": rejected / 2000})
    assert 0.035 <= rejected / 2000 <= 0.065
