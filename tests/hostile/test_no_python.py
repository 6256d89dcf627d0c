"""Texts from outside are read and never run: expressions, formulas, YAML, and no pickle anywhere."""

from __future__ import annotations

import ast
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.cli import main
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.yamlfiles import read_yaml

SOURCE = Path(la.__file__).parent
FRAME = pd.DataFrame({"y": [0.0, 1.0, 0.0, 1.0], "age": [20.0, 30.0, 40.0, 50.0]})
#: What reaches Python if any part of it is evaluated: each would write the file ``reached``.
ATTACKS = (
    "__import__('os').system('touch reached')",
    "open('reached', 'w')",
    "age.__class__.__base__.__subclasses__()",
    "().__class__",
    "(lambda: open('reached', 'w'))()",
    "[open('reached', 'w') for _ in [1]]",
    "age[open('reached', 'w')]",
    "f\"{open('reached', 'w')}\"",
    "(age := 3)",
    "age if open('reached', 'w') else age",
    "exec('import os')",
    "@age",
    "age; import os",
)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("around", ["{}", "age > 1 and {}", "age in [{}]", "age == {}"])
def test_a_condition_reaches_no_python(attack, around, elsewhere):
    with pytest.raises(la.DataError):
        domain_rows(FRAME, around.format(attack))
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "around", ["{}", "y ~ {}", "y ~ I({})", "y ~ C({})", "y ~ age + C(age, ref={})", "{} ~ age"]
)
def test_a_formula_reaches_no_python(attack, around, elsewhere):
    with pytest.raises(la.DataError):
        la.regress(la.SurveyDesign(FRAME), around.format(attack), family="linear")
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("option", ["--where", "--by", "--outcome"])
@pytest.mark.parametrize("attack", ATTACKS[:4])
def test_no_option_of_the_command_line_reaches_python(option, attack, elsewhere, capsys):
    options = {"--outcome": "lonely", option: attack}
    assert main(["prevalence", "--survey", "synthetic", *(x for pair in options.items() for x in pair)]) == 1
    assert capsys.readouterr().err.startswith("lonely: ")
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize(
    "tag",
    ["!!python/object/apply:os.system ['touch reached']", "!!python/name:os.system", "!!binary x", "!own 1"],
)
def test_a_tag_in_yaml_makes_no_object(tag, elsewhere):
    (elsewhere / "evil.yml").write_text(f"title: {tag}\n")
    try:
        content = read_yaml(elsewhere / "evil.yml")
    except la.DataError:
        content = {"title": ""}
    assert isinstance(content["title"], str | bytes)
    assert [file.name for file in elsewhere.iterdir()] == ["evil.yml"]


def test_a_yaml_file_that_refers_to_itself_is_refused_or_read_in_bounded_time(elsewhere):
    bomb = ["a: &a [x, x]"] + [
        f"{one}: &{one} [*{before}, *{before}]" for before, one in pairwise("abcdefghi")
    ]
    (elsewhere / "bomb.yml").write_text("\n".join(bomb))
    with pytest.raises(la.DataError, match="unknown key"):
        la.read_survey(str(elsewhere / "bomb.yml"))


@pytest.mark.parametrize(
    "text",
    [
        "age > 1" + " and age > 1" * 100,
        "not " * 120 + "y",
        "-" * 400 + "1 < age",
        "(" * 200 + "y" + ")" * 200,
        "y == -'a'",
        "age > \0",
        "age > 1" + "0" * 480,
        "age in [" + "1," * 200 + "]",
    ],
    ids=lambda text: text[:12],
)
def test_a_condition_that_is_deep_or_odd_is_answered_in_one_message(text):
    try:
        assert domain_rows(FRAME, text).dtype == bool
    except la.DataError as error:
        assert len(str(error)) <= 600  # noqa: PT017 - either answer will do


def _calls(tree: ast.AST) -> list[str]:
    """Name every call; a ``query`` whose text is written out in the module is no door."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    fixed = [n for n in nodes if n.args and isinstance(n.args[0], ast.Constant)]
    return [ast.unparse(n.func) for n in nodes if not (n in fixed and ast.unparse(n.func).endswith(".query"))]


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.py")), ids=lambda file: str(file.relative_to(SOURCE)))
def test_no_module_unpickles_or_evaluates(file):
    tree = ast.parse(file.read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert not imported & {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
    calls = _calls(tree)
    assert not {call for call in calls if call in {"eval", "exec", "compile", "__import__"}}
    assert not {
        call for call in calls if call.split(".")[-1] in {"read_pickle", "to_pickle", "query", "unsafe_load"}
    }
    assert not {call for call in calls if call.endswith(".eval")}
    # YAML is read in one place, by a loader that makes plain values only.
    if {call for call in calls if call.startswith("yaml.")} - {"yaml.safe_load", "yaml.safe_dump"}:
        assert file.name == "yamlfiles.py"
    arrays = [node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "allow_pickle"]
    assert not arrays
