"""Domains as text: what is understood, what is refused, and three-valued logic of missing answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.surveys.expressions import domain_rows

FRAME = pd.DataFrame(
    {
        "age": [10, 20, np.nan, 40],
        "country": ["NO", "SE", "NO", None],
        "lonely": pd.array([True, None, False, True], dtype="boolean"),
        "education": pd.Categorical(
            ["lower", "middle", "higher", "middle"], ["lower", "middle", "higher"], ordered=True
        ),
    }
)

# Each expression with the rows it holds for, read off FRAME by eye.
UNDERSTOOD = {
    "age >= 20": [1, 3],
    "not age >= 20": [0],
    "age >= 20 and country in ['NO', 'SE']": [1],
    "not (age >= 20 and country in ['NO', 'SE'])": [0],
    "15 < age <= 40 or lonely": [0, 1, 3],
    "not lonely": [2],
    "country not in ('SE', 'DK')": [0, 2],
    "country != 'SE'": [0, 2],
    "age == -1": [],
    "lonely == False": [2],
}


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_rows_are_in_the_domain_only_where_the_whole_is_true(text: str) -> None:
    assert np.flatnonzero(domain_rows(FRAME, text)).tolist() == UNDERSTOOD[text]


def test_ordered_categories_compare_in_their_order() -> None:
    assert domain_rows(FRAME, "education >= 'middle'").tolist() == [False, True, True, True]


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_engines_choose_the_rows_that_pandas_chooses(text: str) -> None:
    import narwhals as nw
    import polars as pl

    from lonely_analysis.surveys.expressions import domain_expression

    table = nw.from_native(pl.from_pandas(FRAME[["age", "country", "lonely"]]).lazy())
    chosen = table.with_columns(chosen=domain_expression(table, text)).collect()["chosen"].to_list()
    assert chosen == domain_rows(FRAME, text).tolist()


def test_nan_on_an_engine_is_missing_although_it_is_not_null() -> None:
    import narwhals as nw
    import polars as pl

    from lonely_analysis.surveys.expressions import domain_expression

    table = nw.from_native(pl.DataFrame({"age": [10.0, float("nan"), 40.0]}))
    chosen = table.with_columns(
        over=domain_expression(table, "age > 20"), other=domain_expression(table, "not age > 20")
    )
    assert chosen["over"].to_list() == [False, False, True]
    assert chosen["other"].to_list() == [True, False, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("__import__('os').system('x') == 1", "no column '__import__'"),
        ("age.real > 3", "'age.real' is not understood"),
        ("age + 1 > 3", "'age \\+ 1' is not understood"),
        ("age[0] > 3", "is not understood"),
        ("[age for age in country]", "is not understood"),
        ("(lambda: age)() > 1", "is not understood"),
        ("age is None", "'None' is not understood"),
        ("age", "'age' is not yes/no"),
        ("agee > 3", "no column 'agee' in the data. Columns: age, country"),
        ("age >", "cannot read where='age >'"),
        ("3 > 2", "names no column"),
        ("age in country", "column in \\[value, value\\]"),
        ("country > 3", "'country' holds"),
    ],
)
def test_what_is_not_a_condition_is_refused_and_never_run(text: str, words: str) -> None:
    with pytest.raises(la.DataError, match=words):
        domain_rows(FRAME, text)


def test_a_series_must_be_boolean_and_from_the_same_frame() -> None:
    assert domain_rows(FRAME, FRAME["lonely"]).tolist() == [True, False, False, True]
    with pytest.raises(la.DataError, match="boolean Series"):
        domain_rows(FRAME, FRAME["age"])
    with pytest.raises(la.DataError, match="2 rows and the data 4"):
        domain_rows(FRAME, FRAME["lonely"].iloc[:2])
    with pytest.raises(la.DataError, match="another index"):
        domain_rows(FRAME, FRAME["lonely"].iloc[::-1])


def test_a_long_condition_of_unprintable_characters_is_not_repeated_whole() -> None:
    frame = pd.DataFrame({"t": [1.0]})
    for text in ("t>= --" + "\x00" * 300, "t " + "+ t " * 120 + "> 1", "u" * 400):
        with pytest.raises(la.DataError) as refused:
            la.prevalence(la.SurveyDesign(frame), "t", where=text)
        assert len(str(refused.value)) < 600
