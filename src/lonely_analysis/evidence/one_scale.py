"""Effects of different kinds on one scale, and what a correlation means in people out of 100.

Vocabulary: *d* is a difference in standard deviations. A correlation becomes d as if the exposure split
people in two, and a ratio as if a continuous outcome had been cut in two (Borenstein and others 2009, chapter
7), so effects on one scale can be compared in size but never pooled across designs. A risk or hazard ratio is
first an odds ratio: they nearly agree where the outcome is rare, else the risk of the unexposed decides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence import effects
from lonely_analysis.evidence.inputs import numbers
from lonely_analysis.evidence.prevalence import SECOND_HAND

SCALES = ("d", "r", "OR")
#: What can be converted; counts and percentages have no such scale.
CONVERTED = ("r", "SMD", "OR", "RR", "PR", "HR")
_NUMBERS = ("estimate", "ci_low", "ci_high")


def one_scale(table: pd.DataFrame, scale: str = "d", baseline_risk: float | None = None) -> pd.DataFrame:
    """Return rows of a published table with ``estimate, ci_low, ci_high`` all as d, r or odds ratios.

    ``published`` keeps the printed number, ``measure`` its kind, ``study`` is first author and year and
    ``reading`` ``"second-hand"`` for grade B, else empty; ``orientation`` is applied, so that above zero
    (above 1) is always worse for the lonelier. A limit that was not read stays missing. Risk, prevalence and
    hazard ratios are read as odds ratios, which is right for rare outcomes; with ``baseline_risk``, the risk
    of the unexposed, they are converted. r = d / sqrt(d² + 4) supposes groups of one size.

    Raises ``DataError`` for an unknown scale and for rows that hold another kind of number.
    """
    if scale not in SCALES:
        raise DataError(f"scale={scale!r}: there are {', '.join(SCALES)}")
    other = table.loc[~table["measure"].isin(CONVERTED), "measure"]
    if len(other):
        raise DataError(f"{len(other)} rows hold {', '.join(other.unique())}, which is no effect size")
    standard = pd.DataFrame(
        [_as_d(row, baseline_risk) for _, row in table.iterrows()], columns=list(_NUMBERS), index=table.index
    )
    reading = table["grade"].map({"A": "", "B": SECOND_HAND})
    result = table.assign(published=table["estimate"], study=_study(table), reading=reading)
    result[list(_NUMBERS)] = _from_d(standard.to_numpy(float, copy=True), scale)
    return result


def in_people(r: Sequence[float]) -> pd.DataFrame:
    """Say what correlations mean: two halves of 100 lonelier and 100 less lonely persons each.

    Columns: ``r``; ``explained``, the share of variance r²; ``lonelier_half`` and ``other_half``, the shares
    above the outcome's median in either half of the exposure (``effects.above_median``); ``superiority``, the
    chance that of two random persons the one from the lonelier half has more of the outcome, from
    the d of a split in two.
    """
    r = np.atleast_1d(numbers(r, "r"))
    above = effects.above_median(r)
    d = effects.d_from_r(r, np.ones_like(r)).estimate
    return pd.DataFrame(
        {
            "r": r,
            "explained": r**2,
            "lonelier_half": above,
            "other_half": 1 - above,
            "superiority": effects.superiority(d),
        }
    )


def _as_d(row: pd.Series, baseline_risk: float | None) -> list[float]:
    """Return estimate, lower and upper limit as d; missing ones stay missing."""
    values = np.array([_one_as_d(float(row[name]), str(row["measure"]), baseline_risk) for name in _NUMBERS])
    return list(values) if row["orientation"] > 0 else list(-values[[0, 2, 1]])


def _one_as_d(value: float, measure: str, baseline_risk: float | None) -> float:
    if np.isnan(value) or measure == "SMD":
        return value
    if measure == "r":
        return float(effects.d_from_r(value, 1.0).estimate)
    if baseline_risk is not None and measure != "OR":
        risk = effects.hr_to_rr(value, baseline_risk) if measure == "HR" else value
        value = float(effects.rr_to_or(risk, baseline_risk))
    return float(effects.d_from_log_or(np.log(effects.positive(value, measure)), 1.0).estimate)


def _from_d(d: np.ndarray, scale: str) -> np.ndarray:
    """Turn d into ``scale``, in place; limits that were not read stay missing."""
    known = np.isfinite(d)
    if scale == "r":
        d[known] = effects.r_from_d(d[known], 1.0).estimate
    elif scale == "OR":
        d[known] = np.exp(effects.log_or_from_d(d[known], 1.0).estimate)
    return d


def _study(table: pd.DataFrame) -> pd.Series:
    """First author's family name and year; an agency or a missing name stays as it is written."""
    first = table["authors"].str.split(";").str[0].str.replace(r"\s+[A-Z]{1,3}$", "", regex=True)
    unnamed = first.str.startswith("(")
    return first.where(~unnamed, "authors not named") + " " + table["year"].astype(int).astype(str)
