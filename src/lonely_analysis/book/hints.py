"""Hints of exercises, folded beneath the question; ``check`` shows the same one after a wrong answer.

A hint is written once, in the chapter's hidden ``book.answer(key, …, hint="…")``, and read here from the
chapter's code.
"""

from __future__ import annotations

import ast
import json
import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from lonely_analysis.book.twin import twin
from lonely_analysis.book.words import HINT

_EXERCISE = re.compile(r'<div class="exercise[^>]* id="(?P<key>[\w-]+)".*?(?=</section>\s*</div>)', re.DOTALL)


def hints(code: str) -> dict[str, str]:
    """Return the hints by exercise that a cell's calls of ``answer`` give."""
    if "answer(" not in code:
        return {}
    found = {}
    for call in ast.walk(ast.parse(code)):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "answer" and call.args:
            told = next((word.value for word in call.keywords if word.arg == "hint"), None)
            if isinstance(told, ast.Constant) and isinstance(call.args[0], ast.Constant):
                found[str(call.args[0].value)] = str(told.value)
    return found


def of_notebook(path: Path) -> dict[str, str]:
    """Return all hints of a chapter."""
    cells = json.loads(path.read_text("utf-8"))["cells"]
    codes = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    return {key: hint for code in codes for key, hint in hints(code).items()}


def fold_hints(body: str, known: dict[str, str]) -> str:
    """Add to each exercise of a page its folded hint."""
    by_anchor = {key.replace("_", "-"): hint for key, hint in known.items()}

    def add(found: re.Match[str]) -> str:
        hint = by_anchor.get(found["key"].replace("_", "-"))
        return found[0] if hint is None else found[0] + _folded(hint)

    return _EXERCISE.sub(add, body)


def add_hints(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], _document: nodes.document | None
) -> None:
    """Fold the hints into one page."""
    if 'class="exercise' not in context.get("body", ""):
        return
    path = Path(app.env.doc2path(page))
    if path.suffix == ".ipynb":
        context["body"] = fold_hints(context["body"], of_notebook(path))


def _folded(hint: str) -> str:
    return f'<details class="la-hint"><summary>{twin(*HINT)}</summary><p>{escape(hint)}</p></details>\n'
