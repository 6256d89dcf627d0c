"""Who changes between the waves of a panel.

A *wave* is one round of questions; a *transition* is a person's state at one wave and at a later one. The
frame is long: one row a person and wave.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.intervals import IntervalMethod
from lonely_analysis.estimators.prevalence import prevalence
from lonely_analysis.estimators.psus import as_design
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign, listed, require_columns
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

#: A transition matrix of more states than this is no longer a table that can be read.
MOST_STATES = 12


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """A panel in which each row of the earlier wave carries the answer of the later one.

    ``design`` has the columns ``before`` and ``after``, which are missing in all other rows; ``complete``
    says where both are known and ``lost`` counts persons who answered at the earlier wave only.
    """

    design: SurveyDesign = field(repr=False)
    complete: np.ndarray = field(repr=False)
    lost: int

    @property
    def note(self) -> str:
        """What a reader must know about those who were not seen again."""
        if not self.lost:
            return ""
        return (
            f"{self.lost:,} answers of the earlier wave have none at the later: "
            "they leave the domain, not the design."
        )


def transitions(
    data: Survey | SurveyDesign,
    state: str,
    between: tuple[int, int] | None = None,
    *,
    person: str = "person_id",
    wave: str = "wave",
    where: pd.Series | str | None = None,
    ci: IntervalMethod = "logit",
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate the transition matrix of ``state``: the share in each later state, given the earlier one.

    P(after = b | before = a) = sum(w [a then b]) / sum(w [a]) over persons seen at both waves, with the
    weight, stratum and PSU of the earlier row and the Taylor covariance of the ratio. R: ``svyby(~I(after
    == b), ~before, subset(wide, seen twice), svyciprop)``.

    ``state`` is a yes/no column or one of few codes; ``between`` names two waves, by default every wave
    and the next one, pooled. ``where`` is about the earlier row. Without a PSU the person is the PSU,
    because pooled pairs of one person are not independent; ``replicates`` are then those of a design with
    ``psu=person``.

    Returns one row a pair of states: ``before, after, estimate, se, ci_low, ci_high, n, df, deff``, where
    ``n`` counts the persons who were in the state ``before``. The rows of one ``before`` add up to 1.

    Raises ``DataError`` when a person occurs twice in a wave, for a wave that is not there, for more than
    ``MOST_STATES`` states, and as ``prevalence`` does.
    """
    pairs = paired(as_design(data), state, between, where, person, wave)
    frame = pairs.design.frame
    states = sorted(pd.unique(frame.loc[pairs.complete, ["before", "after"]].to_numpy().ravel()))
    if not states:
        raise DataError(f"nobody in the domain answered {state!r} at both waves")
    if len(states) > MOST_STATES:
        raise DataError(f"{state!r} has {len(states)} values: group them into at most {MOST_STATES} states")
    tables = []
    for after in states:
        reached = frame["after"].eq(after).astype("boolean").mask(~pairs.complete)
        design = replace(pairs.design, frame=frame.assign(reached=reached))
        found = prevalence(design, "reached", by="before", ci=ci, level=level, replicates=replicates)
        tables.append(found.to_frame().assign(after=after))
    table = pd.concat(tables).sort_values(["before", "after"], kind="stable", ignore_index=True)
    table.insert(1, "after", table.pop("after"))
    return Estimates(
        table=table,
        source=pairs.design.source,
        note=" ".join(filter(None, [pairs.note, found.note])),
        outcome=state,
        by=("before", "after"),
        statistic="prevalence",
        method=ci,
        level=level,
    )


def paired(
    design: SurveyDesign,
    column: str,
    between: tuple[int, int] | None,
    where: pd.Series | str | None,
    person: str,
    wave: str,
) -> Pairs:
    """Put the later wave's answer to ``column`` beside the earlier one's: columns ``before``, ``after``."""
    if not design.in_memory:
        raise DataError("a panel is followed in memory: collect its columns into pandas first")
    frame = design.frame
    require_columns(list(frame.columns), [column, person, wave])
    _check_once(frame, person, wave)
    next_wave = frame[wave].map(_steps(frame[wave], between, wave))
    known = frame[column].notna().to_numpy()
    seen = pd.Series(np.flatnonzero(known), index=_keys(frame.loc[known, person], frame.loc[known, wave]))
    later = seen.reindex(_keys(frame[person], next_wave)).to_numpy(dtype=float)
    starts = known & next_wave.notna().to_numpy() & domain_rows(frame, where)
    complete = starts & ~np.isnan(later)
    # A plain yes/no column has no room for a missing answer: masked, it would be objects.
    answers = frame[column].astype("boolean") if frame[column].dtype == bool else frame[column]
    after = answers.iloc[np.where(complete, later, 0).astype(int)].set_axis(frame.index)
    added = frame.assign(before=answers.mask(~complete), after=after.mask(~complete))
    lost = int(starts.sum() - complete.sum())
    return Pairs(design=replace(design, frame=added, psu=design.psu or person), complete=complete, lost=lost)


def _keys(person: pd.Series, wave: pd.Series) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([person.astype(str), wave.astype(float)])


def _check_once(frame: pd.DataFrame, person: str, wave: str) -> None:
    twice = frame.duplicated([person, wave])
    if twice.any():
        who = listed(sorted({str(name) for name in frame.loc[twice, person]}))
        raise DataError(
            f"{int(twice.sum())} rows repeat a person and wave ({person}, {wave}): {who}. "
            "A panel has one row a person and wave"
        )


def _steps(waves: pd.Series, between: tuple[int, int] | None, wave: str) -> dict[int, int]:
    """Return the later wave of each earlier one."""
    have = sorted(waves.dropna().unique())
    if between is None:
        if len(have) < 2:
            raise DataError(f"column {wave!r} holds one wave ({have}): nobody is followed")
        return dict(pairwise(have))
    first, second = between
    if first not in have or second not in have or not first < second:
        raise DataError(f"between={between}: name an earlier and a later wave of {', '.join(map(str, have))}")
    return {first: second}
