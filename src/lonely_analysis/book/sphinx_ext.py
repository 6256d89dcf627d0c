"""The book's Sphinx extension: figures that describe themselves, Norwegian blocks, badges, no network.

* An SVG output that carries ``<title>`` and ``<desc>`` becomes a numbered figure with that caption and that
``alt``.
* ``:::{nb} Kort fortalt`` is a block in Norwegian (``norwegian``); glue roles work inside it.
* ``{claim}`C03` `` is a badge with the claim's verdict, linked to its row in the ledger once the book has a
  page of that name; so are the links that ``book.verdicts`` and ``book.ledger`` leave open.
* ``:::{lecture-map}`` lists the lecture's claims with the chapters that examine them (``lecture_map``).
* ``{cited}`` lists what a page cites (``cited``).
* ``{lecture-sources}`` says what each source of the lecture is (``lecture_sources``).
* ``{errata}`` lists mistakes found after publication (``errata``).
* ``{api}`` is the reference of the public names, from their docstrings (``api``).
* ``{terms}`` and ``{norwegian-terms}`` print the glossary (``glossary``).
* MathJax is our own copy, and the theme's scripts that would ask other hosts are left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from lonely_analysis.book.api import Api
from lonely_analysis.book.cited import CitedDirective, CitedEntries, CitedList
from lonely_analysis.book.errata import Errata
from lonely_analysis.book.foot import add_foot
from lonely_analysis.book.glossary import NorwegianTerms, Terms
from lonely_analysis.book.hints import add_hints
from lonely_analysis.book.lecture_map import LectureMap
from lonely_analysis.book.lecture_sources import LectureSources
from lonely_analysis.book.norwegian import (
    NorwegianBlock,
    NorwegianDirective,
    NorwegianInline,
    close_block,
    close_inline,
    open_block,
    open_inline,
)
from lonely_analysis.book.switch import mark_page

ASSETS = Path(__file__).parent / "assets"
_SVG = "{http://www.w3.org/2000/svg}"
#: The page that holds one row for each claim, with anchors such as ``#c03``.
LEDGER = "ledger"
logger = logging.getLogger(__name__)
_OPEN_LINK = re.compile(
    r'<a(?: class="claim-badge")?(?: data-chapter="(?P<chapter>\d\d)")? data-claim="(?P<claim>C\d\d)">'
)
#: The theme's name for folded code hides the words on it. Docutils' role for the entries of a list of
#: references was withdrawn from ARIA, and a list has to hold items.
_MISLEADING = ((' aria-label="Toggle hidden content"', ""), ('role="doc-biblioentry"', 'role="listitem"'))


class ClaimBadge(nodes.Inline, nodes.TextElement):
    """A claim's number, linked to the ledger."""


class ClaimRole(SphinxRole):
    """``{claim}`C03` ``: the claim's number as a badge."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave a badge that is linked once all pages are known."""
        return [ClaimBadge(self.text, self.text, classes=["claim-badge"])], []


class FigureTransform(SphinxTransform):
    """Turn each SVG output that describes itself into a figure with caption, alternative text and number."""

    default_priority = 180

    def apply(self, **_: Any) -> None:
        """Rewrite the image nodes of this document."""
        for bundle in self.document.findall(_is_svg_output):
            for image in list(bundle.findall(nodes.image)):
                about = self._about(image)
                if about is not None:
                    image.parent.replace(image, self._figure(image, *about))

    def _about(self, image: nodes.image) -> tuple[str, dict[str, str]] | None:
        _, path = self.env.relfn2path(image["uri"], self.env.docname)
        root = ElementTree.parse(path).getroot()
        words = {
            f"{element.tag.removeprefix(_SVG)}_{element.get('lang', 'en')}": element.text or ""
            for element in root
            if element.tag in (f"{_SVG}title", f"{_SVG}desc")
        }
        return (root.get("data-name", ""), words) if "desc_en" in words else None

    def _figure(self, image: nodes.image, name: str, words: dict[str, str]) -> nodes.figure:
        image["alt"] = words["desc_en"]
        image["classes"] += ["la-picture", "dark-light"]
        caption = nodes.caption("", words.get("title_en", ""))
        if words.get("title_nb"):
            caption += NorwegianInline("", words["title_nb"])
        figure = nodes.figure("", image.copy(), caption, classes=["la-figure"], names=[name])
        if words.get("desc_nb"):
            hidden = NorwegianBlock("", nodes.paragraph("", words["desc_nb"]), classes=["la-alt"])
            figure += nodes.legend("", hidden)
        self.document.note_explicit_target(figure, figure)
        return figure


def _is_svg_output(node: nodes.Node) -> bool:
    return isinstance(node, nodes.container) and node.get("mime_type") == "image/svg+xml"


class ClaimLinks(SphinxPostTransform):
    """Link badges to their rows of the ledger and the ledger's rows back; without a ledger they stay text."""

    default_priority = 5

    def run(self, **_: Any) -> None:
        """Rewrite the badges of this document."""
        self._docs = {name.split("/")[-1]: name for name in sorted(self.env.found_docs)}
        seen: set[str] = set()
        for badge in list(self.document.findall(ClaimBadge)):
            badge.replace_self(self._badge(badge.astext(), seen))
        for raw in list(self.document.findall(nodes.raw)):
            if "data-claim=" in raw.astext():
                text = _OPEN_LINK.sub(self._address, raw.astext())
                raw.replace_self(nodes.raw(text, text, format="html"))

    def _badge(self, id_: str, seen: set[str]) -> nodes.Node:
        words = self._words(id_)
        # The ledger leads back to the first badge of a page.
        ids = [] if id_ in seen else [f"claim-{id_.lower()}"]
        seen.add(id_)
        look: dict[str, Any] = {"classes": ["claim-badge"], "ids": ids}
        if LEDGER not in self._docs:
            return nodes.inline(id_, words, **look)
        return nodes.reference(id_, words, refuri=self._row(id_), internal=True, **look)

    def _words(self, id_: str) -> str:
        from lonely_analysis.book.verdict_page import badge
        from lonely_analysis.errors import DataError
        from lonely_analysis.evidence.claims import claims

        try:
            return badge(claims()[id_])
        except DataError as error:
            logger.warning("%s", error, location=self.env.docname)
            return id_

    def _row(self, id_: str) -> str:
        ledger = self.app.builder.get_relative_uri(self.env.docname, self._docs[LEDGER])
        return f"{ledger}#{id_.lower()}"

    def _address(self, link: re.Match[str]) -> str:
        """Give an open link its address, or leave it a plain word where its page is not in the book."""
        number, id_ = link["chapter"], link["claim"]
        if number is None:
            return f'{link[0][:-1]} href="{self._row(id_)}">' if LEDGER in self._docs else link[0]
        page = next((name for short, name in self._docs.items() if short.startswith(f"{number}_")), None)
        if page is None:
            return link[0]
        address = self.app.builder.get_relative_uri(self.env.docname, page)
        return f'{link[0][:-1]} href="{address}#claim-{id_.lower()}">'


def _nothing(_writer: Any, _node: nodes.Element) -> None:
    """Other builders print the words as they are."""


def _stay_offline(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: nodes.document | None
) -> None:
    """Leave out the scripts that would fetch a remote kernel."""
    scripts = context.get("script_files", [])
    context["script_files"] = [script for script in scripts if not _is_thebe(script)]


def _mend_roles(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: nodes.document | None
) -> None:
    """Take out what misleads screen readers: see ``_MISLEADING``."""
    for markup, instead in _MISLEADING if "body" in context else ():
        context["body"] = context["body"].replace(markup, instead)


def _is_thebe(script: Any) -> bool:
    body = getattr(script, "attributes", {}).get("body") or ""
    return "thebe" in str(getattr(script, "filename", script) or "").lower() or "THEBE_JS_URL" in body


def _add_assets(_app: Sphinx, config: Any) -> None:
    config.html_static_path = [*config.html_static_path, str(ASSETS / "static")]
    config.html_favicon = str(ASSETS / "favicon.svg")
    config.html_extra_path = [*config.html_extra_path, str(ASSETS / "extra")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register everything with Sphinx."""
    other = dict.fromkeys(("latex", "text", "man", "texinfo"), (_nothing, _nothing))
    app.add_node(NorwegianBlock, html=(open_block, close_block), **other)
    app.add_node(NorwegianInline, html=(open_inline, close_inline), **other)
    app.add_node(ClaimBadge, html=(_nothing, _nothing), **other)
    app.add_directive("nb", NorwegianDirective)
    app.add_directive("lecture-map", LectureMap)
    app.add_directive("lecture-sources", LectureSources)
    app.add_directive("errata", Errata)
    app.add_directive("api", Api)
    app.add_directive("terms", Terms)
    app.add_directive("norwegian-terms", NorwegianTerms)
    app.add_node(CitedList)
    app.add_directive("cited", CitedDirective)
    app.add_role("claim", ClaimRole())
    app.add_transform(FigureTransform)
    app.add_post_transform(CitedEntries)
    app.add_post_transform(ClaimLinks)
    app.connect("config-inited", _add_assets)
    app.connect("html-page-context", _stay_offline, priority=900)
    app.connect("html-page-context", _mend_roles, priority=901)
    app.connect("html-page-context", add_hints, priority=902)
    app.connect("html-page-context", add_foot, priority=903)
    app.connect("html-page-context", mark_page, priority=904)
    app.add_css_file("book.css")
    app.add_css_file("ledger.css")
    app.add_css_file("explore.css")
    app.add_css_file("language.css")
    app.add_js_file("language.js")
    app.add_js_file("mend.js", loading_method="defer")
    app.add_js_file("ledger.js", loading_method="defer")
    app.add_js_file("explore.js", loading_method="defer")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
