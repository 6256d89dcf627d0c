"""Meta-regression, subgroups and dependent rows.

Vocabulary: a *moderator* is a property of studies that may explain why effects differ; *q_residual* is the
scatter left after the moderators, *q_moderators* the test that all of them are without effect (chi-squared
under z, F under knha or clusters). Several rows of one cohort are *dependent*: a cluster-robust covariance
lets rows of a cluster be correlated in any way (Hedges, Tipton and Johnson 2010, p. 43-46).

R equivalents: ``metafor::rma(yi, vi, mods = ~ x)``, ``metafor::robust(fit, cluster, clubSandwich = FALSE)``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.evidence import random_effects
from lonely_analysis.evidence.pool import Pooled, check_options, checked, pool, source_of
from lonely_analysis.results import HypothesisTest, Result


@dataclass(frozen=True, kw_only=True, eq=False)
class MetaRegression(Result):
    """Coefficients (columns ``term, estimate, se, ci_low, ci_high, t, df, p``) and what is left unexplained.

    ``r2`` is the percentage by which the moderators reduce tau2, missing when there was none to reduce.
    """

    vcov: pd.DataFrame = field(repr=False)
    tau2: float
    q_residual: float
    q_residual_p: float
    q_moderators: float
    q_moderators_p: float
    r2: float
    k: int
    method: str
    test: str
    level: float = 0.95


def meta_regression(
    yi: ArrayLike,
    vi: ArrayLike,
    moderators: pd.DataFrame | None = None,
    *,
    cluster: ArrayLike | None = None,
    method: str = "REML",
    test: str = "knha",
    level: float = 0.95,
) -> MetaRegression:
    """Regress effects on moderators, weights 1 / (vi + tau2); without moderators, the pooled mean.

    Text and categorical moderators become indicators named ``C(name)[level]``, first level left out. With
    ``cluster`` the covariance is the sandwich over clusters times c / (c - p), and t has c - p degrees of
    freedom for c clusters and p terms, as ``metafor::robust``; ``test`` is then not used. With few clusters
    its intervals are too short for a moderator that all rows of a cluster share: give one row each instead.

    Raises ``DataError`` for missing moderators and ``EstimationError`` when terms are collinear or studies
    or clusters are not more than terms.
    """
    y, v = checked(yi, vi)
    check_options(method, test, level)
    design = _design(moderators, len(y))
    fit = random_effects.fit(y[None], v[None], design.to_numpy(), method)
    if cluster is None:
        df = np.inf if test == "z" else len(y) - design.shape[1]
        vcov = fit.vcov[0] * (1 if test == "z" else fit.scatter[0])
    else:
        vcov, df = _sandwich(fit, y, v, design, np.asarray(cluster))
    table = coefficients(list(design), fit.beta[0], vcov, df, level)
    return MetaRegression(
        table=table,
        source=source_of(yi),
        vcov=pd.DataFrame(vcov, index=list(design), columns=list(design)),
        tau2=float(fit.tau2[0]),
        q_residual=float(fit.q[0]),
        q_residual_p=float(chdtrc(len(y) - design.shape[1], fit.q[0])),
        r2=_explained(y, v, fit, method) if design.shape[1] > 1 else np.nan,
        k=len(y),
        method=method,
        test="cluster" if cluster is not None else test,
        level=level,
        **_joint_test(fit.beta[0], vcov, df),
    )


def subgroups(
    yi: ArrayLike, vi: ArrayLike, by: ArrayLike, **options: str | float
) -> tuple[pd.DataFrame, HypothesisTest]:
    """Pool each group by itself, with a tau2 of its own, and test whether the pooled effects differ.

    Returns one row a group (column ``group``, then those of ``pool``) and the test Q = sum of w (mean -
    overall)² with w = 1 / se² and groups - 1 degrees of freedom (Borenstein 2009, p. 168). ``options`` go to
    ``pool``. A difference between groups of studies says nothing about the persons in them. The test takes
    the standard errors as known: with few studies a group it rejects too often, and ``q_moderators_p`` of
    ``meta_regression`` with the group as moderator does not.
    """
    y, v = checked(yi, vi)
    groups = pd.Series(np.asarray(by))
    if len(groups) != len(y) or groups.isna().any():
        raise DataError("every study needs a group")
    pools: dict[object, Pooled] = {
        name: pool(y[rows], v[rows], **options) for name, rows in groups.groupby(groups).indices.items()
    }
    if len(pools) < 2:
        raise DataError(f"all studies are in the group {next(iter(pools))!r}: there is nothing to compare")
    table = pd.concat([one.to_frame().assign(group=name) for name, one in pools.items()], ignore_index=True)
    table = table[["group", *table.columns.drop("group")]]
    certain = table.loc[table["se"] == 0, "group"]
    if len(certain):
        raise DataError(
            f"the studies of {', '.join(map(str, certain))} have one effect, so that Knapp and Hartung's "
            "standard error is 0 and no difference can be tested: use test='z'"
        )
    weights = 1 / table["se"] ** 2
    q = float((weights * (table["estimate"] - np.average(table["estimate"], weights=weights)) ** 2).sum())
    df = len(pools) - 1
    answer = pd.DataFrame({"statistic": [q], "df1": [df], "df2": [np.inf], "p": [chdtrc(df, q)]})
    return table, HypothesisTest(
        table=answer,
        source=source_of(yi),
        name="Q between subgroups",
        null="all groups have the same mean effect",
    )


def coefficients(
    terms: list[str], beta: np.ndarray, vcov: np.ndarray, df: float, level: float
) -> pd.DataFrame:
    """Lay out coefficients with t intervals, or z intervals for infinite ``df``."""
    se = np.sqrt(np.diag(vcov))
    critical = ndtri((1 + level) / 2) if np.isinf(df) else stdtrit(df, (1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = beta / se
    tail = ndtr(-np.abs(t)) if np.isinf(df) else stdtr(df, -np.abs(t))
    low, high = beta - critical * se, beta + critical * se
    return pd.DataFrame(
        {
            "term": terms,
            "estimate": beta,
            "se": se,
            "ci_low": low,
            "ci_high": high,
            "t": t,
            "df": df,
            "p": 2 * tail,
        }
    )


def _design(moderators: pd.DataFrame | None, k: int) -> pd.DataFrame:
    """Intercept, numbers as they are, and indicators for everything else."""
    moderators = pd.DataFrame(index=range(k)) if moderators is None else pd.DataFrame(moderators)
    if len(moderators) != k or moderators.isna().to_numpy().any():
        raise DataError(f"moderators: {k} rows without missing values are needed, one a study")
    columns = {"Intercept": np.ones(k)}
    for name, values in moderators.items():
        if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
            columns[str(name)] = values.to_numpy(dtype=float)
            if not np.isfinite(columns[str(name)]).all():
                raise DataError(f"moderator {name!r} is infinite for some studies: leave them out")
            if np.ptp(columns[str(name)]) == 0:
                raise EstimationError(
                    f"moderator {name!r} is {values.iloc[0]} for all {k} studies: leave it out"
                )
            continue
        kinds = values.astype("category").cat.remove_unused_categories().cat.categories
        if len(kinds) < 2:
            raise EstimationError(f"moderator {name!r} is {kinds[0]!r} for all {k} studies: leave it out")
        columns |= {f"C({name})[{kind}]": (values == kind).to_numpy(dtype=float) for kind in kinds[1:]}
    design = pd.DataFrame(columns)
    if k <= design.shape[1]:
        raise EstimationError(f"{k} studies cannot carry {design.shape[1]} terms: leave moderators out")
    if np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
        raise EstimationError(f"the moderators are collinear: {', '.join(design)}")
    return design


def _sandwich(
    fit: random_effects.Fit, y: np.ndarray, v: np.ndarray, design: pd.DataFrame, cluster: np.ndarray
) -> tuple[np.ndarray, int]:
    x, terms = design.to_numpy(), design.shape[1]
    if len(cluster) != len(y) or pd.isna(cluster).any():
        raise DataError("every study needs a cluster")
    scores = x * ((y - x @ fit.beta[0]) / (v + fit.tau2[0]))[:, None]
    totals = pd.DataFrame(scores).groupby(cluster).sum().to_numpy()
    count = len(totals)
    if count <= terms:
        raise EstimationError(f"{count} clusters cannot carry {terms} terms")
    return fit.vcov[0] @ (totals.T @ totals) @ fit.vcov[0] * count / (count - terms), count - terms


def _joint_test(beta: np.ndarray, vcov: np.ndarray, df: float) -> dict[str, float]:
    """Test all terms but the intercept at once; of a model without moderators, the intercept."""
    keep = slice(1, None) if len(beta) > 1 else slice(None)
    b, v = beta[keep], vcov[keep, keep]
    chi2 = float(b @ np.linalg.solve(v, b))
    if np.isinf(df):
        return {"q_moderators": chi2, "q_moderators_p": float(chdtrc(len(b), chi2))}
    return {"q_moderators": chi2 / len(b), "q_moderators_p": float(fdtrc(len(b), df, chi2 / len(b)))}


def _explained(y: np.ndarray, v: np.ndarray, fit: random_effects.Fit, method: str) -> float:
    plain = random_effects.fit(y[None], v[None], np.ones((len(y), 1)), method).tau2[0]
    return float(max(0.0, 100 * (1 - fit.tau2[0] / plain))) if plain > 0 else np.nan
