"""Who has an outcome more often: several groupings beneath each other, and the differences within each.

A *grouping* is a column that divides the population (sex, education). A *profile* holds one row a group of
every grouping: ``variable`` names the grouping and ``value`` the group, as in ``average_effect``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.domains import names
from lonely_analysis.estimators.intervals import IntervalMethod, level_or, standard_error, t_interval
from lonely_analysis.estimators.margins import Effects
from lonely_analysis.estimators.prevalence import prevalence
from lonely_analysis.estimators.psus import as_design
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.standardise import Standard, standardise
from lonely_analysis.results import Estimates, joined_notes
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

STACKED = ("variable", "value")


def profile(
    data: Survey | SurveyDesign,
    outcome: str,
    groupings: Sequence[str],
    over: str | Sequence[str] | None = None,
    population: Standard = "overall",
    *,
    where: pd.Series | str | None = None,
    ci: IntervalMethod = "logit",
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate the share with an outcome in the groups of each grouping, one grouping beneath the other.

    Each grouping is ``prevalence(data, outcome, by=grouping)``, or with ``over`` the directly standardised
    ``standardise(data, outcome, by=grouping, over=over, population=population)``; formulas, R equivalents
    and errors are theirs. Whoever misses a grouping leaves that grouping only.

    Returns ``variable`` (the grouping), ``value`` (the group) and the columns of ``prevalence``. ``vcov``
    holds the covariances of groups of one grouping; those across groupings are not estimated and are NaN.
    Raises ``DataError`` when no grouping is named.
    """
    design, chosen = as_design(data), names(groupings)
    if not chosen:
        raise DataError("groupings= names the columns to compare groups of, such as ['sex', 'education']")
    common = {"where": where, "ci": ci, "level": level, "replicates": replicates}
    if over is None:
        parts = [prevalence(design, outcome, by=name, **common) for name in chosen]
    else:
        common |= {"over": over, "population": population}
        parts = [standardise(design, outcome, by=name, **common) for name in chosen]
    return _stacked(chosen, parts)


def _stacked(chosen: tuple[str, ...], parts: list[Estimates]) -> Estimates:
    tables = []
    for name, part in zip(chosen, parts, strict=True):
        table = part.table.rename(columns={name: "value"}).astype({"value": object})
        table.insert(0, "variable", name)
        tables.append(table)
    sizes = np.cumsum([0] + [len(part) for part in parts])
    vcov = np.full((sizes[-1], sizes[-1]), np.nan)
    for first, last, part in zip(sizes[:-1], sizes[1:], parts, strict=True):
        vcov[first:last, first:last] = part.vcov
    return replace(
        parts[0],
        table=pd.concat(tables, ignore_index=True),
        by=STACKED,
        vcov=vcov,
        note=joined_notes(parts),
    )


def differences(
    result: Estimates, reference: Mapping[str, Any] | None = None, *, level: float | None = None
) -> Effects:
    """Compare each group with its grouping's reference group: estimate minus estimate.

    d = p_g - p_0 with variance v_g + v_0 - 2 v_g0 from the result's covariance (R ``svycontrast`` of
    ``svyby(..., covmat = TRUE)``), and the t interval with the smaller of the two groups' degrees of
    freedom. ``result`` is a ``profile``, or a ``prevalence``, ``mean`` or ``standardise`` by one grouping.
    ``reference`` names the reference group of a grouping (``{"income_tertile": 3}``); the others take their
    first group, as ``regress`` does.

    Returns ``variable, value, reference, estimate, se, ci_low, ci_high, df, p``, in the outcome's unit.
    Raises ``DataError`` for a result by several columns, without a covariance or with one group, and for a
    reference that does not occur.
    """
    table, vcov = _as_profile(result), result.vcov
    if vcov is None:
        raise DataError("this result has no covariance: estimate the groups again with la.prevalence")
    unknown = set(reference or {}) - set(table["variable"])
    if unknown:
        raise DataError(f"reference= names {', '.join(sorted(unknown))}, which the result does not compare")
    rows: list[dict[str, Any]] = []
    for name, group in table.groupby("variable", sort=False):
        base = _reference(group, str(name), reference or {})
        rows += [_difference(table, vcov, place, base) for place in group.index if place != base]
    if not rows:
        raise DataError("the result has one group a grouping: there is nothing to compare it with")
    confidence = level_or(level, result.level)
    found = pd.DataFrame(rows)
    found["ci_low"], found["ci_high"] = t_interval(found["estimate"], found["se"], found["df"], confidence)
    found["p"] = _p_value(found)
    columns = ["variable", "value", "reference", "estimate", "se", "ci_low", "ci_high", "df", "p"]
    return Effects(
        table=found[columns],
        source=result.source,
        note=result.note,
        variable=", ".join(dict.fromkeys(table["variable"])),
        scale="difference",
        level=confidence,
    )


def _as_profile(result: Estimates) -> pd.DataFrame:
    if result.by == STACKED:
        return result.table
    if len(result.by) != 1:
        raise DataError(
            f"differences are within one grouping, and this result has {len(result.by)}: "
            "use la.profile, or by= one column and where= for the rest"
        )
    return result.table.rename(columns={result.by[0]: "value"}).assign(variable=result.by[0])


def _reference(group: pd.DataFrame, name: str, reference: Mapping[str, Any]) -> int:
    if name not in reference:
        return int(group.index[0])
    same = group.index[[str(value) == str(reference[name]) for value in group["value"]]]
    if len(same) != 1:
        have = ", ".join(map(str, group["value"]))
        raise DataError(f"{name!r} has no group {reference[name]!r}; it has: {have}")
    return int(same[0])


def _difference(table: pd.DataFrame, vcov: np.ndarray, place: int, base: int) -> dict[str, Any]:
    here, there = table.loc[place], table.loc[base]
    variance = vcov[place, place] + vcov[base, base] - 2 * vcov[place, base]
    return {
        "variable": here["variable"],
        "value": here["value"],
        "reference": there["value"],
        "estimate": here["estimate"] - there["estimate"],
        "se": standard_error(variance),
        "df": min(here["df"], there["df"]),
    }


def _p_value(found: pd.DataFrame) -> np.ndarray:
    """Two-sided p of a difference of 0; NaN where there is no variance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(found["estimate"].to_numpy() / found["se"].to_numpy())
    return 2 * stdtr(found["df"].to_numpy(dtype=float), -t)
