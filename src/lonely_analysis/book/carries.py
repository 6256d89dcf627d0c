"""Which chapters a survey can carry: the common columns that a chapter's code names, against those it has."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from pathlib import Path

from lonely_analysis.book import project
from lonely_analysis.surveys.schema import common_columns

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GRAMMAR = {"C", "and", "or", "not", "in", "True", "False"}
"""Words of formulas and of ``where`` expressions that name no column."""


def needs(chapter: Path) -> list[str]:
    """Return the common columns that stand in the string literals of a chapter's code, in schema order."""
    cells = json.loads(chapter.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    named = {word for source in code for text in _strings(source) for word in _columns_in(text)}
    return [name for name in common_columns() if name in named and name != "survey"]


def lacking(columns: Iterable[str]) -> dict[str, list[str]]:
    """Return, for each chapter in reading order, the columns that it names and ``columns`` lacks."""
    have = set(columns)
    return {page.stem: [name for name in needs(page) if name not in have] for page in project.notebooks()}


def _columns_in(text: str) -> set[str]:
    """Return the words of a name, a formula or an expression; prose, which has other words, names none."""
    bare = re.sub(r"\'[^\']*\'|\"[^\"]*\"", "", text)
    words = set(_WORD.findall(bare)) - _GRAMMAR
    return words if words <= set(common_columns()) else set()


def _strings(source: str) -> list[str]:
    """Return the string literals of a cell."""
    lines = [line for line in source.splitlines() if not line.lstrip().startswith(("%", "!"))]
    tree = ast.parse("\n".join(lines))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
