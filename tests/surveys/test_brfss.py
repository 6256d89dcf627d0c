"""BRFSS: codes, state-unique clusters, the year that asked another question, and reading by column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import survey_samples as samples

import lonely_analysis as la
from lonely_analysis.surveys import brfss
from lonely_analysis.surveys.codebook import codebook


@pytest.fixture
def path(tmp_path):
    return samples.write_xpt(samples.brfss(), tmp_path / "LLCP2023.XPT")


def test_every_missing_code_is_counted_under_its_reason(path):
    survey, raw = la.read_survey("brfss", path), samples.brfss()
    for name, variable in codebook("brfss").variables.items():
        for column in [column for column in variable.gives if column in survey.missing.index]:
            for reason in set(variable.missing.values()):
                codes = [code for code, why in variable.missing.items() if why == reason]
                assert survey.missing.loc[column, reason] == raw[name].isin(codes).sum(), (
                    name,
                    column,
                    reason,
                )


def test_always_and_usually_is_lonely(path):
    frame, raw = la.read_survey("brfss", path).frame, samples.brfss()
    assert frame["lonely"][raw["SDLONELY"] <= 2].all()
    assert not frame["lonely"][raw["SDLONELY"].between(3, 5)].any()
    assert (frame["lonely_freq"][raw["SDLONELY"] == 1] == 5).all()


def test_no_bad_days_is_zero_and_body_mass_has_two_implied_decimals(path):
    frame, raw = la.read_survey("brfss", path).frame, samples.brfss()
    assert (frame["bad_mental_days"][raw["MENTHLTH"] == 88] == 0).all()
    np.testing.assert_allclose(frame["bmi"], raw["_BMI5"] / 100)


def test_psus_and_persons_that_repeat_across_states_are_told_apart(path):
    frame = la.read_survey("brfss", path).frame
    assert frame["person_id"].is_unique
    assert frame["psu"].nunique() == samples.ROWS


def test_states_that_did_not_use_the_module_are_not_asked(tmp_path):
    raw = samples.brfss()
    raw.loc[raw["_STATE"] == 2, "SDLONELY"] = np.nan
    survey = la.read_survey("brfss", samples.write_xpt(raw, tmp_path / "LLCP2023.XPT"))
    assert survey.missing.loc["lonely", "not_asked"] == samples.ROWS / 2


def test_the_question_of_2022_is_never_taken_for_loneliness(tmp_path):
    raw = samples.brfss().drop(columns="SDLONELY").assign(IYEAR="2022")
    made = brfss.draft(samples.write_xpt(raw, tmp_path / "LLCP2022.XPT"))
    assert any("no SDLONELY" in note for note in made.notes)
    frame = made.survey().frame
    assert "lonely" not in frame
    assert (frame["feels_isolated"][raw["SDHISOLT"] == 1] == 5).all()


def test_interviews_of_the_next_january_belong_to_the_year_of_the_file(tmp_path):
    raw = samples.brfss()
    raw.loc[:20, "IYEAR"] = "2024"
    frame = la.read_survey("brfss", samples.write_xpt(raw, tmp_path / "LLCP2023.XPT")).frame
    assert (frame["year"] == 2023).all()


def test_a_year_before_the_question_is_refused(tmp_path):
    raw = samples.brfss().drop(columns=["SDLONELY", "SDHISOLT"]).assign(IYEAR="2021")
    with pytest.raises(la.DataError, match="file of 2021"):
        la.read_survey("brfss", samples.write_xpt(raw, tmp_path / "LLCP2021.XPT"))


def test_a_folder_with_one_file_is_that_file(path):
    assert len(la.read_survey("brfss", path.parent).frame) == samples.ROWS


def test_only_the_columns_of_the_codebook_are_held(path, tmp_path):
    from lonely_analysis.surveys.rawfiles import read_raw

    more = pd.DataFrame(1.0, index=range(samples.ROWS), columns=[f"V{number}" for number in range(200)])
    wide = pd.concat([samples.brfss(), more], axis=1)
    table = read_raw(samples.write_xpt(wide, tmp_path / "wide.XPT"), codebook("brfss").variables)
    assert len(table.present) > 200
    assert set(table.frame.columns) <= set(codebook("brfss").variables)
