"""The E-value: how strong an unmeasured confounder must be to explain an association away.

An *E-value* is the smallest risk ratio that the confounder would need with the exposure and with the
outcome, both, and beyond the measured covariates, to move the estimate to 1 (or the confidence limit nearer
to 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.results import Result

RatioKind = Literal["RR", "OR", "HR"]


@dataclass(frozen=True, kw_only=True, eq=False)
class EValue(Result):
    """One row: ``ratio, risk_ratio, estimate, ci_limit``; the last two are E-values."""

    kind: str
    rare: bool


def evalue(
    ratio: float,
    ci_low: float | None = None,
    ci_high: float | None = None,
    *,
    kind: RatioKind = "RR",
    rare: bool = False,
    source: str = "published",
) -> EValue:
    """Compute the E-value of a ratio, and of the confidence limit nearer to 1.

    E = RR + sqrt(RR (RR - 1)), with 1/RR in the place of RR below 1. The E-value of the limit is 1 when the
    interval holds 1. With ``rare`` outcomes (under 15 % at the end of follow-up) an odds or hazard ratio
    stands for a risk ratio; else OR is replaced by sqrt(OR) and HR by (1 - 0.5^sqrt(HR)) / (1 -
    0.5^sqrt(1/HR)). VanderWeele and Ding 2017, Ann Intern Med 167:268-274.

    It says nothing about selection or measurement error, nor about whether such a confounder is likely.

    Raises ``DataError`` for a ratio that is not positive, limits on the wrong side of it, or an unknown
    ``kind``.

    R equivalent: ``EValue::evalues.RR``, ``evalues.OR``, ``evalues.HR``.
    """
    if kind not in ("RR", "OR", "HR"):
        raise DataError(f"kind={kind!r} is none of: RR, OR, HR")
    _check(ratio, ci_low, ci_high)
    risk, low, high = (None if x is None else _risk_ratio(x, kind, rare) for x in (ratio, ci_low, ci_high))
    near = low if risk >= 1 else high
    reached = near is not None and (near <= 1) == (risk >= 1)
    limit = np.nan if near is None else 1.0 if reached else _evalue(near)
    row = {"ratio": ratio, "risk_ratio": risk, "estimate": _evalue(risk), "ci_limit": limit}
    return EValue(table=pd.DataFrame([row]), source=source, kind=kind, rare=rare)


def _check(ratio: float, low: float | None, high: float | None) -> None:
    for name, value in (("ratio", ratio), ("ci_low", low), ("ci_high", high)):
        if value is not None and not (np.isfinite(value) and value > 0):
            raise DataError(
                f"{name}={value} is no ratio: it must be above 0 (exponentiate a log ratio first)"
            )
    if (low is not None and low > ratio) or (high is not None and high < ratio):
        raise DataError(f"the interval {low} to {high} does not hold the ratio {ratio}")


def _risk_ratio(ratio: float, kind: str, rare: bool) -> float:
    if rare or kind == "RR":
        return float(ratio)
    if kind == "OR":
        return float(np.sqrt(ratio))
    return float((1 - 0.5 ** np.sqrt(ratio)) / (1 - 0.5 ** np.sqrt(1 / ratio)))


def _evalue(risk: float) -> float:
    risk = max(risk, 1 / risk)
    return float(risk + np.sqrt(risk * (risk - 1)))
