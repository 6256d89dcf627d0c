"""Published tables: what a row must carry before it may be shipped."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.evidence.published import published_names

#: Rows that describe a study and are no effect.
DESCRIPTIONS = {"count", "share"}
RATIOS = {"OR", "HR", "RR", "PR"}
EFFECTS = [name for name in published_names() if name.startswith("effects_")]
COHORTS = ["study_level_loneliness_mortality_cohorts", "study_level_loneliness_mortality_cohorts_extra"]


@pytest.fixture(params=published_names())
def table(request):
    return la.published(request.param)


def test_every_row_names_who_when_where_and_how_it_was_read(table):
    assert table["id"].notna().all()
    assert table["authors"].str.len().gt(2).all()
    assert (table["doi"].notna() | table["where_in_source"].notna()).all()
    assert table["grade"].isin(["A", "B"]).all()
    dated = table["year"].between(1900, 2026) & table["year"].notna()
    assert (dated | table["where_in_source"].str.startswith("https://")).all()


def test_a_digital_object_identifier_looks_like_one(table):
    assert table["doi"].dropna().str.fullmatch(r"10\.\d{4,5}/\S+").all()


def test_no_two_published_rows_share_a_name():
    names = pd.concat([la.published(name)["id"] for name in published_names()])
    assert names[names.duplicated()].tolist() == []


def test_what_nobody_read_is_not_shipped(table):
    words = table.select_dtypes("str").apply(
        lambda column: column.str.contains("from memory|inferred|not reached", case=False, na=False)
    )
    assert not words.to_numpy().any()


def test_the_extraction_sheet_without_a_licence_is_not_shipped():
    assert not [name for name in published_names() if "sheet" in name]


@pytest.mark.parametrize("name", EFFECTS)
def test_effects_lie_inside_their_intervals_and_in_range(name):
    table = la.published(name)
    assert (table["ci_low"].isna() == table["ci_high"].isna()).all()
    assert (table["ci_level"].isna() == table["ci_low"].isna()).all()
    read = table.dropna(subset=["ci_low"])
    assert ((read["ci_low"] <= read["estimate"]) & (read["estimate"] <= read["ci_high"])).all()
    ratios = table[table["measure"].isin(RATIOS)]
    assert ratios[["estimate", "ci_low", "ci_high"]].min().min() > 0
    correlations = table[table["measure"] == "r"]
    assert correlations["estimate"].abs().max() < 1 or correlations.empty
    assert table["i2_pct"].dropna().between(0, 100).all()


@pytest.mark.parametrize("name", EFFECTS)
def test_every_effect_says_which_way_harm_lies(name):
    table = la.published(name)
    numbers = table[table["estimate"].notna() & ~table["measure"].isin(DESCRIPTIONS)]
    assert numbers["orientation"].isin([-1, 1]).all()
    assert numbers["reading"].notna().all()


def test_prevalences_are_percentages_and_ranges_are_no_intervals():
    table = la.published("prevalence_published")
    assert table["prevalence_pct"].dropna().between(0, 100).all()
    read = table.dropna(subset=["ci_low"])
    assert read["prevalence_pct"].between(read["ci_low"], read["ci_high"]).all()
    bounded = table["range_low"].notna() | table["range_high"].notna()
    assert bounded[table["prevalence_pct"].isna()].all()
    assert (table["range_high"].isna() | table["ci_high"].isna()).all()
    assert (table["year_from"] <= table["year_to"]).all()
    closed = table.dropna(subset=["age_from", "age_to"])
    assert (closed["age_from"] <= closed["age_to"]).all()


def test_the_two_tables_of_statistics_norway_agree_where_both_have_a_row():
    wide = la.published("prevalence_norway_ssb2020")
    long = la.published("prevalence_published")
    long = long[long["id"].str.startswith("SSB20_much") & long["group"].isna()]
    both = long.merge(
        wide[wide["group"].isin(["all", *long["age_band"]])], on=["age_band", "sex"], how="inner"
    )
    assert len(both) == len(long) > 20
    assert (both["prevalence_pct"] == both["troubled_14_days_pct"]).all()
    assert (both["n_x"] == both["n_y"]).all()


@pytest.mark.parametrize("name", COHORTS)
def test_cohorts_of_the_main_pool_are_adjusted_have_intervals_and_share_no_persons(name):
    table = la.published(name)
    read = table.dropna(subset=["ci_low"])
    assert read["hr"].between(read["ci_low"], read["ci_high"]).all()
    pool = table[table["use_in_main_pool"]]
    assert pool["ci_low"].notna().all()
    assert pool["adjustment_level"].isin(["full", "unclear"]).all()
    assert not pool.duplicated(["cluster", "sex", "cohort"]).any()


def test_standard_errors_and_standard_deviations_are_positive():
    first = la.published("study_level_holtlunstad2010_table1_first21")
    trials = la.published("study_level_novak_rct_published_set")
    spread = trials.filter(like="_sd_").to_numpy()
    assert first["se"].min() > 0
    assert spread.min() > 0
    assert np.abs(trials.filter(like="r_prepost").to_numpy()).max() < 1


def test_an_unknown_table_lists_those_there_are():
    with pytest.raises(la.DataError, match="effects_mortality, effects_outcomes"):
        la.published("effects_mortalty")


def test_changing_a_table_changes_nobody_elses():
    first = la.published("scales")
    first["id"] = "x"
    assert la.published("scales")["id"].nunique() > 1
    assert first.attrs["source"] == "scales"


def test_every_source_with_an_identifier_can_be_cited():
    bibliography = (Path(__file__).parents[2] / "chapters/references.bib").read_text("utf-8").lower()
    for name in published_names():
        for doi in la.published(name)["doi"].dropna().unique():
            assert f"doi = {{{doi.lower()}}}" in bibliography, f"{name}: {doi} is not in references.bib"
