"""The errors that callers may meet: every one is a ``ValueError`` with one message that says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class DataError(ValueError):
    """Input that cannot be used: names the file, column, code and count, and the remedy."""


class MissingVariable(DataError):  # noqa: N818 - the name says what is the matter
    """A survey lacks a variable that an analysis needs.

    The book turns this error into a sentence, so that a chapter needs no ``if``.
    """

    def __init__(self, variable: str, survey: str, have: Iterable[object] = ()) -> None:
        self.variable = variable
        self.survey = survey
        super().__init__(f"{survey} has no variable {variable!r}.{_hint(variable, [str(x) for x in have])}")


def _hint(name: str, have: list[str]) -> str:
    """Say which names are near; where none is, what there is."""
    near = get_close_matches(name, have, n=3)
    if near:
        return f" Near it: {', '.join(near)}."
    return f" It has: {', '.join(have)}." if have else ""


class EstimationError(ValueError):
    """A model that cannot be fitted: separation, collinear terms, an outcome without variation."""
