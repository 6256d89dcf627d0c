"""What is wrong with a design is said in the file's own names, also where such a name is a number."""

from __future__ import annotations

import pandas as pd
import pytest

from lonely_analysis.surveys.problems import design_problems


@pytest.mark.parametrize("name", ["w", 0])
def test_a_bad_weight_is_named_as_in_the_file(name):
    columns = {"weight": pd.Series([1.0, -2.0, None])}
    found = design_problems(columns, {"weight": name})
    assert [problem.split(":")[0] for problem in found] == [
        f"the weight {name} is negative in 1 rows",
        f"the weight {name} is missing in 1 rows",
    ]


def test_a_weight_whose_text_was_reported_is_not_reported_as_missing():
    columns = {"weight": pd.Series([1.0, None])}
    assert design_problems(columns, {"weight": "w"}, ["w holds text in 1 row"]) == []
