"""Steps that a survey cannot take: a cell that needs an absent variable becomes one sentence.

A cell is *skipped* when it asks for a variable that the survey lacks, or reads a name that an earlier
skipped cell would have set. The numbers that it would have put into the text become a placeholder.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from lonely_analysis.book.glue import quoted
from lonely_analysis.book.wording import MISSING_SENTENCE, NOT_AVAILABLE, field_name, say
from lonely_analysis.surveys.schema import common_columns

#: What `MissingVariable` and an estimator's complaint about an absent column have in common.
_ABSENT = re.compile(r"\bno (?:variable|column) '(?P<name>\w+)'")
_GLUE_KEY = re.compile(r"\{glue(?::\w+)?\}`(?P<key>[^`:]+)(?::(?!:)[^`]*)?`")
#: The id of the hidden cell that holds the placeholders.
PLACEHOLDERS = "placeholders"


def names_of(cell: NotebookNode) -> tuple[set[str], set[str]]:
    """Return the names that a cell reads and those that it sets."""
    if cell.cell_type != "code":
        return set(), set()
    try:
        names = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)]
    except SyntaxError:
        return set(), set()
    loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    return loaded, {node.id for node in names if isinstance(node.ctx, ast.Store)}


def missing_variable(content: dict[str, Any]) -> str | None:
    """Return the common variable (or part) that a cell missed; None for any other error."""
    found = _ABSENT.search(content.get("evalue", "")) if content.get("status") == "error" else None
    if found is None or content.get("ename") not in ("MissingVariable", "DataError"):
        return None
    known = content["ename"] == "MissingVariable" or found["name"] in common_columns()
    return found["name"] if known else None


def sentence(variable: str) -> NotebookNode:
    """Return the output that a skipped cell shows, in both languages."""
    english, norwegian = (
        say(MISSING_SENTENCE, language).format(variable=variable, words=field_name(variable, language))
        for language in ("en", "nb")
    )
    page = f'<p class="la-missing">{english}</p><p class="la-missing" lang="nb">{norwegian}</p>'
    data = {"text/html": page, "text/plain": english}
    return new_output("display_data", data=data, metadata={})


def add_placeholders(notebook: NotebookNode) -> None:
    """Glue a placeholder for each key that the prose uses and no cell has put."""
    used = {
        match["key"]
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for match in _GLUE_KEY.finditer(cell.source)
    }
    missing = sorted(used - set(glued(notebook)))
    outputs = [
        new_output(
            "display_data",
            data={"application/papermill.record/text/plain": quoted(NOT_AVAILABLE[key.endswith("_nb")])},
            metadata={"scrapbook": {"name": key, "mime_prefix": "application/papermill.record/"}},
        )
        for key in missing
    ]
    cell = new_code_cell("", metadata={"tags": ["remove-cell"]}, outputs=outputs, id=PLACEHOLDERS)
    notebook.cells.append(cell)


def glued(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """Return the outputs that glue a key, by key."""
    outputs = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    return {out.metadata.scrapbook.name: out for out in outputs if "scrapbook" in out.get("metadata", {})}
