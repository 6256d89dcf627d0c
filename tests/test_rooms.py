"""The rooms' one direction, and what a chapter may hold: words, calls, computed numbers, cells that ran."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "lonely_analysis"
SHARED = {"results", "errors", "files", "__init__"}
#: What each room may import beside itself and the shared modules.
MAY_IMPORT = {
    "surveys": set(),
    "estimators": {"surveys"},
    "evidence": {"surveys", "estimators"},
    "book": {"surveys", "estimators", "evidence"},
}
DRAWING = {"matplotlib", "seaborn"}
CHAPTER_IMPORTS = {"lonely_analysis"}
FORBIDDEN_CALLS = {"groupby", "plot", "open", "read_csv", "read_parquet", "eval", "exec", "print"}
FORBIDDEN_NODES = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.If,
    ast.While,
    ast.For,
    ast.Try,
)


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    """Every module named by an import statement, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if parts[0] == "lonely_analysis" and len(parts) > 1 else ""


def against_the_direction(path: str, code: str) -> set[str]:
    """The imports of a module that point back."""
    room = Path(path).parts[0]
    allowed = SHARED | {room} | MAY_IMPORT.get(room, set())
    if room not in MAY_IMPORT and Path(path).stem in SHARED - {"__init__"}:
        allowed = SHARED
    elif room not in MAY_IMPORT:
        return set()
    rooms = {name: room_of(name) for name in imported(ast.parse(code))}
    return {
        name
        for name, target in rooms.items()
        if target and target not in allowed and target in known_targets()
    }


def known_targets() -> set[str]:
    return set(MAY_IMPORT) | {"cli"}


@pytest.mark.parametrize("module", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_room_imports_against_the_direction(module):
    path = module.relative_to(PACKAGE).as_posix()
    assert against_the_direction(path, module.read_text("utf-8")) == set()


def test_the_import_check_notices_an_import_that_points_back():
    bad = "def f():\n    from lonely_analysis.estimators.prevalence import prevalence"
    assert against_the_direction("surveys/scales.py", bad)
    assert against_the_direction("results.py", "import lonely_analysis.book.glue")
    assert not against_the_direction("book/glue.py", bad)


def test_only_the_figure_room_draws():
    for module in modules():
        if "figure" in module.relative_to(PACKAGE).parts:
            continue
        top = {name.split(".")[0] for name in imported(ast.parse(module.read_text("utf-8")))}
        assert not top & DRAWING, module


def chapters() -> list[Path]:
    return sorted((ROOT / "chapters").glob("*.ipynb"))


def numbered() -> list[Path]:
    return sorted((ROOT / "chapters").glob("[0-9]*.ipynb"))


def cells(path: Path, kind: str) -> list[dict]:
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == kind]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def misplaced(code: str) -> list[str]:
    """What a chapter's code holds that belongs in a room."""
    tree = ast.parse(code)
    found = [type(node).__name__ for node in ast.walk(tree) if isinstance(node, FORBIDDEN_NODES)]
    found += [name for name in imported(tree) if name.split(".")[0] not in CHAPTER_IMPORTS]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found += [called] * (called in FORBIDDEN_CALLS)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and is_path(node.value):
            found.append(node.value)
    return found


def is_path(text: str) -> bool:
    return bool(re.fullmatch(r"\S*(/\S*)+\.\w+|\S+\.(csv|parquet|dta|sav|xpt|json|ya?ml)", text))


@pytest.mark.parametrize("chapter", chapters(), ids=lambda path: path.name)
def test_a_chapter_holds_words_and_calls_only(chapter):
    for cell in cells(chapter, "code"):
        assert misplaced(source(cell)) == [], source(cell)


@pytest.mark.parametrize(
    "code",
    [
        "def f(): pass",
        "import seaborn as sns",
        "frame.groupby('x')",
        "la.read_survey('ess', 'data/ESS11.csv')",
        "x = lambda y: y",
        "frame.plot()",
        "for i in x: i",
    ],
)
def test_the_chapter_check_notices_what_belongs_in_a_room(code):
    assert misplaced(code)


#: Cells that a reader sees only on request, or not at all.
FOLDED = {"remove-cell", "remove-input", "hide-input"}
WORDS_A_LINE = (12, 40)


def visible_lines(chapter: Path) -> list[int]:
    """How many lines each code cell has that is open on the page."""
    shown = [cell for cell in cells(chapter, "code") if not FOLDED & set(cell["metadata"].get("tags", []))]
    return [sum(bool(line.strip()) for line in source(cell).splitlines()) for cell in shown]


@pytest.mark.parametrize("chapter", numbered(), ids=lambda path: path.name)
def test_a_chapter_asks_in_two_or_three_lines_and_says_what_they_give(chapter):
    lines = visible_lines(chapter)
    words = sum(len(source(cell).split()) for cell in cells(chapter, "markdown"))
    assert median(lines) <= 3
    assert max(lines) <= 15
    assert WORDS_A_LINE[0] <= words / sum(lines) <= WORDS_A_LINE[1]


#: Digits that are names or conventions, not results.
ALLOWED = [
    r"\b(?:1[89]|20)\d\d\b(?:[–-]\d{2,4})?",  # years and spans of years
    r"\b95\s?%(?=\s(?:confidence|interval|intervals|konfidens))",  # the convention, not a result
    r"\b[A-Za-zÆØÅæøå]+-?\d+[a-z]?\b",  # UCLA-3, C03, D8, PHQ9
    r"\b(?:round|wave|chapter|section|slide|item|items|page|part|runde|kapittel|lysbilde|side)s?\s\d+(?:[–-]\d+)?",
    r"\b\d{2}[–-]\d{2}\b|\b\d{2}\+",  # age bands
    r"\b\d+[–-]\d+(?=\s(?:scale|skala))|\b\d+-(?:item|point|year|day)\b",
    r"\bICD-\d+|\b[Tt]ime: \d+ min(?:utes)?|\bCC BY 4\.0",
]
NOT_PROSE = [
    r"```.*?```|~~~.*?~~~",  # blocks of code and directives
    r"\$\$.*?\$\$|\$[^$\n]+\$",  # mathematics
    r"\{[\w:]+\}`[^`]*`",  # roles: glue, cite, numref, claim
    r"`[^`]*`",
    r"\]\([^)]*\)|<https?://[^>]*>|https?://\S+",
    r"^:::.*$|^\(.*\)=$|^:\w+:.*$",
    r"\b10\.\d{4,}/\S+",  # DOIs
]


def typed_digits(text: str) -> list[str]:
    """Digits in prose that no result has put there."""
    boxes = r"^```+\{(?:exercise|note|warning|tip|admonition)[^\n]*\n(.*?)^```+\s*$"
    text = re.sub(boxes, r"\1", text, flags=re.MULTILINE | re.DOTALL)
    for pattern in NOT_PROSE[:2]:
        text = re.sub(pattern, " ", text, flags=re.DOTALL)
    for pattern in [*NOT_PROSE[2:], *ALLOWED]:
        text = re.sub(pattern, " ", text, flags=re.MULTILINE)
    return re.findall(r"\S*\d\S*", text)


@pytest.mark.parametrize("chapter", chapters(), ids=lambda path: path.name)
def test_no_number_in_prose_is_typed(chapter):
    for cell in cells(chapter, "markdown"):
        assert typed_digits(source(cell)) == [], source(cell)[:200]


@pytest.mark.parametrize(
    "text",
    [
        "About 8.2% are lonely.",
        "Rundt 5 prosent",
        "an odds ratio of 1.26",
        "```{note}\n12 people\n```",
        "n = 4029",
    ],
)
def test_the_digit_check_notices_a_typed_result(text):
    assert typed_digits(text)


@pytest.mark.parametrize(
    "text",
    [
        "In 2022, {glue:text}`prev_1`.",
        "UCLA-3 and claim C03",
        "the 95% interval",
        "$x_1 = 2$",
        "[link](a1.html)",
        "```{figure} fig1.png\n:width: 300\n```",
        "ages 16–24",
        "Between 2014 and 2016",
        "ESS round 7",
    ],
)
def test_the_digit_check_leaves_names_and_years_alone(text):
    assert typed_digits(text) == []


def never_run(notebook: dict) -> list[int]:
    """Code cells without an execution count: nbval passes them silently."""
    code = [
        cell for cell in notebook["cells"] if cell["cell_type"] == "code" and "".join(cell["source"]).strip()
    ]
    return [place for place, cell in enumerate(code) if cell.get("execution_count") is None]


@pytest.mark.parametrize("chapter", chapters(), ids=lambda path: path.name)
def test_every_stored_cell_has_been_executed_without_error_or_warning(chapter):
    notebook = json.loads(chapter.read_text("utf-8"))
    assert never_run(notebook) == []
    for cell in cells(chapter, "code"):
        kinds = [(out["output_type"], out.get("name")) for out in cell["outputs"]]
        assert not [kind for kind in kinds if kind[0] == "error" or kind[1] == "stderr"], source(cell)


def test_the_execution_check_notices_a_cell_that_never_ran():
    cell = {"cell_type": "code", "source": ["1"], "execution_count": None, "outputs": []}
    assert never_run({"cells": [cell]}) == [0]


@pytest.mark.parametrize("chapter", chapters(), ids=lambda path: path.name)
def test_every_solution_passes_its_own_check(chapter):
    """Between a solution's start and end, each check must have said that the answer is right."""
    inside = False
    for cell in json.loads(chapter.read_text("utf-8"))["cells"]:
        text = source(cell)
        if cell["cell_type"] == "markdown":
            inside = "{solution-start}" in text or (inside and "{solution-end}" not in text)
        elif inside and "book.check(" in text:
            shown = "".join("".join(out.get("data", {}).get("text/plain", "")) for out in cell["outputs"])
            assert shown.startswith("Right"), text


def test_every_page_in_the_table_of_contents_begins_with_the_banner():
    for chapter in chapters():
        first = source(cells(chapter, "code")[0]) if cells(chapter, "code") else ""
        assert "book.banner()" in first, chapter.name
