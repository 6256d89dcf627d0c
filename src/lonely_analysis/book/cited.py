"""The list of what a page cites: ``{cited}`` in a chapter, one ``{bibliography}`` for the whole book.

A publication that two chapters cite may stand in only one bibliography, or links become ambiguous. The book
therefore has one, on its page of references, and each chapter repeats the entries that it cites.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective


class CitedList(nodes.General, nodes.Element):
    """The place of a page's own list of sources."""


class CitedDirective(SphinxDirective):
    """``{cited}``: what this page cites, in the order of the book's references."""

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled once all pages were read."""
        return [CitedList()]


class CitedEntries(SphinxPostTransform):
    """Fill the lists from the book's one bibliography."""

    default_priority = 4

    def run(self, **_: Any) -> None:
        """Replace each place by a bullet list of formatted entries."""
        for place in list(self.document.findall(CitedList)):
            place.replace_self(nodes.bullet_list("", *self._entries(), classes=["la-cited"]))

    def _entries(self) -> list[nodes.list_item]:
        domain = self.env.get_domain("cite")
        here = {
            target.key
            for reference in domain.citation_refs
            if reference.docname == self.env.docname
            for target in reference.targets
        }
        cited = [citation for citation in domain.citations if citation.key in here]
        return [nodes.list_item("", domain.backend.paragraph(c.formatted_entry)) for c in cited]
