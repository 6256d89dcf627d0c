"""The EU Loneliness Survey: every code of its codebook, both formats, and the published reference figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import survey_samples as samples

import lonely_analysis as la
from lonely_analysis.surveys import euls
from lonely_analysis.surveys.codebook import codebook

COUNTRIES = ("FR", "IT", "PL", "SE")
# R survey 4.1-1 on the original file, svydesign(ids = ~1, weights = ~w_country): "est (se)".
REFERENCE = {
    "lonely": ("8.143 (1.199)", "6.449 (1.022)", "11.063 (1.746)", "8.105 (.944)"),
    "lonely_sometimes": ("32.753 (1.913)", "27.999 (1.832)", "35.673 (2.608)", "25.967 (1.483)"),
    "ucla3_6": ("29.867 (1.915)", "27.072 (1.803)", "30.927 (2.521)", "30.338 (1.540)"),
    "poor_health": ("8.840 (1.231)", "7.757 (1.082)", "15.987 (1.961)", "15.380 (1.215)"),
}
MEANS = {
    "ucla3": ("4.6250 (.0735)", "4.4913 (.0654)", "4.7482 (.0997)", "4.7108 (.0582)"),
    "djg6": ("2.8041 (.0730)", "2.4523 (.0705)", "2.5055 (.1076)", "2.1759 (.0655)"),
    "support": ("3.6025 (.0459)", "3.8672 (.0405)", "4.0136 (.0623)", "3.9667 (.0328)"),
    "trust": ("5.0841 (.0798)", "5.3604 (.0836)", "5.3416 (.1103)", "5.9859 (.0668)"),
}
DESIGN_WEIGHT = ("7.089 (.874)", "6.400 (.855)", "9.182 (1.073)", "7.607 (.870)")


@pytest.fixture(scope="module")
def real() -> la.Survey:
    return la.read_survey("euls", samples.real("euls", "*.dta"))


def _agrees(result, reference, same=samples.printed):
    table = result.to_frame().set_index("country")
    for country, shown in zip(COUNTRIES, reference, strict=True):
        estimate, se = shown.removesuffix(")").split(" (")
        assert same(table.loc[country, "estimate"], estimate), (country, shown)
        assert same(table.loc[country, "se"], se), (country, shown)


@pytest.mark.parametrize("outcome", [name for name in REFERENCE if name != "ucla3_6"])
def test_prevalences_of_the_real_file_are_those_of_r_to_the_printed_digit(real, outcome):
    _agrees(la.prevalence(real, outcome, by="country"), REFERENCE[outcome], samples.printed_percent)


def test_ucla_at_six_or_more_is_that_of_r(real):
    design = la.SurveyDesign(real.frame.assign(at_six=real.frame["ucla3"] >= 6), weight="weight")
    _agrees(la.prevalence(design, "at_six", by="country"), REFERENCE["ucla3_6"], samples.printed_percent)


@pytest.mark.parametrize("outcome", list(MEANS))
def test_means_of_the_real_file_are_those_of_r_to_the_printed_digit(real, outcome):
    _agrees(la.mean(real, outcome, by="country"), MEANS[outcome])


def test_the_design_weight_gives_the_figures_of_r(real):
    design = la.SurveyDesign(real.frame, weight="weight_design")
    _agrees(la.prevalence(design, "lonely", by="country"), DESIGN_WEIGHT, samples.printed_percent)


def test_the_real_file_has_its_persons_and_its_answers(real):
    assert real.frame["country"].value_counts().to_dict() == {"FR": 1069, "IT": 1096, "PL": 865, "SE": 999}
    answers = real.frame["lonely_freq"].value_counts()
    assert [answers[6 - code] for code in range(1, 6)] == [53, 222, 850, 1118, 1700]
    assert real.missing.loc["lonely", ["dont_know", "refused"]].tolist() == [74, 12]
    assert real.missing.loc["life_events", "refused"] == 66
    assert real.frame["arena_social"].sum() == 446 + 222 + 525 + 283 + 84
    assert real.frame["arena_religious"].sum() == 21 + 43 + 36 + 12 + 38 + 124 + 156 + 22 + 50 + 115 + 67 + 34
    assert real.missing.loc["support_instrumental", ["dont_know", "refused"]].sum() == 442
    assert (real.frame["age"].min(), real.frame["age"].max()) == (16, 91)


def test_unweighted_correlations_between_the_scales_are_the_known_ones(real):
    frame = real.frame[["lonely_freq", "ucla3", "djg6", "support"]].astype(float)
    assert samples.printed(frame["lonely_freq"].corr(frame["ucla3"]), ".704")
    assert samples.printed(frame["ucla3"].corr(frame["djg6"]), ".661")
    assert samples.printed(frame["support"].corr(frame["ucla3"]), "-.398")


def test_the_weighted_logit_of_poor_health_on_lonely_is_that_of_r(real):
    model = la.regress(real, "poor_health ~ lonely + age + C(sex) + C(country)", family="logistic")
    row = model.to_frame().set_index("term").loc["lonely"]
    assert samples.printed(row["estimate"], "1.862")
    assert samples.printed(row["se"], ".181")


def test_the_real_csv_of_values_says_the_same_as_the_stata_file(real):
    table = la.read_survey("euls", samples.real("euls", "*_values.csv"))
    counted = real.frame.drop(columns=["weight", "weight_income", "weight_design"])
    pd.testing.assert_frame_equal(table.frame[counted.columns], counted)
    np.testing.assert_allclose(table.frame["weight"], real.frame["weight"], rtol=1e-6)
    pd.testing.assert_frame_equal(table.missing, real.missing)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return samples.write_csv(samples.euls(), tmp_path_factory.mktemp("euls") / "values.csv")


def test_every_missing_code_is_counted_under_its_reason(sample):
    made, raw = euls.draft(sample), samples.euls()
    for name, variable in codebook("euls").variables.items():
        for column in [column for column in variable.gives if not column.startswith("_")]:
            if column in ("person_id", "income_tertile"):
                continue
            for reason in set(variable.missing.values()):
                codes = [code for code, why in variable.missing.items() if why == reason]
                counted = made.missing().loc[column, reason]
                assert counted == raw[name].isin(codes).sum(), (name, column, reason)


@pytest.mark.parametrize("write", [samples.write_dta, samples.write_sav])
def test_stata_and_spss_files_say_the_same_as_the_csv(sample, write, tmp_path):
    other = la.read_survey("euls", write(samples.euls(), tmp_path / f"e.{write.__name__[-3:]}"))
    table = la.read_survey("euls", sample)
    pd.testing.assert_frame_equal(other.frame, table.frame)
    pd.testing.assert_frame_equal(other.missing, table.missing)


def test_the_direct_question_is_turned_so_that_more_is_lonelier(sample):
    frame, raw = la.read_survey("euls", sample).frame, samples.euls()
    assert (frame["lonely_freq"][raw["loneliness_direct"] == 1] == 5).all()
    assert frame["lonely"][raw["loneliness_direct"].isin([1, 2])].all()
    assert not frame["lonely"][raw["loneliness_direct"].isin([3, 4, 5])].any()
    assert frame["lonely"][raw["loneliness_direct"].isin([998, 999])].isna().all()


def test_isolated_needs_both_friends_and_family_monthly_or_less(sample):
    frame = la.read_survey("euls", sample).frame
    both = (frame["contact_friends"] <= 3) & (frame["contact_family"] <= 3)
    assert (frame["isolated"].fillna(False) == both.fillna(False)).all()
    often = (frame["contact_friends"] > 3).fillna(False) & frame["contact_family"].isna()
    assert often.any()
    assert (frame["isolated"][often] == False).all()  # noqa: E712 - the one who is met often settles it


def test_a_weekly_arena_is_one_activity_every_week_or_more(sample):
    frame, raw = la.read_survey("euls", sample).frame, samples.euls()
    answers = raw[[f"social_activities_{part}" for part in "abc"]]
    weekly = answers.isin([5, 6, 7]).any(axis=1)
    unclear = ~weekly & (answers == 999).any(axis=1)
    assert weekly.any()
    assert unclear.any()
    assert (frame["arena_weekly"][~unclear] == weekly[~unclear]).all()
    assert frame["arena_weekly"][unclear].isna().all()


def test_monthly_arenas_are_those_of_their_own_question(sample):
    frame, raw = la.read_survey("euls", sample).frame, samples.euls()
    for column, part in {"arena_social": "a", "arena_culture": "b", "arena_course": "c"}.items():
        answer = raw[f"social_activities_{part}"]
        assert frame[column][answer.between(3, 7)].all(), column
        assert not frame[column][answer < 3].any(), column
    assert frame["arena_religious"][raw["religion_now"] <= 3].all()
    assert not frame["arena_religious"][raw["religion_now"].isin([4, 5])].any()
    assert frame["arena_religious"][raw["religion_now"] >= 998].isna().all()


def test_an_empty_life_event_box_is_no_unless_the_person_refused(sample):
    frame, raw = la.read_survey("euls", sample).frame, samples.euls()
    refused = raw["life_events__12"] == 999
    assert frame["life_events"][refused].isna().all()
    ticked = raw[[f"life_events__{event}" for event in (1, 2, 3, 4, 9, 10)]].notna().sum(axis=1)
    expected = ticked + (raw["lost_spouse"] == 1)
    assert (frame["life_events"][~refused] == expected[~refused]).all()


def test_only_one_person_and_no_child_is_living_alone(sample):
    frame, raw = la.read_survey("euls", sample).frame, samples.euls()
    alone = (raw["adults_n"] == 1) & (raw["childr_n_0to5"] == 0) & (raw["childr_n_6to15"] == 0)
    assert (frame["lives_alone"] == alone).all()


def test_born_abroad_compares_the_two_lists_of_countries(sample):
    frame, raw = la.read_survey("euls", sample).frame, samples.euls()
    at_home = {10: 14, 15: 20, 21: 33, 27: 41}  # France, Italy, Poland and Sweden in the other list
    born = raw["country_birth_yourself"]
    told = born < 224
    assert (frame["born_abroad"][told] == (born != raw["country"].map(at_home))[told]).all()
    assert frame["born_abroad"][~told].isna().all()


def test_a_stata_file_with_utf8_text_under_a_latin1_header_is_read(tmp_path):
    """Format 117 has no encoding of its own; pyreadstat refuses bytes that are not what it assumes."""
    frame = samples.euls().assign(vote_open="")
    path = tmp_path / "old.dta"
    labels = {"gender": {1: "Männlich ä", 2: "Weiblich"}}
    frame["vote_open"] = "é"
    frame.to_stata(path, version=117, write_index=False, value_labels=labels)
    assert len(la.read_survey("euls", path).frame) == samples.ROWS
