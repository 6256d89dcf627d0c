"""Damaged and forged files: each is refused in one message that names the file, and none is half read.

The bytes were found by ``tests/fuzz``; here each kind of damage is made on purpose.
"""

from __future__ import annotations

import struct

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import survey_samples as samples

import lonely_analysis as la
from lonely_analysis.surveys.rawfiles import read_raw

FRAME = pd.DataFrame({"A": [1.0, 2.0, 3.0], "B": [4.0, 5.0, 6.0]})
DESCRIPTIONS = b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!"


def _transport(folder, change):
    path = samples.write_xpt(FRAME, folder / "forged.xpt")
    content = bytearray(path.read_bytes())
    change(content, content.index(DESCRIPTIONS))
    path.write_bytes(content)
    return path


def _write(at, form, *values):
    return lambda content, header: struct.pack_into(form, content, header + at, *values)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_write(54, "4s", b"9999"), "its list of variables is not whole|bytes from|names"),
        (_write(54, "4s", b"xx  "), "its list of variables is not whole"),
        (_write(54, "4s", b"0000"), "0 variables"),
        (_write(80 + 4, ">h", 0), "'A' has 0 bytes"),
        (_write(80 + 4, ">h", 32767), "'A' has 32767 bytes"),
        (_write(80 + 4, ">h", -8), "'A' has -8 bytes"),
        (_write(80 + 84, ">i", 2**31 - 1), "bytes from 2147483647"),
        (_write(80 + 8, "8s", b"B" + b" " * 7), "2 variables have 1 names"),
        (_write(80 + 8, "8s", b" " * 8), "2 variables have 1 names"),
    ],
)
def test_a_transport_file_whose_header_lies_is_refused_by_name(change, says, tmp_path):
    with pytest.raises(la.DataError, match=rf"forged\.xpt is damaged \(.*({says})"):
        read_raw(_transport(tmp_path, change), ["A", "B"])


@pytest.mark.parametrize("version", [10, 15])
def test_a_stata_file_that_claims_a_billion_rows_is_refused_and_not_held_in_memory(version, tmp_path):
    path = tmp_path / "bomb.dta"
    pyreadstat.write_dta(FRAME, str(path), version=version)
    content = bytearray(path.read_bytes())
    if version == 15:
        content[content.index(b"<N>") + 3 : content.index(b"<N>") + 11] = struct.pack("<Q", 10**9)
    else:
        struct.pack_into("<i", content, 6, 10**9)
    path.write_bytes(content)
    with pytest.raises(la.DataError, match=r"bomb\.dta.*claims 1000000000 rows"):
        read_raw(path, ["A", "B"])


def test_an_spss_file_that_claims_a_billion_rows_is_refused_and_not_held_in_memory(tmp_path):
    path = tmp_path / "bomb.sav"
    pyreadstat.write_sav(FRAME, str(path))
    content = bytearray(path.read_bytes())
    struct.pack_into("<i", content, 80, 10**9)
    path.write_bytes(content)
    with pytest.raises(la.DataError, match=r"bomb\.sav.*claims 1000000000 rows"):
        read_raw(path, ["A", "B"])


def test_a_parquet_part_with_a_damaged_page_is_refused_by_name(tmp_path):
    frame = pd.DataFrame({"w": np.ones(500), "y": np.resize([0.0, 1.0], 500)})
    frame.to_parquet(tmp_path / "part.parquet", compression="snappy")
    content = bytearray((tmp_path / "part.parquet").read_bytes())
    content[8:40] = b"\xff" * 32
    (tmp_path / "part.parquet").write_bytes(content)
    with pytest.raises(la.DataError, match=r"part\.parquet: it is cut short or damaged"):
        la.mean(la.SurveyDesign(la.parts(tmp_path), weight="w"), "y")


@pytest.mark.parametrize("value", [1e300, np.inf, 0.5])
def test_a_number_that_no_score_can_hold_is_named_with_its_count(value, tmp_path):
    mapping = tmp_path / "own.yml"
    mapping.write_text(
        "variables:\n  y: {asks: y, codes: {0: no, 1: yes}, gives: {lonely: {true_for: [1]}}}\n"
        "  t: {asks: trust, range: [-1.0e+300, 1.0e+300], gives: {trust: as_is}}\n"
    )
    pd.DataFrame({"y": [0, 1], "t": [3.0, value]}).to_csv(tmp_path / "own.csv", index=False)
    with pytest.raises(
        la.DataError, match=r"trust: 1 values outside|t has codes that its codebook does not list"
    ):
        la.read_survey(str(mapping), tmp_path / "own.csv")


def test_a_level_that_a_category_lacks_is_named_and_does_not_turn_into_a_missing_answer(tmp_path):
    mapping = tmp_path / "own.yml"
    mapping.write_text(
        "variables:\n  y: {asks: y, codes: {0: no, 1: yes}, gives: {lonely: {true_for: [1]}}}\n"
        "  g: {asks: sex, codes: {1: m, 2: f}, gives: {sex: {recode: {1: mail, 2: female}}}}\n"
    )
    pd.DataFrame({"y": [0, 1], "g": [1, 2]}).to_csv(tmp_path / "own.csv", index=False)
    with pytest.raises(la.DataError, match=r"sex: 1 values outside .*'mail' x 1"):
        la.read_survey(str(mapping), tmp_path / "own.csv")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("range: [0, 10]", "range: [0]"), r"`range` must be \[low, high\], not \[0\]"),
        (("range: [0, 10]", "range: [10, 0]"), "`range` must be"),
        (("range: [0, 10]", "range: high"), "`range` must be"),
        (("codes: {0: no, 1: yes}", "codes: {no: 0}"), "`codes` must be"),
        (("{true_for: [1]}", "{true_for: 1}"), "lonely: `true_for` must be a list of codes, not 1"),
        (("{true_for: [1]}", "{true_for: }"), "lonely: `true_for` must be a list of codes, not None"),
        (("{true_for: [1]}", "{bands: {a: 2, b: 1}}"), "in rising order"),
        (("{true_for: [1]}", "{over: 0}"), "a number other than 0"),
        (("{true_for: [1]}", "{as_is: true, times: 2}"), "as_is, times do not make one rule"),
        (("{true_for: [1]}", "[1]"), "no rule given"),
        (("variables:", "scales: {x: {sum: trust}}\nvariables:"), "scale x: `sum` must be a list"),
        (("variables:", "scales: {x: {of: trust}}\nvariables:"), "scale x: give `sum`"),
        (("variables:", "constants: {country: [NO]}\nvariables:"), "`constants` must be"),
        (("variables:", "recognised_by: y\nvariables:"), "`recognised_by` must be a list"),
    ],
)
def test_a_value_of_another_kind_in_a_mapping_is_named_by_its_place(change, says, tmp_path):
    text = (
        "variables:\n  y: {asks: y, codes: {0: no, 1: yes}, gives: {lonely: {true_for: [1]}}}\n"
        "  t: {asks: trust, range: [0, 10], gives: {trust: as_is}}\n"
    )
    assert change[0] in text
    (tmp_path / "own.yml").write_text(text.replace(*change, 1))
    with pytest.raises(la.DataError, match=rf"own\.yml.*{says}") as error:
        la.read_survey(str(tmp_path / "own.yml"), tmp_path / "own.csv")
    assert len(str(error.value)) < 600
