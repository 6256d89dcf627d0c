"""Arithmetic inside formulas: trees of plain tuples, worked out here and nowhere run as Python.

A *tree* is ``("column", name)``, ``("number", value)``, ``("log", tree)``, ``("neg", tree)`` or
``(mark, left, right)`` with a mark of ``+ - * / **``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Tree = tuple[Any, ...]

_OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "neg": np.negative,
    "log": np.log,
}


def evaluate(tree: Tree, columns: Mapping[str, np.ndarray]) -> Any:
    """Work out a tree over arrays; what cannot be computed (the log of 0) comes out as NaN or infinite."""
    kind, *parts = tree
    if kind == "column":
        return np.asarray(columns[parts[0]], dtype=float)
    if kind == "number":
        return parts[0]
    with np.errstate(all="ignore"):
        return _OPERATIONS[kind](*(evaluate(part, columns) for part in parts))


def columns_of(tree: Tree) -> tuple[str, ...]:
    """Return the columns that a tree reads, each once, in the order written."""
    if tree[0] == "column":
        return (tree[1],)
    inner = (name for part in tree[1:] if isinstance(part, tuple) for name in columns_of(part))
    return tuple(dict.fromkeys(inner))


def written(name: str) -> str:
    """Write a column's name as a formula does, in backticks where it is not a plain word."""
    return name if re.fullmatch(r"[^\W\d][\w.]*", name) else f"`{name}`"


def spell(tree: Tree) -> str:
    """Write a tree back as text, every inner operation in brackets."""
    kind, *parts = tree
    if kind == "column":
        return written(parts[0])
    if kind == "number":
        return f"{parts[0]:.12g}"
    if kind == "log":
        return f"log({spell(parts[0])})"
    texts = [f"({spell(part)})" if part[0] in {*"+-*/", "**", "neg"} else spell(part) for part in parts]
    if kind == "neg":
        return f"-{texts[0]}"
    return f"{'' if kind == '**' else ' '}{kind}{'' if kind == '**' else ' '}".join(texts)
