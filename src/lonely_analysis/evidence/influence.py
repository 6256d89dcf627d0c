"""Which study decides: the pool without each study in turn.

R equivalents: ``metafor::leave1out`` and ``metafor::influence`` (Viechtbauer and Cheung 2010).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.pool import Pooled, pool_many


def leave_one_out(pooled: Pooled) -> pd.DataFrame:
    """Pool again without each study in turn, to see whether one of them carries the result.

    Returns one row a study: ``label`` of the one left out, then the columns of ``pool_many``, on the scale of
    the pool and with its method, test and level. R: ``metafor::leave1out``. Raises ``DataError`` for fewer
    than two studies.
    """
    studies = pooled.studies
    if len(studies) < 2:
        raise DataError("leaving one study out needs at least two studies")
    others = ~np.eye(len(studies), dtype=bool)
    take = np.broadcast_to(np.arange(len(studies)), others.shape)[others].reshape(len(studies), -1)
    y, v = (studies[name].to_numpy()[take] for name in ("yi", "vi"))
    row = pooled.table.iloc[0]
    table = pool_many(y, v, method=row["method"], test=row["test"], level=pooled.level)
    return table.assign(label=studies["label"].to_numpy())[["label", *table.columns]]


def influence(pooled: Pooled) -> pd.DataFrame:
    """Return how far each study pulls the pool.

    Columns: ``label``; ``rstudent``, the deleted residual over its standard error; ``dffits`` and ``cook``,
    the shift of the pooled mean in standard errors, signed and squared; ``cov_ratio``, the variance of the
    mean without the study over that with it (below 1: the study makes the pool less precise); ``tau2`` and
    ``q`` without the study; ``hat``; ``weight`` in percent (Viechtbauer and Cheung 2010, Res Synth Methods
    1:112-125). R: ``metafor::influence``. Raises ``DataError`` for fewer than three studies.
    """
    if len(pooled.studies) < 3:
        raise DataError("influence needs at least three studies")
    studies, row, without = pooled.studies, pooled.table.iloc[0], leave_one_out(pooled)
    y, v = studies["yi"].to_numpy(), studies["vi"].to_numpy()
    tau2, mean, se = (without[name].to_numpy() for name in ("tau2", "estimate", "se"))
    hat = studies["weight"].to_numpy() / 100
    shift = row["estimate"] - mean
    plain = _variance_without(v, tau2)
    factor = se**2 / plain
    return pd.DataFrame(
        {
            "label": studies["label"],
            "rstudent": (y - mean) / np.sqrt(factor * (v + tau2 + plain)),
            "dffits": shift / np.sqrt(factor * hat * (tau2 + v)),
            "cook": shift**2 / row["se"] ** 2,
            "cov_ratio": se**2 / row["se"] ** 2,
            "tau2": tau2,
            "q": without["q"],
            "hat": hat,
            "weight": studies["weight"],
        }
    )


def _variance_without(v: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """Return 1 over the sum of the other studies' weights: the variance before any Knapp-Hartung factor."""
    weights = 1 / (v[None, :] + tau2[:, None])
    np.fill_diagonal(weights, 0)
    return 1 / weights.sum(axis=1)
