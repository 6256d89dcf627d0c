"""What a cell shows: a page fragment with a plain-text twin, and text without quotation marks."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Page:
    """A fragment of HTML, and what a terminal shows instead."""

    html: str
    text: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def install() -> None:
    """Let a cell that ends in a result show a table, when a notebook is running."""
    shell = getattr(sys.modules.get("IPython.core.getipython"), "get_ipython", lambda: None)()
    if shell is None:
        return
    formatters = shell.display_formatter.formatters
    formatters["text/html"].for_type_by_name("lonely_analysis.results", "Result", lambda r: _full(r).html)
    formatters["text/plain"].for_type_by_name(
        "lonely_analysis.results", "Result", lambda r, printer, _: printer.text(_full(r).text)
    )


def _full(result: Any) -> Page:
    from lonely_analysis.book.tables import full

    return full(result)


def publish(data: dict[str, str], metadata: dict[str, Any] | None = None) -> None:
    """Send an output to the notebook that is running, or nowhere when none is."""
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        return
    from IPython.display import display

    display(data, metadata=metadata or {}, raw=True)
