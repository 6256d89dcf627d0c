"""Published effects on one scale, correlations in people, and trials recomputed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la


@pytest.fixture(scope="module")
def outcomes():
    return la.published("effects_outcomes")


@pytest.fixture(scope="module")
def trials():
    return la.published("study_level_novak_rct_published_set").query("in_published_pool")


def test_correlations_and_ratios_become_d_by_borensteins_formulas(outcomes):
    """Borenstein 2009, p. 47-48: d = 2r / sqrt(1 - r²) and d = ln(OR) sqrt(3) / pi."""
    d = la.one_scale(outcomes.query("id in ['HOM2020', 'LARA2019']")).set_index("id")
    assert d.loc["HOM2020", "estimate"] == pytest.approx(2 * 0.336 / np.sqrt(1 - 0.336**2))
    assert d.loc["HOM2020", "ci_low"] == pytest.approx(2 * 0.315 / np.sqrt(1 - 0.315**2))
    assert d.loc["LARA2019", "estimate"] == pytest.approx(np.log(1.26) * np.sqrt(3) / np.pi)
    assert d.loc["LARA2019", "published"] == 1.26
    assert d.loc["LARA2019", "study"] == "Lara 2019"


@pytest.mark.parametrize(("scale", "row", "printed"), [("r", "HOM2020", 0.336), ("OR", "LARA2019", 1.26)])
def test_a_number_that_is_on_the_scale_already_stays(outcomes, scale, row, printed):
    assert la.one_scale(outcomes.query("id == @row"), scale)["estimate"].iloc[0] == pytest.approx(printed)


def test_a_limit_that_was_not_read_stays_missing(outcomes):
    d = la.one_scale(outcomes.query("id == 'PARK2020_dep'"))
    assert d["estimate"].notna().all()
    assert d[["ci_low", "ci_high"]].isna().all(axis=None)


def test_a_row_that_points_the_other_way_is_turned_with_its_limits(outcomes):
    turned = la.one_scale(outcomes.query("id == 'LASGAARD2025_rct'")).iloc[0]
    assert turned[["ci_low", "estimate", "ci_high"]].tolist() == [0.394, 0.501, 0.601]


def test_a_baseline_risk_moves_ratios_away_from_one_and_leaves_odds_ratios(outcomes):
    """An RR of 1.26 at a risk of 0.3 is an OR of 0.378 / 0.622 over 0.3 / 0.7, which is 1.418."""
    rows = outcomes.query("id in ['LARA2019', 'LUCHETTI2024_dem']")
    rare, common = (la.one_scale(rows, "OR", baseline_risk=risk) for risk in (None, 0.3))
    assert common["estimate"].iloc[0] == pytest.approx(0.378 / 0.622 / (0.3 / 0.7))
    assert (common["estimate"] > rare["estimate"]).all()
    odds = rows.assign(measure="OR")
    assert la.one_scale(odds, "OR", baseline_risk=0.3)["estimate"].tolist() == [1.26, 1.306]


def test_counts_and_unknown_scales_are_refused(outcomes):
    with pytest.raises(la.DataError, match="2 rows hold count"):
        la.one_scale(outcomes.query("measure == 'count'"))
    with pytest.raises(la.DataError, match="there are d, r, OR"):
        la.one_scale(outcomes, "z")


def test_a_correlation_in_people_is_the_share_of_simulated_persons():
    """A quarter million bivariate normal persons: Monte Carlo error 0.0014 in each half."""
    rng = np.random.default_rng(3)
    r = 0.5
    x = rng.normal(size=250_000)
    y = r * x + np.sqrt(1 - r**2) * rng.normal(size=len(x))
    row = la.in_people([r]).iloc[0]
    assert (y[x > 0] > 0).mean() == pytest.approx(row["lonelier_half"], abs=0.005)
    assert (y[x < 0] > 0).mean() == pytest.approx(row["other_half"], abs=0.005)
    assert row["explained"] == 0.25


def test_without_correlation_the_halves_are_alike():
    assert la.in_people([0.0])[["lonelier_half", "other_half", "superiority"]].iloc[0].tolist() == [0.5] * 3


def test_the_published_trial_effects_are_reproduced_from_means_and_correlations(trials):
    """Furstova and Novak 2025, rendered report: effects and standard errors printed to three decimals."""
    again = la.trial_effects(trials)
    assert np.allclose(again["yi"], trials["published_smd"], atol=0.0006)
    assert np.allclose(np.sqrt(again["vi"]), trials["published_se"], atol=0.0007)
    assert again.attrs["source"] == "study_level_novak_rct_published_set"


def test_back_computed_correlations_make_the_changes_of_both_arms_equal_in_size(trials):
    """t = sqrt(F) in both arms: arms of one size that both improved differ by nothing, whatever happened."""
    again = la.trial_effects(trials).set_index("label")
    equal = again.loc[["Iyer 2023", "Schwindenhammer 2014", "Robinson 2013"]]
    assert np.allclose(equal["change_treat"].abs(), equal["change_control"].abs(), atol=1e-5)


def test_effects_after_treatment_need_no_correlation(trials):
    """Hedges' g of Iyer 2023 by hand: (38.07 - 42.89) / 10.0814 times J(106)."""
    after = la.trial_effects(trials, measure="after").set_index("label")
    spread = np.sqrt((8.44**2 + 11.49**2) / 2)
    expected = (38.07 - 42.89) / spread * (1 - 3 / (4 * 106 - 1))
    assert after.loc["Iyer 2023", "yi"] == pytest.approx(expected, rel=1e-4)
    assert la.trial_effects(trials, 0.3, "after")["yi"].tolist() == after["yi"].tolist()


def test_what_is_no_trial_table_is_refused(trials):
    with pytest.raises(la.DataError, match="no column 'pre_mean_treat'"):
        la.trial_effects(pd.DataFrame({"id": ["a"], "study": ["A"]}))
    with pytest.raises(la.DataError, match="change, after"):
        la.trial_effects(trials, measure="before")


def test_intervals_of_a_pool_hold_the_mean_and_the_next_study_less_often_where_tau2_is_uncertain():
    """Twenty studies, tau2 as large as the sampling variances: the prediction takes tau2 as known."""
    rng = np.random.default_rng(5)
    vi = rng.uniform(0.02, 0.08, 20)
    pooled = la.pool(0.3 + np.sqrt(vi + 0.05) * np.linspace(-1.7, 1.7, 20), vi)
    held = la.pool_coverage(pooled, simulations=4000).set_index("held")
    assert abs(held.loc["mean", "estimate"] - 0.95) < 0.012
    assert 0.88 < held.loc["next study", "estimate"] < 0.945
    assert held.equals(la.pool_coverage(pooled, simulations=4000).set_index("held"))


def test_a_pool_that_predicts_nothing_has_no_coverage():
    with pytest.raises(la.DataError, match="promises nothing"):
        la.pool_coverage(la.pool([0.1, 0.2], [0.1, 0.1], method="FE", test="z"))


def test_pools_under_each_other_keep_their_words_as_ratios():
    both = la.compare(
        {"REML": la.pool([0.1, 0.5], [0.01, 0.02]), "FE": la.pool([0.1, 0.5], [0.01, 0.02], method="FE")}
    )
    assert both.ratios()["choice"].tolist() == ["REML", "FE"]
    assert both.ratios()["estimate"].tolist() == np.exp(both.to_frame()["estimate"]).tolist()
    left_out = la.leave_one_out(la.pool([0.1, 0.5, 0.2], [0.01, 0.02, 0.03]))
    assert la.as_ratios(left_out)["ci_low"].tolist() == np.exp(left_out["ci_low"]).tolist()
    assert la.as_ratios(left_out)["se"].equals(left_out["se"])
