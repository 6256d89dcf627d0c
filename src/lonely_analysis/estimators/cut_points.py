"""Every cut point of a score: one set of answers, as many prevalences as there are places to cut.

A *score* holds ordered whole numbers: the answers to one question or a scale's sum. A *cut point* is the
lowest value that counts as a case, so that a prevalence falls as its cut point rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.columns import measure
from lonely_analysis.estimators.domains import names
from lonely_analysis.estimators.intervals import IntervalMethod
from lonely_analysis.estimators.prevalence import prevalence
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import design_in_memory
from lonely_analysis.results import Estimates, joined_notes
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

MOST_VALUES = 100
"""A score with more values than this is a measurement, whose cut points nobody reads one by one."""


def cut_points(
    data: Survey | SurveyDesign,
    score: str | Sequence[str],
    by: str | Sequence[str] | None = None,
    *,
    where: pd.Series | str | None = None,
    ci: IntervalMethod = "logit",
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate the share at or above every cut point of a score, or of several scores of the same people.

    Cut points are the values that occur in the domain, except the lowest, which everybody reaches. With
    several scores only people who have all of them are counted, so that nothing but the question and its
    cut point can differ. R: ``svyciprop(~I(score >= cut), subset(design, where & complete.cases(...)))``.

    Returns the ``by`` columns, ``item`` (the score's name, where there are several), ``cut`` (the lowest
    value that counts) and the columns of ``prevalence``. ``vcov`` is absent: the rows of one person at two
    cut points are nested.

    Raises ``DataError`` as ``prevalence`` does, for a frame other than pandas, and for a score that is not
    whole numbers; ``EstimationError`` for a score with one value.
    """
    design, scores, groups = design_in_memory(data, "cut_points"), names(score), names(by)
    answers = pd.DataFrame({name: measure(design.frame, name) for name in scores}, index=design.frame.index)
    inside = domain_rows(design.frame, where) & answers.notna().all(axis=1).to_numpy()
    cuts = [(name, cut) for name in scores for cut in _cuts(answers[name][inside], name, where)]
    cases = {f"_cut_{i}": answers[name] >= cut for i, (name, cut) in enumerate(cuts)}
    counted = pd.Series(inside, design.frame.index)
    cut_design = replace(design, frame=design.frame.assign(**cases))
    found = [
        prevalence(cut_design, case, by, where=counted, ci=ci, level=level, replicates=replicates)
        for case in cases
    ]
    labels = (*groups, *(("item",) if len(scores) > 1 else ()), "cut")
    table = pd.concat([_labelled(*cut, r) for cut, r in zip(cuts, found, strict=True)], ignore_index=True)
    numbers = [column for column in found[0].table.columns if column not in groups]
    return replace(
        found[0],
        table=table[[*labels, *numbers]],
        outcome=", ".join(scores),
        by=labels,
        vcov=None,
        note=joined_notes(found),
    )


def _cuts(answers: pd.Series, name: str, where: object) -> list[int]:
    """Return the values of a score in the domain, without the lowest."""
    values = np.unique(answers)
    if len(values) == 0:
        raise DataError(f"nobody is in the domain{f' where {where}' if isinstance(where, str) else ''}")
    if len(values) == 1:
        raise EstimationError(f"everybody has {name} = {values[0]:g}: there is nothing to cut")
    if (values % 1 != 0).any() or len(values) > MOST_VALUES:
        raise DataError(
            f"{name!r} has {len(values)} values from {values[0]:g} to {values[-1]:g}: cut points are for "
            f"scores of at most {MOST_VALUES} whole numbers; make a yes/no column and use la.prevalence"
        )
    return [int(value) for value in values[1:]]


def _labelled(name: str, cut: int, result: Estimates) -> pd.DataFrame:
    return result.table.assign(item=name, cut=cut)
