"""Pooling: one number from several studies, with what it cannot say.

Vocabulary: *fixed effect* (FE) assumes one true effect; *random effects* estimate the mean of the studies'
own true effects and tau2, their variance. The *confidence interval* is about that mean, the *prediction
interval* about the true effect of a new study. I² is the share of variation that is not sampling error, from
tau2 (``i2``, as metafor) or from Q (``i2_q``, Higgins and Thompson 2002, p. 1552), both in percent. Log scale
in, log scale out: ratios are logged first.

R equivalents: ``metafor::rma``, ``predict``, ``confint``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, chdtri, ndtri, stdtrit

from lonely_analysis.errors import DataError
from lonely_analysis.evidence import random_effects
from lonely_analysis.evidence.effects import EXPONENTIATED, as_ratios
from lonely_analysis.results import Result

TESTS = ("z", "knha")
#: Below this many studies tau2 is hardly estimated at all, and the result's note says so.
FEW_STUDIES = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Pooled(Result):
    """One pooled estimate; ``studies`` holds label, yi, vi, weight in percent and interval of each study.

    Columns of ``to_frame()``: ``estimate, se, ci_low, ci_high, pi_low, pi_high, tau2, tau2_ci_low,
    tau2_ci_high, q, q_p, i2, i2_q, k, method, test``.
    """

    studies: pd.DataFrame = field(repr=False)
    level: float = 0.95

    def ratios(self) -> pd.DataFrame:
        """Return estimate and intervals exponentiated, for effects that were logged ratios.

        Choices that were put under each other keep the words that name them.
        """
        shown = [name for name in ("choice", *EXPONENTIATED, "k") if name in self.table]
        result = as_ratios(self.table)[shown]
        result.attrs["source"] = self.source
        return result


def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: str = "REML",
    test: str = "knha",
    labels: ArrayLike | None = None,
    orientation: ArrayLike | None = None,
    source: str | None = None,
    level: float = 0.95,
) -> Pooled:
    """Pool effects ``yi`` with sampling variances ``vi``, as ``metafor::rma(yi, vi, method=, test=)``.

    ``method``: FE, DL (DerSimonian and Laird 1986), PM (Paule and Mandel 1982) or REML (Viechtbauer 2005).
    ``test``: z, or knha, which scales the standard error by the observed scatter and uses t with k - 1
    degrees of freedom (Knapp and Hartung 2003, p. 2696); with little scatter it can give a shorter interval
    than z, which ``note`` then says. tau2 interval by Q-profile (Viechtbauer 2007, p. 40). ``orientation``
    (1 or -1) is only checked: studies that point different ways are turned first, with ``effects.turn``.
    ``source`` defaults to the table that ``yi`` came from. One or two studies are pooled, and ``note`` says
    what they cannot tell.

    Raises ``DataError`` for no studies, values that are missing, a variance that is not positive, mixed
    directions, or an unknown method or test.
    """
    y, v = checked(yi, vi)
    check_options(method, test, level)
    if orientation is not None and len(np.unique(np.asarray(orientation))) > 1:
        raise DataError("the studies point different ways: turn them first, effects.turn(yi, orientation)")
    table = _pooled_columns(y[None], v[None], method, test, level)
    table[["tau2_ci_low", "tau2_ci_high"]] = q_profile(y, v, level) if method != "FE" else (np.nan, np.nan)
    table = table.assign(method=method, test=_test_used(test, len(y)))[_COLUMNS]
    return Pooled(
        table=table,
        source=source or source_of(yi),
        note=_note(table.iloc[0], v, level),
        studies=_studies(y, v, float(table["tau2"].iloc[0]), labels, level),
        level=level,
    )


def pool_many(
    yi: ArrayLike, vi: ArrayLike, *, method: str = "REML", test: str = "knha", level: float = 0.95
) -> pd.DataFrame:
    """Pool m meta-analyses of k studies each at once: ``yi`` and ``vi`` are (m, k), the result has m rows.

    The model, options and columns of ``pool``, without the tau2 interval; thousands of simulated or
    leave-one-out sets take milliseconds, because every iteration is a few products of whole arrays. Raises
    ``DataError`` for arrays of other or different shapes, and as ``pool`` does. R: ``metafor::rma`` in a
    loop.
    """
    y, v = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    if y.ndim != 2 or y.shape != v.shape:
        raise DataError(f"yi and vi must both be (m, k) arrays; they are {y.shape} and {v.shape}")
    checked(y.ravel(), v.ravel())
    check_options(method, test, level)
    return _pooled_columns(y, v, method, test, level).assign(method=method, test=_test_used(test, y.shape[1]))


def q_profile(yi: ArrayLike, vi: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of tau2: the values at which Q(tau2) meets the chi-squared quantiles of k - 1 df.

    As ``metafor::confint``; both limits are 0 when even the upper one would fall below 0, and missing for one
    study.
    """
    y, v = checked(yi, vi)
    if len(y) < 2:
        return np.nan, np.nan
    tail = (1 - level) / 2
    ones = np.ones((len(y), 1))
    targets = [chdtri(len(y) - 1, tail), chdtri(len(y) - 1, 1 - tail)]
    low, high = (random_effects.tau2_where_q_is(target, y[None], v[None], ones)[0] for target in targets)
    return float(low), float(high)


def checked(yi: ArrayLike, vi: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return effects and variances as float arrays, or say in one sentence why they cannot be pooled."""
    try:
        y, v = np.asarray(yi, dtype=float), np.asarray(vi, dtype=float)
    except (TypeError, ValueError) as problem:
        raise DataError("yi and vi must be numbers without missing values") from problem
    if y.ndim != 1 or y.shape != v.shape:
        raise DataError(f"yi and vi must be two columns of one length; they are {y.shape} and {v.shape}")
    if not len(y):
        raise DataError("there are no studies to pool")
    missing = ~(np.isfinite(y) & np.isfinite(v))
    if missing.any():
        raise DataError(f"{missing.sum()} of {len(y)} studies lack effect or variance: leave them out")
    if (v <= 0).any():
        raise DataError(f"{(v <= 0).sum()} of {len(y)} studies have a standard error of 0 or below")
    return y, v


def source_of(yi: ArrayLike) -> str:
    """Return the published table that a column came from, or ``"given"`` for bare numbers."""
    return getattr(yi, "attrs", {}).get("source", "given")


_COLUMNS = [
    *("estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high", "tau2", "tau2_ci_low", "tau2_ci_high"),
    *("q", "q_p", "i2", "i2_q", "k", "method", "test"),
]


def check_options(method: str, test: str, level: float) -> None:
    """Refuse an unknown method or test and a level that is no share."""
    if method not in random_effects.METHODS:
        raise DataError(f"method={method!r}: there are {', '.join(random_effects.METHODS)}")
    if test not in TESTS:
        raise DataError(f"test={test!r}: there are {', '.join(TESTS)}")
    if not isinstance(level, int | float | np.number) or not 0 < level < 1:
        raise DataError(f"level={level!r}: give a share between 0 and 1, such as 0.95")


def _test_used(test: str, k: int) -> str:
    return test if k > 1 else "z"


def _pooled_columns(y: np.ndarray, v: np.ndarray, method: str, test: str, level: float) -> pd.DataFrame:
    k = y.shape[1]
    fit = random_effects.fit(y, v, np.ones((k, 1)), method)
    knha = _test_used(test, k) == "knha"
    variance = fit.vcov[:, 0, 0] * (fit.scatter if knha else 1)
    critical = stdtrit(k - 1, (1 + level) / 2) if knha else ndtri((1 + level) / 2)
    mean, half = fit.beta[:, 0], critical * np.sqrt(variance)
    reach = critical * np.sqrt(variance + fit.tau2) if method != "FE" and k > 1 else np.nan
    return pd.DataFrame(
        {
            "estimate": mean,
            "se": np.sqrt(variance),
            "ci_low": mean - half,
            "ci_high": mean + half,
            "pi_low": mean - reach,
            "pi_high": mean + reach,
            "tau2": fit.tau2 if k > 1 else np.nan,
            "q": fit.q,
            **_heterogeneity(fit, v, method),
            "k": k,
        }
    )


def _heterogeneity(fit: random_effects.Fit, v: np.ndarray, method: str) -> dict[str, Any]:
    k = v.shape[1]
    if k == 1:
        return {"q_p": np.nan, "i2": np.nan, "i2_q": np.nan}
    with np.errstate(divide="ignore", invalid="ignore"):
        from_q = np.where(fit.q > 0, np.maximum(100 * (fit.q - (k - 1)) / fit.q, 0), 0.0)
    weights = 1 / v
    total = weights.sum(axis=1)
    typical = (k - 1) * total / (total**2 - (weights**2).sum(axis=1))
    from_tau2 = from_q if method == "FE" else 100 * fit.tau2 / (fit.tau2 + typical)
    return {"q_p": chdtrc(k - 1, fit.q), "i2": from_tau2, "i2_q": from_q}


def _studies(
    y: np.ndarray, v: np.ndarray, tau2: float, labels: ArrayLike | None, level: float
) -> pd.DataFrame:
    weights = 1 / (v + np.nan_to_num(tau2))
    half = ndtri((1 + level) / 2) * np.sqrt(v)
    names = np.arange(1, len(y) + 1).astype(str) if labels is None else np.asarray(labels)
    if len(names) != len(y):
        raise DataError(f"{len(names)} labels for {len(y)} studies")
    return pd.DataFrame(
        {
            "label": names,
            "yi": y,
            "vi": v,
            "weight": 100 * weights / weights.sum(),
            "ci_low": y - half,
            "ci_high": y + half,
        }
    )


def _note(row: pd.Series, v: np.ndarray, level: float) -> str:
    """Say what so few studies, or so little scatter, cannot tell."""
    if row["k"] == 1:
        return (
            "One study: nothing is known about variation between studies, so neither tau2 nor a prediction."
        )
    notes = []
    if row["method"] == "FE" and row["test"] == "knha":
        notes.append("Knapp-Hartung is meant for random effects: with FE use test='z'.")
    if row["k"] < FEW_STUDIES and row["method"] != "FE":
        notes.append(f"{row['k']} studies: tau2 is hardly known; read its interval, not its value.")
    tau2 = np.nan_to_num(row["tau2"])
    plain = np.sqrt(1 / (1 / (v + tau2)).sum()) * ndtri((1 + level) / 2)
    if row["test"] == "knha" and row["ci_high"] - row["estimate"] < plain:
        notes.append("The effects scatter less than chance: Knapp-Hartung is shorter here than a z interval.")
    return " ".join(notes)
