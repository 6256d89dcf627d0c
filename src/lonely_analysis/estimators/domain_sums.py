"""Sums over the respondents of a domain, put together from batches of rows without losing digits.

Each domain is measured from its own *reference*, any number near its mean: sums of deviations then add up
exactly as well in a domain a million standard deviations from the next as in that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lonely_analysis.estimators.cells import Cells
from lonely_analysis.estimators.group_codes import group_rows


@dataclass(frozen=True, eq=False, kw_only=True)
class DomainSums:
    """Sums by domain, (k,) each: respondents, sum(w), sum(w (y - reference)) and sum(w (y - mean)^2)."""

    groups: pd.DataFrame = field(repr=False)
    reference: np.ndarray
    count: np.ndarray
    weight: np.ndarray
    total: np.ndarray
    spread: np.ndarray


def domain_sums(cells: Cells) -> DomainSums:
    """Add cells up within domains, measured from about the mean of each."""
    weight, total = cells.sum_by_domain(cells.weight), cells.sum_by_domain(cells.total)
    reference = cells.shift + np.divide(total, weight, out=np.zeros(cells.n_domains), where=weight > 0)
    return DomainSums(
        groups=cells.groups,
        reference=reference,
        count=cells.count,
        weight=weight,
        total=total - (reference - cells.shift) * weight,
        spread=cells.spread,
    )


def pooled(found: Sequence[DomainSums], by: list[str]) -> tuple[DomainSums, list[np.ndarray]]:
    """Put sums together, and return for each the codes of its domains among those of all.

    The spread around the pooled mean is that within, plus that of the means (Chan, Golub & LeVeque 1983, Am
    Stat 37:242-247): no difference of large sums.
    """
    named = pd.concat([sums.groups for sums in found], ignore_index=True)
    code, groups = group_rows(named, by, np.ones(len(named), dtype=bool))
    reference, count, weight, total, spread = (
        np.concatenate([getattr(sums, name) for sums in found])
        for name in ("reference", "count", "weight", "total", "spread")
    )
    k = len(groups)
    first = np.zeros(k)
    answered = np.flatnonzero(weight > 0)[::-1]
    first[code[answered]] = reference[answered]
    total = total + (reference - first[code]) * weight
    whole, sums_of = np.bincount(code, weight, k), np.bincount(code, total, k)
    mean = np.divide(sums_of, whole, out=np.zeros(k), where=whole > 0)
    away = np.divide(total, weight, out=np.zeros(len(code)), where=weight > 0) - mean[code]
    together = DomainSums(
        groups=groups,
        reference=first,
        count=np.bincount(code, count, k).astype(np.intp),
        weight=whole,
        total=sums_of,
        spread=np.bincount(code, spread + weight * away**2, k),
    )
    return together, np.split(code, np.cumsum([len(sums.groups) for sums in found])[:-1])
