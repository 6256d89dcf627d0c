"""Files as people have them: formats, encodings, and bad input that must be told apart and never changed."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import survey_samples as samples

import lonely_analysis as la
from lonely_analysis.surveys.labelled import repaired
from lonely_analysis.surveys.rawfiles import read_raw

WANTED = ["id", "country", "loneliness_direct", "w_country"]


@pytest.fixture(scope="module")
def frame():
    return samples.euls()


@pytest.mark.parametrize(
    "options",
    [
        {"sep": ";"},
        {"sep": ";", "decimal": ","},
        {"sep": "\t"},
        {"encoding": "latin1"},
        {"encoding": "utf-8-sig"},
        {"encoding": "utf-16"},
        {"lineterminator": "\r\n"},
        {"quoting": 1},
        {"na_rep": "NA"},
        {"na_rep": "#NULL!", "sep": ";"},
    ],
    ids=str,
)
def test_a_text_file_is_read_however_it_was_exported(frame, tmp_path, options):
    named = frame.assign(vote_open="Måsøy")
    table = read_raw(samples.write_csv(named, tmp_path / "e.csv", **options), WANTED).frame
    np.testing.assert_allclose(table[WANTED].astype(float), frame[WANTED].astype(float))


def test_a_comma_inside_a_text_is_no_decimal_comma(frame, tmp_path):
    path = samples.write_csv(frame.assign(said="1,5 hours or 2,5"), tmp_path / "e.csv", sep=";")
    np.testing.assert_allclose(read_raw(path, WANTED).frame["w_country"], frame["w_country"])


def test_a_point_in_a_column_that_is_not_read_does_not_hide_decimal_commas(frame, tmp_path):
    path = samples.write_csv(frame.assign(edition="1.0"), tmp_path / "e.csv", sep=";", decimal=",")
    np.testing.assert_allclose(read_raw(path, WANTED).frame["w_country"], frame["w_country"])


def test_the_layout_is_told(frame, tmp_path):
    path = samples.write_csv(frame.assign(t="ø"), tmp_path / "e.csv", sep=";", decimal=",", encoding="latin1")
    assert read_raw(path, WANTED).what == "text file with semicolons (latin1, decimal commas)"


def test_text_that_was_read_as_latin1_is_repaired_and_other_text_is_left():
    assert repaired("Don’t know".encode().decode("latin1")) == "Don’t know"
    assert repaired("Østerreich") == "Østerreich"


def _euls(frame: pd.DataFrame, path: Path) -> Path:
    return samples.write_csv(frame, path)


def _bad_files(frame: pd.DataFrame, folder: Path) -> dict[str, tuple[Path, str]]:
    """Return files that cannot be used, with what the message must say."""
    whole = _euls(frame, folder / "whole.csv").read_bytes()

    def file(name: str, content: bytes) -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    labels = {1: "All of the time", 2: "Most of the time", 5: "None of the time"}
    stata = samples.write_dta(frame, folder / "whole.dta").read_bytes()
    spss = samples.write_sav(frame, folder / "whole.sav").read_bytes()
    twice = pd.concat([frame, frame.head(3)])
    return {
        "absent": (folder / "none.csv", "there is no file"),
        "empty": (file("empty.csv", b""), "is empty"),
        "folder": (folder, "give the path of one"),
        "half text": (file("cut.csv", whole[: len(whole) // 2]), "is cut short"),
        "half stata": (file("cut.dta", stata[: len(stata) // 2]), "is cut short"),
        "stata without its end": (file("end.dta", stata[:-20]), "does not end in </stata_dta>"),
        "half spss": (file("cut.sav", spss[: len(spss) // 2]), "is cut short"),
        "r": (file("e.RData", gzip.compress(b"RDX3\n")), "haven::write_dta"),
        "rds": (file("e.rds", gzip.compress(b"X\n")), "is an R data file"),
        "excel": (file("e.xlsx", b"PK\x03\x04" + b"\0" * 50), "spreadsheet or a zip archive"),
        "excel as csv": (file("fake.csv", b"PK\x03\x04" + b"\0" * 50), "spreadsheet or a zip archive"),
        "login page": (file("page.csv", b"<!DOCTYPE html><html>"), "is a web page"),
        "not stata": (file("fake.dta", b"id,country\n1,2\n"), "does not begin as"),
        "stray header": (file("stray.csv", b"Table 1;;\n;;\n" + whole), "stand in line 3"),
        "another survey": (samples.write_csv(samples.ess(), folder / "ess.csv"), "use --survey ess"),
        "no weight": (_euls(frame.drop(columns="w_country"), folder / "w.csv"), "required column w_country"),
        "old edition": (
            _euls(frame.drop(columns="loneliness_ucla_b"), folder / "o.csv"),
            "expected: the file of",
        ),
        "labels": (
            _euls(frame.assign(loneliness_direct=frame["loneliness_direct"].map(labels)), folder / "l.csv"),
            "labels instead of codes",
        ),
        "repeated": (_euls(twice, folder / "twice.csv"), "3 person ids repeat in 6 rows"),
        "missing weight": (
            _euls(frame.assign(w_country=np.nan), folder / "m.csv"),
            "weight w_country is missing",
        ),
        "negative weight": (
            _euls(frame.assign(w_country=-frame["w_country"]), folder / "n.csv"),
            "w_country",
        ),
        "zero weights": (_euls(frame.assign(w_country=0), folder / "z.csv"), "0 in every row"),
        "unlisted": (_euls(frame.assign(loneliness_direct=6), folder / "u.csv"), r"6 \(240 rows\)"),
        "no rows": (_euls(frame.head(0), folder / "h.csv"), "no rows"),
    }


KINDS = [
    "absent",
    "empty",
    "folder",
    "half text",
    "half stata",
    "stata without its end",
    "half spss",
    "r",
    "rds",
    "excel",
    "excel as csv",
    "login page",
    "not stata",
    "stray header",
    "another survey",
    "no weight",
    "old edition",
    "labels",
    "repeated",
    "missing weight",
    "negative weight",
    "zero weights",
    "unlisted",
    "no rows",
]


@pytest.fixture(scope="module")
def bad(frame, tmp_path_factory):
    return _bad_files(frame, tmp_path_factory.mktemp("bad"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_file_is_told_what_it_is_in_few_words_and_left_alone(bad, kind):
    path, says = bad[kind]
    folder = bad["folder"][0]
    before = _state(folder)
    with pytest.raises(la.DataError, match=says) as error:
        la.read_survey("euls", path)
    assert len(str(error.value)) < 600
    assert _state(folder) == before


def test_a_folder_with_one_file_of_a_kind_is_read(frame, tmp_path):
    _euls(frame, tmp_path / "values.csv")
    assert la.read_survey("euls", tmp_path).provenance.file == "values.csv"
    samples.write_dta(frame, tmp_path / "survey.dta")
    assert la.read_survey("euls", tmp_path).provenance.file == "survey.dta"


def test_a_folder_without_files_says_what_it_holds(tmp_path):
    (tmp_path / "notes.docx").write_bytes(b"")
    with pytest.raises(la.DataError, match=r"holds no \.dta.*notes\.docx"):
        la.read_survey("ess", tmp_path)


def test_every_bad_file_is_tried(bad):
    assert set(bad) == set(KINDS)


def _state(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }


def test_all_problems_are_told_at_once(frame, tmp_path):
    wrong = frame.assign(loneliness_direct=6, w_country=-1.0).drop(columns="gender")
    with pytest.raises(la.DataError) as error:
        la.read_survey("euls", _euls(pd.concat([wrong, wrong.head(1)]), tmp_path / "wrong.csv"))
    for word in ("gender", "loneliness_direct", "w_country", "repeat"):
        assert word in str(error.value)
