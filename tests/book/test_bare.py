"""A bare result's caption says what was estimated and compared, which a reader cannot see from the table."""

from __future__ import annotations

import pandas as pd
import pytest

from lonely_analysis.book.bare import caption
from lonely_analysis.estimators.contrast import Compared, Contrast, Question

LONELY = Compared("lonely", None, None, 1.0)
SMOKES = Compared("smoking", "2", "0", 1.0)


def contrast(*compared: Compared, family: str = "hazard", given=(), scale="ratio") -> Contrast:
    table = pd.DataFrame([{"estimate": 1.2, "ci_low": 1.0, "ci_high": 1.4}])
    question = Question(family, compared, tuple(given))
    return Contrast(table=table, source="synthetic", scale=scale, level=0.95, question=question)


def test_one_term_is_named_with_what_is_held_equal():
    found = contrast(LONELY, given=["age", "sex"])
    assert caption(found, "en") == "Hazard ratio, lonely most or all of the time, given age and sex"
    assert caption(found, "nb") == (
        "Hasardratio, ensom mesteparten av tiden eller hele tiden, gitt alder og kjønn"
    )


def test_a_category_stands_with_its_reference():
    assert caption(contrast(SMOKES, family="logistic"), "en") == "Odds ratio, smoking: 2 against 0"


def test_two_terms_against_each_other_are_a_ratio_of_ratios_with_the_first_above():
    alone = Compared("lives_alone", None, None, -1.0)
    for sides in ((SMOKES, alone), (alone, SMOKES)):
        found = contrast(*sides)
        assert caption(found, "en") == "Ratio of hazard ratios, smoking: 2 against 0 over lives alone"
        assert caption(found, "nb") == "Forhold mellom hasardratioer, røyking: 2 mot 0 delt på bor alene"


def test_other_weights_and_scales_are_shown():
    ten = Compared("age", None, None, 10.0)
    assert caption(contrast(ten, LONELY, scale="coefficient"), "en") == (
        "Coefficient, 10 × age + lonely most or all of the time"
    )


def test_a_scale_written_in_capitals_keeps_them():
    assert caption(contrast(LONELY, given=["ucla3"]), "en").endswith("given UCLA three-item score")


@pytest.mark.parametrize("language", ["en", "nb"])
def test_a_contrast_from_storage_which_has_no_question_still_has_a_caption(language):
    found = contrast(family="")
    assert caption(found, language)
