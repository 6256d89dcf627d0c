"""The words and marks of a model formula."""

from __future__ import annotations

import re
from typing import Any

from lonely_analysis.errors import DataError

# A kind (number, name, quoted, text, end, or the mark itself), a value, and where it begins.
Token = tuple[str, Any, int]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[^\W\d][\w.]*)|`(?P<quoted>[^`]+)`"
    r"|\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|(?P<mark>\*\*|[-+*/:(),=~^]))"
)


def tokens(text: str) -> list[Token]:
    """Split a text into (kind, value, position); marks are their own kind."""
    found_so_far, at = [], 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if not found:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise DataError(f"formula {text!r}, character {at + 1}: {text[at]!r} has no meaning in a formula")
        kind, value = found.lastgroup, found[found.lastgroup]
        if kind == "mark":
            kind = value
        if kind in ("single", "double"):
            kind = "text"
        if kind == "number":
            value = int(value) if value.isdigit() else float(value)
        found_so_far.append((kind, value, found.start(found.lastgroup)))
        at = found.end()
    return [*found_so_far, ("end", "", len(text))]
