"""The same numbers from every engine as from pandas, to 1e-10, and the same messages."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.estimators.engines import group_sums

pytestmark = pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")

RNG = np.random.default_rng(51)
N = 1500
FRAME = pd.DataFrame(
    {
        "w": RNG.gamma(2.0, 1.0, N) * (RNG.random(N) > 0.02),
        "s": RNG.choice(["north", "south", "west"], N),
        "p": RNG.integers(0, 8, N),
        "country": RNG.choice(["NO", "SE", "DK"], N),
        "age": RNG.choice(["16-34", "35-64", "65+"], N),
        "score": np.where(RNG.random(N) < 0.1, np.nan, RNG.normal(500.0, 5.0, N)),
        "lonely": pd.array(RNG.random(N) < 0.2, dtype="boolean"),
    }
)
FRAME.loc[RNG.random(N) < 0.1, "lonely"] = pd.NA
FRAME["rare"] = (RNG.random(N) < 0.002).astype(int)
# Nobody in Denmark was asked.
FRAME["asked"] = FRAME["lonely"].mask(FRAME["country"] == "DK")
FRAME["height"] = FRAME["score"].mask(FRAME["country"] == "DK")


def polars_frame() -> Any:
    import polars as pl

    return pl.from_pandas(FRAME)


def duckdb_relation() -> Any:
    import duckdb

    return duckdb.from_arrow(polars_frame().to_arrow())


def dask_frame() -> Any:
    import dask.dataframe as dd

    return dd.from_pandas(FRAME, npartitions=3)


ENGINES: dict[str, Callable[[], Any]] = {
    "polars": polars_frame,
    "polars-lazy": lambda: polars_frame().lazy(),
    "duckdb": duckdb_relation,
    "dask": dask_frame,
}
DESIGNS = [
    {"weight": "w", "stratum": "s", "psu": "p"},
    {"weight": "w", "stratum": "s"},
    {"weight": "w", "psu": "p"},
    {},
]
QUESTIONS: dict[str, Callable[[la.SurveyDesign], Any]] = {
    "prevalence": lambda d: la.prevalence(d, "lonely", by=["country", "age"]),
    "domain": lambda d: la.prevalence(d, "lonely", where="age in ['16-34', '65+'] and not country == 'SE'"),
    "rare": lambda d: la.prevalence(d, "rare", by="country", ci="beta"),
    "mean": lambda d: la.mean(d, "score", by="age"),
    "not asked": lambda d: la.prevalence(d, "asked", by=["country", "age"]),
    "not measured": lambda d: la.mean(d, "height", by="country", where="age != '65+'"),
    "standardised": lambda d: la.standardise(d, "lonely", by="country", over="age"),
}


def agree(ours: Any, theirs: Any) -> None:
    a, b = ours.to_frame(), theirs.to_frame()
    numbers = ["estimate", "se", "ci_low", "ci_high", "n", "df", "deff"]
    assert a.drop(columns=numbers).astype(str).equals(b.drop(columns=numbers).astype(str))
    np.testing.assert_allclose(a[numbers].to_numpy(float), b[numbers].to_numpy(float), rtol=1e-10)
    np.testing.assert_allclose(ours.vcov, theirs.vcov, rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("names", DESIGNS, ids=lambda names: "-".join(names) or "none")
def test_an_engine_gives_the_numbers_of_pandas(engine: str, names: dict) -> None:
    few = ("prevalence", "mean", "not asked")
    questions = QUESTIONS if engine != "dask" else {k: QUESTIONS[k] for k in few}
    there, here = la.SurveyDesign(ENGINES[engine](), **names), la.SurveyDesign(FRAME, **names)
    for ask in questions.values():
        agree(ask(there), ask(here))


@pytest.mark.parametrize("engine", ["polars-lazy", "duckdb"])
@pytest.mark.parametrize("rule", ["adjust", "average", "certainty"])
def test_rules_for_single_psus_hold_on_engines(engine: str, rule: str) -> None:
    import duckdb
    import polars as pl

    frame = FRAME.assign(p=FRAME["p"].mask(FRAME["s"] == "west", 1))
    table = pl.from_pandas(frame)
    there = table.lazy() if engine == "polars-lazy" else duckdb.from_arrow(table.to_arrow())
    names = {"weight": "w", "stratum": "s", "psu": "p", "single_psu": rule}
    ask = QUESTIONS["prevalence"]
    agree(ask(la.SurveyDesign(there, **names)), ask(la.SurveyDesign(frame, **names)))
    with pytest.raises(la.DataError, match=r"1 of 3 strata.*: west\."):
        ask(la.SurveyDesign(there, **(names | {"single_psu": "fail"})))


def test_replicates_of_an_engine_are_those_of_pandas() -> None:
    names = DESIGNS[0]
    there, here = la.SurveyDesign(ENGINES["polars-lazy"](), **names), la.SurveyDesign(FRAME, **names)
    mine, pandas = la.replicates(there, n=20, seed=1), la.replicates(here, n=20, seed=1)
    np.testing.assert_array_equal(mine.multipliers, pandas.multipliers)
    for outcome, estimator in (("lonely", la.prevalence), ("score", la.mean)):
        agree(
            estimator(there, outcome, "age", replicates=mine),
            estimator(here, outcome, "age", replicates=pandas),
        )
    with pytest.raises(la.DataError, match="use pandas"):
        mine.row_multipliers(0)


def test_an_order_of_categories_is_kept_where_an_engine_has_one() -> None:
    import polars as pl

    table = polars_frame().with_columns(pl.col("country").cast(pl.Enum(["SE", "NO", "DK"])))
    result = la.prevalence(la.SurveyDesign(table.lazy(), weight="w"), "lonely", by="country")
    assert result.to_frame()["country"].tolist() == ["SE", "NO", "DK"]


def test_group_sums_are_those_of_pandas() -> None:
    import narwhals as nw

    sums = group_sums(
        la.SurveyDesign(polars_frame().lazy(), weight="w"),
        ["country", "age"],
        {"total": nw.col("__weight")},
        "p > 3",
    )
    expected = FRAME[FRAME["p"] > 3].groupby(["country", "age"])["w"].sum().reset_index(name="total")
    assert sums[["country", "age"]].equals(expected[["country", "age"]].astype(sums["country"].dtype))
    np.testing.assert_allclose(sums["total"], expected["total"], rtol=1e-12)


@pytest.mark.parametrize("engine", ["polars-lazy", "duckdb", "dask"])
@pytest.mark.parametrize(
    ("column", "value", "ask", "words"),
    [
        ("w", None, {"outcome": "lonely"}, "'w' has 20 missing values"),
        ("w", -1.0, {"outcome": "lonely"}, "'w' has 20 negative values"),
        ("w", np.inf, {"outcome": "lonely"}, "'w' has 20 infinite values"),
        ("s", None, {"outcome": "lonely"}, "stratum column 's' is missing in 20 rows"),
        ("rare", 7, {"outcome": "rare"}, r"'rare' is not yes/no: 20 rows.*7(\.0)? \(20 rows\)"),
        ("rare", 0, {"outcome": "country"}, "'country' holds .*, not numbers"),
        ("rare", 0, {"outcome": "alone"}, "no column 'alone'"),
        ("rare", 0, {"outcome": "rare", "where": "age == '99'"}, "nobody is in the domain where age == '99'"),
        ("rare", 0, {"outcome": "rare", "where": FRAME["p"] > 3}, "must be an expression"),
    ],
)
def test_an_engine_refuses_what_pandas_refuses(
    engine: str, column: str, value: Any, ask: dict, words: str
) -> None:
    import dask.dataframe as dd
    import duckdb
    import polars as pl

    frame = FRAME.copy()
    frame.loc[:19, column] = value
    table = pl.from_pandas(frame)
    there = {
        "polars-lazy": lambda: table.lazy(),
        "duckdb": lambda: duckdb.from_arrow(table.to_arrow()),
        "dask": lambda: dd.from_pandas(frame, npartitions=2),
    }[engine]()
    with pytest.raises(la.DataError, match=words):
        la.prevalence(la.SurveyDesign(there, weight="w", stratum="s", psu="p"), **ask)


def test_text_as_weight_and_an_absent_column_are_refused_when_bound_or_asked() -> None:
    with pytest.raises(la.DataError, match="no column 'weigth'"):
        la.SurveyDesign(polars_frame().lazy(), weight="weigth")
    with pytest.raises(la.DataError, match=r"weight 'country' holds .*, not numbers"):
        la.prevalence(la.SurveyDesign(polars_frame().lazy(), weight="country"), "lonely")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as local,
        Client(local) as client,
    ):
        yield client


def test_a_dask_cluster_of_two_workers_gives_the_numbers_of_pandas(cluster: Any) -> None:
    assert len(cluster.scheduler_info()["workers"]) == 2
    names = DESIGNS[0]
    there, here = la.SurveyDesign(dask_frame(), **names), la.SurveyDesign(FRAME, **names)
    for question in ("prevalence", "standardised"):
        agree(QUESTIONS[question](there), QUESTIONS[question](here))


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    if not shutil.which("java"):
        pytest.skip("Spark runs in a Java runtime, and no java is on the path")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    # By default each group-by makes 200 tasks, whose start takes minutes where the rows take a moment.
    for name in ("spark.sql.shuffle.partitions", "spark.default.parallelism"):
        builder = builder.config(name, "2")
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.mark.crosscheck
@pytest.mark.parametrize("question", ["prevalence", "mean", "standardised"])
def test_spark_gives_the_numbers_of_pandas(spark: Any, question: str) -> None:
    rows = [
        tuple(None if pd.isna(v) else v for v in row) for row in FRAME.astype(object).itertuples(index=False)
    ]
    table = spark.createDataFrame(rows, schema=list(FRAME.columns))
    there, here = la.SurveyDesign(table, **DESIGNS[0]), la.SurveyDesign(FRAME, **DESIGNS[0])
    agree(QUESTIONS[question](there), QUESTIONS[question](here))
