"""A survey of one's own: the shipped example on a small export, and mappings that are wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import survey_samples as samples

import lonely_analysis as la
from lonely_analysis.files import data_file

ROWS = 120


@pytest.fixture
def county(tmp_path):
    """Write the example's mapping and an export with semicolons, decimal commas and latin-1 text."""
    rows = np.arange(ROWS)
    frame = pd.DataFrame(
        {
            "lopenr": rows + 1,
            "vekt": np.linspace(0.5, 1.5, ROWS).round(3),
            "kommunetype": np.where(rows % 2 == 0, "by", "bygd"),
            "kommune": [f"Måsøy {number}" for number in rows % 12],
            "alder": np.linspace(16, 90, ROWS).round().astype(int),
            "kjonn": rows // 12 % 2 + 1,
            "ensom": np.resize([1, 2, 3, 4, 5, 8, 9], ROWS),
            "tillit": np.resize([*range(11), 88, 99], ROWS),
            "helse": np.resize([1, 2, 3, 4, 5, 9], ROWS),
        }
    )
    mapping = tmp_path / "county.yml"
    mapping.write_text(data_file("examples/county.yml").read_text("utf-8"), "utf-8")
    samples.write_csv(frame, tmp_path / "county.csv", sep=";", decimal=",", encoding="latin1")
    return mapping, frame


def test_the_example_reads_the_file_that_its_mapping_names(county):
    mapping, frame = county
    survey = la.read_survey(str(mapping))
    assert survey.source == "county"
    np.testing.assert_allclose(survey.frame["weight"], frame["vekt"])
    assert survey.frame["lonely"].sum() == frame["ensom"].isin([1, 2]).sum()
    assert survey.missing.loc["lonely", ["dont_know", "no_answer"]].tolist() == [17, 17]
    assert (survey.frame["country"] == "NO").all()


def test_the_example_carries_its_design_into_an_estimate(county):
    result = la.prevalence(la.read_survey(str(county[0])), "lonely", by="sex")
    assert result.source == "county"
    assert (result.to_frame()["df"] == 10).all()  # 12 municipalities in 2 strata


def test_a_file_given_beside_the_mapping_goes_before_the_one_it_names(county, tmp_path):
    mapping, frame = county
    other = samples.write_csv(frame.head(40), tmp_path / "other.csv")
    assert len(la.read_survey(str(mapping), other).frame) == 40


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            ("lonely: {true_for: [1, 2]}", "lonesome: {true_for: [1, 2]}"),
            "lonesome, which is no common column",
        ),
        (("lonely: {true_for: [1, 2]}", "lonely: {yes: [1, 2]}"), "no rule yes"),
        (("missing:\n  default", "missing:\n  normal"), "18 answers|codes that its codebook does not list"),
        (("{8: dont_know, 9: no_answer}", "{8: dontknow, 9: no_answer}"), "no reason 'dontknow'"),
        (("file: county.csv\n", ""), "give its file"),
        (("range: [0, 10]", "codes: {1: a}\n    range: [0, 10]"), "exactly one of"),
        (("variables:", "variabler:"), "unknown key 'variabler'"),
        (("title:", "title: ["), "cannot be read as YAML"),
        (("asks: sex", "ask: sex"), "variable kjonn: unknown key 'ask'"),
    ],
)
def test_a_wrong_mapping_says_what_is_wrong_with_it(county, change, says):
    mapping, _ = county
    text = mapping.read_text("utf-8")
    assert change[0] in text
    mapping.write_text(text.replace(*change, 1), "utf-8")
    with pytest.raises(la.DataError, match=says) as error:
        la.read_survey(str(mapping))
    assert len(str(error.value)) < 600


def test_a_mapping_without_a_weight_counts_everybody_the_same(county):
    mapping, _ = county
    text = mapping.read_text("utf-8")
    start, end = text.index("  vekt:"), text.index("  kommunetype:")
    mapping.write_text(text[:start] + text[end:], "utf-8")
    assert la.read_survey(str(mapping)).design.weight is None


def test_a_mapping_that_is_not_there_says_so(tmp_path):
    with pytest.raises(la.DataError, match="no mapping"):
        la.read_survey(str(tmp_path / "none.yml"))
