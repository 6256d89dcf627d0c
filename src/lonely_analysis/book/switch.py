"""The language switch: which words give way when the reader chooses Norwegian.

Both languages are always in the page. Where Norwegian words follow the English ones that they translate, the
English ones are marked here with ``la-en``, so that one rule of the style sheet can show either.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

#: Words directly before their Norwegian twin, whose tag tells them. One run of characters with no alternative
#: inside: a page may hold a hundred thousand of them between two tags.
_BEFORE_TWIN = re.compile(
    r"(?<=>)(?P<english>[^<>]+)"
    r'(?P<twin><span (?:class="(?:la-nb|la-beside|la-phrase)" lang="nb">|lang="nb" class="la-nb">'
    r'|lang="nb">\(«))'
)


def mark_english(body: str) -> str:
    """Wrap English words that have a Norwegian twin right after them."""
    return _BEFORE_TWIN.sub(_marked, body)


def _marked(found: re.Match[str]) -> str:
    words = found["english"]
    return f'<span class="la-en">{words}</span>{found["twin"]}' if words.strip() else found[0]


def mark_page(
    _app: Sphinx, _page: str, _template: str, context: dict[str, Any], _document: nodes.document | None
) -> None:
    """Mark the English words of one page."""
    if "body" in context:
        context["body"] = mark_english(context["body"])
