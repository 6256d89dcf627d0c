"""Every interval that the package can print has been tried by simulation, or a table says why it need not be.

``data/checks/simulations.csv`` names the estimators that each simulation tries, ``uncovered.csv`` those that
are excused, with the reason. The page "How we know the code is right" prints both.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis import files

TESTS = Path(__file__).parent
#: Rooms whose estimators must be tried.
ROOMS = ("surveys.", "estimators.", "evidence.")
#: What holds no interval: data, designs, tests, points.
WITHOUT_INTERVAL = {
    *("Survey", "SurveyDesign", "Parts", "Scale", "AllostaticLoad", "Replicates", "Imputations", "SignalRun"),
    *("HypothesisTest", "HazardsTest", "FactorStructure", "Chain", "DataFrame", "pd.DataFrame"),
    *("float", "int"),
}


def gives_an_interval(name: str) -> bool:
    """Say whether a public function's result may have limits: what is not known to have none does."""
    function = getattr(la, name)
    if not inspect.isfunction(function):
        return False
    returns = str(inspect.signature(function).return_annotation)
    return returns not in WITHOUT_INTERVAL or "ci_low" in (function.__doc__ or "")


def untried(names: list[str], tried: set[str], excused: set[str]) -> list[str]:
    return sorted(name for name in names if gives_an_interval(name) and name not in tried | excused)


def in_rooms() -> list[str]:
    return [name for name in la.__all__ if la._MODULE_OF[name].startswith(ROOMS)]


@pytest.fixture(scope="module")
def simulations() -> pd.DataFrame:
    table = files.read_table("checks/simulations.csv")
    return table.assign(estimators=table["estimators"].fillna("").str.split())


@pytest.fixture(scope="module")
def excused() -> pd.Series:
    return files.read_table("checks/uncovered.csv").set_index("estimator")["reason"]


def test_no_interval_is_printed_that_nobody_tried_or_excused(simulations, excused) -> None:
    assert untried(in_rooms(), set(simulations["estimators"].explode()), set(excused.index)) == []


def test_an_estimator_that_is_in_neither_table_would_be_found(simulations, excused) -> None:
    tried = set(simulations["estimators"].explode())
    for name in ("prevalence", "cut_points", "cox", "average_effect"):
        assert untried(in_rooms(), tried - {name}, set(excused.index) - {name}) == [name]


def test_an_estimator_is_excused_only_with_a_reason_and_only_if_it_is_not_tried(simulations, excused) -> None:
    assert set(excused.index) <= set(la.__all__)
    assert not excused.index.duplicated().any()
    assert excused.str.len().gt(10).all()
    assert not set(excused.index) & set(simulations["estimators"].explode())


def test_a_simulation_calls_the_estimators_that_it_is_said_to_try(simulations) -> None:
    for row in simulations.itertuples():
        file, test = row.test.split("::")
        text = (TESTS / file).read_text("utf-8")
        assert row.estimators, row.test
        assert all(re.search(rf"\b{name}\(", text) for name in row.estimators), row.test
        assert f"def {test}(" in text, row.test


def test_each_simulation_draws_enough_samples_to_tell(simulations) -> None:
    assert (simulations["samples"] >= 500).all(), simulations[["test", "samples"]]


def test_what_a_simulation_tells_can_be_sent_from_one_process_to_another(record_property, request) -> None:
    record_property("covers", {"a share": np.float64(0.95), "another": 1})
    (kind, shares) = request.node.user_properties.pop()
    assert kind == "covers"
    assert [type(share) for share in shares.values()] == [float, float]
