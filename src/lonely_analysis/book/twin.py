"""English words with their Norwegian twin, of which the language switch shows one."""

from __future__ import annotations

from html import escape


def twin(english: str, norwegian: str) -> str:
    """Write words in both languages as HTML; what is the same in both, or has no Norwegian, stands once."""
    if norwegian in ("", english):
        return escape(english)
    return f'{escape(english)}<span class="la-nb" lang="nb">{escape(norwegian)}</span>'
