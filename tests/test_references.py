"""The book's references: complete enough to find the work, cited by somebody, and nothing made up.

A work whose title nobody read has none; its entry says so in a note. An entry that no page cites is kept only
where a row of ``data/published`` rests on it, the lecture names it or a formula of the package comes from it.
"""

import re
from pathlib import Path

import pytest
import yaml
from pybtex.database import parse_file

from lonely_analysis import published
from lonely_analysis.evidence.published import published_names

ROOT = Path(__file__).resolve().parents[1]
BIBLIOGRAPHY = ROOT / "chapters/references.bib"
REFERENCES = parse_file(BIBLIOGRAPHY).entries
ISSUED = {"article": "journal", "techreport": "institution", "book": "publisher", "incollection": "booktitle"}
YEAR = r"\d{4}|n\.d\."
CITED = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")


def cited() -> dict[str, set[str]]:
    """Key of each citation, with the pages that make it."""
    pages: dict[str, set[str]] = {}
    for page in sorted((ROOT / "chapters").glob("*.[im]*")):
        for keys in CITED.findall(page.read_text(encoding="utf-8")):
            for key in keys.split(","):
                pages.setdefault(key.strip(), set()).add(page.name)
    return pages


def lecture_keys() -> set[str]:
    listed = yaml.safe_load((ROOT / "data/lecture_sources.yml").read_text(encoding="utf-8"))
    return {entry["key"] for entry in listed["sources"] if entry.get("key")}


def works_behind_rows() -> set[tuple[str, str]]:
    """First author's first word and year, and DOI, of every published row."""
    works: set[tuple[str, str]] = set()
    for name in published_names():
        table = published(name)
        for author, year, doi in table[["authors", "year", "doi"]].drop_duplicates().to_numpy():
            works |= {("doi", str(doi).lower()), (_surname(author), str(year).removesuffix(".0"))}
    return works


def _surname(authors: str) -> str:
    first = re.match(r"[({]*([^;,(){} ]+)", authors)
    return first[1].lower()


def _named(entry) -> tuple[str, str]:
    author = entry.persons.get("author") or entry.persons["editor"]
    return _surname(str(author[0])), entry.fields["year"]


def _rests(entry, works: set[tuple[str, str]]) -> bool:
    return ("doi", entry.fields.get("doi", "none").lower()) in works or _named(entry) in works


def _in_docstrings(entry, package: str) -> bool:
    """Whether the package names the author and, within the same reference, the year."""
    surname, year = _named(entry)
    return bool(re.search(rf"{re.escape(surname)}[^.;]{{0,40}}\s{year}", package, re.I))


@pytest.mark.parametrize("key", sorted(REFERENCES))
def test_a_reference_can_be_found_by_its_author_year_and_title_or_says_what_was_not_read(key):
    entry = REFERENCES[key]
    assert entry.persons.get("author") or entry.persons.get("editor"), f"{key} names nobody"
    assert re.fullmatch(r"\d{4}|n\.d\.", entry.fields.get("year", "")), (
        f"{key} has no year (n.d. where none is printed)"
    )
    unread = "not read" in entry.fields.get("note", "").lower()
    assert entry.fields.get("title") or unread, f"{key} has neither a title nor a note that it was not read"


def test_an_article_names_its_journal_and_a_report_who_issued_it():
    for key, entry in REFERENCES.items():
        needed = {
            "article": "journal",
            "techreport": "institution",
            "book": "publisher",
            "incollection": "booktitle",
        }
        field = needed.get(entry.type)
        assert field is None or entry.fields.get(field), f"{key} is of type {entry.type} and has no {field}"


def test_no_key_and_no_doi_stands_twice():
    keys = re.findall(r"^@\w+\{(\w+),", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.M)
    dois = [entry.fields["doi"].lower() for entry in REFERENCES.values() if "doi" in entry.fields]
    assert len(keys) == len(set(keys)) == len(REFERENCES)
    assert len(dois) == len(set(dois)), sorted(doi for doi in dois if dois.count(doi) > 1)


def test_every_citation_has_its_reference():
    missing = {key: pages for key, pages in cited().items() if key not in REFERENCES}
    assert not missing


def test_no_reference_stands_unused():
    used, works = set(cited()) | lecture_keys(), works_behind_rows()
    package = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    idle = {key: entry for key, entry in REFERENCES.items() if key not in used and not _rests(entry, works)}
    assert not {key for key, entry in idle.items() if not _in_docstrings(entry, package)}
