"""Frozen results of real surveys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nbformat.v4 import new_output

from conftest import notebook
from lonely_analysis.book import snapshot
from lonely_analysis.book.records import to_record
from lonely_analysis.errors import DataError


def executed(key: str, record: dict) -> object:
    book = notebook([("code", "book.put(...)")])
    metadata = {"scrapbook": {"name": key}, "lonely": {"key": key, "record": record}}
    book.cells[0].outputs = [new_output("display_data", data={"text/plain": "x"}, metadata=metadata)]
    return book


def test_what_chapters_put_is_gathered_with_its_chapter(by_country):
    record = to_record(by_country, "percent")
    gathered = snapshot.gather({Path("03_how.ipynb"): executed("prev", record)}, by_country.source)
    assert gathered["prev"]["chapter"] == "03_how"
    assert gathered["prev"]["rows"][0][:2] == ["NO", 0.0816]


def test_a_published_number_is_no_result_of_the_survey(by_country):
    pages = {Path("03_how.ipynb"): executed("prev", to_record(by_country, "percent"))}
    assert snapshot.gather(pages, "another survey") == {}


def test_a_count_of_what_the_book_ships_is_no_result_of_a_survey():
    pages = {Path(f"{page}.ipynb"): executed("rows", {"value": 5}) for page in snapshot.ABOUT_THE_BOOK}
    assert snapshot.gather(pages, "euls") == {}
    shipped = Path(__file__).resolve().parents[2] / "chapters"
    assert all((shipped / page).with_suffix(".ipynb").exists() for page in snapshot.ABOUT_THE_BOOK)


def test_two_chapters_may_not_put_different_values_under_one_key():
    pages = {
        Path("03_a.ipynb"): executed("prev", {"value": 1}),
        Path("04_b.ipynb"): executed("prev", {"value": 2}),
    }
    with pytest.raises(DataError, match="04_b and 03_a both put 'prev'"):
        snapshot.gather(pages, "euls")


def test_a_real_result_comes_back_with_its_class_and_source(monkeypatch, tmp_path, by_country):
    file = tmp_path / "euls.json"
    file.write_text(json.dumps({"results": {"prev": to_record(by_country, "percent")}}))
    monkeypatch.setattr(snapshot, "data_file", lambda name: {"real_results/euls.json": file}[name])
    snapshot._snapshot.cache_clear()
    real = snapshot.real("euls", "prev")
    assert (type(real), real.source) == (type(by_country), "euls")
    assert real.row(country="NO").estimate == 0.0816
    with pytest.raises(DataError, match="has no 'other'"):
        snapshot.real("euls", "other")
    snapshot._snapshot.cache_clear()


def test_a_page_built_on_the_real_survey_shows_its_own_number_not_an_older_one(monkeypatch, by_country):
    monkeypatch.setenv("LONELY_SURVEY", "euls")
    monkeypatch.setattr(snapshot, "recorded", lambda: {"prev": to_record(by_country, "percent")})
    monkeypatch.setattr(
        snapshot, "_snapshot", lambda name: {"results": {"prev": {"value": 1}, "old": {"value": 2}}}
    )
    assert snapshot.real("euls", "prev").row(country="NO").estimate == 0.0816
    assert snapshot.real("euls", "old") == 2


def test_the_synthetic_survey_gives_no_snapshot(book_folder, tmp_path):
    book_folder([("md", "# A")])
    with pytest.raises(DataError, match="real data"):
        snapshot.snapshot("synthetic", tmp_path)
