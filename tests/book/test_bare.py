"""A bare result's caption says what was estimated and compared, which a reader cannot see from the table."""

from __future__ import annotations

import pandas as pd
import pytest

from conftest import estimates
from lonely_analysis.book.bare import caption
from lonely_analysis.estimators.contrast import Compared, Contrast, Question

LONELY = Compared("lonely", "True", "False", 1.0)
SMOKES = Compared("smoking", "2", "0", 1.0)


def contrast(*compared: Compared, family: str = "hazard", given=(), scale="ratio") -> Contrast:
    table = pd.DataFrame([{"estimate": 1.2, "ci_low": 1.0, "ci_high": 1.4}])
    question = Question(family, compared, tuple(given))
    return Contrast(table=table, source="synthetic", scale=scale, level=0.95, question=question)


def test_one_term_is_named_with_what_is_held_equal():
    found = contrast(LONELY, given=["age", "sex"])
    assert caption(found, "en") == (
        "Hazard ratio, lonely most or all of the time: yes against no, given age and sex"
    )
    assert caption(found, "nb") == (
        "Hasardratio, ensom mesteparten av tiden eller hele tiden: ja mot nei, gitt alder og kjønn"
    )


def test_a_category_stands_with_its_reference():
    assert caption(contrast(SMOKES, family="logistic"), "en") == "Odds ratio, smoking: 2 against 0"


def test_two_terms_against_each_other_are_a_ratio_of_ratios_with_the_first_above():
    alone = Compared("lives_alone", "True", "False", -1.0)
    for sides in ((SMOKES, alone), (alone, SMOKES)):
        found = contrast(*sides)
        assert caption(found, "en") == (
            "Ratio of hazard ratios, smoking: 2 against 0 over lives alone: yes against no"
        )
        assert caption(found, "nb") == (
            "Forhold mellom hasardratioer, røyking: 2 mot 0 delt på bor alene: ja mot nei"
        )


def test_other_weights_and_scales_are_shown():
    ten, curve = Compared("age", "+1", None, 10.0), Compared("log(cigarettes + 1)", None, None, -2.0)
    assert caption(contrast(ten, curve, scale="coefficient"), "en") == (
        "Coefficient, 10 × age, one more + −2 × log(cigarettes + 1)"
    )


def test_a_dose_says_that_it_is_one():
    assert caption(contrast(Compared("age", "+1", None, 1.0), family="dose", scale="coefficient"), "nb") == (
        "Dose med det oppgitte forholdstallet, alder, én mer"
    )


def test_a_scale_written_in_capitals_keeps_them():
    assert caption(contrast(LONELY, given=["ucla3"]), "en").endswith("given UCLA three-item score")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_contrast_from_storage_which_has_no_question_still_has_a_caption(language):
    found = contrast(family="")
    assert caption(found, language)


def test_where_people_were_before_and_after_is_no_grouping():
    rows = [(True, True, 0.3, 0.01, 0.2, 0.4, 99, 9.0, 1.0)]
    found = estimates(rows, by=("before", "after"))
    assert caption(found, "en") == "Lonely most or all of the time, before and after"
    assert caption(found, "nb").endswith(", før og etter")


def test_an_outcome_with_a_comma_is_set_apart_from_its_groups():
    rows = [(4, 0.3, 0.01, 0.2, 0.4, 99, 9.0, 1.0)]
    found = estimates(rows, by=("cut",), outcome="ucla3")
    assert caption(found, "nb") == "UCLA-skår, tre spørsmål, etter grense"
