"""The glossary: ``data/glossary.yml`` read and checked, and the directives that print it.

An *entry* is one term in both languages with a definition in each. ``{terms}`` prints all entries as a real
Sphinx glossary, so that ``{term}`buffering` `` and ``{term}`buffereffekt` `` lead there from every chapter;
``{norwegian-terms}`` prints the Norwegian terms in their own alphabet, each linked to its entry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.domains.std import make_glossary_term
from sphinx.util.docutils import SphinxDirective

from lonely_analysis.book.norwegian import NorwegianBlock, NorwegianInline
from lonely_analysis.errors import DataError
from lonely_analysis.files import data_file
from lonely_analysis.surveys.yamlfiles import read_yaml

FILE = "glossary.yml"
#: A definition that needs more is a paragraph of a chapter.
MOST_SENTENCES = 3
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_NORWEGIAN_ORDER = {letter: f"z{place}" for place, letter in enumerate("æøå")}


@dataclass(frozen=True)
class Entry:
    """One term of the book in English (``en``) and Norwegian (``nb``)."""

    id: str
    en: str
    nb: str
    definition_en: str
    definition_nb: str


_FIELDS = tuple(field.name for field in fields(Entry))


def read_glossary(path: Path | None = None) -> tuple[Entry, ...]:
    """Return the entries in the order of their English terms.

    Raises ``DataError`` that names the entry for an unknown or absent field, a definition that is absent in
    one language or too long, and a term or id that two entries share.
    """
    path = data_file(FILE) if path is None else path
    content = read_yaml(path)
    if set(content) != {"terms"} or not isinstance(content["terms"], list):
        raise DataError(f"{path.name} is a list of entries under `terms:`")
    entries = [_entry(path.name, place, given) for place, given in enumerate(content["terms"], start=1)]
    _unique(path.name, entries)
    return tuple(sorted(entries, key=lambda entry: entry.en.casefold()))


def _entry(file: str, place: int, given: Any) -> Entry:
    if not isinstance(given, dict):
        raise DataError(f"{file}, entry {place}: expected `key: value` lines, found {given!r}")
    where = f"{file}, {given.get('id') or f'entry {place}'}"
    unknown = sorted(map(str, set(given) - set(_FIELDS)))
    if unknown:
        raise DataError(f"{where}: unknown {', '.join(unknown)}; an entry has {', '.join(_FIELDS)}")
    lacks = [name for name in _FIELDS if not isinstance(given.get(name), str) or not given[name].strip()]
    if lacks:
        raise DataError(f"{where}: lacks {', '.join(lacks)}")
    if not _ID.fullmatch(given["id"]):
        raise DataError(f"{where}: an id is small letters, digits and single hyphens")
    for name in ("definition_en", "definition_nb"):
        if len(re.findall(r"[.;](?:\s|$)", given[name])) > MOST_SENTENCES:
            raise DataError(f"{where}: {name} is longer than a definition; tell it in a chapter")
    return Entry(**{name: " ".join(given[name].split()) for name in _FIELDS})


def _unique(file: str, entries: list[Entry]) -> None:
    """Refuse an id, or a term in any language, that stands for two things: a link would have two ends."""
    ids: set[str] = set()
    owner: dict[str, str] = {}
    for entry in entries:
        if entry.id in ids:
            raise DataError(f"{file}, {entry.id}: this id stands twice")
        ids.add(entry.id)
        for term in (entry.en, entry.nb):
            other = owner.setdefault(term.casefold(), entry.id)
            if other != entry.id:
                raise DataError(f"{file}, {entry.id}: {term!r} is the term of {other} too")


class Terms(SphinxDirective):
    """``{terms}``: every entry, its English term first; both terms can be linked and searched."""

    def run(self) -> list[nodes.Node]:
        """Return the glossary."""
        self.env.note_dependency(str(data_file(FILE)))
        listed = nodes.definition_list("", *map(self._item, read_glossary()), classes=["simple", "glossary"])
        return [addnodes.glossary("", listed, sorted=False)]

    def _item(self, entry: Entry) -> nodes.definition_list_item:
        item = nodes.definition_list_item("", self._term(nodes.Text(entry.en), f"term-{entry.id}"))
        if entry.nb.casefold() == entry.en.casefold():
            item[0] += [nodes.Text(" · "), NorwegianInline("", entry.nb)]
        else:
            item += self._term(NorwegianInline("", entry.nb), f"term-{entry.id}-nb")
        item += nodes.definition(
            "",
            nodes.paragraph("", entry.definition_en),
            NorwegianBlock("", nodes.paragraph("", entry.definition_nb)),
        )
        return item

    def _term(self, words: nodes.Node, id_: str) -> nodes.term:
        return make_glossary_term(
            self.env, [words], "", *self.get_source_info(), node_id=id_, document=self.state.document
        )


class NorwegianTerms(SphinxDirective):
    """``{norwegian-terms}``: the Norwegian terms from A to Å, linked to their entries on the same page."""

    def run(self) -> list[nodes.Node]:
        """Return the list."""
        entries = sorted(read_glossary(), key=lambda entry: _norwegian(entry.nb))
        links = [nodes.reference("", entry.nb, refid=f"term-{entry.id}") for entry in entries]
        items = [nodes.list_item("", nodes.paragraph("", "", link)) for link in links]
        return [NorwegianBlock("", nodes.bullet_list("", *items, classes=["la-columns"]))]


def _norwegian(term: str) -> str:
    """Return a key that sorts æ, ø and å behind z."""
    return "".join(_NORWEGIAN_ORDER.get(letter, letter) for letter in term.casefold())
