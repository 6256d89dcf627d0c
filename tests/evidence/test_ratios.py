"""Published ratios turned one way and put on one scale."""

from __future__ import annotations

import pytest

import lonely_analysis as la
from lonely_analysis.evidence.effects import hr_to_rr, or_to_rr


def test_a_protective_contrast_is_inverted_and_its_limits_change_places():
    # Katzmarzyk 2003, active against inactive: 0.80 (0.78-0.82).
    row = la.published_ratios("KATZ2003_pa_adj").iloc[0]
    assert [row["estimate"], row["ci_low"], row["ci_high"]] == pytest.approx([1 / 0.80, 1 / 0.82, 1 / 0.78])


def test_odds_of_survival_with_ties_are_odds_of_death_without_and_stay_as_printed():
    # Holt-Lunstad 2010, Table 4, loneliness: 1.45 (1.08-1.94).
    row = la.published_ratios("HL2010_T4_03").iloc[0]
    assert [row["estimate"], row["ci_low"], row["ci_high"]] == [1.45, 1.08, 1.94]
    assert row["study"] == "Holt-Lunstad 2010"
    assert row["k"] == 8
    assert row["exposure"] == "loneliness"
    assert row["contrast"] == "functional, turned round"


def test_an_odds_ratio_becomes_the_hazard_ratio_of_its_risk_ratio():
    row = la.published_ratios("HL2010_overall", baseline_risk=0.29).iloc[0]
    assert row["measure"] == "HR"
    assert float(hr_to_rr(row["estimate"], 0.29)) == pytest.approx(float(or_to_rr(1.50, 0.29)))
    assert row["ci_low"] < row["estimate"] < row["ci_high"] < 1.50


def test_hazard_ratios_stay_and_an_unread_interval_stays_unread():
    rows = la.published_ratios("WANG2023_lon", "HL2015_loneliness", baseline_risk=0.1)
    assert rows["estimate"].iloc[0] == 1.14
    assert rows[["ci_low", "ci_high"]].iloc[1].isna().all()
    assert 1 < rows["estimate"].iloc[1] < 1.26


def test_a_group_of_authors_keeps_its_name_and_a_direct_contrast_its_words():
    row = la.published_ratios("GBMC2016_ob1").iloc[0]
    assert row["study"] == "Global BMI Mortality Collaboration 2016"
    assert row["contrast"] == "vs BMI 22.5-<25"


def test_second_hand_rows_say_so_and_levels_differ():
    rows = la.published_ratios("FLEGAL2013_ob", "JHA2013_w")
    assert rows["reading"].tolist() == ["second-hand", ""]
    assert rows["level"].tolist() == [0.95, 0.99]


def test_three_scales_agree_when_the_outcome_is_rare_and_part_when_it_is_common():
    table = la.odds_as_others(1.5, [0.001, 0.29, 0.5])
    rare, common = table.iloc[0], table.iloc[1]
    assert rare["risk_ratio"] == pytest.approx(1.5, abs=0.001)
    # Zhang and Yu 1998: 1.5 / (1 - 0.29 + 0.29 * 1.5).
    assert common["risk_ratio"] == pytest.approx(1.5 / 1.145)
    assert 1 < common["risk_ratio"] < common["hazard_ratio"] < 1.5


def test_a_difference_cannot_stand_beside_ratios_and_an_unknown_row_is_named():
    with pytest.raises(la.DataError, match="POWELL2018: no ratio"):
        la.published_ratios("POWELL2018")
    with pytest.raises(la.DataError, match="no row 'NOBODY2020'"):
        la.published_ratios("NOBODY2020")
