"""Cells of a survey that is read part by part: PSU totals are squared at once and then forgotten.

With totals S = sum(w) and T = sum(w y) of a PSU in a domain, the variance of the domain's mean p needs sums
of (T - p S)^2 over the PSUs of a stratum, that is of T^2, S T and S^2. These *moments* add up across parts,
and there is one row a stratum and domain, however many people there are. The price: covariances between
domains, which need the totals themselves, are not known; and a difference of moments loses digits where a
domain lies far from the first part's mean, which is taken off before: d standard deviations away, d^2 of the
sixteen digits (at 1,000 of them ten are left).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.cells import Cells, memory_cells
from lonely_analysis.estimators.columns import group_rows, measure, yes_no
from lonely_analysis.estimators.linearise import Psus, psu_index, stratum_scale
from lonely_analysis.estimators.row_cells import RowCells
from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.expressions import columns_named, domain_rows
from lonely_analysis.surveys.parts import Parts

# Two parts at a time: one is read while the other is added up. More would only take more memory.
_WORKERS = 2
_STRATUM = "__stratum"
# Sums of a stratum's part of a domain: respondents, PSUs, S, T, and the moments S^2, S T, T^2.
_SUMS = ("__psus", "__s", "__t", "__ss", "__st", "__tt")


@dataclass(frozen=True, eq=False, kw_only=True)
class PartCells(RowCells):
    """Moments by stratum and domain: as in ``RowCells`` ``psu`` holds the stratum; ``rows`` counts PSUs."""

    def _spread(self, column: np.ndarray, factor: np.ndarray, size: int) -> np.ndarray:
        if size < self.n_domains:
            raise DataError(
                "standardised rates need covariances between domains, which a survey that is read part by "
                "part does not keep: give the files to an engine (Polars, DuckDB, Dask or Spark)"
            )
        # PSU totals z_i are centred on their stratum's mean: sum (z_i - z/n_h)^2 = sum z_i^2 - z^2/n_h.
        # This stays in cells, because a table of strata by domains would be mostly empty.
        s, t, mean = self.weight, self.total, self.mean[self.domain]
        ss, st, tt = self.squares
        n_psu = self.psus.psus_in_stratum[self.psu]
        centred = np.where(
            (n_psu == 1) & (self.psus.single_psu == "adjust"), 0.0, (t - mean * s) ** 2 / n_psu
        )
        spread = stratum_scale(self.psus)[self.psu] * (tt - 2 * mean * st + mean**2 * ss - centred)
        variance = np.full((size, size), np.nan)
        np.fill_diagonal(variance, np.bincount(column, weights=factor**2 * spread, minlength=size))
        return variance


@dataclass(frozen=True, eq=False)
class _Part:
    """What is kept of a part: PSUs, sums by stratum and domain (``moments``), sums by domain."""

    psus: pd.DataFrame
    moments: pd.DataFrame
    domains: pd.DataFrame
    shift: float


def part_cells(
    design: SurveyDesign, outcome: str, by: list[str], where: str | None, binary: bool
) -> PartCells:
    """Reduce a survey in parts to moments; ``binary`` says that the outcome is yes/no."""
    parts: Parts = design.frame
    columns = _columns_needed(design, outcome, by, where)
    require_columns(list(parts.columns), columns)
    first = _part(design, parts.files[0], columns, outcome, by, where, binary, shift=None)
    shift = first.shift

    def one(file: Path) -> _Part:
        return _part(design, file, columns, outcome, by, where, binary, shift)

    with ThreadPoolExecutor(_WORKERS) as pool:
        return _merged(design, [first, *pool.map(one, parts.files[1:])], by, shift)


def _columns_needed(design: SurveyDesign, outcome: str, by: list[str], where: str | None) -> list[str]:
    if where is not None and not isinstance(where, str):
        raise DataError(
            'where= must be an expression such as "age >= 20" for a survey in parts, not a Series'
        )
    named = columns_named(where, list(design.frame.columns)) if where else []
    used = [design.weight, design.stratum, design.psu, outcome, *by, *named]
    return list(dict.fromkeys(name for name in used if name))


def _part(
    design: SurveyDesign,
    file: Path,
    columns: list[str],
    outcome: str,
    by: list[str],
    where: str | None,
    binary: bool,
    shift: float | None,
) -> _Part:
    found: list[Cells] = []
    try:
        for frame in design.frame.batches(file, columns):
            own = replace(design, frame=frame)
            values = (yes_no if binary else measure)(frame, outcome)
            cells = memory_cells(own, values, by, domain_rows(frame, where), binary=binary)
            shift = cells.shift if shift is None else shift
            found.append(_measured_from(shift, cells))
    except DataError as error:
        raise DataError(f"{file.name}: {error}") from error
    if not found:
        raise DataError(f"{file.name} has no rows: leave it out")
    return _reduced(_joined(design, found, by))


def _measured_from(shift: float, cells: Cells) -> Cells:
    """Measure the outcome from ``shift``, as in every other part."""
    moved = cells.shift - shift
    if not moved:
        return cells
    weight, total = cells.sum_by_domain(cells.weight), cells.sum_by_domain(cells.total)
    spread = cells.spread + 2 * moved * total + moved**2 * weight
    return replace(cells, total=cells.total + moved * cells.weight, spread=spread, shift=shift)


def _joined(design: SurveyDesign, found: list[Cells], by: list[str]) -> Cells:
    """Put the batches of a part together: a PSU or domain that several batches hold becomes one."""
    if len(found) == 1:
        return found[0]
    names = pd.concat([_psu_names(cells) for cells in found], ignore_index=True)
    if design.psu is None:
        names["__psu"] = np.arange(len(names))
    unit, psus = group_rows(names, list(names), np.ones(len(names), dtype=bool))
    code, groups = group_rows(
        pd.concat([cells.groups for cells in found], ignore_index=True),
        by,
        np.ones(sum(cells.n_domains for cells in found), dtype=bool),
    )
    first_psu = np.cumsum([0] + [cells.psus.n_psu for cells in found])
    first_group = np.cumsum([0] + [cells.n_domains for cells in found])
    stratum, strata = pd.factorize(psus[_STRATUM])
    together = [
        (unit[cells.psu + psu], code[cells.domain + group], cells.weight, cells.total)
        for cells, psu, group in zip(found, first_psu, first_group, strict=False)
    ]
    psu, domain, weight, total = (np.concatenate(column) for column in zip(*together, strict=True))
    size = {"minlength": len(groups)}
    return Cells(
        psus=Psus(
            stratum_of_psu=stratum,
            n_strata=len(strata),
            single_psu=design.single_psu,
            psu_labels=psu_index(design, pd.Index(psus[_STRATUM]), pd.Index(psus["__psu"])),
        ),
        psu=psu,
        domain=domain,
        weight=weight,
        total=total,
        count=np.bincount(code, np.concatenate([cells.count for cells in found]), **size),
        spread=np.bincount(code, np.concatenate([cells.spread for cells in found]), **size),
        groups=groups,
        shift=found[0].shift,
    )


def _psu_names(cells: Cells) -> pd.DataFrame:
    return cells.psus.psu_labels.to_frame(index=False).set_axis([_STRATUM, "__psu"], axis=1)


def _reduced(cells: Cells) -> _Part:
    """Square the PSU totals of a part."""
    from scipy.sparse import csr_array

    names = _psu_names(cells)
    shape = (cells.psus.n_psu, cells.n_domains)
    # Building the sparse table adds up a PSU's cells where a batch of rows ended within it.
    s = csr_array((cells.weight, (cells.psu, cells.domain)), shape=shape)
    t = csr_array((cells.total, (cells.psu, cells.domain)), shape=shape)
    psu = np.repeat(np.arange(shape[0]), np.diff(s.indptr))
    stratum = cells.psus.stratum_of_psu[psu]
    group, keys = pd.factorize(stratum * np.intp(shape[1]) + s.indices)
    sums = (np.ones(len(s.data)), s.data, t.data, s.data**2, s.data * t.data, t.data**2)
    table = pd.DataFrame({name: np.bincount(group, weights=x) for name, x in zip(_SUMS, sums, strict=True)})
    first = np.searchsorted(cells.psus.stratum_of_psu, keys // max(shape[1], 1))
    table.insert(0, _STRATUM, names[_STRATUM].to_numpy()[first])
    return _Part(
        psus=names,
        moments=pd.concat([_taken(cells.groups, keys % max(shape[1], 1)), table], axis=1),
        domains=cells.groups.assign(__count=cells.count, __spread=cells.spread),
        shift=cells.shift,
    )


def _taken(groups: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    return groups.iloc[rows].reset_index(drop=True)


def _merged(design: SurveyDesign, found: list[_Part], by: list[str], shift: float) -> PartCells:
    psus = _all_psus(design, found)
    moments = pd.concat([part.moments for part in found], ignore_index=True)
    domains = pd.concat([part.domains for part in found], ignore_index=True)
    both = pd.concat([moments[by], domains[by]], ignore_index=True)
    code, groups = group_rows(both, by, np.ones(len(both), dtype=bool))
    strata = psus.psu_labels.get_level_values(0).unique().get_indexer(moments[_STRATUM])
    k = len(groups)
    cell, keys = pd.factorize(strata * np.intp(k) + code[: len(moments)], sort=True)
    sums = {name: np.bincount(cell, weights=moments[name]) for name in _SUMS}
    by_domain = code[len(moments) :]
    return PartCells(
        psus=psus,
        psu=keys // k,
        domain=keys % k,
        weight=sums["__s"],
        total=sums["__t"],
        squares=np.stack([sums[name] for name in ("__ss", "__st", "__tt")]),
        rows=sums["__psus"],
        count=np.bincount(by_domain, weights=domains["__count"], minlength=k).astype(np.intp),
        spread=np.bincount(by_domain, weights=domains["__spread"], minlength=k),
        groups=groups,
        shift=shift,
    )


def _all_psus(design: SurveyDesign, found: list[_Part]) -> Psus:
    """Return the PSUs of all parts; refuse one that lies in two, whose total would count as two."""
    names = pd.concat([part.psus for part in found], ignore_index=True)
    if design.psu is not None:
        twice = names[names.duplicated()]
        if len(twice):
            stratum, psu = twice.iloc[0]
            raise DataError(
                f"{len(twice)} PSUs lie in more than one file, the first is {psu!r} of stratum {stratum!r}: "
                "write the files so that each PSU is wholly in one"
            )
    code, strata = pd.factorize(names[_STRATUM], sort=True)
    order = np.argsort(code, kind="stable")
    return Psus(
        stratum_of_psu=code[order],
        n_strata=len(strata),
        single_psu=design.single_psu,
        psu_labels=psu_index(
            design, pd.Index(strata)[code[order]], pd.Index(names["__psu"].to_numpy()[order])
        ),
    )
