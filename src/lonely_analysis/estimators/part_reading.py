"""What is kept of one part of a survey: its PSU totals are squared at once and then forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from operator import add

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.cells import Cells
from lonely_analysis.estimators.domain_sums import DomainSums, domain_sums, pooled
from lonely_analysis.estimators.part_moments import (
    DomainMoments,
    Moments,
    joined,
    of_psus,
    over_strata,
    paired,
)
from lonely_analysis.estimators.psus import single_psu_message
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
    codes, strata = _labels([cells.psus.strata for cells in batches])
    _check_footer(design, part, strata)
    shared = np.bincount(np.concatenate(codes)) > 1
    sizes = np.zeros(len(strata), dtype=np.intp)
    moments: list[Moments] = []
    cut: list[_CutStrata] = []
    for cells, code, domain in zip(batches, codes, domains, strict=True):
        # Measured from near the mean of each domain before it is squared.
        total = cells.total + (cells.shift - sums.reference[domain])[cells.domain] * cells.weight
        is_cut = shared[code]
        sizes[code] = cells.psus.psus_in_stratum
        if not is_cut.all():
            moments += [own.without(is_cut).renumbered(code, domain) for own in _squared(cells, total)]
        if is_cut.any():
            cut.append(_cut_strata(cells, total, is_cut, code, domain))
    if cut:
        stratum_of_unit, of_cut = _put_together(cut, rows_are_psus=design.psu is None)
        sizes[shared] = np.bincount(stratum_of_unit, minlength=len(strata))[shared]
        moments.append(of_cut)
    if part.alone:
        return ReadPart(sums, closed(design, moments, strata, sizes, len(sums.groups)), None)
    psus = _psu_labels(batches) if design.psu else None
    return ReadPart(sums, None, OpenStrata(joined(moments), strata, sizes, psus))


def _labels(found: Sequence[pd.Index]) -> tuple[list[np.ndarray], pd.Index]:
    """Code labels together: the codes of each index, and the labels by code."""
    code, labels = pd.factorize(found[0].append(list(found[1:])))
    return np.split(code, np.cumsum([len(each) for each in found])[:-1]), labels


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


def _psu_labels(batches: list[Cells]) -> pd.MultiIndex:
    """Return the labels (stratum, psu) of a part's PSUs, each once."""
    found = [cells.psus.psu_labels for cells in batches]
    return found[0].append(found[1:]).unique()


def _squared(cells: Cells, total: np.ndarray) -> Iterator[Moments]:
    """Yield the moments of a batch, block by block of whole strata; PSUs cut by a chunk become one."""
    stratum = cells.stratum
    for rows in _blocks(stratum):
        psu, domain, weight = cells.psu[rows], cells.domain[rows], cells.weight[rows]
        if (np.diff(psu * (domain.max(initial=0) + 1) + domain) > 0).all():
            yield of_psus(stratum[rows], domain, weight, total[rows])
        else:
            psu, *columns = _by_unit(psu, domain, weight, total[rows])
            yield of_psus(cells.psus.stratum_of_psu[psu], *columns)


def _by_unit(unit: np.ndarray, domain: np.ndarray, *columns: np.ndarray) -> list[np.ndarray]:
    """Add up what several cells hold of one PSU and domain."""
    cell, pairs = paired(unit, domain)
    return [*pairs, *(np.bincount(cell, column) for column in columns)]


def _blocks(stratum: np.ndarray) -> list[slice]:
    """Cut cells that are sorted by stratum into blocks of whole strata."""
    n = len(stratum)
    edges = np.unique([0, *np.searchsorted(stratum, stratum[_BLOCK:n:_BLOCK], side="right"), n])
    return [slice(*pair) for pair in pairwise(edges)] or [slice(0, 0)]


@dataclass(frozen=True, eq=False)
class _CutStrata:
    """What a batch holds of strata that other batches hold too: its PSUs there, and their cells.

    ``stratum`` and ``name`` are of the PSUs; ``psu``, a place among these, and what follows of the cells.
    """

    stratum: np.ndarray
    name: pd.Index
    psu: np.ndarray
    domain: np.ndarray
    weight: np.ndarray
    total: np.ndarray


def _cut_strata(
    cells: Cells, total: np.ndarray, is_cut: np.ndarray, code: np.ndarray, domain: np.ndarray
) -> _CutStrata:
    """Take the strata that are cut out of a batch; ``code`` and ``domain`` are the codes of its part."""
    among = is_cut[cells.psus.stratum_of_psu]
    psus, rows = np.flatnonzero(among), np.flatnonzero(among[cells.psu])
    return _CutStrata(
        stratum=code[cells.psus.stratum_of_psu[psus]],
        name=cells.psus.names[psus],
        psu=(np.cumsum(among) - 1)[cells.psu[rows]],
        domain=domain[cells.domain[rows]],
        weight=cells.weight[rows],
        total=total[rows],
    )


def _put_together(cut: list[_CutStrata], *, rows_are_psus: bool) -> tuple[np.ndarray, Moments]:
    """Make one of each PSU that several batches hold: the stratum of each, and their moments."""
    stratum = np.concatenate([piece.stratum for piece in cut])
    if rows_are_psus:
        unit, stratum_of_unit = np.arange(len(stratum)), stratum
    else:
        name, _ = _labels([piece.name for piece in cut])
        unit, (stratum_of_unit, _) = paired(stratum, np.concatenate(name))
    starts = np.cumsum([0, *(len(piece.stratum) for piece in cut)])
    units = [unit[start + piece.psu] for start, piece in zip(starts, cut, strict=False)]
    columns = [
        np.concatenate([getattr(piece, name) for piece in cut]) for name in ("domain", "weight", "total")
    ]
    unit, *columns = _by_unit(np.concatenate(units), *columns)
    return stratum_of_unit, of_psus(stratum_of_unit[unit], *columns)


def closed(
    design: SurveyDesign, moments: Sequence[Moments], strata: pd.Index, sizes: np.ndarray, k: int
) -> DomainMoments:
    """Add up strata whose PSUs are all known (``sizes`` of them), by the rule for those with one PSU.

    A stratum is in one of the ``moments`` only.
    """
    if design.single_psu == "fail" and (sizes == 1).any():
        single = np.unique(np.concatenate([each.stratum[sizes[each.stratum] == 1] for each in moments]))
        if len(single):
            names = sorted(strata[single])
            raise DataError(single_psu_message(names, len(strata), design.stratum or "stratum"))
    return reduce(add, (over_strata(each, sizes, design.single_psu, k) for each in moments))
