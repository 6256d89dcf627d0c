"""The book as one zip file: whole, the same bytes each time, and without what a browser refuses from disk."""

from __future__ import annotations

import zipfile

import pytest

from lonely_analysis import cli
from lonely_analysis.book.build import STAMP
from lonely_analysis.book.offline import FOLDER, offline
from lonely_analysis.errors import DataError

FONT = '<link rel="preload" as="font" type="font/woff2" crossorigin href="_static/a.woff2" />'
BANNER = '<div class="data-banner" data-source="euls" data-about="EU survey" data-sha256="abc">'


@pytest.fixture
def pages(book_folder, tmp_path):
    """Lay out a built book of one page."""
    book_folder([("md", "# Title")])
    html = tmp_path / "_build" / "html"
    written = {
        STAMP: "key",
        "index.html": "start",
        "chapters/01_test.html": f"<head>{FONT}</head>{BANNER}å</div>",
        "_static/documentation_options.js": "X = {SHOW_SEARCH_SUMMARY: true}",
        "searchindex.js": "Search.setIndex({})",
    }
    for name, text in written.items():
        (html / name).parent.mkdir(parents=True, exist_ok=True)
        (html / name).write_text(text, "utf-8")
    return html


def unzipped(file) -> dict[str, str]:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_every_page_is_in_one_folder_and_the_stamp_of_the_build_is_not(pages, tmp_path):
    made = offline()
    assert made == tmp_path / "_build" / f"{FOLDER}.zip"
    names = list(unzipped(made))
    assert names == sorted(names)
    inside = {file.relative_to(pages).as_posix() for file in pages.rglob("*") if file.is_file()}
    assert set(names) == {f"{FOLDER}/{name}" for name in (inside - {STAMP}) | {"README.txt"}}


def test_what_no_browser_loads_from_disk_is_taken_out_of_the_copy_only(pages):
    found = unzipped(offline())
    assert found[f"{FOLDER}/chapters/01_test.html"] == f"<head></head>{BANNER}å</div>"
    assert found[f"{FOLDER}/_static/documentation_options.js"] == "X = {SHOW_SEARCH_SUMMARY: false}"
    assert FONT in (pages / "chapters" / "01_test.html").read_text("utf-8")


def test_the_readme_says_in_both_languages_how_to_open_it_and_on_which_data_it_was_computed(pages):
    readme = unzipped(offline())[f"{FOLDER}/README.txt"]
    assert readme.count("index.html") == 2
    assert "Computed on: EU survey, sha256 abc" in readme
    assert "Regnet ut på: EU survey, sha256 abc" in readme


def test_the_same_pages_give_the_same_bytes_whenever_they_were_built(pages, tmp_path):
    first = offline(out=tmp_path / "one.zip").read_bytes()
    for file in pages.rglob("*"):
        file.touch()
    assert offline(out=tmp_path / "two.zip").read_bytes() == first


def test_a_folder_that_is_no_built_book_is_refused(pages):
    (pages / STAMP).unlink()
    with pytest.raises(DataError, match="lonely build"):
        offline()


def test_the_command_says_where_the_file_is_and_how_large_or_what_to_do_first(pages, tmp_path, capsys):
    out = tmp_path / "book.zip"
    assert cli.main(["offline", "--pages", str(pages), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}  0.0 MB\n"
    assert cli.main(["offline", "--pages", str(tmp_path / "none"), "--out", str(out)]) == 1
    assert "run `lonely build` first" in capsys.readouterr().err
