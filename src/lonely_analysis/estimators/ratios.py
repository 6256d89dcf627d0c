"""Coefficients of a log scale, read as ratios."""

from __future__ import annotations

import numpy as np
import pandas as pd


def ratio_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``term, estimate, se, ci_low, ci_high, p`` with estimate and interval exponentiated.

    ``se`` stays that of the log, and p that of the ratio 1. The intercept is left out, because it is no
    ratio.
    """
    columns = ["estimate", "ci_low", "ci_high"]
    ratios = table.loc[
        table["term"] != "Intercept", ["term", "estimate", "se", "ci_low", "ci_high", "p"]
    ].copy()
    ratios[columns] = np.exp(ratios[columns])
    return ratios.reset_index(drop=True)
