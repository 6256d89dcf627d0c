"""What is kept of one part of a survey: its PSU totals are squared at once and then forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.cells import Cells
from lonely_analysis.estimators.domain_sums import DomainSums, domain_sums, pooled
from lonely_analysis.estimators.linearise import single_psu_message
from lonely_analysis.estimators.part_moments import (
    DomainMoments,
    Moments,
    joined,
    of_psus,
    over_strata,
    paired,
)
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.parts import Part

# Pairs of codes are hashed this many at a time, so that the table of the hash stays in the cache.
_BLOCK = 2**15


@dataclass(frozen=True, eq=False)
class OpenStrata:
    """Strata that other parts may hold too: labels and numbers of PSUs by code, and labels of the PSUs."""

    moments: Moments
    labels: pd.Index
    sizes: np.ndarray
    psus: pd.MultiIndex | None


@dataclass(frozen=True, eq=False)
class ReadPart:
    """What is kept of a part: sums by domain, and the moments of strata of its own or of open ones."""

    sums: DomainSums
    closed: DomainMoments | None
    open: OpenStrata | None


def reduced(design: SurveyDesign, part: Part, batches: list[Cells], by: list[str]) -> ReadPart:
    """Square the PSU totals of a part: a PSU or a domain that several batches hold becomes one."""
    sums, domains = pooled([domain_sums(cells) for cells in batches], by)
    # A categorical column names strata that are in other files only.
    units = [cells.psus.psu_labels.remove_unused_levels() for cells in batches]
    stratum, strata = _labels(units, 0)
    _check_footer(design, part, strata)
    if design.psu is None:
        unit, stratum_of_unit = np.arange(len(stratum)), stratum
    else:
        name, names = _labels(units, 1)
        unit, (stratum_of_unit, name) = paired(stratum, name)
    edges = np.cumsum([len(labels) for labels in units])[:-1]
    cells = _by_stratum(batches, np.split(unit, edges), domains, sums.reference, stratum_of_unit)
    blocks = _blocks(stratum_of_unit[cells[0]])
    moments = joined([_squared(stratum_of_unit, *(column[rows] for column in cells)) for rows in blocks])
    sizes = np.bincount(stratum_of_unit, minlength=len(strata))
    if part.alone:
        return ReadPart(sums, closed(design, moments, strata, sizes, len(sums.groups)), None)
    psus = pd.MultiIndex.from_arrays([strata[stratum_of_unit], names[name]]) if design.psu else None
    return ReadPart(sums, None, OpenStrata(moments, strata, sizes, psus))


def _labels(found: Sequence[pd.Index], level: int) -> tuple[np.ndarray, pd.Index]:
    """Code one level of several indexes together: the code of each entry, and the labels by code."""
    levels = [labels.levels[level] for labels in found]
    code, names = pd.factorize(levels[0].append(levels[1:]))
    starts = np.cumsum([0, *map(len, levels)])
    codes = [code[start:][labels.codes[level]] for start, labels in zip(starts, found, strict=False)]
    return np.concatenate(codes), names


def _check_footer(design: SurveyDesign, part: Part, strata: pd.Index) -> None:
    """Refuse a file whose footer states another range of strata than it holds: others may hold them too."""
    if part.strata is None:
        return
    (low, high), held = part.strata, np.asarray(strata)
    if held.min() < low or held.max() > high:
        raise DataError(
            f"its footer says that {design.stratum!r} lies between {low!r} and {high!r}, and it holds "
            f"{held.min()} to {held.max()}: write the file anew"
        )


def _by_stratum(
    batches: list[Cells],
    units: list[np.ndarray],
    domains: list[np.ndarray],
    reference: np.ndarray,
    stratum_of_unit: np.ndarray,
) -> list[np.ndarray]:
    """Return the PSU, domain, sum(w) and sum(w (y - reference)) of all cells, sorted by stratum."""
    rows = []
    for cells, unit, domain in zip(batches, units, domains, strict=True):
        away = (cells.shift - reference[domain])[cells.domain]
        rows.append((unit[cells.psu], domain[cells.domain], cells.weight, cells.total + away * cells.weight))
    unit, domain, weight, total = (np.concatenate(column) for column in zip(*rows, strict=True))
    columns, stratum = [unit, domain, weight, total], stratum_of_unit[unit]
    if (np.diff(stratum) < 0).any():
        order = np.argsort(stratum, kind="stable")
        columns = [column[order] for column in columns]
    return columns


def _blocks(stratum: np.ndarray) -> list[slice]:
    """Cut rows that are sorted by stratum into blocks of whole strata."""
    n = len(stratum)
    ends = np.append(np.flatnonzero(np.diff(stratum)) + 1, n)
    cuts = ends[np.searchsorted(ends, np.arange(_BLOCK, n, _BLOCK))]
    edges = np.unique([0, *cuts, n])
    return [slice(*pair) for pair in pairwise(edges)] or [slice(0, 0)]


def _squared(
    stratum_of_unit: np.ndarray, unit: np.ndarray, domain: np.ndarray, weight: np.ndarray, total: np.ndarray
) -> Moments:
    """Square the totals of PSUs, whose cells are first added up where the end of a batch cut them."""
    if (np.diff(unit * (domain.max(initial=0) + 1) + domain) <= 0).any():
        cell, (unit, domain) = paired(unit, domain)
        weight, total = np.bincount(cell, weight), np.bincount(cell, total)
    return of_psus(stratum_of_unit[unit], domain, weight, total)


def closed(
    design: SurveyDesign, moments: Moments, strata: pd.Index, sizes: np.ndarray, k: int
) -> DomainMoments:
    """Add up strata whose PSUs are all known (``sizes`` of them), by the rule for those with one PSU."""
    if design.single_psu == "fail":
        single = np.unique(moments.stratum[sizes[moments.stratum] == 1])
        if len(single):
            names = sorted(strata[single])
            raise DataError(single_psu_message(names, len(strata), design.stratum or "stratum"))
    return over_strata(moments, sizes, design.single_psu, k)
