"""The shipped results of real surveys are what the chapters compute from the real files today.

Where a file is absent the test says so and checks nothing. Numbers are held to 1e-9 relative, which another
machine's arithmetic may differ by; words, counts and keys are held exactly.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lonely_analysis.book import snapshot
from lonely_analysis.files import data_file

sys.path.insert(0, str(Path(__file__).parent / "surveys"))
import survey_samples as samples


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
        assert found == pytest.approx(stored, rel=1e-9, abs=1e-12, nan_ok=True), where
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


def test_a_changed_digit_in_a_stored_result_is_found() -> None:
    with pytest.raises(AssertionError, match="results/prev"):
        same({"prev": 0.0816}, {"prev": 0.0817}, "results")
