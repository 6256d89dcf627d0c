"""Estimates side by side: each keeps its numbers, and what cannot stand in one column is refused."""

from __future__ import annotations

import pandas as pd
import pytest

import lonely_analysis as la


@pytest.fixture
def design() -> la.SurveyDesign:
    frame = pd.DataFrame(
        {"y": [1, 0, 0, 1, 1, 0], "x": [1.0, 2, 3, 4, 5, 6], "w": [1, 2, 3, 1, 2, 3], "g": list("aabbab")}
    )
    return la.SurveyDesign(frame, weight="w")


def test_each_choice_keeps_its_own_numbers(design: la.SurveyDesign) -> None:
    weighted, plain = la.prevalence(design, "y"), la.prevalence(design.replace(weight=None), "y")
    both = la.compare({"Weighted": weighted, "No weights": plain})
    assert both.by == ("choice",)
    assert both.row(choice="No weights").estimate == plain.estimate == pytest.approx(3 / 6)
    assert both.row(choice="Weighted").estimate == weighted.estimate == pytest.approx(4 / 12)
    assert [both.row(choice=c).se for c in ("Weighted", "No weights")] == [weighted.se, plain.se]


def test_a_group_and_the_whole_can_stand_together(design: la.SurveyDesign) -> None:
    by_group = la.prevalence(design, "y", by="g")
    table = la.compare({"All": la.prevalence(design, "y"), "Group a": by_group.row(g="a")}).to_frame()
    assert "g" not in table
    assert table["n"].tolist() == [6, 3]


def test_a_standardised_prevalence_is_a_prevalence(design: la.SurveyDesign) -> None:
    standard = la.standardise(design, "y", over="g", population={"a": 1, "b": 1})
    assert len(la.compare({"Crude": la.prevalence(design, "y"), "Standardised": standard})) == 2


def test_effects_of_different_models_stand_together(design: la.SurveyDesign) -> None:
    crude = la.differences(la.prevalence(design, "y", by="g"))
    adjusted = la.average_effect(la.regress(design, "y ~ g + x", family="linear"), "g")
    both = la.compare({"Crude": crude, "Adjusted": adjusted})
    assert both.row(choice="Crude").estimate == crude.estimate
    assert both.row(choice="Adjusted").se == adjusted.se
    assert both.scale == "difference"
    assert "variable" not in both.to_frame()
    ratio = la.average_effect(la.regress(design, "y ~ g", family="poisson"), "g", scale="ratio")
    with pytest.raises(la.DataError, match="'Ratio' has scale 'ratio'"):
        la.compare({"Crude": crude, "Ratio": ratio})


def test_what_no_shared_column_could_tell_apart_is_refused(design: la.SurveyDesign) -> None:
    crude = la.prevalence(design, "y")
    with pytest.raises(la.DataError, match="'By group' has 2 rows"):
        la.compare({"All": crude, "By group": la.prevalence(design, "y", by="g")})
    with pytest.raises(la.DataError, match="has statistic 'mean', the first one 'prevalence'"):
        la.compare({"All": crude, "Mean": la.mean(design, "x")})
    with pytest.raises(la.DataError, match="has level"):
        la.compare({"All": crude, "Narrow": la.prevalence(design, "y", level=0.9)})
    with pytest.raises(la.DataError, match="has source 'other'"):
        la.compare({"All": crude, "Other": la.prevalence(design.replace(source="other"), "y")})
    with pytest.raises(la.DataError, match="at least one"):
        la.compare({})
