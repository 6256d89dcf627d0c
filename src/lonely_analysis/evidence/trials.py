"""Trials with a measurement before and after: the difference between two arms' standardised changes.

Vocabulary: the *change* of an arm is after minus before in standard deviations of the change, and that
standard deviation follows from the correlation between the two measurements. Reports seldom print that
correlation, so whoever pools must choose one, and the choice is part of the answer (Morris 2008).
"""

from __future__ import annotations

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence import effects
from lonely_analysis.evidence.effects import Effect

ARMS = ("treat", "control")
MEASURES = ("change", "after")


def trial_effects(
    table: pd.DataFrame, correlation: float | None = None, measure: str = "change"
) -> pd.DataFrame:
    """Recompute each trial from the means, SDs and numbers that it printed.

    ``measure="change"``: standardised change of the treated minus that of the controls (two
    ``effects.standardised_change``), with one ``correlation`` for all arms, or by default with the
    correlations of the table. ``measure="after"``: standardised difference of the means afterwards (Hedges'
    g), which needs no correlation and rests on randomisation.

    Returns ``id, label, yi, vi, change_treat, change_control``: below zero, less loneliness. Raises
    ``DataError`` for an unknown measure or a table that is not of two arms.
    """
    if measure not in MEASURES:
        raise DataError(f"measure={measure!r}: there are {', '.join(MEASURES)}")
    lacking = [name for arm in ARMS for name in _columns(arm) if name not in table]
    if lacking:
        raise DataError(f"no trial table: it has no column {lacking[0]!r}")
    changes = [_change(table, arm, correlation) for arm in ARMS]
    effect = effects.difference(*changes) if measure == "change" else _after(table)
    result = pd.DataFrame(
        {
            "id": table["id"].to_numpy(),
            "label": table["study"].to_numpy(),
            "yi": effect.estimate,
            "vi": effect.variance,
            "change_treat": changes[0].estimate,
            "change_control": changes[1].estimate,
        }
    )
    result.attrs = {"source": table.attrs.get("source", "given")}
    return result


def _columns(arm: str) -> list[str]:
    return [
        *(f"{part}_{arm}" for part in ("pre_mean", "pre_sd", "post_mean", "post_sd", "r_prepost")),
        f"n_{arm}",
    ]


def _change(table: pd.DataFrame, arm: str, correlation: float | None) -> Effect:
    pre, sd_pre, post, sd_post, r, n = (table[name].to_numpy(float) for name in _columns(arm))
    return effects.standardised_change(
        pre, sd_pre, post, sd_post, r if correlation is None else correlation, n
    )


def _after(table: pd.DataFrame) -> Effect:
    mean1, sd1, n1, mean2, sd2, n2 = (
        table[f"{part}_{arm}"].to_numpy(float) for arm in ARMS for part in ("post_mean", "post_sd", "n")
    )
    d = effects.d_from_means(mean1, sd1, n1, mean2, sd2, n2)
    return effects.g_from_d(*d, n1 + n2 - 2)
