"""A survey that is read part by part: PSU totals are squared at once and then forgotten.

A *part* is a file, read in batches of rows. Its PSU totals become moments (``part_moments``), and where its
strata are in no other file, these become sums by domain at once: memory does not grow with the number of
rows. The price: covariances between domains, which need the totals themselves, are not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import groupby
from operator import add, itemgetter

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.cells import Cells, Tabulated
from lonely_analysis.estimators.columns import stored_measure, stored_yes_no
from lonely_analysis.estimators.domain_sums import pooled
from lonely_analysis.estimators.linearise import single_psu_inflation
from lonely_analysis.estimators.memory_cells import memory_cells
from lonely_analysis.estimators.part_moments import DomainMoments, added, joined
from lonely_analysis.estimators.part_reading import OpenStrata, ReadPart, closed, reduced
from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.expressions import columns_named, domain_rows
from lonely_analysis.surveys.parts import Part, Parts


@dataclass(frozen=True, eq=False, kw_only=True)
class PartCells(Tabulated):
    """What all parts say of each domain; ``shift`` is the reference of each, (k,)."""

    weight: np.ndarray = field(repr=False)
    total: np.ndarray = field(repr=False)
    moments: DomainMoments = field(repr=False)
    single_psu: str

    @cached_property
    def domain_weight(self) -> np.ndarray:
        """sum(w) of each domain, (k,); NaN where nobody answered."""
        return np.where(self.weight > 0, self.weight, np.nan)

    @cached_property
    def mean(self) -> np.ndarray:
        """Weighted mean of each domain less its shift, (k,)."""
        return self.total / self.domain_weight

    def degrees_of_freedom(self, target: np.ndarray) -> np.ndarray:
        """Return PSUs minus strata with respondents of each domain."""
        self._refuse_mixtures(target)
        return (self.moments.psus - self.moments.strata).astype(np.intp)

    def covariance(self, factor: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return the variances of the domains' means, (k, k), and NaN for what is not known."""
        self._refuse_mixtures(target)
        squares = self.moments.moved(-np.nan_to_num(self.mean)).squares[2]
        counts = zip(self.moments.strata, self.moments.single, strict=True)
        inflate = [single_psu_inflation(self.single_psu, *each) for each in counts]
        variance = np.full((self.n_domains, self.n_domains), np.nan)
        np.fill_diagonal(variance, (factor / self.domain_weight) ** 2 * squares * inflate)
        return variance

    def _refuse_mixtures(self, target: np.ndarray) -> None:
        if not np.array_equal(target, np.arange(self.n_domains)):
            raise DataError(
                "standardised rates need covariances between domains, which a survey that is read part by "
                "part does not keep: give the files to an engine (Polars, DuckDB, Dask or Spark)"
            )


def part_cells(
    design: SurveyDesign, outcome: str, by: list[str], where: str | None, binary: bool
) -> PartCells:
    """Reduce a survey in parts to sums by domain; ``binary`` says that the outcome is yes/no."""
    parts: Parts = design.frame
    columns = _columns_needed(design, outcome, by, where)
    require_columns(list(parts.columns), columns)

    def cells(frame: pd.DataFrame) -> Cells:
        values = (stored_yes_no if binary else stored_measure)(frame, outcome)
        return memory_cells(
            replace(design, frame=frame), values, by, domain_rows(frame, where), binary=binary
        )

    found = []
    batches = parts.batches(parts.by_stratum(design.stratum), columns)
    for part, rows in groupby(batches, key=itemgetter(0)):
        held = []
        for _, frame in rows:
            with _naming(part):
                held.append(cells(frame))
        with _naming(part):
            found.append(reduced(design, part, held, by))
    return _merged(design, found, by)


@contextmanager
def _naming(part: Part) -> Iterator[None]:
    """Name the file in what is wrong with a part."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{part.file.name}: {error}") from error


def _columns_needed(design: SurveyDesign, outcome: str, by: list[str], where: str | None) -> list[str]:
    if where is not None and not isinstance(where, str):
        raise DataError(
            'where= must be an expression such as "age >= 20" for a survey in parts, not a Series'
        )
    named = columns_named(where, list(design.frame.columns)) if where else []
    used = [design.weight, design.stratum, design.psu, outcome, *by, *named]
    return list(dict.fromkeys(name for name in used if name))


def _merged(design: SurveyDesign, found: list[ReadPart], by: list[str]) -> PartCells:
    sums, domains = pooled([part.sums for part in found], by)
    k = len(sums.groups)
    above = [
        part.sums.reference - sums.reference[domain] for part, domain in zip(found, domains, strict=True)
    ]
    each = list(zip(found, domains, above, strict=True))
    moments = [part.closed.moved(up).renumbered(domain, k) for part, domain, up in each if part.closed]
    opened = [(part.open, domain, up) for part, domain, up in each if part.open]
    if opened:
        moments.append(_closed_together(design, opened, k))
    return PartCells(
        groups=sums.groups,
        count=sums.count,
        spread=sums.spread,
        shift=sums.reference,
        weight=sums.weight,
        total=sums.total,
        moments=reduce(add, moments),
        single_psu=design.single_psu,
    )


def _closed_together(
    design: SurveyDesign, opened: list[tuple[OpenStrata, np.ndarray, np.ndarray]], k: int
) -> DomainMoments:
    """Add up the strata that several parts may hold.

    Each comes with the codes of its part's domains, and how far their references lie above those of all.
    """
    _refuse_psus_in_two_files([strata.psus for strata, _, _ in opened])
    labels = [strata.labels for strata, _, _ in opened]
    code, names = pd.factorize(labels[0].append(labels[1:]))
    codes = np.split(code, np.cumsum([len(each) for each in labels])[:-1])
    sizes = np.bincount(code, np.concatenate([strata.sizes for strata, _, _ in opened]))
    moments = [
        strata.moments.moved(up).renumbered(own, domain)
        for (strata, domain, up), own in zip(opened, codes, strict=True)
    ]
    return closed(design, [added(joined(moments))], names, sizes.astype(np.intp), k)


def _refuse_psus_in_two_files(found: list[pd.MultiIndex | None]) -> None:
    """Refuse a PSU that lies in two files, whose total would count as two."""
    listed = [psus for psus in found if psus is not None]
    if not listed:
        return
    together = listed[0].append(listed[1:])
    twice = together[together.duplicated()]
    if len(twice):
        stratum, psu = twice[0]
        raise DataError(
            f"{len(twice)} PSUs lie in more than one file, the first is {psu!r} of stratum {stratum!r}: "
            "write the files so that each PSU is wholly in one"
        )
