"""What every page says of itself: how long it takes, what it was computed on, how to cite it.

Reading time stands under the title; the rest at the end of the article. The banner of the page names the
data in attributes, so that page and foot cannot differ.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from lonely_analysis import __version__
from lonely_analysis.book.norwegian import NorwegianBlock
from lonely_analysis.book.twin import twin
from lonely_analysis.book.words import Language, Pair, say

#: A reader of plain non-fiction takes in about this many words a minute (Brysbaert 2019: 238 in English).
WORDS_A_MINUTE = 200
#: Code is read slower: ten seconds a line.
LINES_A_MINUTE = 6
#: Pages to look something up in, which nobody reads from end to end.
LOOKED_UP = ("api", "codebook", "glossary", "references")
TIME: Pair = ("Reading time: {} min", "Lesetid: {} min")
CITE: Pair = ("Cite this page", "Siter denne siden")
COMPUTED: Pair = (
    "Last computed on {data} with lonely-analysis {version}.",
    "Sist regnet ut på {data} med lonely-analysis {version}.",
)
_NUMBER = re.compile(r"^[0-9.]+\s+")
_BANNER = re.compile(r'<div class="data-banner"[^>]*>')


@dataclass(frozen=True)
class Page:
    """What a citation needs to know of a page."""

    name: str
    title: str
    book: str
    author: str
    year: str

    def text(self) -> str:
        """Return the citation as a sentence."""
        end = "" if self.title[-1:] in "?!." else "."
        return f"{self.author} ({self.year}). {self.title}{end} In {self.book} (version {__version__})."

    def bibtex(self) -> str:
        """Return the citation as a BibTeX entry."""
        key = re.sub(r"\W+", "_", f"lonely_{self.name}").strip("_")
        fields = {
            "author": f"{{{self.author}}}",
            "title": self.title,
            "booktitle": self.book,
            "year": self.year,
            "version": __version__,
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@incollection{{{key},\n{lines}\n}}"


def reading_minutes(document: nodes.document) -> int:
    """Return how many minutes a page takes: its English words and the lines of its code, at least one."""
    words = lines = 0
    for text in document.findall(nodes.Text):
        around = list(_ancestors(text))
        if any(isinstance(node, NorwegianBlock) for node in around):
            continue
        if any(isinstance(node, nodes.literal_block) for node in around):
            lines += sum(bool(line.strip()) for line in text.splitlines())
        elif not any(isinstance(node, (nodes.raw, nodes.comment)) for node in around):
            words += len(text.split())
    return max(1, math.ceil(words / WORDS_A_MINUTE + lines / LINES_A_MINUTE))


def add_foot(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], document: nodes.document | None
) -> None:
    """Write reading time under the title, and data, version and citation at the end of a page."""
    if document is None or "body" not in context:
        return
    title = _NUMBER.sub("", re.sub(r"<[^>]+>", "", unescape(str(context.get("title") or page))))
    year = str(app.config.copyright).split(",")[0]
    cited = Page(page.split("/")[-1], title, str(app.config.html_title), str(app.config.author), year)
    read = f'<p class="la-time">{_pair(TIME, reading_minutes(document))}</p>'
    time = "" if cited.name in LOOKED_UP else read
    body = re.sub(r"</h1>", lambda end: end[0] + "\n" + time, context["body"], count=1)
    context["body"] = f"{body}\n{_foot(cited, context['body'])}"


def _foot(page: Page, body: str) -> str:
    said = _computed(body)
    return (
        f'<div class="la-foot">{f"<p>{said}</p>" if said else ""}'
        f'<details class="la-cite"><summary>{_pair(CITE)}</summary><p>{escape(page.text())}</p>'
        f'<pre tabindex="0" aria-label="BibTeX">{escape(page.bibtex())}</pre></details></div>'
    )


def _computed(body: str) -> str:
    if not computed_on(body):
        return ""
    named = {language: computed_on(body, language) for language in ("en", "nb")}
    return twin(*(say(COMPUTED, to).format(data=data, version=__version__) for to, data in named.items()))


def computed_on(body: str, language: Language = "en") -> str:
    """Return the data that a page's banner names: title, edition, and the start of the file's sha256."""
    banner = _BANNER.search(body)
    if banner is None:
        return ""
    found = dict(re.findall(r'data-([\w-]+)="([^"]*)"', banner[0]))
    english = found.get("about") or found.get("source", "")
    about = unescape(found.get("about-nb", english) if language == "nb" else english)
    return f"{about}, sha256 {found['sha256']}" if found.get("sha256") else about


def _ancestors(node: nodes.Node) -> Any:
    while node.parent is not None:
        node = node.parent
        yield node


def _pair(pair: Pair, *values: object, **named: object) -> str:
    return twin(*(text.format(*values, **named) for text in pair))
