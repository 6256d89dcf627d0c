"""``{errata}``: mistakes that were found after publication, from ``data/errata.yml``.

A correction says what the book said, what is right, and which verdicts changed. While there is none the page
says so, which is not the same as saying nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from lonely_analysis.book.norwegian import NorwegianBlock
from lonely_analysis.book.words import NO_ERRATA, RIGHT_IS, VERDICTS_CHANGED, WAS, Language, say
from lonely_analysis.errors import DataError
from lonely_analysis.files import data_file
from lonely_analysis.surveys.yamlfiles import read_yaml

FILE = "errata.yml"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CLAIM = re.compile(r"C\d\d")


@dataclass(frozen=True)
class Correction:
    """One mistake: ``found`` is a date, ``where`` a page, ``changes`` the claims with another verdict."""

    found: str
    where: str
    was_en: str
    was_nb: str
    is_en: str
    is_nb: str
    changes: tuple[str, ...]

    def sentence(self, language: Language) -> str:
        """Say what the book said, what is right, and what that changed."""
        was, is_ = (self.was_nb, self.is_nb) if language == "nb" else (self.was_en, self.is_en)
        told = f"{say(WAS, language)}: {was} {say(RIGHT_IS, language)}: {is_}"
        changed = f" {say(VERDICTS_CHANGED, language)}: {', '.join(self.changes)}." if self.changes else ""
        return told + changed


_FIELDS = {field.name for field in fields(Correction)}


def read_errata(path: Path | None = None) -> tuple[Correction, ...]:
    """Return the corrections, newest first; raise ``DataError`` that names the first wrong entry."""
    path = data_file(FILE) if path is None else path
    content = read_yaml(path)
    if set(content) != {"corrections"} or not isinstance(content["corrections"], list):
        raise DataError(f"{path.name} is a list of entries under `corrections:`")
    found = [
        _correction(f"{path.name}, entry {n}", given) for n, given in enumerate(content["corrections"], 1)
    ]
    return tuple(sorted(found, key=lambda correction: correction.found, reverse=True))


def _correction(where: str, given: Any) -> Correction:
    if not isinstance(given, dict) or set(given) != _FIELDS:
        raise DataError(f"{where}: an entry has {', '.join(sorted(_FIELDS))}, and nothing else")
    if not _DATE.fullmatch(str(given["found"])):
        raise DataError(f"{where}: found is a date such as 2027-01-31, not {given['found']!r}")
    changes = given["changes"]
    if not isinstance(changes, list) or not all(_CLAIM.fullmatch(str(id_)) for id_ in changes):
        raise DataError(f"{where}: changes is a list of claims such as C13, or [], not {changes!r}")
    texts = {name: " ".join(str(given[name] or "").split()) for name in _FIELDS - {"changes"}}
    empty = sorted(name for name, text in texts.items() if not text)
    if empty:
        raise DataError(f"{where}: {', '.join(empty)} must be words")
    return Correction(**texts, changes=tuple(map(str, changes)))


class Errata(SphinxDirective):
    """``{errata}``: the corrections in both languages, or that none was reported."""

    def run(self) -> list[nodes.Node]:
        """Return a list of corrections, or a sentence."""
        self.env.note_dependency(str(data_file(FILE)))
        found = read_errata()
        if not found:
            norwegian = NorwegianBlock("", nodes.paragraph("", NO_ERRATA[1]))
            return [nodes.paragraph("", NO_ERRATA[0]), norwegian]
        return [nodes.bullet_list("", *map(_item, found))]


def _item(correction: Correction) -> nodes.list_item:
    head = nodes.strong("", f"{correction.found}, {correction.where}. ")
    english = nodes.paragraph("", "", head, nodes.Text(correction.sentence("en")))
    norwegian = NorwegianBlock("", nodes.paragraph("", correction.sentence("nb")))
    return nodes.list_item("", english, norwegian)
