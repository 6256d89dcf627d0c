"""Errata: none is said to be none, and a correction says what was wrong in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from lonely_analysis.book import errata
from lonely_analysis.book.errata import read_errata
from lonely_analysis.errors import DataError

GOOD = {
    **{"found": "2027-01-31", "where": "Chapter one", "was_en": "A.", "was_nb": "Å."},
    **{"is_en": "B.", "is_nb": "Ø.", "changes": ["C13"]},
}


def written(tmp_path: Path, *entries: object) -> Path:
    path = tmp_path / "errata.yml"
    path.write_text(yaml.safe_dump({"corrections": list(entries)}, allow_unicode=True), "utf-8")
    return path


def test_the_shipped_file_can_be_read():
    assert all(correction.was_en and correction.is_nb for correction in read_errata())


def test_the_newest_correction_comes_first_and_names_what_it_changed(tmp_path):
    older = {**GOOD, "found": "2026-12-01", "changes": []}
    newest, other = read_errata(written(tmp_path, older, GOOD))
    assert newest.sentence("en") == "It said: A. Right is: B. Verdicts changed: C13."
    assert other.sentence("nb") == "Det sto: Å. Riktig er: Ø."
    assert "2027-01-31, Chapter one" in errata._item(newest).astext()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({**GOOD, "found": "last week"}, "entry 1: found is a date"),
        ({**GOOD, "changes": ["13"]}, "entry 1: changes is a list of claims"),
        ({**GOOD, "is_nb": ""}, "entry 1: is_nb must be words"),
        ({key: GOOD[key] for key in GOOD if key != "was_nb"}, "entry 1: an entry has"),
    ],
)
def test_an_entry_that_leaves_something_out_is_refused(tmp_path, entry, message):
    with pytest.raises(DataError, match=re.escape(message)):
        read_errata(written(tmp_path, entry))
