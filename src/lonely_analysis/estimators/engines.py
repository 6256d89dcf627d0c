"""Group-bys beyond pandas: Polars, DuckDB, Dask and Spark through narwhals, without collecting rows.

Two passes over the data: one lists the PSUs and checks weights, strata and PSUs; one adds up cells (PSU by
domain). What is collected has one row a PSU or a cell. *Engine* means the library that holds the frame.

On a Dask cluster, here of two workers on one machine::

    from distributed import Client
    import dask.dataframe as dd
    import lonely_analysis as la

    client = Client(n_workers=2, threads_per_worker=1)
    survey = la.SurveyDesign(dd.read_parquet("survey/*.parquet"), weight="w", stratum="s", psu="p")
    la.prevalence(survey, "lonely", by=["country", "age_group"]).to_frame()
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.cells import Cells
from lonely_analysis.estimators.columns import not_yes_no
from lonely_analysis.estimators.group_codes import group_rows
from lonely_analysis.estimators.psus import Psus, design_columns
from lonely_analysis.estimators.row_cells import RowCells
from lonely_analysis.surveys.design import SurveyDesign, check_complete, check_weights, require_columns
from lonely_analysis.surveys.expressions import domain_expression
from lonely_analysis.surveys.leaves import known_values
from lonely_analysis.surveys.parts import Parts

# Names of columns that are made here; no survey has them.
_W, _Y, _S, _P = "__weight", "__outcome", "__stratum", "__psu"


def group_sums(
    design: SurveyDesign, keys: Sequence[str], sums: Mapping[str, Any], where: str | None = None
) -> pd.DataFrame:
    """Return sums over groups of a design on any engine as pandas: the ``keys`` columns, then the ``sums``.

    ``sums`` maps names to narwhals expressions over rows, which may use the frame's columns and ``__weight``,
    ``__stratum`` and ``__psu``; ``keys`` may use the last two. ``where`` restricts the rows that are added.
    A row without stratum has stratum 0, and without a ``psu`` column the PSU is 0.
    """
    import narwhals as nw

    frame = _prepared(design)
    require_columns(frame.collect_schema().names(), list(keys))
    condition = domain_expression(frame, where)
    if condition is not None:
        frame = frame.filter(condition)
    named = frame.with_columns(**dict(sums))
    table = _collected(named.group_by(*keys).agg(*[nw.col(name).sum() for name in sums]))
    return table.sort_values(list(keys), ignore_index=True)


def engine_psus(design: SurveyDesign) -> Psus:
    """List the PSUs of a design on any engine, and refuse weights, strata and PSUs that cannot be used.

    Without a ``psu`` column the rows are the PSUs: they are counted in each stratum, and have no labels.
    """
    import narwhals as nw

    w = nw.col(_W)
    checks = {
        "__rows": w.is_null().cast(nw.Int64) * 0 + 1,
        "__missing": (w.is_null() | w.is_nan().fill_null(True)).cast(nw.Int64),
        "__infinite": (~w.is_finite().fill_null(True) & ~w.is_nan().fill_null(True)).cast(nw.Int64),
        "__negative": (w < 0).fill_null(False).cast(nw.Int64),
        "__total": w.fill_null(0.0),
    }
    table = group_sums(design, [_S, _P], checks)
    if not len(table):
        raise DataError("the data have no rows: nothing can be estimated")
    for column, role, key in ((design.stratum, "stratum", _S), (design.psu, "PSU", _P)):
        if column is not None:
            check_complete(column, role, int(table["__rows"][table[key].isna()].sum()))
    counts = {name: int(table[f"__{name}"].sum()) for name in ("missing", "infinite", "negative")}
    check_weights(str(design.weight), total=float(table["__total"].sum()), **counts)
    stratum, strata = pd.factorize(table[_S], sort=True)
    repeat = 1 if design.psu else table["__rows"].to_numpy(dtype=int)
    labels = pd.Index(table[_P]) if design.psu else pd.RangeIndex(int(table["__rows"].sum()))
    return Psus(
        stratum_of_psu=np.repeat(stratum, repeat),
        single_psu=design.single_psu,
        strata=pd.Index(strata),
        names=labels,
        columns=design_columns(design),
    )


def engine_cells(design: SurveyDesign, outcome: str, by: list[str], where: Any, binary: bool) -> Cells:
    """Reduce the rows of any engine to the cells that ``memory_cells`` makes from pandas."""
    import narwhals as nw

    psus = engine_psus(design)
    frame = _prepared(design)
    schema = frame.collect_schema()
    require_columns(schema.names(), [outcome, *by])
    if not (schema[outcome].is_numeric() or schema[outcome] == nw.Boolean):
        raise DataError(f"outcome {outcome!r} holds {schema[outcome]}, not numbers or yes/no")
    condition = domain_expression(frame, where)
    # A group in which nobody answered stays a group: such rows count for nothing in it.
    inside = [known_values(name, schema) for name in by] + ([] if condition is None else [condition])
    frame = frame.filter(reduce(and_, inside)) if inside else frame
    answered = known_values(outcome, schema)
    frame = frame.with_columns(
        nw.when(answered).then(_numeric(outcome, schema)).otherwise(nw.lit(0.0)).alias(_Y),
        nw.when(answered).then(nw.col(_W)).otherwise(nw.lit(0.0)).alias(_W),
    )
    shift = 0.0 if binary else _overall_mean(frame)
    table = _sums(frame, by, shift, squares=design.psu is None)
    if binary:
        _check_yes_no(outcome, frame, int(table["__other"].sum()))
    return _cells(design, psus, table, by, shift)


def engine_frame(design: SurveyDesign) -> Any:
    """Return the frame of a design as narwhals sees it."""
    import narwhals as nw

    if isinstance(design.frame, Parts):
        raise DataError(
            "only la.prevalence and la.mean take a survey in parts: for this estimate give the files to an "
            "engine, for example polars.scan_parquet(...)"
        )
    return nw.from_native(design.frame)


def _prepared(design: SurveyDesign) -> Any:
    """Return the narwhals frame with weight, stratum and PSU under fixed names."""
    import narwhals as nw

    frame = engine_frame(design)
    schema = frame.collect_schema()
    if design.weight is not None and not schema[design.weight].is_numeric():
        raise DataError(f"weight {design.weight!r} holds {schema[design.weight]}, not numbers")
    columns = [_constant(design.weight, 1.0).cast(nw.Float64).alias(_W)]
    columns += [_constant(design.stratum, 0).alias(_S), _constant(design.psu, 0).alias(_P)]
    # Polars' Categorical has no order of its own: as text, it sorts as everywhere else.
    texts = [name for name, dtype in schema.items() if dtype == nw.Categorical]
    return frame.with_columns(*columns, *[nw.col(name).cast(nw.String) for name in texts])


def _constant(column: str | None, value: float) -> Any:
    import narwhals as nw

    return nw.lit(value) if column is None else nw.col(column)


def _numeric(column: str, schema: Any) -> Any:
    """Return an outcome as numbers; what stands for a missing one does not count."""
    import narwhals as nw

    if schema[column] == nw.Boolean:
        # Dask cannot cast a missing boolean.
        return nw.col(column).fill_null(False).cast(nw.Int64).cast(nw.Float64)
    return nw.col(column).cast(nw.Float64)


def _overall_mean(frame: Any) -> float:
    """Return the weighted mean of a measure, from which its sums are then taken."""
    import narwhals as nw

    sums = frame.with_columns(__wy=nw.col(_W) * nw.col(_Y)).select(nw.col("__wy").sum(), nw.col(_W).sum())
    row = _collected(sums).iloc[0].to_numpy(dtype=float, na_value=0.0)
    return float(row[0] / row[1]) if row[1] > 0 else 0.0


def _sums(frame: Any, by: list[str], shift: float, squares: bool) -> pd.DataFrame:
    import narwhals as nw

    w, y = nw.col(_W), nw.col(_Y) - shift
    terms = {
        "__n": (w > 0).cast(nw.Int64),
        "__other": ((nw.col(_Y) != 0) & (nw.col(_Y) != 1)).cast(nw.Int64),
        "__w": w,
        "__wy": w * y,
        "__wyy": w * y * y,
    }
    if squares:
        terms |= {"__ww": w * w, "__wwy": w * w * y, "__wwyy": w * w * y * y}
    grouped = frame.with_columns(**terms).group_by(_S, _P, *by)
    return _collected(grouped.agg(*[nw.col(name).sum() for name in terms]))


def _collected(frame: Any) -> pd.DataFrame:
    """Return the result of a query, one row a group, as pandas."""
    import narwhals as nw

    return (frame.collect() if isinstance(frame, nw.LazyFrame) else frame).to_pandas()


def _check_yes_no(outcome: str, frame: Any, rows: int) -> None:
    import narwhals as nw

    if rows:
        other = frame.filter((nw.col(_Y) != 0) & (nw.col(_Y) != 1)).with_columns(__n=nw.lit(1))
        codes = _collected(other.group_by(_Y).agg(nw.col("__n").sum())).set_index(_Y)["__n"]
        raise DataError(not_yes_no(outcome, codes.sort_values(ascending=False).to_dict(), rows))


def _cells(design: SurveyDesign, psus: Psus, table: pd.DataFrame, by: list[str], shift: float) -> Cells:
    domain, groups = group_rows(table, by, np.ones(len(table), dtype=bool))
    if design.psu is None:
        psu = psus.strata.get_indexer(table[_S])
    else:
        keys = pd.MultiIndex.from_arrays([table[_S].to_numpy(), table[_P].to_numpy()])
        psu = psus.psu_labels.get_indexer(keys)
    order = np.lexsort((domain, psu))
    table, domain, psu = table.iloc[order], domain[order], psu[order]
    column = {
        name: table[name].to_numpy(dtype=float)
        for name in table
        if str(name).startswith("__w") and name != _W
    }
    count = table["__n"].to_numpy(dtype=np.intp)
    size = len(groups)
    total, weight, squares = (np.bincount(domain, column[name], size) for name in ("__wy", "__w", "__wyy"))
    # A difference of sums: an engine's rows are not passed once more for the design effect alone.
    spread = squares - np.divide(total**2, weight, out=np.zeros(size), where=weight > 0)
    common = {"psus": psus, "groups": groups, "shift": shift, "spread": spread}
    common["count"] = np.bincount(domain, weights=count, minlength=size).astype(np.intp)
    use = column["__w"] > 0
    common |= {
        "psu": psu[use],
        "domain": domain[use],
        "weight": column["__w"][use],
        "total": column["__wy"][use],
    }
    if design.psu is not None:
        return Cells(**common)
    squares = np.stack([column[name][use] for name in ("__ww", "__wwy", "__wwyy")])
    return RowCells(**common, squares=squares, rows=count[use])
