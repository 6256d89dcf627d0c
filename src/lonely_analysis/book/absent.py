"""Steps that a survey cannot take: a cell that needs an absent variable or group becomes one sentence.

A cell is *skipped* when it asks for a variable that the survey lacks, or reads a name that an earlier
skipped cell would have set. The numbers that it would have put into the text become a placeholder.
"""

from __future__ import annotations

import ast
import re
from html import escape
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from lonely_analysis.book.glue import quoted
from lonely_analysis.book.wording import field_name
from lonely_analysis.book.words import (
    ABSENT_PARTS,
    DEPENDS_SENTENCE,
    FIGURE_LEFT_OUT,
    MISSING_SENTENCE,
    NOBODY_SENTENCE,
    NOT_AVAILABLE,
    ONE_GROUP_SENTENCE,
    UNFITTED_SENTENCE,
    Pair,
    say,
)
from lonely_analysis.surveys.schema import common_columns

#: What `MissingVariable` and an estimator's complaint about an absent column have in common.
_ABSENT = re.compile(r"\bno (?:variable|column) '(?P<name>\w+)'")
#: How pandas says that a table by variable, such as `Survey.missing`, has no row of that name.
_NO_ROW = re.compile(r"None of \[Index\(\['(?P<name>\w+)'|\['(?P<among>\w+)'\] not in index")
#: How `Result.row` and the estimators say that a group is empty.
_NOBODY = re.compile(
    r"\b0 rows match \{|\bnobody (?:is )?in the domain|\bno row with a weight above 0 satisfies"
)
#: How the estimators say that there is one group where they compare several.
_ONE_GROUP = re.compile(r"\bone value in the rows used\b|\b1 group in the rows used\b")
#: How `text` and `check` say that an earlier step gave nothing.
_DEPENDS = re.compile(r"^nothing has been put under|^there is no exercise")
_GLUE_KEY = re.compile(r"\{glue(?::\w+)?\}`(?P<key>[^`:]+)(?::(?!:)[^`]*)?`")
#: The id of the hidden cell that holds the placeholders.
PLACEHOLDERS = "placeholders"
_FENCE = re.compile(r"\s*(?::{3,}|`{3,}|#+ )")
_DRAWN = re.compile(r'data-name="([^"]+)"')
_FIGURE_REFERENCE = re.compile(r"\{numref\}`(?:[^`<]*<)?(?P<name>fig-[a-z0-9-]+)>?`")


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


def reason(content: dict[str, Any]) -> Pair | None:
    """Say in both languages why a survey cannot take a step; None for an error that is the author's.

    ``content`` is a kernel's reply. Reasons are an absent common variable or part, a group with nobody in it,
    a model that these answers cannot carry, and a number that an earlier skipped step would have given.
    """
    name, words = content.get("ename"), content.get("evalue", "")
    if content.get("status") != "error":
        return None
    if name == "EstimationError":
        return UNFITTED_SENTENCE
    if name in ("DataError", "KeyError") and _NOBODY.search(words):
        return NOBODY_SENTENCE
    if name == "DataError" and _ONE_GROUP.search(words):
        return ONE_GROUP_SENTENCE
    if name == "DataError" and _DEPENDS.search(words):
        return DEPENDS_SENTENCE
    variable = _variable(name, words)
    if variable is None or (name != "MissingVariable" and variable not in common_columns()):
        return None
    if variable in ABSENT_PARTS:
        return ABSENT_PARTS[variable]
    english, norwegian = (
        say(MISSING_SENTENCE, language).format(variable=variable, words=field_name(variable, language))
        for language in ("en", "nb")
    )
    return english, norwegian


def _variable(name: str | None, words: str) -> str | None:
    """Return the variable that an error says is not there."""
    if name == "KeyError":
        row = _NO_ROW.search(words)
        return row and (row["name"] or row["among"])
    found = _ABSENT.search(words) if name in ("DataError", "MissingVariable") else None
    return found and found["name"]


def sentence(reason: Pair) -> NotebookNode:
    """Return the output that a skipped cell shows."""
    english, norwegian = (escape(words, quote=False) for words in reason)
    page = f'<p class="la-missing">{english}</p><p class="la-missing" lang="nb">{norwegian}</p>'
    return new_output("display_data", data={"text/html": page, "text/plain": reason[0]}, metadata={})


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


def drop_paragraphs(notebook: NotebookNode) -> None:
    """Leave out paragraphs of which every number is missing: a sentence of placeholders says nothing.

    Paragraphs that have at least one number, or none at all, stay; so do the fences of a block.
    """
    placeholders = [cell for cell in notebook.cells if cell.get("id") == PLACEHOLDERS]
    missing = {out.metadata.scrapbook.name for cell in placeholders for out in cell.outputs}
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and missing:
            paragraphs = [_kept(paragraph, missing) for paragraph in cell.source.split("\n\n")]
            cell.source = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _kept(paragraph: str, missing: set[str]) -> str:
    keys = {match["key"] for match in _GLUE_KEY.finditer(paragraph)}
    if not keys or not keys <= missing:
        return paragraph
    return "\n".join(line for line in paragraph.splitlines() if _FENCE.match(line))


def unlink_figures(notebook: NotebookNode) -> None:
    """Turn references to figures that were not drawn into words, where steps were left out at all."""
    if not any(cell.get("id") == PLACEHOLDERS for cell in notebook.cells):
        return
    outputs = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    drawn = {name for out in outputs for name in _DRAWN.findall(out.get("data", {}).get("image/svg+xml", ""))}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            words = FIGURE_LEFT_OUT["{nb}" in cell.source]
            cell.source = _FIGURE_REFERENCE.sub(
                lambda match, words=words: match[0] if match["name"] in drawn else words, cell.source
            )
