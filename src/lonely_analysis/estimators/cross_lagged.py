"""Which of two answers comes first: each at a later wave, given both at the earlier one.

A *cross-lagged path* is the standardised coefficient of one variable at the earlier wave in a regression of
the other at the later wave, given that other at the earlier wave too. The *exposure* is named first and is
the same throughout; each *outcome* makes a pair with it, and a pair has two paths.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.domains import names
from lonely_analysis.estimators.formula import parse, with_adjustment
from lonely_analysis.estimators.influence import FittedRows, fit_rows
from lonely_analysis.estimators.intervals import check_level, t_interval
from lonely_analysis.estimators.linearise import covariance
from lonely_analysis.estimators.psus import as_design, coded
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.resample import replicate_df, resampled_covariance
from lonely_analysis.estimators.sample import take_sample
from lonely_analysis.estimators.transitions import paired
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey

#: Later answer, and the earlier answer whose path it is, of the two directions.
_PATHS = (("outcome_after", "exposure_before"), ("exposure_after", "outcome_before"))
_BEFORE = "exposure_before + outcome_before"


def cross_lagged(
    data: Survey | SurveyDesign,
    exposure: str,
    outcomes: str | Sequence[str],
    between: tuple[int, int],
    *,
    words: tuple[str, str] = ("exposure first", "outcome first"),
    person: str = "person_id",
    wave: str = "wave",
    adjust: str | None = None,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate both cross-lagged paths between an exposure and each outcome of a two-wave panel.

    Linear regressions over persons seen at both waves: y2 ~ x1 + y1 + ``adjust``, and x2 ~ y1 + x1 +
    ``adjust``. A path is the coefficient times sd(earlier) / sd(later), with weighted standard deviations: a
    correlation-like number without unit. SE by linearisation of the coefficient and of both standard
    deviations, under the design of the earlier rows (as ``transitions``); t intervals with ``regress``'s
    degrees of freedom. R: ``svyglm`` for the coefficients; lavaan's standardised paths of a saturated
    two-wave model are the same numbers.

    ``adjust`` holds covariates of the earlier wave equal, written as in a formula (``"age + C(sex)"``).
    ``replicates`` estimates the paths again in each replicate.

    Returns two rows an outcome: ``variable`` (the outcome), ``value`` (``words``: which of the two was
    earlier), ``estimate, se, ci_low, ci_high, n, df``. ``vcov`` covers all rows, so that
    ``la.differences`` compares the two directions of a pair.

    A path is no effect: error of measurement and lasting differences between persons also make one (Hamaker,
    Kuiper and Grasman 2015, Psychol Methods 20:102-116). Raises ``DataError`` as ``transitions`` and
    ``regress`` do, and for an outcome that is the exposure.
    """
    check_level(level)
    design, asked = as_design(data), names(outcomes)
    if not asked or exposure in asked:
        raise DataError(f"outcomes= names what {exposure!r} is paired with: one or more other columns")

    def paths(of: SurveyDesign) -> list[tuple[float, np.ndarray, int, int]]:
        wides = [_wide(of, (exposure, outcome), between, where, person, wave) for outcome in asked]
        return [path for wide in wides for path in _both_paths(wide, adjust, replicates)]

    estimate, contributions, n, df = (np.array(each) for each in zip(*paths(design), strict=True))
    if replicates is None:
        vcov = covariance(coded(design), contributions.T, contributions.any(axis=0))
    else:
        vcov = resampled_covariance(
            design, replicates, estimate, lambda other: np.array([path[0] for path in paths(other)])
        )
    variable, value = np.repeat(asked, 2), np.tile(words, len(asked))
    se = np.sqrt(np.diag(vcov))
    low, high = t_interval(estimate, se, df, level)
    columns = {"variable": variable, "value": value, "estimate": estimate, "se": se}
    return Estimates(
        table=pd.DataFrame({**columns, "ci_low": low, "ci_high": high, "n": n, "df": df}),
        source=design.source,
        outcome=exposure,
        by=("variable", "value"),
        statistic="cross-lagged path",
        method="t",
        level=level,
        vcov=vcov,
    )


def _wide(
    design: SurveyDesign,
    columns: tuple[str, str],
    between: tuple[int, int],
    where: pd.Series | str | None,
    person: str,
    wave: str,
) -> SurveyDesign:
    """Put both variables of both waves beside each other, in the rows of the earlier wave."""
    added = {}
    for name, column in zip(("exposure", "outcome"), columns, strict=True):
        pairs = paired(design, column, between, where, person, wave)
        for when in ("before", "after"):
            added[f"{name}_{when}"] = pairs.design.frame[when].astype("Float64")
    return replace(pairs.design, frame=design.frame.assign(**added))


def _complete(wide: SurveyDesign, adjust: str | None) -> pd.Series:
    """Return the persons that both regressions use."""
    terms = with_adjustment(f"{_BEFORE} + exposure_after", adjust)
    used = take_sample(wide, parse(f"outcome_after ~ {terms}"), None).used
    return pd.Series(True if used is None else used, index=wide.frame.index)


def _both_paths(
    wide: SurveyDesign, adjust: str | None, replicates: Replicates | None
) -> Iterator[tuple[float, np.ndarray, int, int]]:
    """Give of each direction the path, its contribution by row of the frame, n and df."""
    rows = _complete(wide, adjust)
    for later, earlier in _PATHS:
        model = fit_rows(wide, with_adjustment(f"{later} ~ {_BEFORE}", adjust), "linear", rows)
        df = replicate_df(model.df, replicates, len(model.coefficients))
        yield *_path(model, wide, rows, earlier, later), int((model.weights > 0).sum()), df


def _path(
    model: FittedRows, wide: SurveyDesign, rows: pd.Series, earlier: str, later: str
) -> tuple[float, np.ndarray]:
    """Return a standardised coefficient and its contribution by row of the frame."""
    inside = rows.to_numpy(dtype=bool)
    place = model.names.index(earlier)
    b, d_b = model.coefficients[place], model.contributions()[:, place]
    (sd_x, d_x), (sd_y, d_y) = (
        _deviation(wide.frame.loc[inside, name].to_numpy(dtype=float), model.weights)
        for name in (earlier, later)
    )
    path = b * sd_x / sd_y
    contribution = np.zeros(len(inside))
    contribution[inside] = d_b * sd_x / sd_y + path * (d_x / sd_x - d_y / sd_y)
    return path, contribution


def _deviation(values: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the weighted standard deviation and what each row contributes to it."""
    share = weights / weights.sum()
    squares = (values - share @ values) ** 2
    sd = float(np.sqrt(share @ squares))
    return sd, share * (squares - sd**2) / (2 * sd)
