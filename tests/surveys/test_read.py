"""One door to every survey: no name may lead nowhere, and no adapter may need another call."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from lonely_analysis.errors import DataError, MissingVariable
from lonely_analysis.surveys import read
from lonely_analysis.surveys.scales import SCALES
from lonely_analysis.surveys.schema import common_columns


@pytest.mark.parametrize("where", [*read.ADAPTERS.values(), read.MAPPING_ADAPTER])
def test_every_registered_adapter_exists_and_takes_a_path_and_a_part(where):
    module, function = where.split(":")
    parameters = inspect.signature(getattr(import_module(module), function)).parameters
    assert next(iter(parameters)) == "path"
    assert parameters["part"].kind is inspect.Parameter.KEYWORD_ONLY


def test_an_unknown_name_lists_the_names():
    with pytest.raises(
        DataError, match="no survey is called 'gallup'; there are: synthetic, euls, ess, nhanes, brfss"
    ):
        read.read_survey("gallup")


def test_a_yaml_path_goes_to_the_mapping_adapter(monkeypatch):
    seen = {}
    monkeypatch.setattr(
        read, "_adapter", lambda where: lambda path, **given: seen.update(given, where=where, path=path)
    )
    read.read_survey("mine.yml", "file.csv", part="a")
    assert seen == {
        "where": read.MAPPING_ADAPTER,
        "path": "file.csv",
        "part": "a",
        "mapping": Path("mine.yml"),
    }


def test_the_table_of_columns_allows_exactly_the_codes_of_the_scales():
    known = common_columns()
    for scale in SCALES.values():
        for column in scale.columns:
            codes = scale.valid_codes(column)
            assert known[column].low <= min(codes), column
            assert max(codes) <= known[column].high, column
        if scale.name in known:
            assert (known[scale.name].low, known[scale.name].high) == scale.score_range


def test_a_survey_that_is_no_name_is_an_error_in_words():
    with pytest.raises(DataError, match="named by text, such as 'synthetic', not by NoneType"):
        read.read_survey(None)


def test_a_misspelt_variable_is_answered_with_the_names_near_it():
    with pytest.raises(MissingVariable, match=r"has no variable 'lonley'\. Near it: lonely"):
        read.read_survey("synthetic").require("lonley")
    with pytest.raises(MissingVariable, match="It has: person_id, survey, country"):
        read.read_survey("synthetic").require("zzz")
