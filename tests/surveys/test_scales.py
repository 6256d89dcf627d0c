"""Scale scoring.

References: the manual of the De Jong Gierveld scale (2022 update), section 8, SPSS syntax: ``count`` of
lonely answers, total valid with at most one item missing, subscales with none. UCLA-3: Hughes et al. 2004,
sum of codes 1-3. OSSS-3: Kocalevent et al. 2018, groups 3-8, 9-11, 12-14.
"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lonely_analysis.errors import DataError, MissingVariable
from lonely_analysis.surveys.scale_catalogue import SCALES
from lonely_analysis.surveys.scales import scale, score_scale


def answers(name: str, *rows: list[int | None]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=scale(name).columns).astype("Int64")


def test_ucla3_is_the_sum_and_cuts_at_the_printed_scores():
    scored = score_scale(answers("ucla3", [1, 1, 1], [1, 1, 2], [2, 2, 2], [3, 3, 3]), "ucla3")
    assert scored["ucla3"].tolist() == [3, 4, 6, 9]
    assert scored["ucla3_6"].tolist() == [False, False, True, True]
    assert scored["ucla3_4"].tolist() == [False, True, True, True]


def test_tils_is_the_same_score_under_its_danish_name():
    frame = answers("ucla3", [1, 2, 3], [3, 3, 1], [1, None, 1])
    ucla = score_scale(frame, "ucla3")["ucla3"]
    pd.testing.assert_series_equal(score_scale(frame, "tils")["tils"], ucla, check_names=False)


def test_djg6_counts_lonely_answers_in_opposite_directions_for_the_two_halves():
    rows = [1, 1, 1, 3, 3, 3], [3, 3, 3, 1, 1, 1], [2, 2, 2, 2, 2, 2], [1, 1, 1, 1, 1, 1], [2, 3, 3, 1, 1, 3]
    scored = score_scale(answers("djg6", *rows), "djg6")
    assert scored["djg6"].tolist() == [6, 0, 6, 3, 2]
    assert scored["djg6_emotional"].tolist() == [3, 0, 3, 3, 1]
    assert scored["djg6_social"].tolist() == [3, 0, 3, 0, 1]
    assert scored["djg6_lonely"].tolist() == [True, False, True, True, True]
    assert scored["djg6_severe"].tolist() == [True, False, True, False, False]


def test_djg6_manual_tolerates_one_missing_item_in_the_total_and_none_in_a_subscale():
    frame = answers("djg6", [1, 1, None, 3, 3, 1], [1, None, None, 3, 3, 1])
    strict, manual = score_scale(frame, "djg6"), score_scale(frame, "djg6", allow_missing=1)
    assert strict["djg6"].isna().tolist() == [True, True]
    assert manual["djg6"].tolist() == [4, pd.NA]
    assert manual["djg6_emotional"].isna().tolist() == [True, True]
    assert manual["djg6_social"].tolist() == [2, 2]
    assert manual["djg6_answered"].tolist() == [5, 4]


def test_oslo3_groups_are_exhaustive_over_the_whole_range():
    rows = [[a, b, c] for a in range(1, 5) for b in range(1, 6) for c in range(1, 6)]
    scored = score_scale(answers("oslo3", *rows), "oslo3")
    assert (scored["oslo3"].min(), scored["oslo3"].max()) == (3, 14)
    groups = scored[["oslo3_poor", "oslo3_moderate", "oslo3_strong"]].astype(int)
    assert (groups.sum(axis=1) == 1).all()


@pytest.mark.parametrize(("name", "often", "some"), [("direct", 4, 3), ("direct4", 3, 2)])
def test_the_direct_item_is_lonely_in_its_two_highest_answers(name, often, some):
    codes = sorted(scale(name).codes)
    scored = score_scale(answers(name, *[[code] for code in codes]), name)
    assert scored[f"{name}_often"].tolist() == [code >= often for code in codes]
    assert scored[f"{name}_some"].tolist() == [code >= some for code in codes]


@given(st.data())
def test_no_row_is_dropped_and_scores_stay_in_range(data):
    name = data.draw(st.sampled_from(sorted(SCALES)))
    chosen = scale(name)
    cell = {column: st.sampled_from([*chosen.valid_codes(column), None]) for column in chosen.columns}
    rows = data.draw(st.lists(st.fixed_dictionaries(cell), min_size=1, max_size=8))
    frame = pd.DataFrame(rows, columns=chosen.columns).astype("Int64").iloc[::-1]
    scored = score_scale(frame, name)
    assert scored.index.equals(frame.index)
    low, high = chosen.score_range
    assert scored[name].dropna().between(low, high).all()
    complete = frame.notna().all(axis=1)
    assert (scored[name].notna() == complete).all()
    for cut in chosen.cuts:
        assert (scored[cut.column].isna() == scored[cut.score].isna()).all()


def test_a_code_outside_the_scale_is_named_with_its_column_and_count():
    frame = answers("ucla3", [1, 2, 999], [1, 2, 999], [1, 2, 3])
    with pytest.raises(DataError, match=r"'ucla3_c' has 2 answers outside 1-3 \(999 x 2\)"):
        score_scale(frame, "ucla3")


def test_text_answers_are_refused_not_turned_into_missing():
    frame = answers("ucla3", [1, 2, 3]).astype(object).assign(ucla3_a="often")
    with pytest.raises(DataError, match="often x 1"):
        score_scale(frame, "ucla3")


def test_the_fourth_answer_about_confidants_is_the_last():
    with pytest.raises(DataError, match="'oslo3_a' has 1 answers outside 1-4"):
        score_scale(answers("oslo3", [5, 5, 5]), "oslo3")


def test_a_missing_item_column_is_named():
    with pytest.raises(MissingVariable, match="ucla3_b"):
        score_scale(answers("ucla3", [1, 2, 3]).drop(columns="ucla3_b"), "ucla3")


@pytest.mark.parametrize(("name", "allowed"), [("ucla3", 1), ("djg6", 2), ("djg6", -1)])
def test_more_missing_items_than_the_manual_allows_is_an_error(name, allowed):
    with pytest.raises(DataError, match="tolerates"):
        score_scale(answers(name, [1] * len(scale(name).columns)), name, allow_missing=allowed)


def test_an_unknown_scale_lists_the_known_ones():
    with pytest.raises(DataError, match="ucla3, tils, djg6, direct, direct4, oslo3"):
        scale("ucla20")
