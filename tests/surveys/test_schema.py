"""The table of common columns: what would be broken if an adapter could hand over wrong codes unnoticed."""

from __future__ import annotations

import pandas as pd
import pytest

from lonely_analysis.errors import DataError
from lonely_analysis.surveys import schema


def frame(**columns):
    return pd.DataFrame({"person_id": ["a", "b", "c"], "weight": [1.0, 2.0, 1.5], **columns})


def test_every_column_has_words_in_both_languages_and_usable_bounds():
    for column in schema.common_columns().values():
        assert column.asks, column
        assert column.asks_nb, column
        assert column.kind in {"id", "yes/no", "score", "count", "measure", "category"}
        assert (column.low is not None) == (column.kind in {"score", "count", "measure"}), column
        assert column.high is None or column.low < column.high


def test_a_right_frame_passes():
    schema.check_frame(
        frame(
            lonely=pd.array([True, None, False], dtype="boolean"),
            ucla3=pd.array([3, 9, None], dtype="Int8"),
            education=["lower", "higher", None],
        )
    )


def test_all_problems_are_listed_at_once_with_column_code_and_count():
    wrong = frame(
        lonely=[1, 0, 1],
        ucla3=[3, 99, 99],
        sex=["female", "woman", "male"],
        nonsense=[1, 2, 3],
        trust=[4.5, 3.0, 2.0],
        age=["old", "young", "41"],
    ).assign(weight=[1.0, None, 1.0])
    with pytest.raises(DataError) as caught:
        schema.check_frame(wrong, where="file.dta")
    message = str(caught.value)
    assert message.startswith("file.dta: 7 problem(s)")
    assert "ucla3: 2 values outside 3 to 9 (99 x 2)" in message
    assert "sex: 1 values outside female | male ('woman' x 1)" in message
    assert "trust: 1 values outside 0 to 10 (4.5 x 1)" in message
    assert "lonely: holds int64 in 3 rows, not a nullable boolean" in message
    assert "age: holds str in 3 rows, not numbers" in message
    assert "weight: 1 missing" in message
    assert "'nonsense' is not a common column" in message


def test_the_codebook_of_a_frame_counts_the_answers():
    book = schema.codebook(frame(ucla3=pd.array([3, 9, None], dtype="Int8")))
    assert book.set_index("name")["n"].to_dict() == {"person_id": 3, "weight": 3, "ucla3": 2}
