"""Prevalences and means of domains.

A *domain* is a group of the sample. It is estimated with the whole design: rows outside keep their PSU and
stratum, so that the variance knows how the sample was drawn. A missing outcome leaves the domain, not the
design.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lonely_analysis.estimators.domains import Mixture, Question, estimate, names, tabulate
from lonely_analysis.estimators.intervals import IntervalMethod, check_interval, check_level
from lonely_analysis.estimators.psus import as_design
from lonely_analysis.estimators.replicates import Replicates
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.survey import Survey


def prevalence(
    data: Survey | SurveyDesign,
    outcome: str,
    by: str | Sequence[str] | None = None,
    *,
    where: pd.Series | str | None = None,
    ci: IntervalMethod = "logit",
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate the share of a population, or of its groups, for which a yes/no ``outcome`` is true.

    p = sum(w y) / sum(w) over the domain, with the Taylor covariance of the ratio from PSU totals of w (y -
    p) / sum(w) (Särndal, Swensson and Wretman 1992, Model Assisted Survey Sampling, section 5.8), or with
    ``replicates``. R: ``svyby(~y, ~by, subset(design, where & !is.na(y)), svyciprop, method = ci)``.

    ``outcome`` is boolean or 0/1; ``by`` one column or several; ``where`` a boolean Series or an expression
    such as ``"age >= 20"``; ``level`` the coverage. ``ci``: ``logit``, ``beta`` (Korn-Graubard) or
    ``wilson``; see ``intervals.proportion_interval``.

    Returns one row a group, in the order of categories or sorted: the ``by`` columns, ``estimate``, ``se``,
    ``ci_low``, ``ci_high`` (shares between 0 and 1), ``n`` (respondents with a weight above 0), ``df``
    (PSUs minus strata) and ``deff`` (variance relative to simple random sampling with replacement).

    Raises ``DataError`` when the outcome is not yes/no, when nobody is in the domain, when a stratum has
    one PSU (see ``SurveyDesign``), and when ``where`` cannot be read.
    """
    check_interval(ci, level)
    question = Question(design=as_design(data), outcome=outcome, by=names(by), where=where)
    return _one_domain_a_group(question, ci, level, replicates)


def mean(
    data: Survey | SurveyDesign,
    outcome: str,
    by: str | Sequence[str] | None = None,
    *,
    where: pd.Series | str | None = None,
    level: float = 0.95,
    replicates: Replicates | None = None,
) -> Estimates:
    """Estimate the mean of a number, in a population or in its groups.

    sum(w y) / sum(w) over the domain, with the covariance and the arguments of ``prevalence`` and the t
    interval estimate -/+ t(df) se. R: ``svyby(~y, ~by, design, svymean)`` with ``confint(..., df = degf)``.

    Returns one row a group with the columns of ``prevalence``, in the units of ``outcome``. Raises
    ``DataError`` for an outcome that is not numbers, and as ``prevalence`` does.
    """
    check_level(level)
    question = Question(design=as_design(data), outcome=outcome, by=names(by), where=where, binary=False)
    return _one_domain_a_group(question, "t", level, replicates)


def _one_domain_a_group(
    question: Question, ci: str, level: float, replicates: Replicates | None
) -> Estimates:
    cells = tabulate(question)
    k = cells.n_domains
    mixture = Mixture(groups=cells.groups, target=np.arange(k), share=np.ones(k))
    return estimate(question, cells, mixture, ci, level, replicates)
