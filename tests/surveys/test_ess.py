"""The European Social Survey: all formats, all missing codes, weights, unique clusters, other rounds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import survey_samples as samples

import lonely_analysis as la
from lonely_analysis.surveys import ess
from lonely_analysis.surveys.codebook import codebook

SHORT = {7: "Refusal", 8: "Don't know", 9: "No answer"}
LONG = {66: "Not applicable", 77: "Refusal", 88: "Don't know", 99: "No answer"}
FOUR_POINT = ["fltlnl", "fltdpr", "flteeff", "slprl", "wrhpp", "enjlf", "fltsd", "cldgng", "health", "sclact"]


@pytest.fixture(scope="module")
def frame():
    return samples.ess()


@pytest.fixture(scope="module")
def survey(frame, tmp_path_factory):
    return la.read_survey("ess", samples.write_csv(frame, tmp_path_factory.mktemp("ess") / "ess11.csv"))


def test_missing_codes_go_by_variable(survey, frame):
    """7 is "every day" of sclmeet and a refusal of fltlnl; 6 of cgtsmok is "never smoked"."""
    for name, variable in codebook("ess").variables.items():
        if name not in frame or variable.text or name == "rshpsts":
            continue
        for column in [column for column in variable.gives if column in survey.missing.index]:
            for reason in set(variable.missing.values()):
                codes = [code for code, why in variable.missing.items() if why == reason]
                if column != "person_id":
                    assert survey.missing.loc[column, reason] == frame[name].isin(codes).sum(), (name, column)
    assert (survey.frame["contact_freq"] == 7).sum() == (frame["sclmeet"] == 7).sum()
    assert (survey.frame["smoking"][frame["cgtsmok"] == 6] == 0).all()


def test_who_may_not_vote_is_neither_a_voter_nor_an_abstainer(survey, frame):
    """Turnout among those who trust rests on this column: 3 is "not eligible"."""
    assert (survey.frame["voted"] == True).sum() == (frame["vote"] == 1).sum()  # noqa: E712 - a nullable boolean
    assert (survey.frame["voted"] == False).sum() == (frame["vote"] == 2).sum()  # noqa: E712 - a nullable boolean
    assert survey.missing.loc["voted", "unclassified"] == (frame["vote"] == 3).sum() > 0


def test_a_csv_an_spss_and_a_stata_file_say_the_same(survey, frame, tmp_path):
    ranges = {name: [7, 8, 9] for name in FOUR_POINT} | {"sclmeet": [{"lo": 66, "hi": 99}]}
    labels = dict.fromkeys(FOUR_POINT, SHORT) | {"sclmeet": LONG}
    spss = samples.write_sav(frame, tmp_path / "e.sav", missing_ranges=ranges, variable_value_labels=labels)
    for path in (spss, samples.write_dta(frame, tmp_path / "e.dta")):
        other = la.read_survey("ess", path)
        pd.testing.assert_frame_equal(other.frame, survey.frame)
        pd.testing.assert_frame_equal(other.missing, survey.missing)


def test_tagged_missing_values_of_stata_keep_their_reason(survey, frame, tmp_path):
    """Data-portal .dta files hold .a to .d instead of 7, 8, 9; their labels say which reason each is."""
    import pyreadstat

    tagged = frame.copy()
    tagged["fltlnl"] = frame["fltlnl"].astype(object).replace({7.0: "a", 8.0: "b", 9.0: "c"})
    path = tmp_path / "tagged.dta"
    pyreadstat.write_dta(
        tagged,
        str(path),
        missing_user_values={"fltlnl": ["a", "b", "c"]},
        variable_value_labels={"fltlnl": {"a": "Refusal", "b": "Don't know", "c": "No answer"}},
    )
    other = la.read_survey("ess", path)
    pd.testing.assert_series_equal(other.missing.loc["lonely"], survey.missing.loc["lonely"])
    pd.testing.assert_series_equal(other.frame["lonely"], survey.frame["lonely"])


def test_system_missing_answers_are_counted_as_not_stated(frame, tmp_path):
    bare = frame.assign(fltlnl=frame["fltlnl"].where(frame["fltlnl"] < 5))
    other = la.read_survey("ess", samples.write_dta(bare, tmp_path / "bare.dta"))
    assert other.missing.loc["lonely", "not_stated"] == (frame["fltlnl"] > 5).sum()


def test_column_names_in_capitals_are_the_same_columns(survey, frame, tmp_path):
    upper = frame.rename(columns=str.upper)
    other = la.read_survey("ess", samples.write_csv(upper, tmp_path / "upper.csv"))
    pd.testing.assert_frame_equal(other.frame, survey.frame)


def test_one_country_takes_pspwght_and_several_take_anweight(survey, frame, tmp_path):
    np.testing.assert_allclose(survey.frame["weight"], frame["anweight"])
    norway = frame[frame["cntry"] == "NO"]
    alone = la.read_survey("ess", samples.write_csv(norway, tmp_path / "no.csv"))
    np.testing.assert_allclose(alone.frame["weight"], norway["pspwght"])


def test_anweight_is_computed_where_an_old_file_lacks_it(survey, frame, tmp_path):
    old = samples.write_csv(frame.drop(columns="anweight"), tmp_path / "old.csv")
    np.testing.assert_allclose(la.read_survey("ess", old).frame["weight"], survey.frame["weight"])


def test_several_countries_without_any_population_weight_are_refused(frame, tmp_path):
    bare = samples.write_csv(frame.drop(columns=["anweight", "pweight"]), tmp_path / "bare.csv")
    with pytest.raises(la.DataError, match="2 countries need anweight or pweight"):
        la.read_survey("ess", bare)


def test_an_invalid_weight_is_named_as_the_file_names_it(frame, tmp_path):
    wrong = frame.assign(anweight=-frame["anweight"])
    with pytest.raises(la.DataError, match="the weight anweight is negative in 240 rows"):
        la.read_survey("ess", samples.write_csv(wrong, tmp_path / "wrong.csv"))


def test_a_row_of_question_texts_under_the_header_is_a_problem_and_no_crash(frame, tmp_path):
    texts = pd.DataFrame([dict.fromkeys(frame.columns, "Question text")])
    path = samples.write_csv(pd.concat([texts, frame]), tmp_path / "texts.csv")
    with pytest.raises(la.DataError, match="essround holds text instead of codes"):
        la.read_survey("ess", path)


def test_names_instead_of_country_codes_are_told(frame, tmp_path):
    named = frame.assign(cntry=frame["cntry"].map({"NO": "Norway", "SE": "Sweden"}))
    with pytest.raises(la.DataError, match="cntry holds 'Norway' and others in 240 rows"):
        la.read_survey("ess", samples.write_csv(named, tmp_path / "named.csv"))


def test_strata_and_psus_that_repeat_across_countries_are_told_apart(survey, frame):
    assert survey.frame["psu"].nunique() == 2 * frame["psu"].nunique()
    assert survey.frame["stratum"].nunique() == 2 * frame["stratum"].nunique()
    nested = survey.frame.groupby("psu", observed=True)["country"].nunique()
    assert (nested == 1).all()


def test_person_numbers_that_repeat_across_countries_and_rounds_are_told_apart(frame, tmp_path):
    both = pd.concat([frame, frame.assign(essround=7.0)])
    pooled = la.read_survey("ess", samples.write_csv(both, tmp_path / "both.csv"))
    assert pooled.frame["person_id"].is_unique
    assert sorted(pooled.frame["year"].unique()) == [2014, 2023]


def test_without_a_design_file_persons_are_psus_and_the_draft_says_so(frame, tmp_path):
    made = ess.draft(samples.write_csv(frame.drop(columns=["stratum", "psu"]), tmp_path / "bare.csv"))
    assert any("no psu column" in note for note in made.notes)
    assert made.survey().design.psu is None


def test_an_older_design_file_names_its_strata_stratify(survey, frame, tmp_path):
    older = frame.rename(columns={"stratum": "stratify"})
    other = la.read_survey("ess", samples.write_csv(older, tmp_path / "older.csv"))
    pd.testing.assert_series_equal(other.frame["stratum"], survey.frame["stratum"])


def test_a_round_without_the_loneliness_question_says_so_and_the_rest_works(frame, tmp_path):
    made = ess.draft(samples.write_csv(frame.drop(columns="fltlnl"), tmp_path / "r9.csv"))
    assert any("no loneliness question" in note for note in made.notes)
    survey = made.survey()
    assert "lonely" not in survey.frame
    assert "depression" not in survey.frame
    assert survey.frame["depression_no_lonely"].notna().any()
    with pytest.raises(la.MissingVariable, match="lonely"):
        survey.require("lonely")
    assert la.prevalence(survey, "poor_health", by="country").to_frame()["n"].gt(0).all()


def test_ces_d8_turns_its_two_happy_items_with_and_without_loneliness(survey, frame):
    """Sum of eight items coded 0-3, two turned (range 0-24); seven without loneliness (0-21)."""
    items = frame[["fltdpr", "flteeff", "slprl", "fltsd", "cldgng"]] - 1
    score = items.sum(axis=1) + (4 - frame["wrhpp"]) + (4 - frame["enjlf"])
    complete = frame[FOUR_POINT[:8]].le(4).all(axis=1)
    assert complete.any()
    assert (survey.frame["depression_no_lonely"][complete] == score[complete]).all()
    assert (survey.frame["depression"][complete] == (score + frame["fltlnl"] - 1)[complete]).all()
    assert survey.frame["depression"][~complete].isna().all()


def test_body_mass_is_kilograms_over_squared_metres(survey, frame):
    told = (frame["height"] < 500) & (frame["weighta"] < 500)
    expected = frame["weighta"] / (frame["height"] / 100) ** 2
    np.testing.assert_allclose(survey.frame["bmi"][told], expected[told])
    assert survey.frame["bmi"][~told].isna().all()


def test_smoking_of_the_seventh_round_is_read_from_its_own_codes(frame, tmp_path):
    seventh = frame.drop(columns="cgtsmok").assign(cgtsmke=np.tile([1, 2, 3, 4, 5, 7], 40), essround=7.0)
    smoking = la.read_survey("ess", samples.write_csv(seventh, tmp_path / "r7.csv")).frame["smoking"]
    assert smoking[:5].tolist() == [2, 2, 1, 0, 0]
    assert smoking[5] is pd.NA


def test_those_without_a_partner_are_not_missing(survey, frame):
    assert (survey.frame["partner"][frame["rshpsts"] == 66] == False).all()  # noqa: E712
    assert survey.frame["partner"][frame["rshpsts"].isin([77, 88, 99])].isna().all()


def test_partner_is_not_given_where_a_file_cannot_tell(frame, tmp_path):
    untold = frame.assign(rshpsts=frame["rshpsts"].where(frame["rshpsts"] <= 6))
    made = ess.draft(samples.write_dta(untold, tmp_path / "untold.dta"))
    assert "partner" not in made.survey().frame
    assert any("partner" in note for note in made.notes)


@pytest.mark.parametrize("wrong", [float("inf"), "heavy"])
def test_a_weight_that_is_no_number_is_reported_once(wrong, tmp_path):
    frame = samples.ess(countries=("NO",)).astype({"pspwght": object})
    frame.loc[3, "pspwght"] = wrong
    with pytest.raises(la.DataError, match="pspwght") as error:
        la.read_survey("ess", samples.write_csv(frame, tmp_path / "ess.csv"))
    assert str(error.value).count("pspwght") == 1
