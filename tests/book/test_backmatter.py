"""The back matter is what the files say: codebooks, listed data, measured agreement, existing chapters."""

from __future__ import annotations

import re
import subprocess
import sys
from html import escape
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from lonely_analysis import book, files
from lonely_analysis.book import codebooks, correctness, provenance
from lonely_analysis.surveys.codebook import codebook
from lonely_analysis.surveys.problems import SHIPPED
from lonely_analysis.surveys.schema import common_columns

ROOT = Path(__file__).resolve().parents[2]
PAGE_BYTES = 1_000_000


@pytest.mark.parametrize("survey", SHIPPED)
def test_the_codebook_page_shows_every_variable_with_its_codes_and_columns(survey):
    told = codebook(survey)
    table = codebooks.variables(told).set_index("Variable")
    assert list(told.variables) == list(table.index[: len(told.variables)])
    for name, variable in told.variables.items():
        row = table.loc[name]
        assert all(column.lstrip("_") in row["Becomes"] for column in variable.gives), name
        assert all(str(code) in row["Answers"] for code in variable.codes), name
        assert all(str(code) in row["Absent"] for code in variable.missing), name
    assert (table != "").all(axis=None)


def test_all_codebooks_together_stay_light_enough_for_a_page():
    parts = [book.codebook(survey) for survey in SHIPPED] + [book.columns()]
    assert sum(len(part.html.encode()) for part in parts) < PAGE_BYTES / 2


def test_the_common_columns_are_shown_in_both_languages():
    html = book.columns().html
    for column in common_columns().values():
        assert f">{column.name}</th>" in html
        assert column.asks_nb.split()[0] in html, column.name


def test_a_survey_without_a_codebook_is_refused():
    with pytest.raises(ValueError, match="codebooks/nothing"):
        book.codebook("nothing")


def test_access_says_licence_and_source_in_the_codebooks_own_words():
    html = book.access("ess").html
    assert "CC BY-NC-SA 4.0" in html
    assert "not verified" in book.access("euls").html


def test_the_example_of_a_mapping_is_the_shipped_file_and_reads_as_a_codebook():
    assert "kommunetype" in book.mapping_example().html
    assert "lonely" in codebooks.read_codebook.__wrapped__("euls").gives()


def test_every_listed_file_is_on_the_provenance_page_with_its_hash_and_rows():
    table = book.data_files().set_index("file")
    assert list(table.index) == list(files.resources())
    assert table.loc["synthetic/people.parquet", "rows"] == len(files.read_table("synthetic/people.parquet"))
    assert pd.isna(table.loc["codebooks/euls.yml", "rows"])
    html = book.file_tables().html
    assert all(entry["sha256"] in html for entry in files.resources().values())


def test_every_arrow_of_the_causal_model_is_shown_with_its_reason():
    from lonely_analysis.surveys.synthetic import graph, nodes

    html = book.causal_model().html
    assert html.count('<th scope="row">') == len(graph()) + (~nodes()["node"].isin(graph()["child"])).sum()


def test_every_target_of_the_calibration_is_shown_and_reached():
    table = provenance.calibration()
    assert table["within"].all()
    assert book.calibration_tables().html.count("<tr>") == len(table) + table["statistic"].nunique()


@pytest.mark.parametrize(
    ("value", "written"), [(2e-14, "2 × 10⁻¹⁴"), (1e-8, "10⁻⁸"), (9.7e-9, "10⁻⁸"), (3e-1, "3 × 10⁻¹")]
)
def test_small_numbers_are_powers_of_ten(value, written):
    assert correctness.power(value) == written


def test_no_stored_difference_is_above_what_the_tests_allow():
    table = correctness.checks("agreement")
    assert (table["largest_difference"] <= table["tolerance"]).all()
    assert (table["numbers"] > 0).all()


def test_agreement_measured_again_is_the_stored_agreement(tmp_path):
    """One reference file; differences are rounding, so they may move within a factor of ten by machine."""
    out = tmp_path / "agreement.csv"
    command = [sys.executable, "tests/record.py", "agreement", "--only", "inequality_indices", "--out", out]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    again = pd.read_csv(out)
    stored = correctness.checks("agreement").set_index("quantity").loc[again["quantity"]].reset_index()
    exact = ["quantity", "compared_with", "version", "numbers", "tests"]
    pd.testing.assert_frame_equal(again[exact], stored[exact], check_dtype=False)
    ratio = again["largest_difference"].to_numpy() / stored["largest_difference"].to_numpy(float)
    assert (np.abs(np.log10(ratio)) < 1).all(), ratio


def test_every_quantity_has_been_measured_against_a_reference_that_is_there():
    quantities = files.read_table("checks/quantities.csv")
    assert list(correctness.checks("agreement")["quantity"]) == list(quantities["quantity"])
    assert all((ROOT / "tests" / "reference" / f"{name}.json").is_file() for name in quantities["reference"])


def test_intervals_cover_what_they_promise_except_where_the_page_says_so():
    table = correctness.checks("coverage").query("kind == 'covers'").set_index("what")
    wrong, right = table.loc["mean, complete cases"], table.drop("mean, complete cases")
    # 500 samples, where each takes long, have a simulation error of one percentage point.
    few = right["samples"] < 2000
    assert right.loc[~few, "share"].between(correctness.LOWEST, correctness.HIGHEST).all()
    assert right.loc[few, "share"].between(0.925, 0.975).all()
    assert wrong["share"] < 0.5


def test_the_page_names_every_function_without_a_simulation_and_why():
    table, shown = correctness.checks("uncovered"), correctness.excused()
    assert all(escape(text) in shown.html for text in table.to_numpy().ravel())
    assert "Funksjoner med intervaller" in shown.html
    cells = nbformat.read(ROOT / "chapters" / "how_we_know.ipynb", 4).cells
    assert "book.excused()" in [cell.source for cell in cells]


def test_what_a_simulation_drew_is_told_for_every_row_and_every_test_exists():
    table = correctness.checks("coverage")
    assert table[["design", "samples"]].notna().all(axis=None)
    drawn = files.read_table("checks/simulations.csv")["test"]
    for test in [*drawn, *" ".join(files.read_table("checks/quantities.csv")["test"]).split()]:
        file, name = test.split("::")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8"), test


def test_coverage_measured_again_is_the_stored_coverage_and_names_no_estimators(tmp_path):
    """One simulation; which estimators it covers is for the list of simulations, not for the page."""
    out, name = tmp_path / "coverage.csv", "test_trials_coverage"
    command = [sys.executable, "tests/record.py", "coverage", "--only", name, "--out", out]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    again, stored = pd.read_csv(out), correctness.checks("coverage")
    assert list(again) == list(stored) == ["test", "kind", "what", "share", "design", "samples"]
    pd.testing.assert_frame_equal(again, stored, check_dtype=False, atol=0.001)
    assert again["test"].str.contains(name).sum() == 6


def test_limits_of_pools_are_shown_apart_from_those_of_surveys():
    shown = {room: correctness.coverage("limits", room).html for room in ("estimators", "evidence")}
    for room, html in shown.items():
        rows = correctness.simulated("limits", room)
        assert len(rows)
        assert html.count("<tr") == len(rows) + 1
        assert all(test.startswith(f"{room}/") for test in rows["test"])


def test_every_claim_of_the_lecture_is_on_the_map_once_with_its_chapters():
    table = files.read_table("lecture.csv")
    assert sorted(table["claim"]) == [f"C{number:02d}" for number in range(1, len(table) + 1)]
    assert table["chapters"].str.fullmatch(r"\d\d( \d\d)*").all()


def test_the_map_links_chapters_that_exist_and_says_which_are_not_written(tmp_path):
    """Build a small book with one chapter."""
    from docutils.core import publish_doctree  # noqa: F401 - Sphinx is here
    from sphinx.testing.util import SphinxTestApp

    (tmp_path / "chapters").mkdir()
    (tmp_path / "conf.py").write_text(
        "extensions = ['myst_parser', 'lonely_analysis.book.sphinx_ext']\nroot_doc = 'chapters/index'\n"
        "myst_enable_extensions = ['colon_fence']\n"
    )
    (tmp_path / "chapters" / "index.md").write_text(
        "# Map\n\n:::{lecture-map}\n:::\n\n```{toctree}\n03_how\n```\n"
    )
    (tmp_path / "chapters" / "03_how.md").write_text("# How common is loneliness?\n")
    app = SphinxTestApp("html", srcdir=tmp_path, warningiserror=True)
    app.build()
    html = (Path(app.outdir) / "chapters" / "index.html").read_text("utf-8")
    app.cleanup()
    assert re.search(r'href="03_how.html"><span class="[^"]*doc[^"]*">How common is loneliness\?', html)
    assert "Chapter 04: not yet written" in html
    assert '<span lang="nb">(«Hvor vanlig er ensomhet?»)</span>' in html
