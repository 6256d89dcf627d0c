"""What the page says beside its chapter: both languages marked, reading time, data, citation; and fast."""

from __future__ import annotations

import re
import time

import pytest
from docutils import nodes
from docutils.utils import new_document

from lonely_analysis import __version__, files
from lonely_analysis.book import context, names
from lonely_analysis.book.foot import LINES_A_MINUTE, WORDS_A_MINUTE, Page, computed_on, reading_minutes
from lonely_analysis.book.norwegian import NorwegianBlock
from lonely_analysis.book.sphinx_ext import ASSETS
from lonely_analysis.book.switch import mark_english
from lonely_analysis.surveys.codebook import codebook

NB = '<span class="la-nb" lang="nb">Norsk</span>'


@pytest.mark.parametrize(
    ("body", "marked"),
    [
        (f"<caption>English{NB}</caption>", f'<caption><span class="la-en">English</span>{NB}</caption>'),
        (
            '<th>A <span class="la-beside" lang="nb">B</span></th>',
            '<th><span class="la-en">A </span><span class="la-beside" lang="nb">B</span></th>',
        ),
        (f"<dt><b>term</b> {NB}</dt>", f"<dt><b>term</b> {NB}</dt>"),
        ('<p>She said <span lang="nb">hei</span></p>', '<p>She said <span lang="nb">hei</span></p>'),
    ],
)
def test_only_english_words_with_a_norwegian_twin_give_way(body, marked):
    assert mark_english(body) == marked


def test_marking_a_long_text_takes_no_more_than_its_length():
    start = time.perf_counter()
    mark_english("<script>" + "1,23," * 60_000 + "</script>")
    assert time.perf_counter() - start < 5


def document(*parts: nodes.Node) -> nodes.document:
    made = new_document("page")
    made += list(parts)
    return made


def test_reading_time_counts_english_words_and_lines_of_code():
    words = nodes.paragraph("", " ".join(["word"] * 3 * WORDS_A_MINUTE))
    code = nodes.literal_block("", "x = 1\n" * 2 * LINES_A_MINUTE)
    norwegian = NorwegianBlock("", nodes.paragraph("", "ord " * 10 * WORDS_A_MINUTE))
    assert reading_minutes(document(words)) == 3
    assert reading_minutes(document(words.deepcopy(), code)) == 5
    assert reading_minutes(document(words.deepcopy(), norwegian)) == 3
    assert reading_minutes(document()) == 1


def test_the_foot_names_the_data_of_the_banner():
    said = computed_on(context.banner().html)
    provenance = context.survey().provenance
    assert said.startswith(f"{provenance.title}, {provenance.edition}, sha256 ")
    assert provenance.sha256.startswith(said.rsplit(" ", 1)[1])
    assert computed_on("<p>no banner</p>") == ""
    assert computed_on('<div class="data-banner" data-source="euls">') == "euls"


def test_the_norwegian_sentences_name_our_survey_in_norwegian_and_keep_the_names_of_others():
    title, edition = names.ABOUT_NB["synthetic"]
    banner = context.banner().html
    norwegian = re.search(r'<p lang="nb">.*?</p>', banner)[0]
    assert f"{title}, {edition}, " in norwegian
    assert context.survey().provenance.title not in norwegian
    assert computed_on(banner, "nb").startswith(f"{title}, {edition}, sha256 ")
    surveys = {path.stem for path in (files.data_dir() / "codebooks").glob("*.yml")} - {"common"}
    assert set(names.ABOUT_NB) == {"synthetic", *surveys}
    for survey in surveys:
        assert names.ABOUT_NB[survey][0] == codebook(survey).title


def test_a_page_is_cited_with_title_year_and_version_and_no_address():
    page = Page("03_how_common", "How common is it?", "The book", "The authors", "2026")
    assert page.text() == f"The authors (2026). How common is it? In The book (version {__version__})."
    assert page.bibtex().startswith("@incollection{lonely_03_how_common,")
    assert f"version = {{{__version__}}}" in page.bibtex()
    assert "http" not in page.text() + page.bibtex()


def test_the_scripts_ask_no_other_host_and_survive_a_browser_that_keeps_nothing():
    for name in ("language.js", "explore.js"):
        script = (ASSETS / "static" / name).read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|fetch\(|XMLHttpRequest|import\(", script)
    language = (ASSETS / "static" / "language.js").read_text("utf-8")
    assert language.count("try {") == language.count("localStorage.") == 2
