"""Norwegian on an English page: blocks and words that carry ``lang="nb"``.

``:::{nb} Kort fortalt`` is a block that everybody sees; glue roles work inside it. Words inside an English
sentence are shown when the reader asks for Norwegian.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective


class NorwegianBlock(nodes.General, nodes.Element):
    """A block of the page written in Norwegian."""


class NorwegianInline(nodes.Inline, nodes.TextElement):
    """Words in Norwegian inside an English sentence; shown when the reader asks for Norwegian."""


class NorwegianDirective(SphinxDirective):
    """``:::{nb} Title``: a Norwegian block; the title is optional."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        """Parse the content as the page's own markup."""
        block = NorwegianBlock(classes=["norwegian", *self.options.get("class", [])])
        self.set_source_info(block)
        if self.arguments:
            words, messages = self.state.inline_text(self.arguments[0], self.lineno)
            block += nodes.paragraph(self.arguments[0], "", *words, classes=["norwegian-title"])
            block += messages
        self.state.nested_parse(self.content, self.content_offset, block)
        return [block]


def open_block(writer: Any, node: nodes.Element) -> None:
    """Open a Norwegian block in a page."""
    writer.body.append(writer.starttag(node, "div", lang="nb"))


def close_block(writer: Any, _: nodes.Element) -> None:
    """Close it."""
    writer.body.append("</div>\n")


def open_inline(writer: Any, node: nodes.Element) -> None:
    """Open Norwegian words in a page."""
    writer.body.append(writer.starttag(node, "span", "", lang="nb", CLASS="la-nb"))


def close_inline(writer: Any, _: nodes.Element) -> None:
    """Close them."""
    writer.body.append("</span>")
