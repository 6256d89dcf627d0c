"""How often the intervals of a pool hold what they promise, when studies are drawn like the ones at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.pool import Pooled, pool_many


def pool_coverage(pooled: Pooled, *, simulations: int = 4000, seed: int = 1) -> pd.DataFrame:
    """Draw new sets of studies with this pool's mean, tau2 and sampling variances, and pool each.

    Two rows: ``mean``, the share of the ``simulations`` whose confidence interval holds the true mean, and
    ``next study``, the share whose prediction interval holds the true effect of one more study; with the
    interval that the number of simulations leaves (normal). Columns ``held, estimate, se, ci_low, ci_high,
    n``. The prediction interval, as in metafor, takes tau2 as known (Higgins, Thompson and Spiegelhalter
    2009), so with few studies it holds less than it says. Raises ``DataError`` for a fixed-effect pool, which
    predicts nothing.
    """
    row, rng = pooled.table.iloc[0], np.random.default_rng(seed)
    if np.isnan(row["pi_low"]):
        raise DataError("a pool without a prediction interval (fixed effect, or one study) promises nothing")
    vi = np.broadcast_to(pooled.studies["vi"].to_numpy(), (simulations, int(row["k"])))
    yi = rng.normal(row["estimate"], np.sqrt(vi + row["tau2"]))
    new = rng.normal(row["estimate"], np.sqrt(row["tau2"]), simulations)
    drawn = pool_many(yi, vi, method=row["method"], test=row["test"], level=pooled.level)
    inside = {
        "mean": drawn["ci_low"].le(row["estimate"]) & drawn["ci_high"].ge(row["estimate"]),
        "next study": drawn["pi_low"].le(new) & drawn["pi_high"].ge(new),
    }
    share = pd.Series({name: held.mean() for name, held in inside.items()})
    se = np.sqrt(share * (1 - share) / simulations)
    numbers = {"estimate": share, "se": se, "ci_low": share - 1.96 * se, "ci_high": share + 1.96 * se}
    table = pd.DataFrame({**numbers, "n": simulations})
    return table.rename_axis("held").reset_index()
