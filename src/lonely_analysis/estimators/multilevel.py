"""Multilevel models: people within groups such as countries or areas.

*Random intercept*: each group has its own level. *Random slope*: each group has its own effect of one
variable. *Fixed effects* are the coefficients that all groups share.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.covariates import read_covariates, read_variable
from lonely_analysis.estimators.diagnose import check_outcome
from lonely_analysis.estimators.formula import parse
from lonely_analysis.estimators.glm import FAMILIES
from lonely_analysis.estimators.intervals import check_level
from lonely_analysis.estimators.mixed_fits import linear_fit, logistic_fit
from lonely_analysis.estimators.model import coefficient_table
from lonely_analysis.estimators.ratios import ratio_table
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.estimators.sample import Sample, take_sample
from lonely_analysis.estimators.terms import Formula
from lonely_analysis.estimators.variance_parts import parts_table
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign, require_columns
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.survey import Survey

# With fewer groups than this the variance between them is hardly known (Stegmueller 2013, Am J Polit Sci
# 57:748-761).
FEW_GROUPS = 15


@dataclass(frozen=True, kw_only=True, eq=False)
class MixedModel(Result):
    """A fitted model; its table has the fixed effects: ``term, estimate, se, ci_low, ci_high, t, df, p``.

    ``t`` is estimate/se, read against the normal distribution (``df`` infinite). ``parts`` has one row a
    variance part (``part, estimate, se, ci_low, ci_high, scale``): standard deviations of the groups'
    intercepts and slopes and of the residuals, the correlation of intercepts and slopes, the ICC, and the
    median odds ratio of a logistic model; intervals are Wald intervals on ``scale``, to which ``se`` belongs.
    ``effects`` has one row a group: the predicted deviations of its intercept and slope.
    """

    formula: str
    group: str
    family: str
    level: float
    n: int
    n_groups: int
    log_likelihood: float
    dropped: pd.Series = field(repr=False)
    vcov: pd.DataFrame = field(repr=False)
    parts: pd.DataFrame = field(repr=False)
    effects: pd.DataFrame = field(repr=False)

    def ratios(self) -> pd.DataFrame:
        """Return odds ratios between people of one group: ``term, estimate, se, ci_low, ci_high, p``."""
        if self.family != "logistic":
            raise DataError("a linear model has no ratios: its coefficients are differences of the outcome")
        return ratio_table(self.table)

    def part(self, name: str) -> pd.Series:
        """Return one variance part by its name, as ``model.part("icc")``."""
        found = self.parts[self.parts["part"] == name]
        if len(found) != 1:
            raise KeyError(f"no part {name!r}; there are: {', '.join(self.parts['part'])}")
        return found.iloc[0]


def mixed(
    data: Survey | SurveyDesign | pd.DataFrame,
    formula: str,
    group: str,
    *,
    slope: str | None = None,
    family: Literal["linear", "logistic"] = "linear",
    weight: str | None = None,
    reml: bool = True,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> MixedModel:
    """Fit a regression with a random intercept for each value of ``group``, and a random slope when asked.

    ``linear``: y = x b + u_j (+ v_j slope) + e, by restricted maximum likelihood (``reml=False``: maximum
    likelihood), as R ``lme4::lmer``. ``logistic``: logit P(y = 1) = x b + u_j, by adaptive Gauss-Hermite
    quadrature with 15 nodes, as R ``lme4::glmer(nAGQ=15)``, and more where groups are so far apart that 15
    are not enough; odds ratios hold within groups. Standard errors come from the observed information,
    intervals are z intervals; those of variance parts are Wald intervals on the scales that ``MixedModel``
    names. With a slope the ICC is that of rows whose slope variable is 0.

    Strata and PSUs of a design are not used: the groups are the model's sampling units. ``weight``
    (logistic) names a column of weights of rows, which are scaled to add up to the group's size (Rabe-Hesketh
    & Skrondal 2006, J R Stat Soc A 169:805-827, method 2); standard errors then come from the spread of the
    groups' scores. ``replicates`` are refused: they multiply the weights of PSUs, and scaling to the groups'
    size takes out what they multiply where a group is a PSU, so that the refits would say nothing about the
    sampling of groups.

    Raises ``DataError`` for one group, a slope that is not a numeric covariate, a weight with ``linear``, or
    replicates; ``EstimationError`` where the groups do not differ, for collinear terms, separation and a
    constant outcome.
    """
    check_level(level)
    if family not in ("linear", "logistic"):
        raise DataError(f'family={family!r} is unknown; choose "linear" or "logistic"')
    _refuse_replicates(replicates)
    frame, source = _frame(data)
    require_columns(list(frame.columns), [c for c in (group, slope, weight) if c])
    parsed = parse(formula)
    _refuse_group_twice(frame, parsed, group)
    sample = take_sample(_bound(frame, weight, source), parsed, _in_a_group(frame, group, where))
    check_outcome(FAMILIES[family], parsed.outcome.label, sample.outcome)
    codes, labels = pd.factorize(sample.rows(frame[group].to_numpy()), sort=True)
    _refuse_groups(group, codes, len(labels))
    if family == "linear":
        fitted = linear_fit(sample, codes, _slope_values(sample, frame, slope), reml, weight)
    else:
        fitted = logistic_fit(sample, codes, slope, weight is not None)
    names = [column.name for column in sample.layout.encoding.columns]
    effects = pd.DataFrame(fitted.effects, columns=["intercept", "slope"][: fitted.effects.shape[1]])
    effects.insert(0, group, labels)
    return MixedModel(
        table=coefficient_table(names, fitted.beta, fitted.vcov, np.inf, level),
        source=source,
        note=_note(group, len(labels)),
        formula=parsed.text,
        group=group,
        family=family,
        level=level,
        n=sample.n,
        n_groups=len(labels),
        log_likelihood=fitted.log_likelihood,
        dropped=sample.dropped,
        vcov=pd.DataFrame(fitted.vcov, index=names, columns=names),
        parts=parts_table(fitted.parts, level),
        effects=effects,
    )


def _frame(data: Survey | SurveyDesign | pd.DataFrame) -> tuple[pd.DataFrame, str]:
    if isinstance(data, pd.DataFrame):
        return data, "data"
    if not isinstance(data.frame, pd.DataFrame):
        raise DataError(f"a mixed model needs a pandas frame, not {type(data.frame).__name__}")
    return data.frame, data.source


def _bound(frame: pd.DataFrame, weight: str | None, source: str) -> SurveyDesign:
    return SurveyDesign(frame, weight=weight, source=source)


def _in_a_group(frame: pd.DataFrame, group: str, where: pd.Series | str | None) -> pd.Series:
    return pd.Series(domain_rows(frame, where) & frame[group].notna().to_numpy(), index=frame.index)


def _refuse_replicates(replicates: Replicates | None) -> None:
    if replicates is not None:
        raise DataError(
            "a mixed model takes its groups as the sampling units, so that replicates of PSUs say nothing "
            "about its errors: leave replicates= out, or use la.regress with them"
        )


def _refuse_group_twice(frame: pd.DataFrame, formula: Formula, group: str) -> None:
    """Refuse a level for each group among the fixed effects: no variance between groups is left."""
    read = read_covariates(frame, formula)
    if group in read and read[group].labels is not None:
        raise DataError(
            f"{group!r} is in the formula as categories and is the group= too, so that the variance between "
            "groups has nothing to be estimated from: leave it out of one of them"
        )


def _refuse_groups(group: str, codes: np.ndarray, size: int) -> None:
    if size < 2:
        raise DataError(f"{group!r} has one value in the rows used: a mixed model needs several groups")
    if size == len(codes):
        raise DataError(
            f"{group!r} has a different value in each of {size} rows: groups need several rows each"
        )


def _note(group: str, size: int) -> str:
    if size >= FEW_GROUPS:
        return ""
    return (
        f"{size} groups of {group!r} say little about the variance between them: read its interval as too "
        "narrow, and compare with a model that has the groups as categories."
    )


def _slope_values(sample: Sample, frame: pd.DataFrame, slope: str | None) -> np.ndarray | None:
    """Return the slope variable of the rows used: a numeric term, so that its mean effect is fitted too."""
    if slope is None:
        return None
    names = [column.name for column in sample.layout.encoding.columns]
    if slope not in names:
        raise DataError(
            f"slope={slope!r} must be a numeric term of the formula; terms are: {', '.join(names[1:])}"
        )
    return sample.rows(read_variable(frame, slope, as_categories=False).values).astype(float)
