"""The design matrix of a model as one array, for likelihoods that need every row at once."""

from __future__ import annotations

import numpy as np

from lonely_analysis.estimators.diagnose import collinear
from lonely_analysis.estimators.glm import CollinearError, Points, centring_basis, refuse_collinear
from lonely_analysis.estimators.layout import Layout


def dense_matrix(layout: Layout) -> np.ndarray:
    """Write out the columns of a layout, the intercept first: an array (n, columns)."""
    return np.concatenate([block for _, block in layout.blocks()], axis=1).T


def refuse_dependent(layout: Layout, x: np.ndarray, weights: np.ndarray) -> None:
    """Raise ``EstimationError`` that names a column of ``x`` which others determine."""
    basis = centring_basis(Points(layout, weights, weights))
    centred = x @ basis
    try:
        refuse_collinear((centred * weights[:, None]).T @ centred, basis)
    except CollinearError as error:
        raise collinear(error, [column.name for column in layout.encoding.columns]) from None
