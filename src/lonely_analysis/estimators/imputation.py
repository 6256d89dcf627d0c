"""Multiple imputation, to see whether missing answers could have changed a result.

An *imputation* fills each gap with a value drawn from people with similar answers; doing it ``m`` times
shows how much the gaps leave open. Rubin's rules add that to the sampling error. Imputation assumes that,
given the columns used, whether an answer is missing does not depend on the answer itself; it cannot show
that this is so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.special import stdtr

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.intervals import level_or, t_quantile
from lonely_analysis.estimators.model import Model
from lonely_analysis.estimators.psus import coded
from lonely_analysis.estimators.resample import design_in_memory
from lonely_analysis.results import Result
from lonely_analysis.surveys.design import SurveyDesign, listed, require_columns
from lonely_analysis.surveys.survey import Survey

# Donors per gap. More would reach further from the gap where few people answered, and pull towards them.
_DONORS = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledModel(Result):
    """One row a coefficient: ``term, estimate, se, ci_low, ci_high, t, df, p, within, between, fmi``.

    ``within`` and ``between`` are variances; ``fmi`` is the fraction of information that the gaps cost;
    ``vcov`` the total covariance; ``m`` the number of imputations.
    """

    vcov: pd.DataFrame = field(repr=False)
    m: int
    level: float = 0.95


@dataclass(frozen=True, eq=False)
class Imputations:
    """Completed designs, to be iterated over; ``filled`` counts the gaps that were filled, by column."""

    designs: tuple[SurveyDesign, ...] = field(repr=False)
    filled: pd.Series

    def __iter__(self) -> Iterator[SurveyDesign]:
        return iter(self.designs)

    def __len__(self) -> int:
        return len(self.designs)


def pool_imputations(models: Sequence[Model], *, level: float | None = None) -> PooledModel:
    """Pool one model fitted to several imputations of the same data, by Rubin's rules.

    Estimate: the mean. Variance: T = W + (1 + 1/m) B, with W the mean of the variances and B the variance
    of the estimates (Rubin 1987, Multiple Imputation for Nonresponse in Surveys, p. 76). Degrees of
    freedom: Barnard and Rubin (1999, Biometrika 86:948-955, eq. 3-5), with those of the models, hence of
    the design, as complete-data ones. fmi = (r + 2 / (df + 3)) / (1 + r) with r = (1 + 1/m) B / W.

    Raises ``DataError`` for fewer than two models, or models of different terms or families.

    R equivalent: ``mitools::MIcombine(..., df.complete=)`` and ``mice::pool``.
    """
    models = list(models)
    _check_same(models)
    m, terms = len(models), models[0].table["term"].tolist()
    estimates = np.stack([model.coefficients for model in models])
    within = np.mean([model.vcov.to_numpy() for model in models], axis=0)
    between = np.cov(estimates, rowvar=False).reshape(within.shape)
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * np.diag(between) / np.diag(total)
    df = _barnard_rubin(share, m, float(np.mean([model.df for model in models])))
    ratio = share / (1 - share)
    mean, se = estimates.mean(axis=0), np.sqrt(np.diag(total))
    confidence = level_or(level, models[0].level)
    half = t_quantile(df, confidence) * se
    table = pd.DataFrame(
        {
            "term": terms,
            "estimate": mean,
            "se": se,
            "ci_low": mean - half,
            "ci_high": mean + half,
            "t": mean / se,
            "df": df,
            "p": 2 * stdtr(df, -np.abs(mean / se)),
            "within": np.diag(within),
            "between": np.diag(between),
            "fmi": (ratio + 2 / (df + 3)) / (1 + ratio),
        }
    )
    return PooledModel(
        table=table, source=models[0].source, vcov=pd.DataFrame(total, terms, terms), m=m, level=confidence
    )


def _check_same(models: list[Model]) -> None:
    if len(models) < 2:
        raise DataError(
            f"{len(models)} model cannot be pooled: fit the same model to at least two imputations"
        )
    first = (models[0].formula, models[0].family, models[0].table["term"].tolist())
    for place, model in enumerate(models[1:], start=2):
        if (model.formula, model.family, model.table["term"].tolist()) != first:
            raise DataError(
                f"model {place} is not the first model fitted to other data: its formula or terms differ"
            )


def _barnard_rubin(share: np.ndarray, m: int, complete: float) -> np.ndarray:
    """Return degrees of freedom from the share of variance that is due to the gaps."""
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    return 1 / (share**2 / (m - 1) + 1 / observed)


def impute(
    data: Survey | SurveyDesign,
    columns: Sequence[str],
    *,
    m: int = 20,
    cycles: int = 10,
    seed: int,
    helpers: Sequence[str] = (),
) -> Imputations:
    """Fill the gaps of ``columns`` several times by chained equations with predictive mean matching.

    Each column with gaps is regressed on all the others and on ``helpers``; a gap takes the answer of one
    of the people whose predictions are nearest (statsmodels ``MICEData``), so that filled values are always
    ones that were given. The log of the weight is among the predictors, as the sampling must be.
    ``columns`` should hold every variable of the analysis, the outcome too. The same ``seed`` gives the
    same values.

    Numbers, yes/no and ordered categories can be filled; an unordered category may only help, and must be
    complete. Filled columns keep their kind. ``m`` imputations, ``cycles`` rounds of the equations before
    each; a round takes about 0.05 s a column on some thousand rows. Use ``m`` of 20 or more for a result that
    is to be reported.

    Where few people answered near the gaps, donors are far and intervals too narrow: with half of 300
    answers missing, most of them at one end, 95 % intervals covered about 90 % of the time in simulation.
    Then say so, and fit the model on complete rows with the causes of missingness as covariates.

    Raises ``DataError`` for columns that cannot be filled, columns without a gap among all, or without an
    answer.
    """
    if m < 2 or cycles < 1:
        raise DataError(f"m={m} imputations after cycles={cycles} rounds: at least 2 and 1 are needed")
    design = design_in_memory(data, "impute")
    chosen = list(dict.fromkeys([*columns, *helpers]))
    require_columns(list(design.frame.columns), chosen)
    gaps = design.frame[chosen].isna().sum()
    filled = gaps[gaps > 0]
    _check_gaps(design.frame, gaps, filled)
    from statsmodels.imputation.mice import MICEData

    state = np.random.RandomState(seed)
    numbers = _numbers(design, chosen)
    _refuse_empty_rows(numbers, chosen)
    chain = MICEData(numbers, k_pmm=_DONORS, rng=state)
    completed = []
    for _ in range(m):
        chain.update_all(cycles)
        completed.append(replace(design, frame=_restored(design, chain.data, chosen, filled.index)))
    return Imputations(tuple(completed), filled.rename("filled"))


def _check_gaps(frame: pd.DataFrame, gaps: pd.Series, filled: pd.Series) -> None:
    if filled.empty:
        raise DataError(f"nothing is missing in {', '.join(gaps.index)}: there is nothing to impute")
    for column, count in filled.items():
        if count == len(frame):
            raise DataError(f"column {column!r} holds no answer at all: leave it out")
        if not _fillable(frame[column]):
            raise DataError(
                f"column {column!r} has {count} gaps and unordered categories: make it numbers, yes/no or "
                "ordered, or leave it out"
            )


def _refuse_empty_rows(numbers: pd.DataFrame, chosen: list[str]) -> None:
    """Refuse rows of which nothing is known: there is nothing to predict their answers from."""
    empty = int(numbers.isna().all(axis=1).sum())
    if empty:
        raise DataError(
            f"{empty} rows miss all of {listed(chosen)}, so that nothing predicts what they would have "
            "answered: name helpers= that they did answer, or leave those rows out of the frame"
        )


def _fillable(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return bool(column.cat.ordered)
    return pd.api.types.is_numeric_dtype(column.dtype)


def _numbers(design: SurveyDesign, chosen: list[str]) -> pd.DataFrame:
    """Return the columns as floats: codes of ordered categories, indicators of others, and the log weight.

    Names are the columns' places, because the chained equations are written as formulas.
    """
    parts = {}
    for place, name in enumerate(chosen):
        column = design.frame[name]
        if not _fillable(column):
            indicators = pd.get_dummies(column, drop_first=True, dtype=float).to_numpy()
            parts |= {f"x{place}_{k}": values for k, values in enumerate(indicators.T)}
            continue
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.cat.codes.where(column.notna())
        parts[f"x{place}"] = column.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    weights = coded(design).weights
    if np.ptp(weights[weights > 0]) > 0:
        # Rows of weight 0 are not estimated from; they get the smallest weight so that the log exists.
        parts["log_weight"] = np.log(np.where(weights > 0, weights, weights[weights > 0].min()))
    return pd.DataFrame(parts)


def _restored(
    design: SurveyDesign, completed: pd.DataFrame, chosen: list[str], filled: pd.Index
) -> pd.DataFrame:
    """Return the frame with the filled columns in their own kind; answers that were given are untouched."""
    new = {}
    for name in filled:
        column, values = design.frame[name], completed[f"x{chosen.index(name)}"].to_numpy()
        if isinstance(column.dtype, pd.CategoricalDtype):
            categories = column.cat.categories
            drawn = pd.Categorical.from_codes(values.round().astype(int), categories, ordered=True)
        else:
            drawn = values != 0 if pd.api.types.is_bool_dtype(column.dtype) else values
        new[name] = column.mask(column.isna(), pd.Series(drawn, index=column.index).astype(column.dtype))
    return design.frame.assign(**new)
