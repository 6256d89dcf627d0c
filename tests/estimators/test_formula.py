"""The formula grammar: what it means, and that no text is ever run."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.formula import parse
from lonely_analysis.estimators.terms import term_label


def terms(text: str) -> list[str]:
    return [term_label(term) for term in parse(text).terms]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("y ~ a + b", ["a", "b"]),
        ("y ~ a * b + c", ["a", "b", "c", "a:b"]),
        ("y ~ a:b", ["a:b"]),
        ("y ~ a:b + b:a + a + a", ["a", "a:b"]),
        ("y ~ (a + b) * c", ["a", "b", "c", "a:c", "b:c"]),
        ("y ~ a * b * c", ["a", "b", "c", "a:b", "a:c", "b:c", "a:b:c"]),
        ("y ~ 1", []),
        (
            "y ~ C(country, ref='NO') + spline(age) + log(x + 1)",
            ["C(country)", "spline(age, df=4)", "log(x + 1)"],
        ),
        ("y ~ I((age - 50)/10) + I(-age**2)", ["I((age - 50) / 10)", "I(-(age**2))"]),
        ("y ~ `odd name` + ensomhet_på_skala", ["`odd name`", "ensomhet_på_skala"]),
    ],
)
def test_a_formula_means_what_r_users_expect(text, meaning):
    assert terms(text) == meaning


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("__import__('os')", "no function '__import__'"),
        ("y ~ __import__('os').system('true')", "character 21: '.' has no meaning"),
        ("y ~ I(open('f'))", "arithmetic knows only log"),
        ("y ~ a.__class__()", "no function 'a.__class__'"),
        ("y ~ [x for x in a]", r"'\[' has no meaning"),
        ("y ~ a; b", "';' has no meaning"),
        ("y ~ lambda: 0", "0"),
        ("y ~ a - 1", "keeps its intercept"),
        ("y ~ 0 + a", "intercept"),
        ("y ~ a b", "character 7"),
        ("y ~", "the end"),
        ("y", "outcome ~ covariates"),
        ("y ~ a ~ b", "one '~' at most"),
        ("a + b ~ c", "outcome ~ covariates"),
        ("C(y) ~ c", "outcome is one column"),
        ("y ~ spline(age, df=40)", "df from 2 to 6"),
        ("y ~ C(a, base='x')", "expected ref="),
        ("y ~ I(3)", "needs a column"),
        ("y ~ " + "(" * 60, "nested more than"),
        ("y ~ I(" + "-" * 900 + "a)", "nested more than"),
        ("y ~ " + "a + " * 900, "characters"),
        ("y ~ " + " * ".join(f"(a{i} + b{i})" for i in range(12)), "more than 200 terms"),
    ],
)
def test_anything_else_is_refused_with_its_place(text, message):
    with pytest.raises(DataError, match=message):
        parse(text)


@given(st.text(alphabet="ab~+*:()C=,'1 .`-/^_I\\log", max_size=40))
def test_no_text_escapes_the_grammar(text):
    """Any text parses or is refused by DataError; nothing else may come out, least of all its evaluation."""
    with suppress(DataError):
        parse(text)


def test_covariates_alone_need_no_outcome():
    assert parse("lonely + C(sex)", outcome=False).variables == ("lonely", "sex")
    with pytest.raises(DataError, match="only covariates"):
        parse("died ~ lonely", outcome=False)
