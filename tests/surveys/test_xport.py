"""SAS transport files: numbers against pyreadstat, and rows that the format does not count."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import survey_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.surveys import xport
from lonely_analysis.surveys.rawfiles import read_raw

NUMBERS = st.one_of(
    st.just(0.0),
    st.integers(-(10**9), 10**9).map(float),
    st.floats(1e-60, 1e60),
    st.floats(-1e60, -1e-60),
)


def _read(path):
    whole = xport.layout(path)
    return xport.read(path, whole, [field.name for field in whole.fields])


@settings(max_examples=40)
@given(numbers=st.lists(NUMBERS, min_size=1, max_size=30))
def test_numbers_survive_ibm_floating_point(numbers, tmp_path_factory):
    """A double has 53 significant bits and IBM's fraction has at least 53: nothing is lost in that range."""
    path = tmp_path_factory.mktemp("xpt") / "x.xpt"
    frame = pd.DataFrame({"A": numbers, "B": [float("nan")] * len(numbers)})
    back = _read(samples.write_xpt(frame, path))
    np.testing.assert_array_equal(back["A"], numbers)
    assert back["B"].isna().all()


def test_columns_agree_with_pyreadstat(tmp_path):
    path = samples.write_xpt(samples.brfss(), tmp_path / "LLCP2023.XPT")
    expected, _ = pyreadstat.read_xport(str(path))
    pd.testing.assert_frame_equal(_read(path), expected, check_dtype=False)


def test_the_real_files_agree_with_pyreadstat():
    folder = samples.real("nhanes", "DEMO_C.XPT").parent
    for path in sorted(folder.glob("*_C.XPT")):
        expected, _ = pyreadstat.read_xport(str(path))
        pd.testing.assert_frame_equal(_read(path), expected, check_dtype=False)


@pytest.mark.parametrize("rows", range(1, 12))
def test_padding_after_short_rows_is_not_a_row(tmp_path, rows):
    path = samples.write_xpt(pd.DataFrame({"SEQN": np.arange(1.0, rows + 1)}), tmp_path / "x.xpt")
    assert len(_read(path)) == rows


def test_blocks_join_without_a_seam(tmp_path, monkeypatch):
    path = samples.write_xpt(samples.brfss(), tmp_path / "LLCP2023.XPT")
    whole = _read(path)
    monkeypatch.setattr(xport, "BLOCK_BYTES", 7 * xport.layout(path).width)
    pd.testing.assert_frame_equal(_read(path), whole)


def test_a_file_of_version_8_is_read_as_well(tmp_path):
    path = tmp_path / "v8.xpt"
    pyreadstat.write_xport(pd.DataFrame({"A_LONG_NAME": [1.0, 2.0]}), str(path), file_format_version=8)
    assert read_raw(path, ["A_LONG_NAME"]).frame["A_LONG_NAME"].tolist() == [1, 2]


@pytest.mark.parametrize("cut", [80, 800, 8013])
def test_a_transport_file_that_was_cut_short_is_not_a_shorter_survey(tmp_path, cut):
    path = samples.write_xpt(samples.brfss(), tmp_path / "LLCP2023.XPT")
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(la.DataError, match="cut short"):
        la.read_survey("brfss", path)
