from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la

SHARES = st.floats(0.02, 0.9)


def test_two_links_and_a_ratio_by_hand():
    """Stress 0.2 and 0.4, load 0.1 and 0.15, rate ratio 2: (0.1 + 0.05 q), then (1 + load)."""
    found = la.chain_ratio({"stress": (0.2, 0.4), "load": (0.1, 0.15)}, {"death": 2.0})
    assert found.product == pytest.approx(2 * 1.5 * 2)
    assert found.table["exposed"].iloc[1] == pytest.approx(0.12)
    assert found.table["unexposed"].iloc[1] == pytest.approx(0.11)
    assert found.carried == pytest.approx(1.12 / 1.11)


@given(SHARES, st.floats(1.01, 1.1), SHARES, st.floats(1.01, 1.1), st.floats(1.01, 5))
def test_a_chain_of_harms_carries_less_than_its_product_but_not_nothing(p, by, q, times, ratio):
    found = la.chain_ratio({"a": (p, p * by), "b": (q, q * times)}, {"end": ratio})
    assert 1 < found.carried < found.product
    assert found.carried < found.table["ratio"].min() + 1e-12


@given(SHARES, st.floats(0.2, 5))
def test_a_link_without_effect_stops_the_chain(p, ratio):
    assert la.chain_ratio({"a": (0.2, 0.7), "b": (p, p)}, {"end": ratio}).carried == pytest.approx(1)


def test_people_who_live_through_such_a_chain_have_the_ratio_it_carries():
    """Simulation: half a million persons whose states depend on the one before only."""
    rng = np.random.default_rng(14)
    exposed = np.arange(500_000) % 2 == 1
    stress = rng.random(len(exposed)) < np.where(exposed, 0.6, 0.2)
    load = rng.random(len(exposed)) < np.where(stress, 0.5, 0.1)
    died = rng.random(len(exposed)) < np.where(load, 0.3, 0.1)
    found = la.chain_ratio({"stress": (0.2, 0.6), "load": (0.1, 0.5)}, {"death": 3.0})
    assert died[exposed].mean() / died[~exposed].mean() == pytest.approx(found.carried, rel=0.02)


def test_margins_and_contrasts_are_links_as_they_are():
    frame = pd.DataFrame({"a": [False, True] * 20, "b": ([True] + [False] * 3) * 8 + [False, True] * 4})
    frame["b"] = frame["b"].astype("boolean")
    frame["a"] = frame["a"].astype("boolean")
    model = la.regress(la.SurveyDesign(frame, source="here"), "b ~ a", family="poisson")
    risks = frame.groupby("a")["b"].mean()
    found = la.chain_ratio({"a to b": la.margins(model, "a")}, {"death": 1.5})
    assert found.source == "here"
    assert found.table["ratio"].iloc[0] == pytest.approx(risks[True] / risks[False])
    beside = found.beside({"the chain": found.carried, "a on b": la.average_effect(model, "a", "ratio")})
    assert list(beside.columns) == ["label", "estimate", "ci_low", "ci_high", "source"]
    assert beside["ci_low"].isna().tolist() == [True, False]


def test_chains_stand_under_each_other_with_product_and_what_is_carried():
    one, two = (la.chain_ratio({"a": (0.1, share)}, {"end": 2.0}) for share in (0.2, 0.3))
    table = la.compare_chains({"one": one, "two": two})
    assert table["product"].tolist() == pytest.approx([4, 6])
    assert table["carried"].tolist() == pytest.approx([1.2 / 1.1, 1.3 / 1.1])


def test_what_is_no_chain_is_refused():
    with pytest.raises(la.DataError, match="two shares between 0 and 1"):
        la.chain_ratio({"a": (0.2, 1.2)}, {"end": 2.0})
    with pytest.raises(la.DataError, match="exactly one last link"):
        la.chain_ratio({}, {"end": 2.0})
    with pytest.raises(la.DataError, match="a ratio is above 0"):
        la.chain_ratio({"a": (0.2, 0.3)}, {"end": 0.0})
