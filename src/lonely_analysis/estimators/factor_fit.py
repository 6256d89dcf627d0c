"""Maximum likelihood for the factor model, on a correlation matrix.

A *loading* is how strongly an item moves with a factor; a *uniqueness* is the part of an item's variance
that no factor explains. R = L L' + Psi, with Psi diagonal (Jöreskog 1967, Psychometrika 32:443-482; R
``stats::factanal``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lonely_analysis.errors import DataError, EstimationError

# As R factanal: below this a solution is improper (a Heywood case).
LOWEST_UNIQUENESS = 0.005
_GRADIENT_TOLERANCE = 1e-10


@dataclass(frozen=True, eq=False)
class FactorFit:
    """Unrotated loadings (p, k), uniquenesses (p,), and ``discrepancy`` log|S| - log|R| + tr(S^-1 R) - p."""

    loadings: np.ndarray = field(repr=False)
    uniquenesses: np.ndarray = field(repr=False)
    discrepancy: float

    @property
    def implied(self) -> np.ndarray:
        """The correlation matrix that the model implies."""
        return self.loadings @ self.loadings.T + np.diag(self.uniquenesses)

    @property
    def improper(self) -> np.ndarray:
        """Which items' uniqueness stands at its lower bound."""
        return self.uniquenesses <= LOWEST_UNIQUENESS * 1.0001


def degrees(p: int, k: int) -> int:
    """Degrees of freedom of the model: ((p-k)^2 - (p+k)) / 2."""
    return ((p - k) ** 2 - (p + k)) // 2


def fit_factors(correlation: np.ndarray, k: int, start: np.ndarray | None = None) -> FactorFit:
    """Fit ``k`` factors to a correlation matrix by maximum likelihood over the uniquenesses.

    ``start`` holds uniquenesses of a matrix close to this one, from which the solution is a few steps away.

    Raises ``DataError`` when ``k`` factors have more parameters than there are correlations,
    ``EstimationError`` when the items are collinear.
    """
    p = len(correlation)
    if k < 1 or degrees(p, k) < 0:
        raise DataError(f"{p} items cannot carry {k} factors: fewer factors or more items are needed")
    if np.linalg.eigvalsh(correlation)[0] < 1e-10:
        raise EstimationError("one item is a combination of the others: leave it out")
    psi = None if start is None else _polish(correlation, k, start)
    if psi is None:
        psi = _minimise(correlation, k, (1 - 0.5 * k / p) / np.diag(np.linalg.inv(correlation)))
    implied = _loadings(correlation, psi, k)
    fitted = implied @ implied.T + np.diag(psi)
    gap = np.linalg.slogdet(fitted)[1] - np.linalg.slogdet(correlation)[1]
    return FactorFit(_signed(implied), psi, gap + np.trace(np.linalg.solve(fitted, correlation)) - p)


def _minimise(correlation: np.ndarray, k: int, start: np.ndarray) -> np.ndarray:
    """Search within the bounds, then solve for a gradient of 0 where no bound holds."""
    from scipy.optimize import minimize

    inside = np.clip(start, 2 * LOWEST_UNIQUENESS, 0.995)
    bounds = [(LOWEST_UNIQUENESS, 1.0)] * len(correlation)
    options = {"maxiter": 1000, "ftol": 1e-14, "gtol": 1e-9}
    args = (correlation, k)
    found = minimize(_objective, inside, args, "L-BFGS-B", _gradient, bounds=bounds, options=options).x
    polished = _polish(correlation, k, found)
    return found if polished is None else polished


def _polish(correlation: np.ndarray, k: int, near: np.ndarray) -> np.ndarray | None:
    """Solve for the stationary point next to ``near``; None where there is none within the bounds."""
    from scipy.optimize import root

    free = near > LOWEST_UNIQUENESS * 1.0001

    def gradient(free_psi: np.ndarray) -> np.ndarray:
        return _gradient(_with(near, free, np.abs(free_psi)), correlation, k)[free]

    if not free.any():
        return None
    solved = root(gradient, near[free], tol=1e-14).x
    psi = _with(near, free, solved)
    settled = np.abs(gradient(solved)).max() <= max(_GRADIENT_TOLERANCE, np.abs(gradient(near[free])).max())
    return psi if settled and psi.min() >= LOWEST_UNIQUENESS * 0.999 and psi.max() <= 1.0001 else None


def _with(psi: np.ndarray, free: np.ndarray, values: np.ndarray) -> np.ndarray:
    out = psi.copy()
    out[free] = values
    return out


def _spectrum(correlation: np.ndarray, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, largest first, and vectors of Psi^-1/2 R Psi^-1/2."""
    scale = 1 / np.sqrt(psi)
    values, vectors = np.linalg.eigh(correlation * np.outer(scale, scale))
    return values[::-1], vectors[:, ::-1]


def _objective(psi: np.ndarray, correlation: np.ndarray, k: int) -> float:
    """Give the discrepancy with the best loadings for ``psi``: the eigenvalues they leave over."""
    rest = _spectrum(correlation, psi)[0][k:]
    return float(np.sum(rest - np.log(rest) - 1))


def _gradient(psi: np.ndarray, correlation: np.ndarray, k: int) -> np.ndarray:
    loadings = _loadings(correlation, psi, k)
    return (np.sum(loadings**2, axis=1) + psi - np.diag(correlation)) / psi**2


def _loadings(correlation: np.ndarray, psi: np.ndarray, k: int) -> np.ndarray:
    values, vectors = _spectrum(correlation, psi)
    return np.sqrt(psi)[:, None] * vectors[:, :k] * np.sqrt(np.maximum(values[:k] - 1, 0))


def _signed(loadings: np.ndarray) -> np.ndarray:
    """Turn each factor so that its loadings sum to a positive number, as R prints them."""
    return loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
