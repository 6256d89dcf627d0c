"""NHANES: cycles and their weight, measurements, deaths, and the reference figures of two real cycles."""

from __future__ import annotations

import numpy as np
import pytest
import survey_samples as samples

import lonely_analysis as la
from lonely_analysis.surveys import nhanes

ADULTS = "age >= 20"
# R survey 4.1-1, svydesign(~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE), 20 and older.
PERCENT = {
    "obese": ("32.199 (1.183)", "34.278 (1.423)"),
    "smokes": ("25.489 (1.119)", "23.930 (1.217)"),
    "died": ("12.713 (.684)", "10.448 (.761)"),
}
SYSTOLIC = ("123.244 (.541)", "122.651 (.452)")
HAZARDS = {2003: {2: ".977 (.132)", 1: ".187 (.121)"}, 2005: {2: ".902 (.119)", 1: ".195 (.145)"}}
DEATHS = {2003: (962, 4732), 2005: (705, 4771)}
LINKED = {2003: (10122, 5610, 4502, 10), 2005: (10348, 5560, 4786, 2)}
PUBLISHED_OBESITY = {2003: 32.2, 2005: 34.3}  # NCHS, adults 20 and over


@pytest.fixture(scope="module")
def real():
    return la.read_survey("nhanes", samples.real("nhanes", "DEMO_C.XPT").parent)


def _agrees(result, reference, same):
    for row, shown in zip(result.to_frame().itertuples(), reference, strict=True):
        estimate, se = shown.removesuffix(")").split(" (")
        assert same(row.estimate, estimate), (row.year, shown)
        assert same(row.se, se), (row.year, shown)


@pytest.mark.parametrize("outcome", list(PERCENT))
def test_prevalences_of_the_real_cycles_are_those_of_r(real, outcome):
    result = la.prevalence(real, outcome, by="year", where=ADULTS)
    _agrees(result, PERCENT[outcome], samples.printed_percent)


def test_mean_systolic_pressure_is_that_of_r(real):
    _agrees(la.mean(real, "sbp", by="year", where=ADULTS), SYSTOLIC, samples.printed)


def test_obesity_is_what_the_statistical_agency_published(real):
    table = la.prevalence(real, "obese", by="year", where=ADULTS).to_frame().set_index("year")
    for year, published in PUBLISHED_OBESITY.items():
        assert round(table.loc[year, "estimate"] * 100, 1) == published


def test_deaths_and_eligibility_are_counted_as_in_the_linked_file(real):
    frame = real.frame
    for year, (deaths, n) in DEATHS.items():
        adults = frame[(frame["year"] == year) & (frame["age"] >= 20) & (frame["weight"] > 0)]
        assert (int(adults["died"].sum()), int(adults["died"].notna().sum())) == (deaths, n)
    made = nhanes.draft(samples.real("nhanes", "DEMO_C.XPT").parent)
    status = made.columns["_eligible"]
    for year, counts in LINKED.items():
        here = (made.columns["year"] == year).to_numpy()
        assert (int(here.sum()), *(int((status[here] == code).sum()) for code in (1, 2, 3))) == counts


@pytest.mark.parametrize("year", list(HAZARDS))
def test_hazards_of_smoking_are_those_of_r(real, year):
    """The reference leaves out deaths in month 0."""
    where = f"age >= 20 and year == {year} and follow_up_years > 0"
    model = la.cox(
        real, time="follow_up_years", event="died", formula="C(smoking) + age + C(sex)", where=where
    )
    table = model.to_frame().set_index("term")
    for level, shown in HAZARDS[year].items():
        estimate, se = shown.removesuffix(")").split(" (")
        assert samples.printed(table.loc[f"C(smoking)[{level}]", "estimate"], estimate)
        assert samples.printed(table.loc[f"C(smoking)[{level}]", "se"], se)


@pytest.fixture
def folder(tmp_path):
    samples.nhanes(tmp_path / "cycles")
    samples.mortality(tmp_path / "cycles", list(range(1, samples.ROWS + 1)))
    return tmp_path / "cycles"


def test_a_single_cycle_keeps_its_weight_and_two_cycles_halve_theirs(folder):
    alone = la.read_survey("nhanes", folder).frame
    samples.nhanes(folder, "D", release=4, first=1001)
    pooled = la.read_survey("nhanes", folder).frame
    assert sorted(pooled["year"].unique()) == [2003, 2005]
    first = pooled[pooled["year"] == 2003]["weight"]
    np.testing.assert_allclose(first.to_numpy(), alone["weight"].to_numpy() / 2)


def test_a_cycle_of_another_length_counts_by_its_years(folder):
    samples.nhanes(folder, "D", release=66, first=1001)
    pooled = la.read_survey("nhanes", folder).frame
    weights = pooled.groupby("year")["weight"].sum()
    assert weights[2003] > 0
    alone = np.where(np.arange(samples.ROWS) % 10 == 0, 0, np.linspace(1000, 5000, samples.ROWS))
    np.testing.assert_allclose(weights[2003], alone.sum() * 2 / 5.2)


def test_readings_are_averaged_and_a_diastolic_of_zero_is_none(folder):
    frame = la.read_survey("nhanes", folder).frame
    rows = np.arange(samples.ROWS)
    there = [np.where(rows % (reading + 3) == 0, np.nan, 110.0 + 4 * reading) for reading in (1, 2, 3, 4)]
    some = rows % 60 != 0
    np.testing.assert_allclose(frame["sbp"][some], np.nanmean(np.array(there)[:, some], axis=0))
    assert (frame["dbp"].isna() == (rows % 7 == 0)).all()


def test_inactive_means_no_row_in_the_activity_file_from_age_20(folder):
    frame = la.read_survey("nhanes", folder).frame
    adults = frame["age"] >= 20
    assert (frame["inactive"][adults] == (np.arange(samples.ROWS) % 2 == 1)[adults]).all()
    assert frame["inactive"][~adults].isna().all()
    assert frame["obese"][~adults].isna().all()


def test_smoking_joins_the_two_questions(folder):
    frame = la.read_survey("nhanes", folder).frame
    raw = samples.every_code("nhanes")
    asked = raw["SMQ040"].isin([1, 2, 3])
    assert (frame["smoking"][asked] == raw["SMQ040"][asked].map({1: 2, 2: 2, 3: 1})).all()


def test_deaths_are_followed_from_the_examination_and_reasons_are_told(folder):
    survey = la.read_survey("nhanes", folder)
    frame, kind = survey.frame, np.arange(samples.ROWS) % 4
    examined = np.arange(samples.ROWS) % 10 != 0
    dead = frame[(kind == 1) & examined]
    assert dead["died"].all()
    np.testing.assert_allclose(dead["follow_up_years"], 28 / 12)
    assert frame["died"][kind >= 2].isna().all()
    assert survey.missing.loc["died", "not_applicable"] == (kind == 2).sum()


def test_the_newest_release_of_deaths_is_read(folder):
    numbers = list(range(1, samples.ROWS + 1))
    samples.mortality(folder, numbers[1:] + numbers[:1], release=2019)
    frame = la.read_survey("nhanes", folder).frame
    assert frame["died"].iloc[[1, 2]].tolist() == [False, True]


def test_a_release_with_another_layout_is_refused_when_it_is_the_only_one(folder):
    (folder / "NHANES_2003_2004_MORT_2015_PUBLIC.dat").rename(
        folder / "NHANES_2003_2004_MORT_2011_PUBLIC.dat"
    )
    with pytest.raises(la.DataError, match="old release"):
        la.read_survey("nhanes", folder)


def test_a_mortality_file_that_is_cut_short_is_refused(folder):
    file = folder / "NHANES_2003_2004_MORT_2015_PUBLIC.dat"
    file.write_text(file.read_text()[:-20])
    with pytest.raises(la.DataError, match="cut short"):
        la.read_survey("nhanes", folder)


def test_without_a_mortality_file_there_is_no_follow_up_and_the_rest_works(folder):
    (folder / "NHANES_2003_2004_MORT_2015_PUBLIC.dat").unlink()
    frame = la.read_survey("nhanes", folder).frame
    assert "died" not in frame
    assert frame["sbp"].notna().any()


def test_depression_support_and_blood_markers_come_with_their_files(folder):
    survey = la.read_survey("nhanes", folder)
    frame, raw = survey.frame, samples.every_code("nhanes")
    items = raw[[f"DPQ0{item}0" for item in range(1, 10)]]
    complete = items.le(3).all(axis=1)
    assert (frame["depression"][complete] == items[complete].sum(axis=1)).all()
    assert (frame["has_emotional_support"][raw["SSQ011"] == 1] == True).all()  # noqa: E712
    np.testing.assert_allclose(frame["crp"], np.linspace(1, 30, samples.ROWS))
    for file in ("DPQ_C.XPT", "SSQ_C.XPT", "L11_C.XPT"):
        (folder / file).unlink()
    without = la.read_survey("nhanes", folder).frame
    assert not {"depression", "has_emotional_support", "crp"} & set(without.columns)


def test_small_letters_in_file_names_are_the_same_files(folder):
    before = la.read_survey("nhanes", folder).frame
    for file in list(folder.glob("*.XPT")):
        file.rename(file.with_name(file.name.lower()))
    assert la.read_survey("nhanes", folder).frame.equals(before)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda folder: [file.unlink() for file in folder.iterdir()], "holds nothing"),
        (lambda folder: [file.unlink() for file in folder.glob("DEMO*")], "no demographic file"),
    ],
)
def test_a_folder_without_the_needed_files_says_what_it_needs(folder, make, says):
    make(folder)
    with pytest.raises(la.DataError, match=says):
        la.read_survey("nhanes", folder)


def test_a_file_instead_of_a_folder_says_so(folder):
    with pytest.raises(la.DataError, match="read from a folder"):
        la.read_survey("nhanes", folder / "DEMO_C.XPT")


def test_the_design_is_nested_and_rows_that_were_not_examined_weigh_nothing(folder):
    survey = la.read_survey("nhanes", folder)
    assert (survey.design.stratum, survey.design.psu, survey.design.single_psu) == (
        "stratum",
        "psu",
        "adjust",
    )
    assert (survey.frame["weight"] == 0).sum() == samples.ROWS / 10
    assert len(survey.frame) == samples.ROWS


def test_who_does_not_smoke_now_smokes_no_cigarettes(real):
    frame = real.frame
    assert (frame.loc[frame["smoking"] == 0, "cigarettes"] == 0).all()
    assert (frame.loc[frame["smoking"] == 1, "cigarettes"] == 0).all()
    assert (frame.loc[frame["smoking"] == 2, "cigarettes"].dropna() > 0).all()


def test_groups_of_body_mass_begin_at_their_lower_end_and_agree_with_obesity(real):
    frame = real.frame
    grades = frame["bmi_group"].isin(["30-35", "35-40", "40 or more"])
    known = frame["obese"].notna()
    assert (frame["bmi_group"].notna() == known).all()
    assert (grades[known] == frame["obese"][known]).all()
    assert frame.groupby("bmi_group", observed=True)["bmi"].min()["18.5-25"] == 18.5


def test_a_mortality_file_of_another_cycle_is_not_taken_for_people_without_deaths(tmp_path):
    samples.nhanes(tmp_path)
    samples.mortality(tmp_path, list(range(50_001, 50_041)), "NHANES_2005_2006")
    with pytest.raises(la.DataError, match=r"NHANES_2005_2006_MORT_2015_PUBLIC\.dat holds nobody of this"):
        la.read_survey("nhanes", tmp_path)
