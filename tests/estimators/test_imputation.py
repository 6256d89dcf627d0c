"""Multiple imputation.

References (tests/reference/imputation_pool.json, versions inside): five ``svyglm`` fits pooled by
``mitools::MIcombine`` (estimate and SE); degrees of freedom by Barnard and Rubin (1999) written out in R,
because mitools takes W / (W + B) where they have W / (W + (1 + 1/m) B), which gives 4.47 in the place of
4.3 for the coefficient with the gaps.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.errors import DataError

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "imputation_pool.json").read_text())
DATA = pd.DataFrame(REFERENCE["data"])
SETS = [DATA.assign(stress=values) for values in np.array(REFERENCE["stress"]).reshape(5, -1)]
FIELDS = {"weight": "weight", "stratum": "stratum", "psu": "psu"}


def models(frames=SETS, formula="poor ~ stress + age"):
    return [la.regress(la.SurveyDesign(frame, **FIELDS), formula) for frame in frames]


def gappy(n=200, seed=1):
    rng = np.random.default_rng(seed)
    age = rng.normal(size=n)
    stress = 0.5 * age + rng.normal(size=n)
    frame = pd.DataFrame(
        {
            "age": age,
            "stress": stress,
            "lonely": pd.array(stress + rng.normal(size=n) > 0.5, dtype="boolean"),
            "education": pd.Categorical(
                rng.choice(["lower", "middle", "higher"], n), ["lower", "middle", "higher"], True
            ),
            "sex": pd.Categorical(rng.choice(["female", "male"], n)),
            "weight": rng.uniform(0.5, 2, n),
        }
    )
    for column, share in (("stress", 0.2), ("lonely", 0.1), ("education", 0.1)):
        frame[column] = frame[column].mask(rng.random(n) < share)
    return frame


COLUMNS = ["age", "stress", "lonely", "education"]


def test_rubins_rules_are_mitools_with_barnard_and_rubins_degrees_of_freedom():
    ours = la.pool_imputations(models()).to_frame()
    np.testing.assert_allclose(ours["estimate"], REFERENCE["estimate"], rtol=1e-9)
    np.testing.assert_allclose(ours["se"], REFERENCE["se"], rtol=1e-8)
    np.testing.assert_allclose(ours["df"], REFERENCE["df"], rtol=1e-7)
    np.testing.assert_allclose(ours["fmi"], REFERENCE["fmi"], rtol=1e-7)


def test_equal_imputations_cost_no_information_but_few_degrees_of_freedom():
    one = models([SETS[0]] * 3)
    ours, alone = la.pool_imputations(one).to_frame(), one[0].to_frame()
    np.testing.assert_allclose(ours[["estimate", "se"]], alone[["estimate", "se"]], rtol=1e-12)
    assert (ours["between"] < 1e-30).all()
    complete = one[0].df
    assert ours["df"].tolist() == pytest.approx([(complete + 1) / (complete + 3) * complete] * 3)


@given(st.permutations(range(5)))
def test_the_order_of_the_imputations_does_not_matter(order):
    fitted = MODELS
    ours, base = (la.pool_imputations(m).to_frame() for m in ([fitted[k] for k in order], fitted))
    np.testing.assert_allclose(ours.drop(columns="term"), base.drop(columns="term"), rtol=1e-10)


MODELS = models()


def test_models_that_are_not_the_same_are_refused():
    with pytest.raises(DataError, match="at least two"):
        la.pool_imputations(MODELS[:1])
    with pytest.raises(DataError, match="model 2"):
        la.pool_imputations([MODELS[0], *models([SETS[1]], "poor ~ stress")])


def test_answers_that_were_given_stay_and_gaps_are_filled_with_answers_that_exist():
    frame = gappy()
    filled = la.impute(
        la.SurveyDesign(frame, weight="weight"), COLUMNS, m=3, cycles=3, seed=7, helpers=["sex"]
    )
    assert len(filled) == 3
    assert filled.filled.to_dict() == frame[COLUMNS].isna().sum()[lambda n: n > 0].to_dict()
    for design in filled:
        assert design.frame[COLUMNS].notna().all().all()
        for column in COLUMNS:
            given_ = frame[column].notna()
            assert (design.frame.loc[given_, column] == frame.loc[given_, column]).all()
            assert design.frame[column].dtype == frame[column].dtype
            assert set(design.frame[column]) <= set(frame[column].dropna())


def test_a_seed_gives_the_same_values_and_another_seed_others():
    frame = gappy()
    first, again, other = (
        la.impute(la.SurveyDesign(frame), COLUMNS, m=2, cycles=2, seed=s) for s in (7, 7, 8)
    )
    for a, b in zip(first, again, strict=True):
        pd.testing.assert_frame_equal(a.frame, b.frame)
    assert not first.designs[0].frame.equals(other.designs[0].frame)
    assert not first.designs[0].frame.equals(first.designs[1].frame)


def test_the_design_and_the_other_columns_pass_through():
    frame = gappy().assign(note="kept")
    design = la.SurveyDesign(frame, weight="weight", source="made")
    one = la.impute(design, COLUMNS, m=2, cycles=1, seed=1).designs[0]
    assert (one.weight, one.source, len(one.frame)) == ("weight", "made", len(frame))
    assert one.frame["note"].eq("kept").all()


@pytest.mark.parametrize(
    ("change", "columns", "options", "says"),
    [
        ({}, ["age", "weight"], {}, "nothing is missing"),
        ({"stress": np.nan}, COLUMNS, {}, "no answer at all"),
        ({"sex": pd.Categorical([None] * 10 + ["female"] * 190)}, ["age", "sex"], {}, "unordered categories"),
        ({}, ["age", "income"], {}, "income"),
        # Rows without any answer were left out on the way, and the rest did not fit the frame any more.
        (
            {"age": [np.nan] * 3 + [1.0] * 197, "stress": [np.nan] * 2 + [0.0, 1.0] * 99},
            ["age", "stress"],
            {},
            "2 rows miss all of age, stress, .*name helpers=",
        ),
        ({}, COLUMNS, {"m": 1}, "at least 2"),
    ],
)
def test_what_cannot_be_imputed_is_refused(change, columns, options, says):
    with pytest.raises(DataError, match=says):
        la.impute(la.SurveyDesign(gappy().assign(**change)), columns, seed=1, **options)


@pytest.mark.slow
def test_pooled_intervals_cover_where_complete_cases_do_not(record_property):
    # The mean of y is asked for; y is missing more often where x is high, so that complete cases are biased.
    rng, hits, naive = np.random.default_rng(20261123), 0, 0
    for _ in range(500):
        x = rng.normal(size=600)
        y = x + rng.normal(size=600)
        gone = rng.random(600) < 1 / (1 + np.exp(1 - 0.7 * x))
        design = la.SurveyDesign(pd.DataFrame({"x": x, "y": np.where(gone, np.nan, y)}))
        filled = la.impute(design, ["x", "y"], m=5, cycles=1, seed=int(rng.integers(2**31)))
        fitted = [la.regress(one, "y ~ 1", family="linear") for one in filled]
        pooled = la.pool_imputations(fitted).row(term="Intercept")
        alone = la.regress(design, "y ~ 1", family="linear").row(term="Intercept")
        hits += pooled.ci_low <= 0 <= pooled.ci_high
        naive += alone.ci_low <= 0 <= alone.ci_high
    record_property("covers", {"mean, imputed": hits / 500, "mean, complete cases": naive / 500})
    # 500 samples have a simulation error of one percentage point.
    assert abs(hits / 500 - 0.95) <= 0.025, hits
    assert naive / 500 < 0.5
