"""Write down what the tests find: how near each number is to its reference, and what simulations cover.

    python tests/record.py agreement     every test that compares with another program or a publication
    python tests/record.py coverage      every simulation that says how often an interval covers

The reference tests themselves are run and their comparisons are measured, so that there is no second way of
comparing. ``data/checks/quantities.csv`` says in words what each reference test compares, and with what.
Simulations say it themselves with pytest's ``record_property``, and ``simulations.csv`` what was drawn. The
page "How we know the code is right" shows the two tables that are written to ``data/checks``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
QUANTITIES = ROOT / "data" / "checks" / "quantities.csv"
KINDS = ("covers", "rejects", "limits")
#: Below this, a difference is the rounding of double precision and says nothing about the code.
ROUNDING = 1e-15


class Comparisons:
    """A pytest plugin that measures every comparison a test makes: how many numbers, how far off at most."""

    def __init__(self) -> None:
        self.found: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
        self.passed: set[str] = set()
        self.test = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Listen while the test runs."""
        self.test = item.nodeid
        with np.errstate(all="ignore"), listening(self.measure):
            return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what passed: a failing comparison is not evidence."""
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    def measure(self, ours: Any, theirs: Any, relative: float, absolute: float) -> None:
        """Note the largest difference, relative to the reference (to the absolute tolerance near zero)."""
        try:
            ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
        except (TypeError, ValueError):
            return
        both = np.isfinite(ours - theirs)
        if not both.any():
            return
        if relative == 0:  # a printed number: good to its last digit
            relative = absolute / np.abs(theirs[both]).max()
        away = np.abs(ours - theirs) / np.maximum(np.abs(theirs), absolute / relative)
        self.found[self.test].append((int(both.sum()), float(away[both].max()), relative))


@contextmanager
def listening(measure: Any) -> Iterator[None]:
    """Pass each comparison of ``assert_allclose`` and ``pytest.approx`` on to ``measure``."""
    allclose, approx = np.testing.assert_allclose, pytest.approx

    def close(actual: Any, desired: Any, rtol: float = 1e-7, atol: float = 0, **options: Any) -> None:
        measure(actual, desired, rtol, atol)
        allclose(actual, desired, rtol=rtol, atol=atol, **options)

    def near(expected: Any, rel: float | None = None, abs: float | None = None, **options: Any) -> Any:
        made = approx(expected, rel=rel, abs=abs, **options)
        kind = type(made)

        class Measured(kind):
            def __eq__(self, actual: object) -> bool:
                measure(actual, expected, 1e-6 if rel is None and abs is None else rel or 0.0, abs or 1e-12)
                return kind.__eq__(self, actual)

            __hash__ = None

        made.__class__ = Measured
        return made

    with patch.object(np.testing, "assert_allclose", close), patch.object(pytest, "approx", near):
        yield


class Simulations:
    """A pytest plugin that keeps what simulations record of themselves."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Read the properties of each finished test."""
        if report.when != "call" or not report.passed:
            return
        test = report.nodeid.removeprefix("tests/")
        for kind, shares in report.user_properties:
            if kind in KINDS:
                rows = [{"test": test, "kind": kind, "what": k, "share": float(v)} for k, v in shares.items()]
                self.rows += rows


def agreement(only: str = "") -> pd.DataFrame:
    """Run the reference tests and return one row a quantity: numbers compared, largest difference."""
    quantities = pd.read_csv(QUANTITIES, dtype="str", keep_default_na=False)
    if only:
        quantities = quantities[quantities["reference"] == only]
    measured = Comparisons()
    wanted = [f"tests/{test}" for test in quantities["test"].str.split().explode()]
    if pytest.main(["-q", "-p", "no:cacheprovider", "-m", "not slow", *dict.fromkeys(wanted)], [measured]):
        raise SystemExit("a reference test failed: nothing is written")
    return pd.DataFrame([_summed(row, measured) for row in quantities.to_dict("records")])


def _summed(row: dict[str, str], measured: Comparisons) -> dict[str, Any]:
    wanted = row["test"].split()
    mine = [test for test in measured.passed if test.split("[")[0].removeprefix("tests/") in wanted]
    every = [one for test in mine for one in measured.found[test]]
    if not every:
        raise SystemExit(f"{row['test']} compares nothing")
    return {
        "quantity": row["quantity"],
        "compared_with": row["compared_with"],
        "version": _version(row["reference"], row["package"]),
        "numbers": sum(count for count, _, _ in every),
        "largest_difference": float(f"{max(ROUNDING, *(away for _, away, _ in every)):.1g}"),
        "tolerance": float(f"{max(relative for _, _, relative in every):.1g}"),
        "tests": len(mine),
    }


def _version(reference: str, package: str) -> str:
    """Return the versions that wrote the reference values, as their file says."""
    stored = json.loads((ROOT / "tests" / "reference" / f"{reference}.json").read_text("utf-8"))
    versions = stored.get("versions") or stored.get("program")
    r = re.search(r"\d+\.\d+\.\d+", versions["R"])[0]
    return f"R {r}" if package == "R" else f"{package} {versions[package]}, R {r}"


def coverage(only: str = "") -> pd.DataFrame:
    """Run the simulations, which are seeded, and return one row an interval or test.

    With ``only``, a part of a test's name, the rows of other tests stay as they were written last.
    """
    drawn = pd.read_csv(QUANTITIES.with_name("simulations.csv"))
    wanted = [test for test in drawn["test"] if only in test]
    kept = Simulations()
    if pytest.main(["-q", "-p", "no:cacheprovider", "-m", "slow", *(f"tests/{t}" for t in wanted)], [kept]):
        raise SystemExit("a simulation failed: nothing is written")
    table = pd.DataFrame(kept.rows)
    table["test"] = table["test"].str.split("[").str[0]
    if only:
        before = pd.read_csv(QUANTITIES.with_name("coverage.csv"))[table.columns]
        table = pd.concat([before[~before["test"].isin(wanted)], table])
    table = table.merge(drawn.drop(columns="estimators"), how="left", validate="m:1")
    return table.sort_values(["kind", "test"], kind="stable", ignore_index=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("what", choices=["agreement", "coverage"])
    parser.add_argument("--only", default="", help="one reference file, or tests whose name holds this")
    parser.add_argument("--out", type=Path, help="where to write (default: data/checks)")
    options = parser.parse_args()
    table = (agreement if options.what == "agreement" else coverage)(options.only)
    out = options.out or QUANTITIES.with_name(f"{options.what}.csv")
    table.to_csv(out, index=False, lineterminator="\n")
    print(f"{out}: {len(table)} rows", file=sys.stderr)


if __name__ == "__main__":
    main()
