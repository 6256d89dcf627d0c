"""The glossary is whole in both languages, refuses what would mislead, and its terms can be linked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from lonely_analysis.book import build as builder
from lonely_analysis.book import project
from lonely_analysis.book.glossary import read_glossary
from lonely_analysis.errors import DataError

GOOD = {"id": "a", "en": "one", "nb": "en", "definition_en": "A thing.", "definition_nb": "En ting."}
OTHER = {"id": "b", "en": "two", "nb": "to", "definition_en": "A thing.", "definition_nb": "En ting."}
ISSUE_WORDS = ("ensomhet", "sosial støtte", "allostatisk overbelastning")


def written(tmp_path: Path, *entries: object) -> Path:
    path = tmp_path / "glossary.yml"
    path.write_text(yaml.safe_dump({"terms": list(entries)}, allow_unicode=True), "utf-8")
    return path


def test_the_shipped_glossary_has_the_lectures_own_words_in_both_languages():
    entries = read_glossary()
    assert {entry.nb for entry in entries} >= set(ISSUE_WORDS)
    assert {"bonding", "bridging", "buffering", "generalized-trust"} <= {entry.id for entry in entries}


def test_entries_come_in_the_order_of_the_english_alphabet(tmp_path):
    given = written(tmp_path, OTHER, GOOD)
    assert [entry.en for entry in read_glossary(given)] == ["one", "two"]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{**GOOD, "english": "x"}], "glossary.yml, a: unknown english"),
        ([{key: GOOD[key] for key in GOOD if key != "nb"}], "glossary.yml, a: lacks nb"),
        ([{**GOOD, "definition_nb": " "}], "lacks definition_nb"),
        ([{**GOOD, "en": False}], "lacks en"),
        ([GOOD, {**OTHER, "id": "a"}], "a: this id stands twice"),
        ([GOOD, {**OTHER, "en": "One"}], "b: 'One' is the term of a too"),
        ([GOOD, {**OTHER, "nb": "one"}], "b: 'one' is the term of a too"),
        ([{**GOOD, "id": "A b"}], "an id is small letters"),
        ([{**GOOD, "definition_en": "One. Two. Three. Four."}], "longer than a definition"),
        (["words"], "entry 1: expected"),
    ],
)
def test_an_entry_that_would_mislead_is_refused_by_name(tmp_path, entries, message):
    with pytest.raises(DataError, match=re.escape(message)):
        read_glossary(written(tmp_path, *entries))


def test_a_file_that_is_no_list_of_terms_is_refused(tmp_path):
    path = tmp_path / "glossary.yml"
    path.write_text("a: {en: one}\n", "utf-8")
    with pytest.raises(DataError, match="under `terms:`"):
        read_glossary(path)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> str:
    from conftest import book_folder

    folder, patch = tmp_path_factory.mktemp("glossary"), pytest.MonkeyPatch()
    patch.setattr(project, "fingerprint", lambda *_: "of this test")
    links = "# Words\n\n{term}`buffering`, {term}`the shield <buffereffekt>`, {term}`RERI`.\n\n"
    blocks = "```{terms}\n```\n\n## Norsk\n\n```{norwegian-terms}\n```\n"
    book_folder.__wrapped__(folder, patch)([("md", links + blocks)])
    code = builder.build()
    patch.undo()
    assert code == 0
    return (folder / "_build" / "html" / "chapters" / "01_test.html").read_text("utf-8")


def test_both_languages_of_a_term_lead_to_its_entry(page):
    assert re.search(r'href="#term-buffering"><span class="xref std std-term">buffering<', page)
    assert re.search(r'href="#term-buffering-nb"><span class="xref std std-term">the shield<', page)
    assert 'id="term-buffering"' in page
    assert 'id="term-buffering-nb"' in page


def test_norwegian_terms_and_definitions_say_their_language(page):
    by_id = {entry.id: entry for entry in read_glossary()}
    assert f'lang="nb">{by_id["buffering"].nb}</span>' in page
    for entry in by_id.values():
        before, _, _ = page.partition(entry.definition_nb)
        assert before.rstrip().endswith('<div lang="nb">\n<p>'), entry.id


def test_norwegian_letters_come_last_in_the_norwegian_list(page):
    listed = re.findall(r'<li><p><a class="reference internal" href="#term-[\w-]+">([^<]+)</a>', page)
    assert len(listed) == len(read_glossary())
    assert listed[-1].startswith("ø")
    assert listed[0].startswith("a")
