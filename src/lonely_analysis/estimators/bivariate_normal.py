"""The standard bivariate normal distribution, and the correlation behind a two-by-two table.

The *tetrachoric correlation* is that of two normal quantities which are each seen only as above or below a
threshold (Pearson 1900).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

# Nodes of the Gauss-Legendre rule: errors below 1e-13 for correlations up to 0.99.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)
# A correlation beyond this is a table with an (almost) empty cell, which does not tell the correlation.
EXTREME = 0.9999


def below_both(h: float, k: float, r: float) -> float:
    """Return P(X < h, Y < k) for correlation ``r``: Plackett's integral over the angle asin(r).

    R: ``mvtnorm::pmvnorm``. Source: Drezner and Wesolowsky 1990, J Stat Comput Simul 35:101-107.
    """
    angle = np.arcsin(r) * (_NODES + 1) / 2
    inside = np.exp(-(h * h + k * k - 2 * h * k * np.sin(angle)) / (2 * np.cos(angle) ** 2))
    return float(ndtr(h) * ndtr(k) + np.arcsin(r) / 2 * (_WEIGHTS @ inside) / (2 * np.pi))


def density(h: float, k: float, r: float) -> float:
    """Return the density at (h, k), which is also the derivative of ``below_both`` with respect to r."""
    rest = 1 - r * r
    return float(np.exp(-(h * h + k * k - 2 * r * h * k) / (2 * rest)) / (2 * np.pi * np.sqrt(rest)))


def margin_slopes(h: float, k: float, r: float) -> tuple[float, float]:
    """Return the derivatives of ``below_both`` with respect to the two margins ndtr(h) and ndtr(k)."""
    rest = np.sqrt(1 - r * r)
    return float(ndtr((k - r * h) / rest)), float(ndtr((h - r * k) / rest))


def tetrachoric(first: float, second: float, both: float) -> float:
    """Return the correlation that gives the share ``both``, given the shares ``first`` and ``second``.

    Shares beyond those of a correlation of ``EXTREME`` give NaN. R: ``psych::tetrachoric`` without the
    correction of empty cells.
    """
    from scipy.optimize import brentq

    h, k = ndtri(first), ndtri(second)

    def missed(r: float) -> float:
        return below_both(h, k, r) - both

    if not np.isfinite([h, k]).all() or missed(-EXTREME) * missed(EXTREME) > 0:
        return float("nan")
    return float(brentq(missed, -EXTREME, EXTREME, xtol=1e-14))
