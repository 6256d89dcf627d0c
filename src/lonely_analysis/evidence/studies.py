"""From rows of a published table to effects that can be pooled or drawn.

Ratios are logged, correlations become Fisher's z, differences stay; ``orientation`` is applied, so that above
zero always reads as harm to the less connected. The variance is what the printed interval implies.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.effects import se_from_ci

#: Measures that are logged before they are pooled.
RATIOS = frozenset({"OR", "HR", "RR", "PR"})
#: What makes a row recognisable in a figure, in the order of preference.
LABELS = ("study", "cohort", "exposure")


def study_effects(table: pd.DataFrame) -> pd.DataFrame:
    """Return ``id, label, yi, vi, measure, cluster`` of every row that carries an effect with its precision.

    ``table`` is a published table or some of its rows. Rows without an interval cannot be pooled: they are
    left out, and ``attrs["left_out"]`` names them. ``cluster`` marks rows that share persons (the row's own
    id where the table does not say). Raises ``DataError`` when no row can be used or the table holds no
    effects.
    """
    effects = _effects(table)
    usable = effects[["yi", "vi"]].notna().all(axis=1)
    if not usable.any():
        raise DataError(f"{len(table)} rows, and none has an effect with an interval or standard error")
    cluster = table["cluster" if "cluster" in table else "id"]
    result = effects.assign(id=table["id"], label=_labels(table), cluster=cluster)
    result = result.loc[usable, ["id", "label", "yi", "vi", "measure", "cluster"]].reset_index(drop=True)
    result.attrs = {
        "source": table.attrs.get("source", "given"),
        "left_out": table.loc[~usable, "id"].tolist(),
    }
    return result


def _labels(table: pd.DataFrame) -> pd.Series:
    """Name each row, with the sex where a cohort reports women and men apart."""
    label = table[next((column for column in LABELS if column in table), "id")]
    if "sex" not in table:
        return label
    return label.where(table["sex"] == "all", label + ", " + table["sex"])


def _effects(table: pd.DataFrame) -> pd.DataFrame:
    """Recognise the table by the column that holds its effects."""
    if "ln_or" in table:
        return pd.DataFrame({"yi": table["ln_or"], "vi": table["se"] ** 2, "measure": "OR"})
    if "published_smd" in table:
        effects = {"yi": table["published_smd"], "vi": table["published_se"] ** 2, "measure": "SMD"}
        return pd.DataFrame(effects)
    if "hr" in table:
        table = table.assign(estimate=table["hr"], measure="HR", orientation=1, ci_level=95)
    if "measure" not in table:
        raise DataError(f"no column of {', '.join(table.columns)} holds effects with their precision")
    return _from_intervals(table)


def _from_intervals(table: pd.DataFrame) -> pd.DataFrame:
    effects = pd.DataFrame({"yi": np.nan, "vi": np.nan, "measure": table["measure"]}, index=table.index)
    read = table[table[["estimate", "ci_low", "ci_high", "orientation"]].notna().all(axis=1)]
    for measure, rows in read.groupby("measure"):
        scale = np.log if measure in RATIOS else np.arctanh if measure == "r" else np.asarray
        estimate, low, high = (
            scale(rows[name].to_numpy(float)) for name in ("estimate", "ci_low", "ci_high")
        )
        se = se_from_ci(low, high, rows["ci_level"].to_numpy(float) / 100, estimate)
        effects.loc[rows.index, "yi"] = estimate * rows["orientation"].to_numpy(float)
        effects.loc[rows.index, "vi"] = se**2
    return effects
