"""Regression on Polars, DuckDB and Dask gives what pandas gives, without collecting rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

SAME = {"rtol": 1e-10, "atol": 1e-13}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n = 900
    frame = pd.DataFrame(
        {
            "w": np.round(rng.uniform(0.2, 3, n), 3),
            "s": np.repeat(np.arange(6), 150),
            "p": rng.integers(0, 6, n),
            "age": rng.integers(18, 80, n),
            "sex": rng.choice(["female", "male"], n),
            "country": rng.choice(["NO", "SE", "DK"], n),
            "lonely": rng.random(n) < 0.3,
        }
    )
    eta = -1 + 0.02 * frame["age"] + 0.5 * frame["lonely"] + 0.3 * (frame["sex"] == "male")
    frame["ill"] = (rng.random(n) < 1 / (1 + np.exp(-eta))).astype(float)
    frame["visits"] = rng.poisson(np.exp(eta / 2))
    frame.loc[[3, 90], "ill"] = np.nan
    frame.loc[[8, 700], "country"] = None
    frame.loc[5, "w"] = 0.0
    return frame


def convert(frame: pd.DataFrame, engine: str):
    native = pytest.importorskip({"dask": "dask.dataframe"}.get(engine, engine))
    if engine == "polars":
        return native.from_pandas(frame).lazy()
    return native.from_df(frame) if engine == "duckdb" else native.from_pandas(frame, npartitions=3)


@pytest.mark.filterwarnings("ignore:Dask support is moving")
@pytest.mark.parametrize("engine", ["polars", "duckdb", "dask"])
@pytest.mark.parametrize(
    ("formula", "family", "where", "psu"),
    [
        ("ill ~ lonely * sex + C(country, ref='NO') + age", "logistic", None, "p"),
        ("ill ~ lonely + sex", "logistic", "age < 70", None),
        ("visits ~ lonely + spline(age, df=3) + I((age - 50)**2 / 100)", "poisson", "age >= 30", "p"),
        ("visits ~ C(lonely) + log(age) + sex", "linear", "country != 'SE'", "p"),
    ],
)
def test_every_engine_gives_the_numbers_of_pandas(frame, engine, formula, family, where, psu):
    known = {"weight": "w", "stratum": "s", "psu": psu}
    ours = la.regress(la.SurveyDesign(frame, **known), formula, family, where=where)
    theirs = la.regress(la.SurveyDesign(convert(frame, engine), **known), formula, family, where=where)
    assert list(theirs.vcov.index) == list(ours.vcov.index)
    np.testing.assert_allclose(theirs.coefficients, ours.coefficients, **SAME)
    np.testing.assert_allclose(theirs.vcov, ours.vcov, rtol=1e-9, atol=1e-13)
    assert (theirs.n, theirs.df, dict(theirs.dropped)) == (ours.n, ours.df, dict(ours.dropped))
    variable = "age" if family == "linear" else "lonely"
    np.testing.assert_allclose(
        la.average_effect(theirs, variable).estimate, la.average_effect(ours, variable).estimate, **SAME
    )


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("visits ~ income", "more than 1000 values.*pandas"),
        ("visits ~ lonely", "rows other than 0 and 1"),
        ("sex ~ lonely", "outcome 'sex' holds String"),
        ("one ~ lonely", "the same in all rows"),
        ("ill ~ nowhere", "no column 'nowhere'"),
    ],
)
def test_what_an_engine_cannot_fit_is_refused_before_rows_are_collected(formula, message):
    polars = pytest.importorskip("polars")
    n = 1500
    rng = np.random.default_rng(2)
    frame = polars.DataFrame(
        {
            "visits": rng.poisson(2, n),
            "ill": rng.integers(0, 2, n),
            "one": np.ones(n, dtype=int),
            "income": rng.normal(size=n),
            "sex": ["female", "male"] * (n // 2),
            "lonely": rng.random(n) < 0.5,
        }
    )
    with pytest.raises(ValueError, match=message):
        la.regress(la.SurveyDesign(frame.lazy()), formula)


@pytest.mark.filterwarnings("ignore:Dask support is moving")
def test_a_dask_cluster_of_two_workers_gives_the_numbers_of_pandas(frame):
    from distributed import Client, LocalCluster

    known, formula = {"weight": "w", "stratum": "s", "psu": "p"}, "ill ~ lonely * sex + C(country, ref='NO')"
    ours = la.regress(la.SurveyDesign(frame, **known), formula)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None) as local,
        Client(local) as client,
    ):
        assert len(client.scheduler_info()["workers"]) == 2
        theirs = la.regress(la.SurveyDesign(convert(frame, "dask"), **known), formula)
    np.testing.assert_allclose(theirs.coefficients, ours.coefficients, **SAME)
    np.testing.assert_allclose(theirs.vcov, ours.vcov, rtol=1e-9, atol=1e-13)
