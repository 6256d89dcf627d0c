"""The checks themselves: each is shown a fault of the kind that it exists to find, and must find it.

Faults in data are planted in ``test_files.py``, raising cells in ``book/test_execute.py``, flipped rules in
``evidence/test_shipped_rules.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

TESTS = Path(__file__).parent
FAILED = 1

#: Loaded into another pytest: what the named function returns grows by one per cent, wherever it is used.
PLUGIN = """
import importlib, os, sys

def pytest_configure(config):
    path, name = os.environ["FAULT"].split(":")
    module = importlib.import_module(path)
    right = getattr(module, name)
    def wrong(*args, **kwargs):
        return right(*args, **kwargs) * 1.01
    for loaded in list(sys.modules.values()):
        if getattr(loaded, "__name__", "").startswith("lonely_analysis") and vars(loaded).get(name) is right:
            setattr(loaded, name, wrong)
"""


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments]
    path = os.pathsep.join([str(folder), str(TESTS.parent / "src")])
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=TESTS.parent,
        env={**os.environ, "PYTHONPATH": path, **environment},
        check=False,
    )


@pytest.mark.parametrize(
    ("fault", "test"),
    [
        ("lonely_analysis.estimators.linearise:spread_of_totals", "estimators/test_core_reference.py"),
        ("lonely_analysis.estimators.cells:_sparse_covariance", "estimators/test_cells.py"),
        ("lonely_analysis.estimators.cells:_spread_of_rows", "estimators/test_cells.py"),
        ("lonely_analysis.estimators.linearise:covariance_of_totals", "estimators/test_regression.py"),
        ("lonely_analysis.evidence.random_effects:_reml", "evidence/test_pool.py"),
    ],
)
def test_an_estimator_that_is_off_by_one_per_cent_is_found(fault, test, tmp_path):
    (tmp_path / "fault.py").write_text(PLUGIN)
    done = run("-x", "-p", "fault", str(TESTS / test), folder=tmp_path, FAULT=fault)
    assert done.returncode == FAILED, done.stdout[-2000:]
    assert "AssertionError" in done.stdout or "Not equal to tolerance" in done.stdout


@pytest.mark.parametrize(("stored", "code"), [("0.0816", 0), ("0.0817", FAILED)])
def test_a_changed_digit_in_a_stored_output_is_found(stored, code, tmp_path):
    output = new_output("execute_result", data={"text/plain": stored}, execution_count=1)
    cell = new_code_cell("round(0.081649, 4)", outputs=[output], execution_count=1)
    nbformat.write(new_notebook(cells=[cell]), tmp_path / "chapter.ipynb")
    done = run("--nbval", "--nbval-current-env", str(tmp_path / "chapter.ipynb"), folder=tmp_path)
    assert done.returncode == code, done.stdout[-2000:]
