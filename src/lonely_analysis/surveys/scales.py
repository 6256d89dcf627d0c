"""From answers to scores.

A *score* is the sum of the items, or the number of answers that count as lonely (see ``scale_catalogue``).

Missing rule, the same for every scale: a score needs all its items. ``Scale.tolerated`` says how many absent
answers its manual allows; ``score_scale(..., allow_missing=1)`` applies that rule, and an absent item then
adds nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, MissingVariable
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.scale_catalogue import SCALES, Scale
from lonely_analysis.surveys.survey import Survey


def scale(name: str) -> Scale:
    """Return the definition of a loneliness or support scale: its items, codes, scores and cut points.

    ``name`` is one of ``ucla3, tils, djg6, direct, direct4, oslo3``; ``score_scale`` scores answers by it.
    Raises ``DataError`` for another name.
    """
    if name not in SCALES:
        raise DataError(f"no scale {name!r}; there are: {', '.join(SCALES)}")
    return SCALES[name]


def item_answers(data: Survey | SurveyDesign | pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a scale's items as floats (NaN where absent), after checking every code.

    ``data`` is a pandas frame, a ``Survey`` or a ``SurveyDesign``. Raises ``MissingVariable`` for an absent
    column and ``DataError`` for a code that the scale does not have, naming column, code and count.
    """
    frame, chosen = getattr(data, "frame", data), scale(name)
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            f"scales are scored on a pandas frame, not {type(frame).__name__}: collect the items first"
        )
    for column in chosen.columns:
        if column not in frame.columns:
            raise MissingVariable(column, getattr(data, "source", "this frame"))
    return pd.DataFrame({column: _numbers(frame[column], chosen) for column in chosen.columns})


def _numbers(values: pd.Series, chosen: Scale) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce").astype("Float64").astype(float)
    allowed = chosen.valid_codes(str(values.name))
    wrong = values[values.notna() & ~numbers.isin(list(allowed))]
    if len(wrong):
        counts = ", ".join(f"{code} x {n}" for code, n in wrong.value_counts().head(5).items())
        raise DataError(
            f"column {values.name!r} has {len(wrong)} answers outside {allowed.start}-{allowed.stop - 1} "
            f"({counts}); code them as missing, or recode them to the codes of {chosen.title}"
        )
    return numbers


def score_scale(
    data: Survey | SurveyDesign | pd.DataFrame, name: str, *, allow_missing: int = 0
) -> pd.DataFrame:
    """Score a scale: one row for each row of ``data``, nothing dropped.

    ``data`` (a pandas frame, survey or design) holds the scale's items (``scale(name).columns``) in
    the scale's codes. ``name`` is ``"ucla3"``, ``"tils"``, ``"djg6"``, ``"direct"``, ``"direct4"`` or
    ``"oslo3"``. ``allow_missing`` is how many absent items the total tolerates, never more than the manual
    allows; only ``djg6`` allows one. Subscales always need all their items, as in the manual's syntax.

    Returns the score (named as the scale) and its subscales as ``Int64``, a nullable boolean for each cut
    point, missing where its score is, and ``<name>_answered``, the number of items answered, with the index
    of ``data``. Raises ``MissingVariable`` for an absent item column, and ``DataError`` for a code that is
    not the scale's or an ``allow_missing`` beyond the manual.
    """
    chosen = scale(name)
    if not 0 <= allow_missing <= chosen.tolerated:
        raise DataError(f"{chosen.title} tolerates {chosen.tolerated} missing items, not {allow_missing}")
    answers = item_answers(data, name)
    points = _points(answers, chosen)
    out = pd.DataFrame({name: _total(points, allow_missing)}, index=answers.index)
    for label, columns in chosen.subscales:
        out[label] = _total(points[list(columns)], 0)
    for cut in chosen.cuts:
        out[cut.column] = (
            out[cut.score].between(cut.low, cut.high).astype("boolean").mask(out[cut.score].isna())
        )
    out[f"{name}_answered"] = answers.notna().sum(axis=1).astype("Int64")
    return out


def item_points(data: Any, name: str) -> pd.DataFrame:
    """Return what each answer adds to a score: its code, or 1 where answers are counted and this one counts.

    ``name`` is a scale or one of its subscales (``"djg6_emotional"``); NaN where an answer is absent.
    """
    parts = {part: (whole.name, list(items)) for whole in SCALES.values() for part, items in whole.subscales}
    whole, columns = parts.get(name, (name, scale(name).columns if name not in parts else []))
    return _points(item_answers(data, whole), scale(whole))[columns]


def _points(answers: pd.DataFrame, chosen: Scale) -> pd.DataFrame:
    """Give what each answer adds to the score: its code, or 1 where it is an answer that counts."""
    if not chosen.counted:
        return answers
    counted = {item.column: answers[item.column].isin(list(item.counts)) for item in chosen.items}
    return pd.DataFrame(counted).astype(float).where(answers.notna())


def _total(points: pd.DataFrame, allow_missing: int) -> pd.Series:
    enough = points.isna().sum(axis=1) <= allow_missing
    return points.sum(axis=1).where(enough, np.nan).astype("Int64")
