"""YAML as people write it: what is taken as it stands, and what is refused."""

from __future__ import annotations

import pytest

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.yamlfiles import read_yaml


@pytest.fixture
def written(tmp_path):
    def write(text: str):
        path = tmp_path / "own.yml"
        path.write_text(text, "utf-8")
        return read_yaml(path)

    return write


def test_norway_is_a_country_and_only_true_and_false_are_booleans(written):
    assert written("country: NO\nyes: on\nrequired: true\n") == {
        "country": "NO",
        "yes": "on",
        "required": True,
    }


@pytest.mark.parametrize("text", ["C01: {a: 1}\nC02: {}\nC01: {c: 3}\n", "C01:\n  theme: x\n  theme: y\n"])
def test_a_key_that_stands_twice_is_an_error_and_does_not_replace_the_first(written, text):
    with pytest.raises(DataError, match=r"'(C01|theme)' stands twice.*line \d"):
        written(text)


def test_the_same_code_may_stand_in_two_places(written):
    assert written("a: {1: x}\nb: {1: y}\n") == {"a": {1: "x"}, "b": {1: "y"}}
