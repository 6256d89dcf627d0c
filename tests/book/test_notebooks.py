"""Stored outputs: normal form, and a check that notices a change."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_output

from conftest import notebook
from lonely_analysis.book import notebooks, project
from lonely_analysis.errors import DataError


def test_normalising_twice_changes_nothing_and_fixes_what_runs_differ_in():
    book = notebook([("md", "# A"), ("code", "1", "remove-cell")])
    book.cells[1].metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
    book.cells[1].outputs = [new_output("execute_result", data={"text/plain": "1"}, execution_count=9)]
    once = notebooks.normalise(book)
    assert notebooks.normalise(nbformat.reads(once, as_version=4)) == once
    cell = nbformat.reads(once, as_version=4).cells[1]
    assert (cell.id, cell.execution_count, cell.metadata) == ("cell-001", 1, {"tags": ["remove-cell"]})
    assert "2026" not in once


@pytest.mark.parametrize(
    "output",
    [
        new_output("stream", name="stderr", text="FutureWarning: soon"),
        new_output("execute_result", data={"text/plain": "<Axes at 0x7f00aa>"}),
    ],
)
def test_what_no_second_run_could_repeat_is_refused(output):
    book = notebook([("code", "1")])
    book.cells[0].outputs = [output]
    with pytest.raises(DataError, match="cell 1"):
        notebooks.normalise(book, "x.ipynb")


def test_a_name_limits_the_run_to_its_chapter_and_a_wrong_one_is_refused(book_folder, capsys, monkeypatch):
    monkeypatch.setattr(project, "fingerprint", lambda *_: "of this test")
    path = book_folder([("md", "# A"), ("code", "21 * 2")])
    assert notebooks.main(["01"]) == 0
    assert '"42"' in path.read_text("utf-8")
    assert notebooks.main(["--check", "01_te", "02"]) == 1
    assert "no page begins with '02'; there are: 01_test" in capsys.readouterr().err


def test_check_notices_a_changed_stored_output_and_changes_nothing(book_folder, capsys, monkeypatch):
    monkeypatch.setattr(project, "fingerprint", lambda *_: "of this test")
    path = book_folder([("md", "# A"), ("code", "21 * 2")])
    assert notebooks.main([]) == 0
    stored = path.read_text("utf-8")
    assert '"42"' in stored
    assert notebooks.main(["--check"]) == 0
    path.write_text(stored.replace('"42"', '"43"'), "utf-8")
    altered = path.read_bytes()
    capsys.readouterr()
    assert notebooks.main(["--check"]) == 1
    assert "out of date: chapters/01_test.ipynb" in capsys.readouterr().out
    assert path.read_bytes() == altered
    assert notebooks.main([]) == 0
    assert path.read_text("utf-8") == stored
