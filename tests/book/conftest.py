"""Small results with known numbers, and a small book to build."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from lonely_analysis.results import Estimates

ROOT = Path(__file__).resolve().parents[2]


def estimates(rows: list[tuple], by: tuple[str, ...] = ("country",), **fields: object) -> Estimates:
    columns = [*by, "estimate", "se", "ci_low", "ci_high", "n", "df", "deff"]
    known = {"source": "synthetic", "outcome": "lonely", "statistic": "prevalence"} | fields
    return Estimates(table=pd.DataFrame(rows, columns=columns), by=by, **known)


@pytest.fixture
def by_country() -> Estimates:
    return estimates(
        [
            ("NO", 0.0816, 0.0055, 0.0714, 0.0931, 1206, 60.0, 1.8),
            ("GR", 0.1820, 0.0120, 0.1600, 0.2070, 1011, 58.0, 2.0),
            ("DK", 0.0310, 0.0040, 0.0240, 0.0399, 12345, 61.0, 1.5),
        ]
    )


@pytest.fixture
def book_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[tuple]], Path]:
    """Write a book of one chapter into a folder of its own and go there."""

    def write(cells: list[tuple], chapter: str = "01_test") -> Path:
        chapters = tmp_path / "chapters"
        chapters.mkdir(exist_ok=True)
        for name in ("_config.yml", "requirements.lock"):
            shutil.copy(ROOT / name, tmp_path / name)
        (chapters / "references.bib").write_text("@misc{one, author={A. Author}, title={T}, year={2020}}\n")
        (tmp_path / "_toc.yml").write_text(f"format: jb-book\nroot: chapters/{chapter}\n")
        nbformat.write(notebook(cells), chapters / f"{chapter}.ipynb")
        monkeypatch.chdir(tmp_path)
        return chapters / f"{chapter}.ipynb"

    return write


def notebook(cells: list[tuple]) -> nbformat.NotebookNode:
    """Cells are ("md", text) or ("code", text, *tags)."""
    made = [
        new_markdown_cell(text) if kind == "md" else new_code_cell(text, metadata={"tags": list(tags)})
        for kind, text, *tags in cells
    ]
    return new_notebook(cells=made)
