"""What a cell shows: a page fragment with a plain-text twin, and text without quotation marks."""

from __future__ import annotations

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


def publish(data: dict[str, str], metadata: dict[str, Any] | None = None) -> None:
    """Send an output to the notebook that is running, or nowhere when none is."""
    from IPython.core.getipython import get_ipython

    if get_ipython() is None:
        return
    from IPython.display import display

    display(data, metadata=metadata or {}, raw=True)
