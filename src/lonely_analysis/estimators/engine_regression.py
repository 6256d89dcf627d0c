"""Regression beyond pandas: two group-bys in the frame's own engine.

The first adds rows up to *cells*, one for each pattern of covariates, and the cells give the fit exactly. The
second writes the score of a row as an expression of its columns and adds the scores up within PSUs, which
gives the covariance. What is collected has one row a cell or a PSU.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError, EstimationError
from lonely_analysis.estimators.covariates import (
    Variable,
    read_covariates,
    refuse_lost_categories,
    used_categories,
)
from lonely_analysis.estimators.encoding import Encoding, learn
from lonely_analysis.estimators.engine_columns import Engine, column_expression, indicator
from lonely_analysis.estimators.engines import engine_frame, engine_psus, group_sums
from lonely_analysis.estimators.glm import Family, Fit
from lonely_analysis.estimators.layout import layout_of
from lonely_analysis.estimators.linearise import (
    covariance_of_totals,
    single_psu_factor,
    stratum_means,
    stratum_scale,
)
from lonely_analysis.estimators.psus import Psus
from lonely_analysis.estimators.sample import Sample
from lonely_analysis.estimators.terms import Formula
from lonely_analysis.surveys.design import SurveyDesign, column_names, require_columns

# More values than this make a covariate continuous: its cells would be nearly as many as the rows.
_MOST_VALUES = 1000
# The names that group_sums gives to weight, stratum and PSU.
_W, _S, _P = "__weight", "__stratum", "__psu"
# An outcome whose variance is this share of its square does not vary.
_ROUNDING = 1e-13


def open_engine(design: SurveyDesign, formula: Formula, where: Any) -> Engine:
    """Check the columns of a formula on an engine; continuous covariates and a text outcome are refused."""
    import narwhals as nw

    frame = engine_frame(design)
    schema = frame.collect_schema()
    require_columns(column_names(design.frame), [*formula.outcome.variables, *formula.variables])
    for name in formula.outcome.variables:
        if not (schema[name].is_numeric() or schema[name] == nw.Boolean):
            raise DataError(f"outcome {name!r} holds {schema[name]}, not numbers or yes/no")
    for name in formula.variables:
        values = frame.select(name).unique().head(_MOST_VALUES + 1)
        values = values.collect() if isinstance(values, nw.LazyFrame) else values
        if schema[name].is_numeric() and len(values) > _MOST_VALUES:
            raise DataError(
                f"{name!r} takes more than {_MOST_VALUES} values. On this engine a regression adds rows "
                "up to cells, so that covariates must take few values: group or round it, or collect the "
                "model's columns into pandas"
            )
    return Engine(design, formula, where, schema)


def engine_sample(engine: Engine, family: Family) -> Sample:
    """Add rows up to cells: the first pass. The sample's rows are cells and its outcome their means."""
    table = group_sums(
        engine.design, list(engine.formula.variables) or [_S], _cell_sums(engine), engine.where
    )
    _check_outcome(engine, family, table)
    variables = read_covariates(table, engine.formula)
    rows = _floats(table, "__n") + _floats(table, "__absent")
    used = _floats(table, "__n") > 0
    for variable in variables.values():
        if variable.missing is not None:
            used &= ~variable.missing
    if not used.any():
        raise DataError("no complete row in the domain: outcome or covariates are missing in all of them")
    dropped = _dropped(engine, variables, rows, _floats(table, "__absent").sum())
    refuse_lost_categories(variables, rows > 0, used, rows)
    kept = {name: used_categories(v.rows(used)) for name, v in variables.items()}
    weights = _floats(table, "__w")[used]
    layout = layout_of(learn(engine.formula, kept, _floats(table, "__n")[used]), kept, len(weights))
    outcome = _floats(table, "__wy")[used] / weights
    return Sample(layout, weights, outcome, used, dropped, int(_floats(table, "__n")[used].sum()))


def _floats(table: pd.DataFrame, columns: str | list[str]) -> np.ndarray:
    """Return sums as floats; an engine's sum over nothing is null."""
    return table[columns].astype(float).to_numpy(na_value=0.0)


def _cell_sums(engine: Engine) -> dict[str, Any]:
    import narwhals as nw

    w, y = nw.col(_W), engine.outcome
    counted = w > 0
    known = engine.known(engine.formula.outcome.variables) & counted
    sums = {
        "__w": w,
        "__wy": w * y,
        "__wyy": w * y * y,
        "__other": indicator((y != 0) & (y != 1)),
        "__negative": indicator(y < 0),
    }
    sums = {name: nw.when(known).then(value).otherwise(0.0) for name, value in sums.items()}
    return {"__n": known.cast(nw.Int64), "__absent": (counted & ~known).cast(nw.Int64), **sums}


def _check_outcome(engine: Engine, family: Family, table: pd.DataFrame) -> None:
    name, total = (
        engine.formula.outcome.label,
        {name: _floats(table, name).sum() for name in table if name.startswith("__")},
    )
    if family.name == "logistic" and total["__other"]:
        raise DataError(
            f"outcome {name!r} has {int(total['__other'])} rows other than 0 and 1: "
            "a logistic model needs yes/no"
        )
    if family.name == "poisson" and total["__negative"]:
        raise DataError(
            f"outcome {name!r} is negative in {int(total['__negative'])} rows: take family='linear'"
        )
    if total["__wyy"] * total["__w"] - total["__wy"] ** 2 <= _ROUNDING * total["__wyy"] * total["__w"]:
        raise EstimationError(f"outcome {name!r} is the same in all rows used: there is nothing to explain")


def _dropped(engine: Engine, variables: dict[str, Variable], rows: np.ndarray, absent: float) -> pd.Series:
    counts = {engine.formula.outcome.label: absent}
    for name, variable in variables.items():
        counts[name] = 0 if variable.missing is None else rows[variable.missing].sum()
    return pd.Series(counts, name="missing").astype(int)


def engine_covariance(engine: Engine, family: Family, sample: Sample, found: Fit) -> tuple[np.ndarray, int]:
    """Return the covariance of the coefficients and the design's degrees of freedom: the second pass."""
    scores, used = _scores(engine, family, sample.layout.encoding, found.coefficients)
    psus = engine_psus(engine.design)
    if engine.design.psu is None:
        meat, df = _meat_of_rows(engine, psus, scores, used, found.basis)
        return found.sandwich(meat), df
    names = [f"__score{p}" for p in range(len(scores))]
    sums = {**dict(zip(names, scores, strict=True)), "__n": used}
    table = group_sums(engine.design, [_S, _P], sums, engine.where)
    place = psus.psu_labels.get_indexer(pd.MultiIndex.from_frame(table[[_S, _P]]))
    totals = np.zeros((psus.n_psu, len(names)))
    totals[place] = _floats(table, names)
    touched = place[_floats(table, "__n") > 0]
    strata = psus.stratum_of_psu[touched]
    meat = covariance_of_totals(psus, totals @ found.basis, strata)
    return found.sandwich(meat), len(touched) - len(np.unique(strata))


def _scores(engine: Engine, family: Family, encoding: Encoding, b: np.ndarray) -> tuple[list[Any], Any]:
    """Return a row's weighted score for each coefficient, 0 where it is not used, and who is used."""
    import narwhals as nw

    columns = [column_expression(engine, encoding, column) for column in encoding.columns]
    eta = reduce(operator.add, (x * float(c) for x, c in zip(columns, b, strict=True)))
    mean = {"logistic": lambda: 1 / (1 + (-eta).exp()), "poisson": eta.exp, "linear": lambda: eta}[
        family.name
    ]()
    w = nw.col(_W)
    used = engine.known((*engine.formula.outcome.variables, *engine.formula.variables)) & (w > 0)
    residual = w * (engine.outcome - mean)
    scores = [nw.when(used).then(residual * x).otherwise(0.0) for x in columns]
    return scores, used.cast(nw.Int64)


def _meat_of_rows(
    engine: Engine, psus: Psus, scores: list[Any], used: Any, basis: np.ndarray
) -> tuple[np.ndarray, int]:
    """Return the covariance of total scores where each row is a PSU, from sums of products by stratum."""
    k = len(scores)
    upper = np.triu_indices(k)
    sums = {f"__s{p}": score for p, score in enumerate(scores)}
    sums |= {f"__q{p}_{q}": scores[p] * scores[q] for p, q in zip(*upper, strict=True)}
    table = group_sums(engine.design, [_S], {**sums, "__n": used}, engine.where)
    place = psus.strata.get_indexer(table[_S])
    totals = np.zeros((psus.n_strata, k))
    totals[place] = _floats(table, [f"__s{p}" for p in range(k)])
    scale, means = stratum_scale(psus), stratum_means(psus, totals)
    products = _floats(table, [f"__q{p}_{q}" for p, q in zip(*upper, strict=True)])
    square = np.zeros((k, k))
    square[upper] = scale[place] @ products
    square = square + np.triu(square, 1).T
    meat = square - (means * (scale * psus.psus_in_stratum)[:, None]).T @ means
    n = _floats(table, "__n")
    touched = place[n > 0]
    return basis.T @ (meat * single_psu_factor(psus, touched)) @ basis, int(n.sum()) - len(touched)
