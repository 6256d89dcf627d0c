"""``:::{lecture-map}``: the lecture's questions, its claims, and the chapter that examines each.

``data/lecture.csv`` holds the claims in the lecture's order, each with the Norwegian phrase of its slide or,
where ``quoted`` is false, with our own; which chapters exist, the book itself tells.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from lonely_analysis import files
from lonely_analysis.book.words import NOT_WRITTEN

TABLE = "lecture.csv"


class LectureMap(SphinxDirective):
    """Write one section a question: chapters, then the claims in English and in the lecture's own words."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        from lonely_analysis.book.sphinx_ext import ClaimBadge

        table = files.read_table(TABLE)
        self.env.note_dependency(str(files.data_file(TABLE)))
        parts = []
        for question, rows in groupby(table.to_dict("records"), key=lambda row: row["question"]):
            claims = list(rows)
            items = [
                _claim(row, ClaimBadge(row["claim"], row["claim"], classes=["claim-badge"])) for row in claims
            ]
            chapters = self._chapters(claims[0]["chapters"].split())
            heading = nodes.title(question, question)
            section = nodes.section(
                "", heading, chapters, nodes.bullet_list("", *items), names=[question.lower()]
            )
            self.state.document.note_implicit_target(section, section)
            parts.append(section)
        return parts

    def _chapters(self, numbers: list[str]) -> nodes.paragraph:
        """Return links to the chapters that exist; the others are said to be unwritten."""
        found = nodes.paragraph()
        for place, number in enumerate(numbers):
            found += nodes.Text(" · " if place else "")
            names = [name for name in sorted(self.env.found_docs) if name.startswith(f"chapters/{number}_")]
            if names:
                found += _link(names[0])
            else:
                found += nodes.emphasis("", NOT_WRITTEN[0].format(number=number))
        return found


def _link(name: str) -> nodes.Node:
    reference = addnodes.pending_xref(
        "", refdomain="std", reftype="doc", reftarget=f"/{name}", refexplicit=False, refwarn=True
    )
    reference += nodes.inline("", name, classes=["xref", "std", "std-doc"])
    return reference


def _claim(row: dict[str, Any], badge: nodes.Node) -> nodes.list_item:
    words = nodes.paragraph("", "", badge, nodes.Text(f" {row['says']} "))
    phrase = f"«{row['phrase_nb']}»" if row["quoted"] else row["phrase_nb"]
    words += nodes.raw("", f'<span lang="nb">({escape(phrase)})</span>', format="html")
    return nodes.list_item("", words)
