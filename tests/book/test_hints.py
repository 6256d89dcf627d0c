"""Each exercise has a hint, shown folded beneath its question and after a wrong answer."""

from __future__ import annotations

import json
import re

import pytest

from conftest import ROOT
from lonely_analysis.book.hints import fold_hints, hints, of_notebook

QUESTION = (
    '<div class="exercise admonition" id="ex_03_1">\n<p class="admonition-title">Exercise 1</p>\n'
    '<section id="exercise-content">\n<p>How many?</p>\n</section>\n</div>\n<p>After.</p>'
)


def test_a_hint_is_read_from_the_call_that_stores_the_answer():
    code = 'book.answer("ex_03_1", la.prevalence(survey, "lonely"), tolerance=0.1, hint="Use la.")\nx = 1'
    assert hints(code) == {"ex_03_1": "Use la."}
    assert hints('book.answer("ex_03_1", 2)') == {}


def test_a_folded_hint_stands_inside_its_exercise():
    page = fold_hints(QUESTION, {"ex_03_1": "Use <la>."})
    assert re.search(r"How many\?</p>\n<details class=\"la-hint\">.*</details>\n</section>", page, re.DOTALL)
    assert "Use &lt;la&gt;." in page
    assert fold_hints(QUESTION, {"ex_03_2": "Other."}) == QUESTION


@pytest.mark.parametrize("chapter", sorted((ROOT / "chapters").glob("[0-9]*.ipynb")), ids=lambda p: p.stem)
def test_every_exercise_of_a_chapter_has_a_hint(chapter):
    cells = json.loads(chapter.read_text("utf-8"))["cells"]
    words = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    asked = set(re.findall(r":label: (ex_\w+)", words))
    assert len(asked) >= 3
    assert asked <= set(of_notebook(chapter))
