"""Estimating again in every replicate, for estimators that have no shorter way.

They need every row, and so a design whose frame is pandas.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.psus import as_design, coded
from lonely_analysis.estimators.replicates import Replicates, replicate_covariance
from lonely_analysis.surveys.design import SurveyDesign

# The weight column of a replicate; no survey has a column of this name.
_REPLICATE_WEIGHT = "__replicate_weight__"


def design_in_memory(data: Any, what: str) -> SurveyDesign:
    """Return the design of ``data``; raise ``DataError`` where its frame is not pandas."""
    design = as_design(data)
    if not design.in_memory:
        raise DataError(
            f"{what} needs the rows in memory: collect the columns that it names into pandas first"
        )
    return design


def replicate_df(df: int, replicates: Replicates | None, coefficients: int = 0) -> int:
    """Return the degrees of freedom: those of user-supplied replicates where they have their own.

    ``coefficients`` is the number of a model's coefficients, 0 outside models.
    """
    if replicates is None or replicates.df is None:
        return df
    return replicates.df + (1 - coefficients if coefficients else 0)


def resampled_covariance(
    design: SurveyDesign,
    replicates: Replicates,
    full: np.ndarray,
    estimate: Callable[[SurveyDesign], np.ndarray],
) -> np.ndarray:
    """Return the covariance of ``full`` from estimating again under each replicate's weights.

    A replicate in which the model cannot be fitted, or in which nobody of the domain was drawn, counts as
    absent; raises ``EstimationError`` where all are.
    """
    found = np.full((len(replicates), len(full)), np.nan)
    weights = coded(design).weights
    replicates.refuse_other_rows(len(weights))
    for r in range(len(replicates)):
        frame = design.frame.assign(**{_REPLICATE_WEIGHT: weights * replicates.row_multipliers(r)})
        try:
            found[r] = estimate(replace(design, frame=frame, weight=_REPLICATE_WEIGHT))
        except (DataError, EstimationError):
            # The full sample passed the same checks, so that it is the draw that lacks rows.
            continue
    if np.isnan(found).all():
        raise EstimationError(
            f"none of the {len(replicates)} replicates could be estimated, so that there is no standard "
            "error: leave replicates out, or ask for less of so few rows"
        )
    return replicate_covariance(full, found, replicates)
