"""The shipped results of real surveys are what the chapters compute from the real files today.

Where a file is absent the test says so and checks nothing. Numbers are stored with nine digits, and another
machine's arithmetic may turn the ninth by one; words, counts and keys are held exactly.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

from lonely_analysis.book import snapshot
from lonely_analysis.files import data_file

sys.path.insert(0, str(Path(__file__).parent / "surveys"))
import survey_samples as samples

#: Digits of a stored number.
DIGITS = 9


def unit_of_last_digit(number: float) -> float:
    return 0.0 if number == 0 else 10.0 ** (math.floor(math.log10(abs(number))) - DIGITS + 1)


def same(found: Any, stored: Any, where: str) -> None:
    if isinstance(stored, dict):
        assert found.keys() == stored.keys(), where
        for key, value in stored.items():
            same(found[key], value, f"{where}/{key}")
    elif isinstance(stored, list):
        assert len(found) == len(stored), where
        for place, value in enumerate(stored):
            same(found[place], value, f"{where}[{place}]")
    elif isinstance(stored, float):
        unit = unit_of_last_digit(stored)
        # A little more than a unit, because a decimal is seldom a binary number.
        assert found == pytest.approx(stored, rel=0, abs=max(1.001 * unit, 1e-12), nan_ok=True), where
    else:
        assert found == stored, where


@pytest.mark.parametrize(
    ("survey", "pattern", "folder"),
    [("euls", "eu_loneliness_survey_eu4.dta", False), ("nhanes", "DEMO_C.XPT", True)],
)
def test_a_stored_result_is_what_the_real_file_gives(survey, pattern, folder, monkeypatch) -> None:
    file = samples.real(survey, pattern)
    monkeypatch.chdir(samples.ROOT)
    stored = json.loads(data_file(f"real_results/{survey}.json").read_text("utf-8"))
    found = json.loads(json.dumps(snapshot.computed(survey, file.parent if folder else file)))
    for part in ("sha256", "results"):
        same(found[part], stored[part], part)


@pytest.mark.parametrize("changed", [0.0817, 0.0816000002])
def test_a_changed_digit_in_a_stored_result_is_found(changed) -> None:
    with pytest.raises(AssertionError, match="results/prev"):
        same({"prev": 0.0816}, {"prev": changed}, "results")


def test_one_unit_in_the_ninth_digit_is_another_machines_arithmetic() -> None:
    same({"prev": 0.0816000001}, {"prev": 0.0816}, "results")
    same({"prev": 999999999.0}, {"prev": 1e9 - 2}, "results")
