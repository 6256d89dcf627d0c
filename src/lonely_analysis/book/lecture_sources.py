"""``{lecture-sources}``: what the lecture cites, what each source really is, and how that was checked.

``data/lecture_sources.yml`` holds the sources; which claims cite each follows from the claims file. A source
that was not checked says so, and carries no correction.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from lonely_analysis.book.words import CHECKED, CHECKED_HOW, NOT_ON_SLIDES
from lonely_analysis.errors import DataError
from lonely_analysis.evidence.claims import claims
from lonely_analysis.files import data_file
from lonely_analysis.surveys.yamlfiles import read_yaml

FILE = "lecture_sources.yml"
#: Between the sources of one claim, as the claims file writes them.
BETWEEN = "; "


@dataclass(frozen=True)
class Source:
    """One source of the lecture; ``checked`` is own (the work itself), report (somebody's word) or no."""

    cited: str
    key: str
    what_en: str
    what_nb: str
    checked: str
    where: str
    remark_en: str = ""
    remark_nb: str = ""


_KNOWN = {field.name for field in fields(Source)}
_MAY_BE_ABSENT = {"remark_en", "remark_nb"}


def read_sources(path: Path | None = None) -> tuple[Source, ...]:
    """Return the sources in the file's order; raise ``DataError`` that names the first wrong entry."""
    path = data_file(FILE) if path is None else path
    content = read_yaml(path)
    if set(content) != {"sources"} or not isinstance(content["sources"], list):
        raise DataError(f"{path.name} is a list of entries under `sources:`")
    sources = tuple(_source(path.name, given) for given in content["sources"])
    names = [source.cited for source in sources]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{path.name}: {', '.join(twice)} stands twice")
    return sources


def _source(file: str, given: Any) -> Source:
    if not isinstance(given, dict) or not given.get("cited"):
        raise DataError(f"{file}: an entry says what is cited, not {given!r}")
    where = f"{file}, {given['cited']}"
    lacks, unknown = sorted(_KNOWN - _MAY_BE_ABSENT - set(given)), sorted(set(given) - _KNOWN)
    if lacks or unknown:
        raise DataError(
            f"{where}: lacks {', '.join(lacks) or 'nothing'}; unknown {', '.join(unknown) or 'none'}"
        )
    source = Source(**{name: " ".join(str(value).split()) for name, value in given.items()})
    if source.checked not in CHECKED_HOW:
        raise DataError(f"{where}: checked is one of {', '.join(CHECKED_HOW)}, not {source.checked!r}")
    if bool(source.remark_en) != bool(source.remark_nb):
        raise DataError(f"{where}: a remark stands in both languages or in none")
    if source.remark_en and source.checked == "no":
        raise DataError(f"{where}: nothing is remarked on a source that was not checked")
    return source


def cited_by(source: Source) -> list[str]:
    """Return the ids of the claims whose slide cites this source."""
    return [one.id for one in claims() if source.cited in one.claim.cited.split(BETWEEN)]


class LectureSources(SphinxDirective):
    """``{lecture-sources}``: one entry a source in both languages, its claims, and how it was checked."""

    def run(self) -> list[nodes.Node]:
        """Return the entries, read as the page's own markup so that claims and references are linked."""
        self.env.note_dependency(str(data_file(FILE)))
        text = "\n".join(_entry(source) for source in read_sources())
        place = nodes.container(classes=["la-sources"])
        self.state.nested_parse(StringList(text.split("\n"), source=FILE), self.content_offset, place)
        return [place]


def _entry(source: Source) -> str:
    badges = " ".join(f"{{claim}}`{id_}`" for id_ in cited_by(source))
    reference = f" {{cite:p}}`{source.key}`" if source.key else ""
    english, norwegian = CHECKED_HOW[source.checked]
    checked = f"{CHECKED[0]}: {english}. {source.where}."
    norsk = f"{source.what_nb} {source.remark_nb} {CHECKED[1]}: {norwegian}."
    paragraphs = [
        f"**{source.cited}** {badges or NOT_ON_SLIDES[0]}",
        f"{source.what_en}{reference} {source.remark_en}",
        checked,
        f":::{{nb}}\n{norsk}\n:::",
    ]
    return "\n\n".join(paragraphs) + "\n"
