"""How much effects differ between studies or groups, as a standard deviation that readers can picture."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.pool import Pooled
from lonely_analysis.results import Estimates


def between_sd(pooled: Pooled) -> Estimates:
    """Return tau, the standard deviation of the true effects around their mean, with its interval.

    tau = sqrt(tau2), on the scale that was pooled (a logarithm for ratios); the limits are the square roots
    of the Q-profile limits of tau2, as R ``metafor::confint`` prints them beside tau2. An estimate of 0 says
    that the effects differ no more than sampling error does, which few or small groups can hardly refute:
    read the upper limit. Returns one row ``estimate, ci_low, ci_high, k``.

    Raises ``DataError`` for a fixed-effect pool, which takes tau to be 0.
    """
    row = pooled.table.iloc[0]
    if row["method"] == "FE":
        raise DataError("a fixed-effect pool has no variance between studies: pool with REML, PM or DL")
    limits = {"estimate": "tau2", "ci_low": "tau2_ci_low", "ci_high": "tau2_ci_high"}
    table = pd.DataFrame({name: [np.sqrt(row[column])] for name, column in limits.items()})
    return Estimates(
        table=table.assign(k=int(row["k"])),
        source=pooled.source,
        note=pooled.note,
        outcome="standard deviation between groups",
        statistic="standard deviation",
        level=pooled.level,
    )
