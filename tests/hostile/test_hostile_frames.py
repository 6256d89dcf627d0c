"""Frames of every sort given to the estimators: a result that can be printed, or one message."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import ODD_WEIGHTS, frames

import lonely_analysis as la

LONGEST_MESSAGE = 600
RULES = ["fail", "adjust", "average", "certainty", "remove"]
bounded = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])


def answered(ask: Callable[[], object]) -> pd.DataFrame | None:
    """Return a result's table, or None for a refusal in one message; everything else is a fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return ask().to_frame()
        except (la.DataError, la.EstimationError) as error:
            assert 0 < len(str(error)) <= LONGEST_MESSAGE, str(error)  # noqa: PT017
            return None


def sane(table: pd.DataFrame | None, *, share: bool) -> None:
    if table is None:
        return
    numbers = table[["estimate", "se", "ci_low", "ci_high"]].to_numpy(float)
    # A number may be missing, for want of answers or of degrees of freedom; it is never infinite.
    assert not np.isinf(numbers).any(), table
    known = table[table["estimate"].notna()]
    assert (known["se"].isna() | (known["se"] >= 0)).all()
    limits = known[known["ci_low"].notna() & known["ci_high"].notna()]
    tiny = 1e-9 * limits["estimate"].abs() + 1e-300
    assert (limits["ci_low"] <= limits["estimate"] + tiny).all(), table
    assert (limits["estimate"] <= limits["ci_high"] + tiny).all(), table
    if share:
        assert known["estimate"].between(0, 1 + 1e-12).all(), table
        assert limits[["ci_low", "ci_high"]].stack().between(-1e-12, 1 + 1e-12).all(), table


def bind(frame: pd.DataFrame, rule: str) -> la.SurveyDesign:
    return la.SurveyDesign(frame, weight="w", stratum="s", psu="p", single_psu=rule)


@bounded
@given(frames(ODD_WEIGHTS), st.sampled_from(RULES), st.sampled_from(["logit", "beta", "wilson"]))
def test_a_prevalence_is_a_share_or_a_refusal_whatever_the_weights(frame, rule, ci):
    sane(answered(lambda: la.prevalence(bind(frame, rule), "y", by="g", ci=ci)), share=True)


@bounded
@given(frames(), st.sampled_from(RULES), st.sampled_from(["z > 0", "z > 5", "not z == 0 and y == 1", None]))
def test_a_mean_of_wild_numbers_is_finite_or_a_refusal(frame, rule, where):
    sane(answered(lambda: la.mean(bind(frame, rule), "x", where=where)), share=False)


@bounded
@given(
    frames(), st.sampled_from(["logistic", "poisson", "linear"]), st.sampled_from(["z", "C(g)", "z * y", "x"])
)
def test_a_model_of_few_odd_rows_is_finite_or_a_refusal(frame, family, terms):
    table = answered(lambda: la.regress(bind(frame, "adjust"), f"y ~ {terms}", family=family))
    if table is not None:
        assert np.isfinite(table[["estimate"]].to_numpy(float)).all(), table
        assert not np.isinf(table["se"].to_numpy(float)).any(), table


@bounded
@given(frames(), st.sampled_from(["rao-wu", "jackknife"]))
def test_replicates_of_tiny_strata_are_finite_or_a_refusal(frame, method):
    def ask() -> object:
        design = bind(frame, "adjust")
        return la.prevalence(design, "y", replicates=la.replicates(design, n=20, method=method, seed=1))

    sane(answered(ask), share=True)


@bounded
@given(frames())
def test_survival_from_odd_rows_is_finite_or_a_refusal(frame):
    table = answered(lambda: la.cox(bind(frame, "adjust"), time="x", event="y", formula="z"))
    if table is not None:
        assert np.isfinite(table["estimate"].to_numpy(float)).all(), table


@pytest.mark.parametrize("weight", ["1", True, 1j, pd.Timestamp("2020-01-01"), [1]])
def test_weights_that_are_no_numbers_are_refused_by_name(weight):
    frame = pd.DataFrame({"w": pd.Series([weight] * 4), "y": [0, 1, 0, 1]})
    with pytest.raises(la.DataError, match="'w'"):
        la.SurveyDesign(frame, weight="w")


@pytest.mark.parametrize("size", [1e-120, 1e120])
def test_weights_whose_squares_cannot_be_held_are_refused_before_a_division_overflows(size):
    frame = pd.DataFrame({"w": [size] * 4, "y": [0, 1, 0, 1]})
    with pytest.raises(la.DataError, match=r"weights in column 'w' add up to"):
        la.SurveyDesign(frame, weight="w")


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e200])
@pytest.mark.parametrize(
    "ask",
    [
        lambda d: la.mean(d, "x"),
        lambda d: la.regress(d, "z ~ x", family="linear"),
        lambda d: la.cox(d, time="x", event="y", formula="z"),
    ],
)
def test_a_number_whose_square_cannot_be_held_is_named_with_its_count(ask, value):
    frame = pd.DataFrame({"x": [1.0, 2.0, value, 4.0], "z": [0.0, 1.0, 1.0, 3.0], "y": [0, 1, 0, 1]})
    with pytest.raises(la.DataError, match=r"'x' has 1 (infinite values|values beyond)"):
        ask(la.SurveyDesign(frame))


def test_a_model_without_any_variance_has_no_test_and_no_warning():
    frame = pd.DataFrame({"y": [0.0, 1, 0, 1, 1, 0], "z": [1.0, 2, 3, 4, 5, 7], "p": 1})
    design = la.SurveyDesign(frame, psu="p", single_psu="remove")
    table = answered(lambda: la.regress(design, "y ~ z", family="linear"))
    assert (table["se"] == 0).all()
    assert table[["t", "p"]].isna().all(axis=None)
