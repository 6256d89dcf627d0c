"""Mappings and claims with any value in any place: one message that names the place, never another error."""

from __future__ import annotations

import copy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "fuzz"))
import targets

ODD = [None, [], {}, 0, -1, 1e308, 10**400, "x", "", True, False, [1], ["x"], {"a": 1}, {1: "a"}, [[1]], 1.5]
KEYS = [None, 1, "x", "weight", "as_is", "true_for", "lonely", "times", True]


def places(tree: Any, way: tuple = ()) -> Iterator[tuple]:
    """Yield the way to every value inside a tree."""
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in inside:
        yield (*way, key)
        yield from places(value, (*way, key))


SCALES = {"depression": {"sum": ["lonely_freq", "trust"]}, "obese": {"of": "trust", "at_least": 3}}


def tree_of(name: str) -> dict[str, Any]:
    """Return a sound file as a tree."""
    return targets.few_claims() if name == "claims" else {**yaml.safe_load(targets.MAPPING), "scales": SCALES}


@pytest.mark.parametrize("name", ["mapping", "claims"])
@settings(max_examples=60)
@given(draw=st.data())
def test_any_value_in_any_place_is_read_or_named(name, draw):
    tree = copy.deepcopy(tree_of(name))
    *way, last = draw.draw(st.sampled_from(list(places(tree))))
    node = tree
    for key in way:
        node = node[key]
    if isinstance(node, dict) and draw.draw(st.booleans()):
        node[draw.draw(st.sampled_from(KEYS))] = node.pop(last)
    else:
        node[last] = draw.draw(st.sampled_from(ODD))
    targets.TARGETS[name].run(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True).encode())


@pytest.mark.parametrize("name", sorted(targets.TARGETS))
def test_the_fuzzer_begins_with_inputs_that_are_accepted(name, monkeypatch):
    """A fuzzer that starts from refused input looks only at the door."""
    monkeypatch.setattr(targets, "kept", lambda run: run())
    for content in targets.TARGETS[name].seeds():
        targets.TARGETS[name].run(content)
