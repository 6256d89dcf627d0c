"""The Rao-Scott test: Pearson's test where there is no design, invariances, and messages."""

from __future__ import annotations

import warnings

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


MISSING = pd.DataFrame(
    {
        "s": np.repeat([1, 2, 3], 8),
        "p": np.tile(np.repeat([1, 2, 3, 4], 2), 3),
        "w": np.tile([1, 2, 1.5, 3], 6),
        "y": [0, 1, 1, 0, 1, 1, 0, None, 1, 0, 1, 1, None, None, 0, 0, 1, 0, 0, 1, 1, 0, 1, 1],
        "g": ["a", "b", "b"] * 8,
    }
)


def test_psus_without_an_answer_give_no_degrees_of_freedom_as_in_r() -> None:
    # R survey 4.1-1: svychisq(~y + g, subset(design, !is.na(y))), where one PSU has no answer at all.
    result = la.rao_scott(la.SurveyDesign(MISSING, weight="w", stratum="s", psu="p"), "y", "g")
    assert result.statistic == pytest.approx(15.7114036039928, rel=1e-12)
    assert (result.df1, result.df2) == pytest.approx((1.0, 8.0), rel=1e-12)
    assert result.p == pytest.approx(0.00415507768128086, rel=1e-12)


def test_a_category_of_rows_that_do_not_count_is_none() -> None:
    # Such a category has share 0 in every group, and the statistic was NaN.
    more = FRAME.assign(
        a=FRAME["a"].mask(FRAME.index < 3, "weightless").mask(FRAME.index.isin([3, 4]), "elsewhere"),
        w=FRAME["w"].mask(FRAME.index < 3, 0.0),
        b=FRAME["b"].mask(FRAME.index.isin([3, 4])),
    )
    found = la.rao_scott(la.SurveyDesign(more, weight="w", stratum="s", psu="p"), "a", "b")
    without = more.assign(a=more["a"].where(more["a"].isin(["x", "y", "z"])))
    expected = la.rao_scott(la.SurveyDesign(without, weight="w", stratum="s", psu="p"), "a", "b")
    pd.testing.assert_frame_equal(found.to_frame(), expected.to_frame())


def test_replicates_of_the_survey_bring_their_own_degrees_of_freedom() -> None:
    columns = {f"r{k}": FRAME["w"] * (1 + ((FRAME["p"] == k) - 0.5) / 5) for k in range(4)}
    design = la.SurveyDesign(FRAME.assign(**columns), weight="w", stratum="s", psu="p")
    made = la.replicates(design, columns=list(columns), scale=1.0)
    result = la.rao_scott(design, "b", "a", replicates=made)
    assert result.df2 / result.df1 == pytest.approx(made.df)


def test_shares_without_variance_are_refused() -> None:
    # One PSU under the rule "remove" gave an infinite statistic and p = NaN.
    one = la.SurveyDesign(FRAME.assign(p=1), psu="p", single_psu="remove")
    with pytest.raises(la.EstimationError, match="a by b have no variance here"):
        la.rao_scott(one, "a", "b")
    # Under "adjust" the variance is that of the total of all scores, which is 0 but for rounding: F was 1e31.
    with pytest.raises(la.EstimationError, match="a by b have no variance here"):
        la.rao_scott(la.SurveyDesign(FRAME.assign(p=1), weight="w", psu="p", single_psu="adjust"), "a", "b")


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


def test_a_replicate_that_draws_nobody_adds_nothing() -> None:
    columns = {f"r{k}": FRAME["w"] * (1 + ((FRAME["p"] == k) - 0.5) / 5) for k in range(4)}
    nobody = FRAME["w"].where(FRAME["s"] == 4, 0.0)
    design = la.SurveyDesign(FRAME.assign(nobody=nobody, **columns), weight="w")
    results = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # NumPy warned of 0 / 0
        for names in (list(columns), [*columns, "nobody"]):
            made = la.replicates(design, columns=names, scale=1.0)
            results.append(la.rao_scott(design, "b", "a", where="s < 4", replicates=made))
    assert results[0].statistic == pytest.approx(results[1].statistic, rel=1e-12)
