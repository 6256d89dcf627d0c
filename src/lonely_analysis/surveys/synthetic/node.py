"""What an arrow and a node of the causal model are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A node with parents: ``noise`` is the standard deviation of what the parents do not explain."""

    name: str
    meaning: str
    intercept: float
    noise: float
    stable: float
    parents: tuple[tuple[str, float, str], ...] = ()
