"""What ``lonely check`` is told: the file, its columns, its absent answers, and all problems."""

from __future__ import annotations

import pytest
import survey_samples as samples

import lonely_analysis as la
from lonely_analysis.surveys.checkup import checkup


def test_a_good_file_has_no_problems_and_says_what_it_is(tmp_path):
    found = checkup("euls", samples.write_sav(samples.euls(), tmp_path / "e.sav"))
    assert found.problems == []
    assert (found.title, found.what, found.n) == (
        "EU Loneliness Survey 2022",
        "SPSS file (.sav)",
        samples.ROWS,
    )
    assert {"lonely", "ucla3", "djg6", "support", "life_events"} <= set(found.columns)


def test_every_problem_is_listed_and_what_the_file_gives_is_told_all_the_same(tmp_path):
    wrong = samples.ess().assign(health=6.0, happy=55.0, anweight=-1.0).drop(columns="gndr")
    found = checkup("ess", samples.write_csv(wrong, tmp_path / "e.csv"))
    told = " | ".join(found.problems)
    for word in ("gndr", "health has codes", "6 (240 rows)", "happy has codes", "55 (240 rows)", "negative"):
        assert word in told
    assert "trust" in found.columns
    assert "gndr" in found.absent


def test_a_column_without_any_answer_is_not_given(tmp_path):
    raw = samples.brfss()
    raw["SDLONELY"] = float("nan")
    found = checkup("brfss", samples.write_xpt(raw, tmp_path / "LLCP2023.XPT"))
    assert "lonely" not in found.columns
    assert found.problems == []


def test_the_synthetic_survey_can_be_examined():
    found = checkup("synthetic", None)
    assert found.problems == []
    assert found.n > 1000


def test_an_unknown_survey_names_the_known_ones():
    with pytest.raises(la.DataError, match="euls, ess, nhanes, brfss"):
        checkup("share", None)
