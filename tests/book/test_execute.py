"""Running chapters: what is kept, what is computed anew, what stops the book."""

from __future__ import annotations

import nbformat
import pytest

from conftest import ROOT
from lonely_analysis.book import absent, execute, project
from lonely_analysis.book.execute import ChapterError, Run


def run_on(tmp_path, survey=None) -> Run:
    return Run(survey or "synthetic", None, tmp_path / "executed", "fingerprint")


def test_a_chapter_runs_once_and_then_comes_from_the_cache_with_todays_words(book_folder, tmp_path):
    path = book_folder([("md", "# Before"), ("code", "21 * 2")])
    done, computed = execute.execute([path], run_on(tmp_path))
    assert computed == 1
    assert done[path].cells[1].outputs[0].data["text/plain"] == "42"
    changed = nbformat.read(path, as_version=4)
    changed.cells[0].source = "# After"
    nbformat.write(changed, path)
    done, computed = execute.execute([path], run_on(tmp_path))
    assert computed == 0
    assert done[path].cells[0].source == "# After"
    assert done[path].cells[1].outputs[0].data["text/plain"] == "42"


def test_changed_code_or_another_fingerprint_runs_again(book_folder, tmp_path):
    path = book_folder([("md", "# A"), ("code", "1")])
    first = run_on(tmp_path)
    keys = {execute._key(path, first)}
    keys.add(execute._key(path, Run("synthetic", None, first.cache, "other data")))
    book_folder([("md", "# A"), ("code", "2")])
    keys.add(execute._key(path, first))
    assert len(keys) == 3


def test_a_raising_cell_stops_the_book_with_its_source_and_its_error(book_folder, tmp_path):
    path = book_folder([("md", "# A"), ("code", "number = 1"), ("code", "number / 0")])
    with pytest.raises(ChapterError) as caught:
        execute.execute([path], run_on(tmp_path))
    message = str(caught.value)
    assert "01_test.ipynb stops at this cell" in message
    assert "    number / 0" in message
    assert "ZeroDivisionError: division by zero" in message
    assert "Traceback" not in message
    assert not list((tmp_path / "executed").glob("*.ipynb"))


MISSING = "import lonely_analysis as la\nraise la.MissingVariable('trust', 'Some survey')\nshare = 1"


def test_a_missing_variable_leaves_out_what_depends_on_it_and_nothing_else(book_folder, tmp_path):
    path = book_folder(
        [
            ("md", "# A\n\n{glue:text}`share` and {glue:text}`share_nb`"),
            ("code", "share = 0"),
            ("code", MISSING),
            ("code", "half = share / 2"),
            ("code", "half"),
            ("code", "share = 7"),
            ("code", "share"),
        ]
    )
    done, _ = execute.execute([path], run_on(tmp_path, "ess"))
    cells = [cell for cell in done[path].cells if cell.cell_type == "code"]
    shown = [[out.get("data", {}).get("text/plain") for out in cell.outputs] for cell in cells[:6]]
    assert "the survey has no variable trust (Trust in people)" in shown[1][0]
    assert 'lang="nb"' in cells[1].outputs[0].data["text/html"]
    assert shown[2:6] == [[], [], [], ["7"]]
    assert set(absent.glued(done[path])) == {"share", "share_nb"}
    again, computed = execute.execute([path], run_on(tmp_path, "ess"))
    assert computed == 0
    assert set(absent.glued(again[path])) == {"share", "share_nb"}


def test_on_the_synthetic_survey_a_missing_variable_is_an_error_of_the_author(book_folder, tmp_path):
    path = book_folder([("md", "# A"), ("code", MISSING)])
    with pytest.raises(ChapterError, match="MissingVariable"):
        execute.execute([path], run_on(tmp_path))


def test_the_fingerprint_follows_the_package_the_data_the_lock_and_the_file(tmp_path):
    file = tmp_path / "raw.csv"
    file.write_text("a\n1\n")
    first = project.fingerprint("ess", file)
    assert project.fingerprint("ess", file) == first
    assert project.fingerprint("nhanes", file) != first
    file.write_text("a\n2\n")
    assert project.fingerprint("ess", file) != first


def test_what_one_processor_computed_is_not_taken_for_what_another_does(monkeypatch):
    first = project.fingerprint("synthetic", None)
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Prescott")
    assert project.fingerprint("synthetic", None) != first


def test_layout_code_is_named_by_modules_that_exist():
    for module in project.LAYOUT_ONLY:
        assert (ROOT / "src" / "lonely_analysis" / module).is_file(), module
