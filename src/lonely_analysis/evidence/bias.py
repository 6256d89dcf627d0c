"""Small-study effects: whether small studies tell another story, and what the pool might be without that.

Vocabulary: a *small-study effect* is a slope of effect on standard error. Selective publication makes one,
and so do real differences between small and large studies, so none of these methods detects or removes
publication bias; they show how far the pool depends on the small studies. They want many studies of varied
size and little heterogeneity: Carter, Schönbrodt, Gervais and Hilgard 2019 show how each fails otherwise.

There is no p-curve (Simonsohn, Nelson and Simmons 2014) here, on purpose. It uses significant results only,
of which our sets have few, and reads them as one-sided tests of one hypothesis; with heterogeneous effects
its estimate is of the significant studies' mean, not of the mean of all. The three-parameter selection
model in ``selection`` uses every study, lets effects vary and answers the same question.

R equivalents: ``metafor::regtest(model = "lm")``, ``lm(yi ~ sei, weights = 1 / vi)``, ``metafor::trimfill``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from lonely_analysis.errors import DataError
from lonely_analysis.evidence import random_effects
from lonely_analysis.evidence.moderators import meta_regression
from lonely_analysis.evidence.pool import Pooled, checked, pool, source_of
from lonely_analysis.results import HypothesisTest, Result

#: A line through two points fits them exactly: no test of a slope is possible with fewer studies.
FEWEST_STUDIES = 3
#: PET hands over to PEESE when its mean differs from 0 at this two-sided level (Stanley and Doucouliagos
#: 2014).
PET_LEVEL = 0.10
#: Trim-and-fill settles within a few rounds; one that still swings after so many never settles.
MAX_ROUNDS = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class PetPeese(Result):
    """Rows ``pet`` and ``peese``: the mean of a study without sampling error; ``chosen`` names one."""

    chosen: str
    level: float = 0.95


@dataclass(frozen=True, kw_only=True, eq=False)
class TrimFill(Result):
    """``k0`` studies filled in on ``side``; ``filled`` is the pool with them, and ``table`` its columns."""

    side: str
    k0: int
    filled: Pooled = field(repr=False)


def egger(yi: ArrayLike, vi: ArrayLike) -> HypothesisTest:
    """Test whether small studies show larger effects: the slope of effect on standard error.

    Weighted least squares of ``yi`` on sqrt(``vi``) with weights 1 / ``vi`` and a free dispersion (Egger and
    others 1997, p. 630). R: ``metafor::regtest(model = "lm")``.

    Returns one row: ``statistic`` (t), ``df1`` 1, ``df2`` k - 2, ``p``. Raises ``DataError`` for too few
    studies, variances that are not above 0 or all alike, and effects that are all alike.
    """
    y, v = _enough(yi, vi)
    row = _slope_on(y, v, np.sqrt(v), "se").iloc[1]
    answer = pd.DataFrame({"statistic": [row["t"]], "df1": [1.0], "df2": [row["df"]], "p": [row["p"]]})
    return HypothesisTest(
        table=answer,
        source=source_of(yi),
        name="Egger's regression test",
        null="the effect does not depend on the standard error",
        note=f"Slope {row['estimate']:.3g} per unit of standard error, {len(y)} studies.",
    )


def pet_peese(yi: ArrayLike, vi: ArrayLike, *, level: float = 0.95) -> PetPeese:
    """Extrapolate to a study of infinite size: on the standard error (PET) and on the variance (PEESE).

    Weighted least squares with weights 1 / ``vi``; the intercept is the effect of a study without error
    (Stanley and Doucouliagos 2014, p. 61-65). PEESE is chosen when PET's mean differs from 0 (two-sided 10 %,
    that is one-sided 5 % either way), else PET. R: ``lm(yi ~ sqrt(vi), weights = 1 / vi)``, and with ``vi``.
    The intervals hold the mean as often as they say only where all studies have one true effect.

    Returns two rows, ``pet`` and ``peese``: ``method, estimate, se, ci_low, ci_high, t, df, p``. Raises
    ``DataError`` as ``egger`` does.
    """
    y, v = _enough(yi, vi)
    rows = {
        name: _slope_on(y, v, predictor, name, level).iloc[0]
        for name, predictor in {"pet": np.sqrt(v), "peese": v}.items()
    }
    table = pd.DataFrame(list(rows.values())).drop(columns="term").reset_index(drop=True)
    table.insert(0, "method", list(rows))
    chosen = "peese" if rows["pet"]["p"] < PET_LEVEL else "pet"
    return PetPeese(table=table, source=source_of(yi), chosen=chosen, level=level)


def trim_and_fill(pooled: Pooled, side: str | None = None) -> TrimFill:
    """Mirror the studies that make a funnel lopsided and pool again (Duval and Tweedie 2000, estimator L0).

    ``side`` is where studies seem to be missing; by default the side from which Egger's slope points. The
    filled studies never existed: the result shows sensitivity, it is no better estimate, and its interval
    holds the mean less often than it says. R: ``metafor::trimfill``.

    Returns the row of ``pool`` with the filled studies, their number ``k0``, the ``side``, and ``filled``,
    the pool itself. Raises ``DataError`` as ``egger`` does and for another ``side``.
    """
    row = pooled.table.iloc[0]
    y, v = _enough(pooled.studies["yi"], pooled.studies["vi"])
    if side not in (None, "left", "right"):
        raise DataError(f"side={side!r}: left or right")
    side = side or ("right" if _asymmetry(y, v, row["method"]) < 0 else "left")
    sign = -1.0 if side == "right" else 1.0
    order = np.argsort(sign * y, kind="stable")
    k0, centre = _trim(sign * y[order], v[order], row["method"])
    extreme = order[len(y) - k0 :]
    mirrored = 2 * sign * centre - y[extreme]
    labels = [*pooled.studies["label"], *(f"filled {i + 1}" for i in range(k0))]
    filled = pool(
        np.concatenate([y, mirrored]),
        np.concatenate([v, v[extreme]]),
        method=row["method"],
        test=row["test"],
        level=pooled.level,
        labels=labels,
        source=pooled.source,
    )
    return TrimFill(table=filled.table, source=pooled.source, side=side, k0=k0, filled=filled)


def _enough(yi: ArrayLike, vi: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    y, v = checked(yi, vi)
    if len(y) < FEWEST_STUDIES:
        raise DataError(f"{len(y)} studies: small-study effects need at least {FEWEST_STUDIES}")
    if np.ptp(v) <= 1e-12 * v.max():
        raise DataError("all studies are equally precise: no small-study effect can be seen")
    if np.ptp(y) <= 1e-12 * np.abs(y).max():
        raise DataError("all studies have the same effect: no small-study effect can be seen")
    return y, v


def _slope_on(
    y: np.ndarray, v: np.ndarray, predictor: np.ndarray, name: str, level: float = 0.95
) -> pd.DataFrame:
    """Weighted least squares with free dispersion: a fixed-effect meta-regression under knha."""
    return meta_regression(
        y, v, pd.DataFrame({name: predictor}), method="FE", test="knha", level=level
    ).to_frame()


def _asymmetry(y: np.ndarray, v: np.ndarray, method: str) -> float:
    design = np.column_stack([np.ones(len(y)), np.sqrt(v)])
    return float(random_effects.fit(y[None], v[None], design, method).beta[0, 1])


def _trim(y: np.ndarray, v: np.ndarray, method: str) -> tuple[int, float]:
    """Return how many studies miss on the left of sorted ``y``, and the centre without their mirrors."""
    k, k0, seen = len(y), 0, -1
    for _ in range(MAX_ROUNDS):
        kept = slice(0, k - k0)
        ones = np.ones((k - k0, 1))
        centre = float(random_effects.fit(y[None, kept], v[None, kept], ones, method).beta[0, 0])
        if k0 == seen:
            return k0, centre
        ranks = np.empty(k)
        ranks[np.argsort(np.abs(y - centre), kind="stable")] = np.arange(1, k + 1)
        above = ranks[y > centre].sum()
        seen, k0 = k0, max(0, round((4 * above - k * (k + 1)) / (2 * k - 1)))
    raise DataError(f"trim-and-fill did not settle in {MAX_ROUNDS} rounds: the funnel has no clear centre")
