"""Labels and names that others wrote: shown as text on every page, never run, never half written."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from conftest import book_folder
from lonely_analysis.book import absent, build, codebooks, figure, notebooks, offline, snapshot, tables
from lonely_analysis.book.downloads import csv_text
from lonely_analysis.book.explore import page as explorer_page
from lonely_analysis.errors import DataError

ATTACK = '<script>alert(1)</script><img src=x onerror="alert(2)">'
#: Rows of a survey whose country, title and file name are markup; its value labels come with it.
MAPPING = f"""\
survey: mine
title: '{ATTACK}'
edition: '{ATTACK}'
citation: '{ATTACK}'
licence: '{ATTACK}'
variables:
  y: {{asks: '{ATTACK}', codes: {{1: '{ATTACK}', 0: never}}, gives: {{lonely: {{true_for: [1]}}}}}}
  c: {{asks: country, text: true, gives: {{country: as_is}}}}
"""
PAGE = [
    ("md", "# Title\n\nHighest in {glue:text}`x_highest_name`."),
    ("code", "import lonely_analysis as la\nfrom lonely_analysis import book\nbook.banner()", "remove-input"),
    ("code", 'x = la.prevalence(book.survey(), "lonely", by="country")\nbook.put("x", x)', "remove-cell"),
    ("code", 'book.figure.dots(x, name="fig-01-x", caption="A caption.", caption_nb="En tekst.")'),
    ("code", 'book.table(x, "A table")'),
    ("code", "x"),
    ("code", 'book.survey().require("trust")'),
]


def executable(text: str) -> list[str]:
    """Return the tags of the attack that a browser would act on."""
    return re.findall(r"<script>alert|<img src=x", text)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build a page on a Stata file whose labels, name and mapping are markup."""
    import pyreadstat

    folder, patch = tmp_path_factory.mktemp("book"), pytest.MonkeyPatch()
    book_folder.__wrapped__(folder, patch)(PAGE)
    data = folder / "<img src=x onerror=alert(2)>.dta"
    country = [ATTACK, "$\\frac{", "=1+1", "NO"] * 10
    frame = pd.DataFrame({"y": [0.0, 1.0, 1.0, 0.0, 1.0] * 8, "c": country})
    pyreadstat.write_dta(frame, str(data), variable_value_labels={"y": {1: ATTACK, 0: "never"}})
    (folder / "mine.yml").write_text(MAPPING, "utf-8")
    before = {path for path in folder.rglob("*") if path.is_file()}
    assert build.build(str(folder / "mine.yml"), data, folder / "pages") == 0
    patch.undo()
    return folder, before


def test_markup_from_a_survey_is_text_on_a_built_page(site):
    pages = site[0] / "pages"
    html = (pages / "chapters" / "01_test.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)" in html, "the title of the survey is shown"
    for file in [*pages.rglob("*.html"), *pages.rglob("_images/*.svg")]:
        assert not executable(file.read_text("utf-8")), file


def test_a_label_with_dollar_signs_is_drawn_as_a_label(site):
    pictures = "".join(f.read_text("utf-8") for f in (site[0] / "pages" / "_images").glob("*.svg"))
    assert "\\frac{" in pictures


def test_a_build_writes_into_its_folders_and_nowhere_else(site):
    folder, before = site
    new = {path for path in folder.rglob("*") if path.is_file()} - before
    assert {path.relative_to(folder).parts[0] for path in new} == {"_build", "pages"}


def test_a_missing_variable_whose_name_is_markup_is_named_as_text():
    assert not executable(absent.sentence((f"{ATTACK}", "x")).data["text/html"])


def test_numbers_in_a_page_cannot_end_the_script_that_holds_them(monkeypatch):
    hostile = {"name": "</script><!--<script>" + ATTACK}
    monkeypatch.setattr(explorer_page, "content", lambda: hostile)
    html = explorer_page.explorer().html
    inside = html.split('class="la-explorer-data">')[1].split("</script>")[0]
    assert "<" not in inside
    assert json.loads(inside) == hostile


def test_markup_in_a_table_and_its_caption_is_text():
    html = tables.to_html(pd.DataFrame({ATTACK: [ATTACK]}), ATTACK, [], ATTACK)
    assert not executable(html)


def test_markup_in_a_mapping_is_text_in_the_codebook(tmp_path, monkeypatch):
    from lonely_analysis.surveys.codebook import load

    (tmp_path / "mine.yml").write_text(MAPPING, "utf-8")
    monkeypatch.setattr(codebooks, "read_codebook", lambda name: load(tmp_path / "mine.yml", name))
    assert not executable(codebooks.codebook("mine").html + codebooks.access("mine").html)


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("-2.5", "-2.5"),
        ("+1e3", "+1e3"),
        ("a=b", "a=b"),
        (-2.5, "-2.5"),
    ],
)
def test_a_download_opened_in_a_spreadsheet_runs_no_formula(cell, kept):
    assert csv_text(pd.DataFrame({"x": [cell]})) == f"x\n{kept}\n"
    drawn = figure.base.Figure("fig-1", "<svg >", ("a", "b"), ("c", "d"), pd.DataFrame({"x": [cell]}))
    assert drawn.to_csv() == f"x\n{kept}\n"


def test_a_download_holds_no_digits_in_which_machines_differ():
    held = csv_text(pd.DataFrame({"a": [0.1 + 0.2, 3.0], "b": [0.1 + 0.2, "x"]}))
    assert held == "a,b\n0.3,0.3\n3.0,x\n"


class Stopped(BaseException):
    """What an interrupt is: no ``Exception``."""


def stop(*_: object, **__: object) -> None:
    raise Stopped


@pytest.mark.parametrize("at", [1, 2])
def test_an_interrupted_build_leaves_the_old_pages_whole(at, tmp_path, monkeypatch):
    target, built = tmp_path / "html", tmp_path / "work" / "html"
    for folder, text in ((target, "old"), (built, "new")):
        folder.mkdir(parents=True)
        (folder / "index.html").write_text(text)
    rename, calls = Path.rename, []

    def one_too_many(self: Path, other: Path) -> Path:
        calls.append(self)
        return stop() if len(calls) == at else rename(self, other)

    monkeypatch.setattr(Path, "rename", one_too_many)
    with pytest.raises(Stopped):
        build._install(built, target, "key")
    assert [path.name for path in target.iterdir()] == ["index.html"]
    assert (target / "index.html").read_text() == "old"


def test_the_next_build_clears_what_an_interrupted_one_left(tmp_path):
    target, built = tmp_path / "html", tmp_path / "work" / "html"
    for left in (".html.new", ".html.old"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "half.html").write_text("half")
    built.mkdir(parents=True)
    (built / "index.html").write_text("new")
    build._install(built, target, "key")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["html", "work"]
    assert sorted(path.name for path in target.iterdir()) == [build.STAMP, "index.html"]


@pytest.mark.parametrize("earlier", [None, b'{"old": 1}'])
def test_an_interrupted_snapshot_leaves_the_old_one_and_its_hash(earlier, tmp_path, monkeypatch):
    file = tmp_path / "real_results" / "mine.json"
    file.parent.mkdir()
    if earlier:
        file.write_bytes(earlier)
    monkeypatch.setattr(snapshot, "data_dir", lambda: tmp_path)
    monkeypatch.setattr(snapshot, "computed", lambda *_: {"new": 2})
    monkeypatch.setattr(snapshot, "update_package", stop)
    with pytest.raises(Stopped):
        snapshot.snapshot("mine", "file.dta")
    assert [(f.name, f.read_bytes()) for f in file.parent.iterdir()] == (
        [("mine.json", earlier)] if earlier else []
    )


def test_notebooks_are_stored_all_or_none(tmp_path, monkeypatch):
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    good = new_notebook(cells=[new_code_cell("1")])
    bad = new_notebook(cells=[new_code_cell("2", outputs=[new_output("stream", name="stderr", text="w")])])
    sources = [tmp_path / "01_good.ipynb", tmp_path / "02_bad.ipynb"]
    for source in sources:
        source.write_text("as it was")
    monkeypatch.setattr(notebooks, "execute", lambda *_: (dict(zip(sources, (good, bad), strict=True)), 2))
    monkeypatch.setattr(notebooks.Run, "on", classmethod(lambda *_: None))
    monkeypatch.setattr(notebooks.project, "notebooks", lambda: sources)
    with pytest.raises(DataError, match="prints a warning"):
        notebooks.refresh()
    assert {source.read_text() for source in sources} == {"as it was"}


def test_an_interrupted_zip_leaves_the_old_one(tmp_path, monkeypatch):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / offline.STAMP).write_text("key")
    (tmp_path / "book.zip").write_bytes(b"old")
    monkeypatch.setattr(offline, "_entries", lambda _: {"a": b"x", "b": b"y"})
    monkeypatch.setattr(offline.zipfile.ZipFile, "writestr", stop)
    with pytest.raises(Stopped):
        offline.offline(tmp_path / "html", tmp_path / "book.zip")
    assert (tmp_path / "book.zip").read_bytes() == b"old"
