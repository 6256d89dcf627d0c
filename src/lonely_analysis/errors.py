"""The errors that callers may meet: every one is a ``ValueError`` with one message that says what to do."""

from __future__ import annotations


class DataError(ValueError):
    """Input that cannot be used: names the file, column, code and count, and the remedy."""


class MissingVariable(DataError):  # noqa: N818 - the name says what is the matter
    """A survey lacks a variable that an analysis needs.

    The book turns this error into a sentence, so that a chapter needs no ``if``.
    """

    def __init__(self, variable: str, survey: str, have: list[str] | None = None) -> None:
        self.variable = variable
        self.survey = survey
        near = f" It has: {', '.join(have)}." if have else ""
        super().__init__(f"{survey} has no variable {variable!r}.{near}")


class EstimationError(ValueError):
    """A model that cannot be fitted: separation, collinear terms, an outcome without variation."""
