"""The parts of a model formula, as ``formula.parse`` returns them.

A *formula* has an outcome and *terms*; a term is a product of *factors*; a factor is one variable, or one
function of variables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lonely_analysis.estimators.arithmetic import Tree

DEFAULT_SPLINE_DF = 4


@dataclass(frozen=True)
class Factor:
    """One variable of a term, written as ``label``.

    ``kind`` is ``plain`` (numbers as they are, text as categories), ``categories``, ``spline`` or
    ``arithmetic``. ``tree`` is the parsed arithmetic; ``ref`` a stated reference category; ``df`` the
    degrees of freedom of a spline.
    """

    label: str
    kind: str
    variables: tuple[str, ...]
    ref: Any = None
    df: int = DEFAULT_SPLINE_DF
    tree: Tree = ()


Term = tuple[Factor, ...]


@dataclass(frozen=True)
class Formula:
    """A parsed formula: its text, the outcome (or ``None``) and the terms, lower orders first."""

    text: str
    outcome: Factor | None
    terms: tuple[Term, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the covariates' columns, each once, in the order written."""
        return tuple(dict.fromkeys(name for term in self.terms for f in term for name in f.variables))


def term_label(term: Term) -> str:
    """Return a term's name: its factors joined by colons."""
    return ":".join(factor.label for factor in term)
