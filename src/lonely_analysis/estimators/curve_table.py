"""Curves as a table: survival by group and time, with the covariance between them and intervals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.intervals import standard_error
from lonely_analysis.estimators.linearise import single_psu_factor, spread_of_totals
from lonely_analysis.estimators.psus import Coded
from lonely_analysis.results import Result

CurveInterval = Literal["log", "log-log"]


@dataclass(frozen=True, kw_only=True, eq=False)
class SurvivalCurves(Result):
    """One row a group and time: ``by``, then ``time, estimate, se, ci_low, ci_high, n, events, at_risk``.

    ``n`` rows stand behind a curve; ``events`` of them had died by the time and ``at_risk`` were still
    followed at it (all rows of the model for an adjusted curve, which borrows from everybody). ``vcov`` is
    the covariance of the estimates in row order.
    """

    by: str | None
    method: str
    level: float
    vcov: np.ndarray = field(repr=False)

    def _restrict(self, keep: np.ndarray) -> dict[str, Any]:
        return {"vcov": self.vcov[np.ix_(keep, keep)]}

    def difference(self, first: Any, second: Any) -> pd.DataFrame:
        """Return survival of ``second`` minus that of ``first``: ``time, estimate, se, ci_low, ci_high``."""
        at = [np.flatnonzero((self.table[self.by] == group).to_numpy()) for group in (first, second)]
        if not all(map(len, at)):
            raise DataError(
                f"{self.by!r} has the groups {', '.join(map(str, pd.unique(self.table[self.by])))}"
            )
        values = self.table["estimate"].to_numpy()
        gap = values[at[1]] - values[at[0]]
        variance = self.vcov[at[1], at[1]] + self.vcov[at[0], at[0]] - 2 * self.vcov[at[0], at[1]]
        se = standard_error(variance)
        half = ndtri((1 + self.level) / 2) * se
        columns = {"estimate": gap, "se": se, "ci_low": gap - half, "ci_high": gap + half}
        return pd.DataFrame({"time": self.table["time"].to_numpy()[at[0]], **columns})


@dataclass(frozen=True, eq=False)
class Curve:
    """One group's curve: S at the times, PSU totals (n_psu, k) of the influences on log S, and counts.

    ``strata`` are the codes of the strata of the curve's rows.
    """

    group: Any
    survival: np.ndarray
    totals: np.ndarray
    counts: pd.DataFrame
    strata: np.ndarray


def linearised_covariance(curves: list[Curve], sample: Coded) -> np.ndarray:
    """Return the covariance of S of all curves, which comes from that of log S.

    The rule for strata with one PSU is applied to each curve's own strata, as R does with ``subset``.
    """
    survival = np.concatenate([curve.survival for curve in curves])
    totals = np.concatenate([curve.totals for curve in curves], axis=1)
    factors = [single_psu_factor(sample, curve.strata) for curve in curves]
    scale = survival * np.sqrt(np.repeat(factors, [len(curve.survival) for curve in curves]))
    return spread_of_totals(sample, totals) * np.outer(scale, scale)


def stack_curves(
    curves: list[Curve], by: str | None, times: np.ndarray, vcov: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return estimates and SE of all curves, and their covariance, both missing where nobody was followed."""
    table = pd.concat([curve.counts for curve in curves], ignore_index=True)
    if by is not None:
        table.insert(0, by, pd.Index([curve.group for curve in curves]).repeat(len(times)))
    survival = np.concatenate([curve.survival for curve in curves])
    vcov = vcov.copy()
    # Nobody was followed so long, and not because all had died.
    unknown = ((table["at_risk"] == 0) & (survival > 0)).to_numpy() & (table["time"] > 0).to_numpy()
    survival[unknown] = np.nan
    vcov[unknown] = np.nan
    vcov[:, unknown] = np.nan
    table["estimate"], table["se"] = survival, np.sqrt(np.diag(vcov))
    return table, vcov


def with_intervals(table: pd.DataFrame, ci: CurveInterval, level: float) -> pd.DataFrame:
    """Add z intervals of log S, cut at 1, or of log(-log S)."""
    survival, z = table["estimate"].to_numpy(), ndtri((1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        hazard = -np.log(survival)
        se = table["se"].to_numpy() / survival
        if ci == "log":
            low, high = np.exp(-hazard - z * se), np.minimum(np.exp(-hazard + z * se), 1.0)
        else:
            low, high = (np.exp(-hazard * np.exp(side * z * se / hazard)) for side in (1, -1))
    # Before the first death S is 1 and has no spread.
    certain = survival == 1
    table["ci_low"], table["ci_high"] = np.where(certain, 1.0, low), np.where(certain, 1.0, high)
    first = [column for column in table.columns if column not in ("n", "events", "at_risk")]
    return table[[*first, "n", "events", "at_risk"]]
