"""Numbers as a reader of English and a reader of Norwegian expect them.

A *kind* says what a number is: ``percent`` (a share of one), ``difference`` (of two shares, in percentage
points), ``ratio``, ``number``, ``count`` or ``p``. Norwegian has a decimal comma, a narrow space between
thousands and a space before the percent sign. Decimals follow the standard error: the last shown digit is
one that it reaches.
"""

from __future__ import annotations

import math
from typing import Literal

from lonely_analysis.book.words import Language, Pair

Kind = Literal["percent", "difference", "ratio", "number", "count", "p"]

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"
#: A share is never shown with more than one decimal of a percent, a mean never with more than three.
MOST_DECIMALS = {"percent": 1, "difference": 1, "number": 3}
#: Without a standard error.
USUAL_DECIMALS = {"percent": 1, "difference": 1, "number": 2, "ratio": 2, "count": 0}
#: Shares are stored as parts of one and shown in percent.
SCALE = {"percent": 100.0, "difference": 100.0}
_POINTS: Pair = (" percentage points", f"{NO_BREAK_SPACE}prosentpoeng")
_SMALLEST_P = 0.001
#: Beyond these, machines differ in what one function returns.
SIGNIFICANT_DIGITS = 12


def steady(value: float, digits: int = SIGNIFICANT_DIGITS) -> float:
    """Return a number without the noise of its last digits.

    A printed correlation of 0.315 comes back from Fisher's z as a little more on one processor and a little
    less on another: rounded to two decimals, that is 0.32 or 0.31.
    """
    return float(f"{value:.{digits}g}")


def decimals_for(kind: Kind, value: float, se: float | None) -> int:
    """Return how many decimals a number of this kind is shown with."""
    if kind == "ratio":
        return 1 if abs(steady(value)) >= 10 else USUAL_DECIMALS["ratio"]
    if kind not in MOST_DECIMALS or se is None or not math.isfinite(se) or se <= 0:
        return USUAL_DECIMALS.get(kind, 2)
    wanted = -math.floor(math.log10(steady(se * SCALE.get(kind, 1.0))))
    return min(max(wanted, 0), MOST_DECIMALS[kind])


def digits(value: float, decimals: int, language: Language) -> str:
    """Write a plain number: sign, thousands and decimals as the language has them."""
    text = f"{abs(steady(value)):,.{decimals}f}"
    if language == "nb":
        text = text.replace(",", NARROW_SPACE).replace(".", ",")
    negative = value < 0 and any(character in text for character in "123456789")
    return f"{MINUS}{text}" if negative else text


def number(
    value: float, kind: Kind, language: Language, *, se: float | None = None, decimals: int | None = None
) -> str:
    """Write one number of a kind, with its unit."""
    if value is None or not math.isfinite(value):
        return "–"
    if kind == "p":
        return p_value(value, language)
    shown = decimals_for(kind, value, se) if decimals is None else decimals
    text = digits(value * SCALE.get(kind, 1.0), shown, language)
    return text + unit(kind, language)


def unit(kind: Kind, language: Language) -> str:
    """Return what follows a number of this kind."""
    if kind == "percent":
        return "%" if language == "en" else f"{NO_BREAK_SPACE}%"
    return _POINTS[language == "nb"] if kind == "difference" else ""


def bounds(
    low: float,
    high: float,
    kind: Kind,
    language: Language,
    *,
    se: float | None = None,
    decimals: int | None = None,
) -> str:
    """Write an interval without its unit: ``7.1 to 9.3``, ``7,1 til 9,3``."""
    shown = decimals_for(kind, high, se) if decimals is None else decimals
    scale = SCALE.get(kind, 1.0)
    ends = ["–" if not math.isfinite(end) else digits(end * scale, shown, language) for end in (low, high)]
    return (" to " if language == "en" else " til ").join(ends)


def interval(
    low: float,
    high: float,
    kind: Kind,
    language: Language,
    *,
    level: float = 0.95,
    se: float | None = None,
    decimals: int | None = None,
) -> str:
    """Write an interval with its level: ``95% CI 7.1 to 9.3``, ``95 % KI 7,1 til 9,3``."""
    share = f"{100 * level:g}"
    name = f"{share}% CI" if language == "en" else f"{share.replace('.', ',')}{NO_BREAK_SPACE}% KI"
    return f"{name} {bounds(low, high, kind, language, se=se, decimals=decimals)}"


def p_value(value: float, language: Language) -> str:
    """Write a p value: ``0.03``, ``0.004``, ``<0.001``."""
    if steady(value) < _SMALLEST_P:
        return "<" + digits(_SMALLEST_P, 3, language)
    return digits(value, 3 if steady(value) < 0.1 else 2, language)
