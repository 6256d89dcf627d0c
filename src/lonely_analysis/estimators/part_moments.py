"""Sums of squares by stratum and domain, which stand for PSU totals once these are forgotten.

With totals S = sum(w) and T = sum(w y) of a PSU in a domain, the variance of the domain's mean p needs, in
each stratum, the sum of (T - p S)^2 over its PSUs: that is, sums of S^2, S T and T^2. These *moments* add up
over PSUs, files and workers. The outcome is measured from a reference near the mean of each domain
(``domain_sums``), so that no digits are lost to the square of a distance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd

# The number of sums that are kept.
_SUMS = 6
# A stratum x domain table of up to this many entries a PSU total is filled whole.
_FULL = 4


@dataclass(frozen=True, eq=False)
class Moments:
    """Sums over the PSUs of a stratum in a domain, one entry each.

    ``stratum`` and ``domain`` are codes, (m,); ``sums`` are the number of PSUs and the sums of S, T, S^2, S T
    and T^2, (6, m).
    """

    stratum: np.ndarray
    domain: np.ndarray
    sums: np.ndarray

    def moved(self, by: np.ndarray) -> Moments:
        """Measure the outcome from references that lie ``by`` lower, one a domain."""
        d = by[self.domain]
        psus, s, t, ss, st, tt = self.sums
        sums = np.stack([psus, s, t + d * s, ss, st + d * ss, tt + d * (2 * st + d * ss)])
        return Moments(self.stratum, self.domain, sums)

    def without(self, left_out: np.ndarray) -> Moments:
        """Leave out some strata: ``left_out`` is (n_strata,)."""
        if not left_out.any():
            return self
        stays = ~left_out[self.stratum]
        return Moments(self.stratum[stays], self.domain[stays], self.sums[:, stays])

    def renumbered(self, stratum: np.ndarray, domain: np.ndarray) -> Moments:
        """Give strata and domains the codes that they have elsewhere."""
        return Moments(stratum[self.stratum], domain[self.domain], self.sums)


def of_psus(stratum: np.ndarray, domain: np.ndarray, s: np.ndarray, t: np.ndarray) -> Moments:
    """Square PSU totals, one a PSU and domain, given the stratum of each."""
    return _added(stratum, domain, [None, s, t, s * s, s * t, t * t])


def joined(parts: Sequence[Moments]) -> Moments:
    """Put moments one after the other whose codes of strata and domains mean the same."""
    return Moments(
        np.concatenate([part.stratum for part in parts]),
        np.concatenate([part.domain for part in parts]),
        np.concatenate([part.sums for part in parts], axis=1),
    )


def added(moments: Moments) -> Moments:
    """Make one entry of those that share their stratum and domain."""
    return _added(moments.stratum, moments.domain, moments.sums)


def _added(stratum: np.ndarray, domain: np.ndarray, columns: Iterable[np.ndarray | None]) -> Moments:
    """Add columns up by stratum and domain; None stands for ones."""
    if not len(stratum):
        return Moments(stratum, domain, np.zeros((_SUMS, 0)))
    first, low = stratum.min(), domain.min()
    width = int(domain.max() - low) + 1
    size = (int(stratum.max() - first) + 1) * width
    if size <= _FULL * len(stratum):
        key = (stratum - first) * width + (domain - low)
        held = np.flatnonzero(np.bincount(key, minlength=size))
        stratum, domain = held // width + first, held % width + low
        return Moments(stratum, domain, np.stack([np.bincount(key, x, size)[held] for x in columns]))
    row, (stratum, domain) = paired(stratum, domain)
    return Moments(stratum, domain, np.stack([np.bincount(row, x, len(stratum)) for x in columns]))


def paired(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Return a number for each pair of codes, and the two codes of each number."""
    width = np.intp(second.max(initial=0)) + 1
    number, pairs = pd.factorize(first * width + second)
    return number, (pairs // width, pairs % width)


@dataclass(frozen=True, eq=False)
class DomainMoments:
    """What is left of moments when the PSUs of their strata are all known, by domain.

    ``squares`` are sum_h n_h/(n_h-1) (sum_i x_hi y_hi - x_h y_h / n_h) for x y = S S, S T and T T, (3, k);
    ``psus`` and ``strata`` are those with respondents and ``single`` the strata with one PSU, (k,).
    """

    squares: np.ndarray
    psus: np.ndarray
    strata: np.ndarray
    single: np.ndarray

    def __add__(self, other: DomainMoments) -> DomainMoments:
        return DomainMoments(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def renumbered(self, domain: np.ndarray, k: int) -> DomainMoments:
        """Place the domains at other codes, among ``k``."""
        placed = [np.zeros((*values.shape[:-1], k)) for values in astuple(self)]
        for new, values in zip(placed, astuple(self), strict=True):
            new[..., domain] = values
        return DomainMoments(*placed)

    def moved(self, by: np.ndarray) -> DomainMoments:
        """Measure the outcome from references that lie ``by`` lower, (k,)."""
        ss, st, tt = self.squares
        squares = np.stack([ss, st + by * ss, tt + by * (2 * st + by * ss)])
        return DomainMoments(squares, self.psus, self.strata, self.single)


def over_strata(moments: Moments, psus_in_stratum: np.ndarray, single_psu: str, k: int) -> DomainMoments:
    """Add moments up over strata whose PSUs are all known, of which ``psus_in_stratum`` is the number."""
    n = psus_in_stratum[moments.stratum]
    # As in `linearise.stratum_means`: the rule "adjust" centres a lone PSU on the mean of the population.
    centre = np.where((n == 1) & (single_psu == "adjust"), 0.0, 1.0 / n)
    scale = n / np.maximum(n - 1, 1)
    psus, s, t, ss, st, tt = moments.sums

    def by_domain(values: np.ndarray) -> np.ndarray:
        return np.bincount(moments.domain, values, k)

    squares = [scale * (sum_of - centre * x * y) for sum_of, x, y in ((ss, s, s), (st, s, t), (tt, t, t))]
    return DomainMoments(
        squares=np.stack([by_domain(each) for each in squares]),
        psus=by_domain(psus),
        strata=by_domain(np.ones(len(n))),
        single=by_domain(n == 1),
    )
