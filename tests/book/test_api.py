"""The reference has every public name with its signature, and says what the code says."""

from __future__ import annotations

import inspect

import pytest
from docutils import nodes

import lonely_analysis as la
from lonely_analysis.book.api import by_room, described, public_methods, signature
from lonely_analysis.book.arguments import ARGUMENTS


def test_every_public_name_stands_in_one_room():
    listed = [name for names in by_room().values() for name in names]
    assert sorted(listed) == la.__all__


@pytest.mark.parametrize("name", la.__all__)
def test_every_public_name_says_what_it_does_in_plain_paragraphs(name):
    said = list(described(inspect.getdoc(getattr(la, name)) or ""))
    assert said
    # A heading of another docstring style, or markup that was not read, would be printed as it is.
    for node in said:
        text = node.astext()
        assert "----" not in text or isinstance(node, nodes.literal_block), name
        assert "``" not in text, name
        assert not text.endswith("::"), name


def test_what_is_said_of_an_argument_is_one_plain_clause():
    for name, says in ARGUMENTS.items():
        (paragraph,) = described(says)
        assert "``" not in paragraph.astext(), name
        assert says[0].islower() or says.startswith("``"), name
        assert not says.endswith("."), name


def test_a_signature_names_every_parameter_and_default():
    told = signature("prevalence", la.prevalence)
    for parameter in inspect.signature(la.prevalence).parameters:
        assert parameter in told
    assert 'ci="logit"' in told.replace("'", '"')
    assert ", *, allow_missing=0)" in signature("score_scale", la.score_scale)
    assert signature("DataError", la.DataError) == "la.DataError"


def test_the_methods_of_a_class_are_listed_with_their_first_line():
    assert "replace" in public_methods(la.SurveyDesign)
    assert public_methods(la.prevalence) == {}


def test_indented_lines_stay_code_and_backquotes_become_code():
    first, second = described("Use ``la.pool`` so::\n\n    la.pool(yi, vi)")
    assert first.astext() == "Use la.pool so:"
    assert [node.astext() for node in first.findall(nodes.literal)] == ["la.pool"]
    assert isinstance(second, nodes.literal_block)
