"""What a rule judges: one number with its interval, its source and the design behind it.

A *finding* is one estimate on the scale on which intervals are symmetric (ratios logged, correlations as
Fisher's z), turned so that above zero is what the claim says. ``shown`` leads back to the scale that readers
know.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from lonely_analysis.evidence.claim_types import DESIGNS
from lonely_analysis.evidence.effects import Effect
from lonely_analysis.evidence.effects import difference as minus

#: Grade of a number that this package computed from a real survey file.
COMPUTED = "computed"
Z95 = float(ndtri(0.975))


@dataclass(frozen=True)
class Finding:
    """One number with what is needed to judge it; ``low`` and ``high`` are missing where nobody read them."""

    id: str
    what: str
    value: float
    low: float
    high: float
    scale: str
    grade: str
    source: str
    year: int
    design: str
    doi: str = ""

    @property
    def se(self) -> float:
        """Standard error on the judged scale, from the length of the interval."""
        return (self.high - self.low) / (2 * Z95)

    @property
    def has_interval(self) -> bool:
        """Whether an interval was read or computed."""
        return bool(np.isfinite(self.low) and np.isfinite(self.high))

    def shown(self) -> tuple[float, float, float]:
        """Return estimate and limits on the reader's scale."""
        return tuple(to_shown(number, self.scale) for number in (self.value, self.low, self.high))


def to_shown(number: float, scale: str) -> float:
    """Lead a number back from the judged to the reader's scale."""
    if scale in ("ratio", "ratio of ratios"):
        return float(np.exp(number))
    return float(np.tanh(number)) if scale == "correlation" else float(number)


def to_judged(number: Any, scale: str) -> float:
    """Lead a number, or none, from the reader's to the judged scale."""
    value = np.nan if number is None else float(number)
    if scale == "ratio":
        return float(np.log(value))
    return float(np.arctanh(value)) if scale == "correlation" else value


def turned(value: float, low: float, high: float, orientation: int) -> tuple[float, float, float]:
    """Turn a number and its limits so that above zero is what the claim says."""
    return (value, low, high) if orientation == 1 else (-value, -high, -low)


def difference(first: Finding, second: Finding) -> Finding:
    """Return the first minus the second, as from independent samples: variances add."""
    pair = (Effect(np.asarray(f.value), np.asarray(f.se**2)) for f in (first, second))
    gap = minus(*pair)
    value, half = float(gap.estimate), Z95 * float(np.sqrt(gap.variance))
    return Finding(
        id=f"{first.id} against {second.id}",
        what=f"{first.what}, against {second.what}",
        value=value,
        low=value - half,
        high=value + half,
        scale="ratio of ratios" if first.scale == "ratio" else "difference",
        grade=first.grade if first.grade == second.grade else f"{first.grade}, {second.grade}",
        source=f"{first.source}; {second.source}",
        year=max(first.year, second.year),
        design=min(
            first.design,
            second.design,
            key=lambda d: DESIGNS.index(d),
        ),
        doi="; ".join(doi for doi in (first.doi, second.doi) if doi),
    )
