"""Exercises: ``answer`` stores what the data say in a hidden cell, ``check`` compares a reader's with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any

from lonely_analysis.book.show import Page
from lonely_analysis.errors import DataError
from lonely_analysis.results import Result


@dataclass(frozen=True)
class _Answer:
    value: float | str
    tolerance: float
    hint: str


_answers: dict[str, _Answer] = {}


def answer(key: str, value: Any, *, tolerance: float = 0.0, hint: str = "") -> None:
    """Store the right answer of an exercise: a number (or one-row result) with its tolerance, or a text.

    ``tolerance`` is absolute, in the answer's own unit; ``hint`` is one sentence shown after a wrong answer.
    """
    _answers[key] = _Answer(_value(value), tolerance, hint)


def check(key: str, given: Any) -> Page:
    """Compare ``given`` with the answer computed on the data of this very book."""
    if key not in _answers:
        known = ", ".join(_answers) or "none so far: run the cells above first"
        raise DataError(f"there is no exercise {key!r} here; there are: {known}")
    right, mine = _answers[key], _value(given)
    if _agrees(mine, right):
        return _verdict("right", f"Right: {_shown(mine)}.")
    return _verdict(
        "wrong", f"Not yet: you have {_shown(mine)}. {right.hint or _direction(mine, right)}".strip()
    )


def _value(given: Any) -> float | str:
    if isinstance(given, Result):
        return float(given.estimate)
    if isinstance(given, (str, bool)):
        return str(given)
    try:
        return float(given)
    except (TypeError, ValueError):
        raise DataError(
            f"an answer is a number, a text or a result of one row, not {type(given).__name__}"
        ) from None


def _agrees(mine: float | str, right: _Answer) -> bool:
    if isinstance(mine, str) or isinstance(right.value, str):
        return str(mine).strip().casefold() == str(right.value).strip().casefold()
    return math.isclose(mine, right.value, rel_tol=1e-9, abs_tol=right.tolerance)


def _direction(mine: float | str, right: _Answer) -> str:
    if isinstance(mine, str) or isinstance(right.value, str):
        return "Look at the table above again."
    if right.value and math.isclose(mine, 100 * right.value, rel_tol=0.02):
        return "Give a share of one, not a percentage."
    return "The data say more." if mine < right.value else "The data say less."


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def _verdict(outcome: str, text: str) -> Page:
    return Page(html=f'<p class="la-check la-check-{outcome}" role="status">{escape(text)}</p>', text=text)
