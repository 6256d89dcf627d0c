"""Norwegian alternative texts are Norwegian throughout, also where chapters and tables give English words."""

from __future__ import annotations

import pandas as pd
import pytest

from conftest import estimates
from lonely_analysis.book import figure
from lonely_analysis.book.phrases import in_norwegian
from lonely_analysis.book.wording import group_name


@pytest.mark.parametrize(
    ("english", "norwegian"),
    [
        ("hazard ratio of death", "hasardratio for død"),
        ("Hazard ratio of death", "Hasardratio for død"),
        ("Norway, 2020, ages 18–24, women", "Norge, 2020, alder 18–24, kvinner"),
        ("women 21-34", "kvinner 21-34"),
        ("Synthetic data", "Syntetiske data"),
        ("Odds ratio of death, weaker ties", "Oddsratio for død, svakere bånd"),
        ("Generalised trust, contextual", "Generell tillit, omgivelsenes"),
        ("Holt-Lunstad 2010", "Holt-Lunstad 2010"),
        ("United States, 26 states, 2022, ages 18+", "USA, 26 delstater, 2022, alder 18+"),
        ("Lonely, Northern Europe, ages 18+", "Ensom, Nord-Europa, alder 18+"),
        ("Correlation 0.8", "Korrelasjon 0,8"),
    ],
)
def test_words_are_found_whole_or_part_by_part(english, norwegian):
    assert in_norwegian(english) == norwegian


def test_a_published_figure_is_described_in_norwegian():
    rows = pd.DataFrame({"place": ["Norway, 2020, ages 18+"], "estimate": [0.11]})
    drawn = figure.forest(rows, label="place", axis="Share lonely (%)", name="fig-x", caption="C.")
    assert "Andel ensomme (%)" in drawn.alt[1]
    assert "Norge, 2020, alder 18+" in drawn.alt[1]
    assert "Share lonely (%)" in drawn.alt[0]


def test_series_and_choices_of_a_figure_are_described_in_norwegian():
    rows = [
        ("Lives alone", 1.2, 0.1, 1.0, 1.4, 99, 9.0, 1.0),
        ("Smokes now (against never)", 2, 0.1, 1.8, 2.2, 99, 9.0, 1.0),
    ]
    result = estimates(rows, by=("choice",), statistic="ratio", outcome="hazard ratio of death")
    other = estimates(
        rows, by=("choice",), statistic="ratio", outcome="hazard ratio of death", source="nhanes"
    )
    _, norwegian = figure.dots(result, other, kind="ratio", name="fig-x", caption="C.").alt
    assert "Hasardratio for død" in norwegian
    assert "Røyker nå (mot aldri)" in norwegian
    assert "Bor alene" in norwegian
    assert "Synthetic" not in norwegian


def test_a_grid_is_described_by_the_titles_it_is_drawn_with_and_with_norwegian_decimals():
    rows = [
        (0.5, 0.25, 0.1, 0.01, 0.08, 0.12, 99, 9.0, 1.0),
        (1.0, 0.25, 0.2, 0.01, 0.18, 0.22, 99, 9.0, 1.0),
    ]
    result = estimates(rows, by=("sensitivity", "arenas"))
    english, norwegian = figure.matrix(
        result, rows="sensitivity", columns="arenas", row_title="way", name="fig-x", caption="C."
    ).alt
    assert english.startswith("Grid of way by arenas. 0.5 by 0.25: ")
    assert norwegian.startswith("Rutenett med måte mot arenaer. 0,5 mot 0,25: ")


def test_a_group_that_is_a_number_has_norwegian_decimals_and_a_true_minus():
    assert group_name(-0.3, "rho", "nb") == "−0,3"
    assert group_name(-0.3, "rho", "en") == "-0.3"


def test_a_figure_of_steps_is_described_by_the_covariates_in_the_model():
    rows = [("Age", 1.2, 0.1, 1.0, 1.4, 99, 9.0, 1.0), ("Sex", 1.3, 0.1, 1.1, 1.5, 99, 9.0, 1.0)]
    result = estimates(rows, by=("added",), statistic="ratio", outcome="hazard ratio of death")
    english, norwegian = figure.dots(result, kind="ratio", name="fig-x", caption="C.").alt
    assert "Hazard ratio of death by covariates in the model." in english
    assert "Hasardratio for død etter variablene i modellen." in norwegian


def test_an_outcome_that_says_what_it_is_drawn_by_is_not_followed_by_it_again():
    rows = [(100, 0.2, 0.1, 0.1, 0.3, 99, 9.0, 1.0), (200, 0.3, 0.1, 0.1, 0.4, 99, 9.0, 1.0)]
    result = estimates(rows, by=("n_asked",), outcome="Power, by number of people")
    english, _ = figure.lines(result, by="n_asked", kind="percent", name="fig-x", caption="C.").alt
    assert "Power, by number of people." in english
