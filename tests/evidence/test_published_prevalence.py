"""Published prevalences, ready to stand side by side."""

from __future__ import annotations

import pytest

import lonely_analysis as la


def test_a_row_carries_what_a_prevalence_means_nothing_without():
    # Statistics Norway, SSB analyse 2021/08, table 452300: the same respondents, two questions.
    rows = la.published_prevalence("SSB20_six_all_all", "SSB20_much_18-24_women")
    assert rows.index.tolist() == ["SSB20_six_all_all", "SSB20_much_18-24_women"]
    assert rows["place"].tolist() == ["Norway, 2020, ages 18+", "Norway, 2020, ages 18–24, women"]
    assert rows["item"].tolist() == ["degree of loneliness 0–10", "troubled by loneliness"]
    assert rows["window"].tolist() == ["past week", "past 14 days"]
    assert rows["cutoff"].tolist() == ["6 or more", "much troubled"]
    assert rows["estimate"].tolist() == pytest.approx([0.16, 0.25])


def test_what_was_read_in_a_report_is_marked_second_hand():
    rows = la.published_prevalence("ESS_Ireland", "EULS_EU_most")
    assert rows["reading"].tolist() == ["second-hand", ""]
    assert rows["window"].tolist() == ["past week", "past 4 weeks"]


def test_a_bound_is_no_estimate():
    row = la.published_prevalence("EULS_IE").iloc[0]
    assert row["estimate"] != row["estimate"]
    assert row["range_low"] == pytest.approx(0.20)


def test_a_source_that_states_no_window_says_so():
    assert la.published_prevalence("BRFSS_all_18+")["window"].item() == "window not stated"


def test_every_row_of_the_table_can_be_shown():
    ids = la.published("prevalence_published")["id"]
    rows = la.published_prevalence(*ids)
    assert len(rows) == len(ids)
    assert rows[["place", "item", "cutoff", "window"]].notna().all().all()
    assert rows["place"].str.len().gt(3).all()
    assert rows[["estimate", "range_low", "range_high"]].notna().any(axis=1).all()


def test_an_unknown_row_is_named():
    with pytest.raises(la.DataError, match="no row 'ESS_Atlantis'"):
        la.published_prevalence("ESS_Ireland", "ESS_Atlantis")
