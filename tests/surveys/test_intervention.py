from __future__ import annotations

import numpy as np
import pytest

from lonely_analysis.surveys.synthetic import intervention, read_truth
from lonely_analysis.surveys.synthetic.simulate import Streams, exogenous, walk


@pytest.fixture(scope="module")
def worlds():
    streams, n = Streams(14), 3000
    given = exogenous(streams, np.zeros(n, int), np.arange(n) // 20, np.ones(n, bool))
    return walk(given, streams), walk(given, streams, shift={"stress": 0.5})


def test_moving_a_node_moves_only_what_follows_from_it(worlds):
    here, moved = worlds
    assert np.array_equal(here["loneliness"], moved["loneliness"])
    assert np.array_equal(here["support"], moved["support"])
    assert moved["stress"] - here["stress"] == pytest.approx(0.5)
    assert (moved["strain"] > here["strain"]).all()


def test_strain_moves_by_the_products_of_the_arrows_on_every_way_to_it(worlds):
    """Direct 0.18; over smoking 0.12 x 0.10; over weight 0.04 x 0.22 (no other way)."""
    here, moved = worlds
    assert moved["strain"] - here["strain"] == pytest.approx(0.5 * (0.18 + 0.12 * 0.10 + 0.04 * 0.22))


def test_each_part_of_the_chain_is_smaller_than_what_it_is_part_of():
    found = read_truth()["chain"]
    assert 1 < found["through_strain"] < found["through_stress"] < found["all_paths"]
    assert found["all_paths"] < read_truth()["panel"]["hazard_ratios"]["age and sex"]["lonely"]


def test_the_chain_alone_is_near_the_product_of_its_arrows():
    """exp(gap x 0.28 x 0.18 x 0.12): the paired simulation may differ by its rounding and frailty only."""
    found = read_truth()["chain"]
    assert np.log(found["through_strain"]) == pytest.approx(found["gap"] * 0.28 * 0.18 * 0.12, rel=0.15)


@pytest.mark.slow
def test_nobody_moved_means_no_effect(monkeypatch):
    monkeypatch.setattr(intervention, "_arrow", lambda a, b: 0.0)
    found = intervention.chain_truth(4000, 3)
    assert found["through_stress"] == pytest.approx(1)
    assert found["all_paths"] > 1
