"""The model of loneliness as a signal: what its own arithmetic implies, worked out by hand.

Reference values are hand-derived from the equations in the module's docstring; no program has this model.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.book.context import is_synthetic
from lonely_analysis.surveys.synthetic import signal
from lonely_analysis.surveys.synthetic.signal import MEASURES, Signal, lost_tie, simulate_signal, spells

SMALL = {"n": 40, "years": 1, "long_spell": 60}
positive = st.floats(0, 5)
seeds = st.integers(0, 2**32 - 1)


def test_without_withdrawal_a_lost_tie_is_felt_less_by_the_same_share_each_day():
    """S_t = sensitivity loss (1 - arenas DRIVE sensitivity)^t: 2 x 0.5 x 0.03 = 3% a day."""
    followed = lost_tie({"two": Signal(sensitivity=2, arenas=0.5)}, loss=0.8, weeks=8, every=4).table
    assert list(followed["week"]) == [0, 4, 8]
    assert followed["estimate"].to_numpy() == pytest.approx(1.6 * 0.97 ** np.array([0, 28, 56]), rel=1e-12)


def test_one_day_with_withdrawal_follows_the_formula(monkeypatch):
    """D = 1, S = 2: Q = 0.03 x 2 / (1 + (1.5 x 2)^2) = 0.006 a day, so that S falls to 2 x 0.994 at once."""
    monkeypatch.setattr(signal, "DRIVE", 0.03)
    deficit, columns = np.ones((1, 1)), signal._columns({"x": Signal(sensitivity=2, withdrawal=1.5)})
    assert signal._after_seeking(deficit, 2 * deficit, columns)[0, 0] == pytest.approx(0.994, rel=1e-12)


def test_no_more_than_the_deficit_can_be_restored():
    fast = lost_tie({"fast": Signal(sensitivity=100)}, weeks=1, every=1)
    assert fast.row(week=1).estimate == 0


def test_people_who_lose_nothing_are_never_lonely(monkeypatch):
    monkeypatch.setattr(signal, "LOSSES_PER_YEAR", 0.0)
    alone = simulate_signal({"no arenas": Signal(sensitivity=5, arenas=0)}, **SMALL)
    assert alone.table[["never", "lonely_days", "unmet_days"]].to_numpy().tolist() == [[1, 0, 0]]
    assert np.isnan(alone.median_spell)
    assert lost_tie({"x": Signal()}, loss=0).table["estimate"].eq(0).all()


def test_without_sensitivity_nothing_is_felt_and_nothing_restored():
    run = simulate_signal({"numb": Signal(sensitivity=0), "no arenas": Signal(arenas=0)}, **SMALL)
    numb, stuck = run.table.iloc[0], run.table.iloc[1]
    assert numb["never"] == 1
    assert numb["unmet_days"] == stuck["unmet_days"] > 0


@settings(max_examples=25)
@given(sensitivity=positive, withdrawal=positive, few=positive, more=positive, seed=seeds)
def test_more_arenas_never_make_anybody_lonelier(sensitivity, withdrawal, few, more, seed):
    few, more = sorted((few, more))
    mind = Signal(sensitivity=sensitivity, withdrawal=withdrawal)
    cells = {"few": Signal(**vars(mind) | {"arenas": few}), "more": Signal(**vars(mind) | {"arenas": more})}
    people = simulate_signal(cells, seed=seed, **SMALL).people
    few_rows, more_rows = (people[people["scenario"] == name].reset_index() for name in ("few", "more"))
    for measure in ("persistent", "lonely_days", "unmet_days"):
        assert (more_rows[measure].astype(float) <= few_rows[measure].astype(float)).all()


@settings(max_examples=15)
@given(sensitivity=positive, weak=positive, strong=positive, seed=seeds)
def test_withdrawal_never_shortens_what_is_unmet(sensitivity, weak, strong, seed):
    weak, strong = sorted((weak, strong))
    cells = {"weak": Signal(sensitivity, weak), "strong": Signal(sensitivity, strong)}
    run = simulate_signal(cells, seed=seed, **SMALL).table.set_index("scenario")
    assert run.loc["strong", "unmet_days"] >= run.loc["weak", "unmet_days"]


def test_the_same_seed_gives_the_same_people_and_another_seed_others():
    one, again, other = (simulate_signal({"a": Signal()}, seed=s, **SMALL).people for s in (7, 7, 8))
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(other)


def test_a_scenario_does_not_depend_on_which_others_stand_beside_it():
    cells = {"a": Signal(), "b": Signal(arenas=0.1)}
    both, alone = simulate_signal(cells, **SMALL), simulate_signal({"b": cells["b"]}, **SMALL)
    pd.testing.assert_frame_equal(both.row(scenario="b").table, alone.table)


def test_shares_of_people_add_up_and_a_measure_is_their_mean():
    run = simulate_signal({"a": Signal(arenas=0.2), "b": Signal(sensitivity=3)}, **SMALL)
    assert run.table[["never", "situational", "persistent"]].sum(axis=1).to_numpy() == pytest.approx([1, 1])
    for name in MEASURES:
        assert run.measure(name).table["estimate"].to_numpy() == pytest.approx(run.table[name].to_numpy())
    own = run.people.loc[run.people["scenario"] == "b", "persistent"].astype(float)
    assert run.row(scenario="b").measure("persistent").se == pytest.approx(own.std() / np.sqrt(40))


def test_a_longer_definition_of_persistent_counts_nobody_more():
    run = [simulate_signal({"a": Signal(arenas=0.1)}, long_spell=days, seed=3) for days in (90, 180, 365)]
    shares = [float(r.persistent) for r in run]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > shares[-1] > 0


def test_spells_are_runs_within_one_person():
    """By hand: the first person has runs of 2 and 1 days, the second none, the third one of all 4."""
    lonely = np.array([[1, 0, 1], [1, 0, 1], [0, 0, 1], [1, 0, 1]], dtype=bool)
    column, length = spells(lonely)
    assert (column.tolist(), length.tolist()) == ([0, 0, 2], [2, 1, 4])


def test_a_grid_names_every_combination_and_keeps_the_rest():
    grid = Signal(withdrawal=2).vary(sensitivity=[0.5, 1], arenas=[0, 1])
    assert list(grid)[1] == "sensitivity 0.5, arenas 1"
    assert grid["sensitivity 0.5, arenas 1"] == Signal(0.5, 2, 1)


def test_results_are_marked_as_invented_people():
    assert is_synthetic(lost_tie({"a": Signal()}).source)
    assert is_synthetic(simulate_signal({"a": Signal()}, **SMALL).measure("persistent").source)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Signal(sensitivity=-1),
        lambda: Signal(arenas=float("nan")),
        lambda: Signal().vary(loss=[1]),
        lambda: simulate_signal({}),
        lambda: simulate_signal({"a": Signal()}, long_spell=0),
        lambda: simulate_signal({"a": Signal()}, **SMALL).measure("median_spell"),
        lambda: lost_tie({"a": Signal()}, loss=2),
    ],
)
def test_impossible_input_is_refused(wrong):
    with pytest.raises(la.DataError):
        wrong()
