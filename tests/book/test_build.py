"""The strict build of a small book, and that it fails when it should."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from conftest import ROOT
from lonely_analysis.book import build as builder
from lonely_analysis.book import project
from lonely_analysis.errors import DataError

BANNER = '<div class="data-banner" data-source="euls"><p>Real data</p></div>'
RESULT = """import pandas as pd
from lonely_analysis import book
from lonely_analysis.results import Estimates
rows = [("NO", 0.08, 0.005, 0.07, 0.09, 1206, 60.0, 1.8), ("DK", 0.03, 0.004, 0.02, 0.04, 900, 60.0, 1.5)]
columns = ["country", "estimate", "se", "ci_low", "ci_high", "n", "df", "deff"]
result = Estimates(table=pd.DataFrame(rows, columns=columns), source="synthetic", outcome="lonely",
                   by=("country",), statistic="prevalence")"""
PAGE = [
    ("md", "# Title\n\n:::{nb} Kort fortalt\nI Norge {glue:text}`no_nb`.\n:::"),
    ("code", "from lonely_analysis import book\nbook.banner()", "remove-input"),
    ("code", RESULT, "remove-cell"),
    ("code", 'book.put("no", result.row(country="NO"))', "remove-cell"),
    (
        "md",
        "## Part\n\nIn Norway {glue:text}`no` of {glue:text}`no_n`, see {numref}`fig-01-x`. {claim}`C03`",
    ),
    ("code", 'book.figure.dots(result, name="fig-01-x", caption="A caption.", caption_nb="En tekst.")'),
    ("code", 'book.table(result, "A table")', "hide-input"),
    ("code", "result"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Build the page once for all tests that read it."""
    from conftest import book_folder

    folder, patch = tmp_path_factory.mktemp("book"), pytest.MonkeyPatch()
    patch.setattr(project, "fingerprint", lambda *_: "of this test")
    book_folder.__wrapped__(folder, patch)(PAGE)
    assert builder.build() == 0
    patch.undo()
    return folder / "_build" / "html"


def html(page) -> str:
    return (page / "chapters" / "01_test.html").read_text("utf-8")


def test_the_banner_names_the_survey_inside_the_article(page):
    article = re.search(r"<article.*?</article>", html(page), re.DOTALL)[0]
    assert re.search(r'<div class="data-banner" data-source="synthetic"', article)


def test_a_page_without_code_names_the_survey_too():
    cell = new_code_cell("book.banner()", outputs=[new_output("display_data", data={"text/html": BANNER})])
    banner = builder._banner({Path("01_x.ipynb"): new_notebook(cells=[cell])})
    page = builder._under_title(b"# References\n\nAll of them.\n", banner).decode()
    assert page.startswith(f"# References\n\n```{{raw}} html\n{BANNER}\n```\n")
    assert page.endswith("\nAll of them.\n")


def test_glued_numbers_keep_their_format_in_both_languages(page):
    assert '<span class="pasted-text">8.0%</span>' in html(page)
    assert '<span class="pasted-text">1,206</span>' in html(page)
    assert re.search(r'<div class="norwegian" lang="nb">.*8,0\u00a0%', html(page), re.DOTALL)


def test_a_figure_has_its_number_caption_and_computed_alternative_text(page):
    figure = re.search(r"<figure.*?</figure>", html(page), re.DOTALL)[0]
    assert 'alt="Dots with 95% intervals' in figure
    assert figure.count("<img") == 1
    assert re.search(r"Fig\. 1.*A caption\.", figure, re.DOTALL)
    assert re.search(r'<span class="la-nb" lang="nb">En tekst\.</span>', figure)
    assert re.search(r'<a class="reference internal" href="#fig-01-x">', html(page))
    assert "Data behind the figure" in html(page)


def test_folded_code_is_called_what_it_says(page):
    summary = re.search(r"<summary[^>]*>(?=(\s|<[^>]*>)*Show code)", html(page))[0]
    assert "aria-label" not in summary


def test_no_page_asks_another_host_for_anything(page):
    for file in page.rglob("*.html"):
        loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?:)?//', file.read_text("utf-8"))
        assert not loaded, file
    assert not re.search(r"<script[^>]*src=[^>]*thebe", html(page), re.IGNORECASE)
    assert "THEBE_JS_URL" not in html(page)
    assert (page / "vendor" / "tex-svg.js").is_file()


def test_our_own_part_of_a_page_is_light(page):
    images = sum(file.stat().st_size for file in (page / "_images").iterdir())
    assert len(html(page)) + images < 1_000_000


def test_nothing_is_done_when_nothing_changed(page, monkeypatch, capsys):
    monkeypatch.chdir(page.parents[1])
    monkeypatch.setattr(project, "fingerprint", lambda *_: "of this test")
    before = (page / "chapters" / "01_test.html").stat().st_mtime_ns
    assert builder.build() == 0
    assert "0 of 1 chapters computed" in (said := capsys.readouterr().out)
    assert "nothing changed" in said
    assert (page / "chapters" / "01_test.html").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "broken", ["{glue:text}`never_put`", "{doc}`nowhere`", "{numref}`fig-none`", "{cite:p}`no2000`"]
)
def test_a_broken_reference_fails_the_build_and_leaves_the_old_pages(book_folder, tmp_path, broken, capfd):
    old = tmp_path / "_build" / "html"
    old.mkdir(parents=True)
    (old / "index.html").write_text("old")
    book_folder([("md", f"# Title\n\n{broken}")])
    assert builder.build() == 1
    assert (old / "index.html").read_text() == "old"
    assert "WARNING" in capfd.readouterr().err


def test_a_folder_of_other_files_is_never_replaced(book_folder, tmp_path):
    book_folder([("md", "# Title")])
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("mine")
    with pytest.raises(DataError, match="not a built book"):
        builder.build(out=tmp_path / "precious")
    assert (tmp_path / "precious" / "thesis.txt").read_text() == "mine"


def test_a_file_that_is_not_there_is_a_clear_error(book_folder, tmp_path):
    book_folder([("md", "# Title")])
    with pytest.raises(DataError, match=r"there is no .*absent\.dta"):
        builder.build("ess", tmp_path / "absent.dta")


def test_the_command_line_prints_one_message_and_no_traceback(book_folder, tmp_path, capsys):
    from lonely_analysis.cli import main

    book_folder([("md", "# Title"), ("code", "1 / 0")])
    assert main(["build"]) != 0
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "Traceback" not in said


def test_mathjax_is_shipped_with_its_licence():
    vendor = ROOT / "src" / "lonely_analysis" / "book" / "assets" / "extra" / "vendor"
    assert "Apache License" in (vendor / "LICENSE-mathjax.txt").read_text("utf-8")
