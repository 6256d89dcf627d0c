"""Pooling against metafor 3.8.1 (evidence_pool.R), the checked re-poolings, and invariants."""

import numpy as np
import pandas as pd
import pytest
from evidence_reference import METAFOR, agrees
from hypothesis import given, settings
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.evidence.effects import difference, log_ratio, standardised_change, turn
from lonely_analysis.evidence.pool import pool_many, q_profile

NUMBERS = ["estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high", "tau2", "q", "q_p", "i2"]
CASES = [
    pytest.param(name, row, id=f"{name}-{row['method']}-{row['test']}")
    for name, one in METAFOR["pools"].items()
    for row in one["results"]
    if name != "one"
]


def studies(name):
    return tuple(np.array(METAFOR["pools"][name][column], ndmin=1) for column in ("yi", "vi"))


@pytest.mark.parametrize(("name", "reference"), CASES)
def test_every_method_and_test_agrees_with_metafor(name, reference):
    pooled = la.pool(*studies(name), method=reference["method"], test=reference["test"])
    for column in NUMBERS:
        assert agrees(getattr(pooled, column), reference[column]), column


@pytest.mark.parametrize(("name", "reference"), [case for case in CASES if "-REML-z" in case.id])
def test_the_interval_of_tau2_is_metafors_q_profile(name, reference):
    low, high = q_profile(*studies(name))
    assert agrees(low, reference["tau2_ci_low"])
    assert agrees(high, reference["tau2_ci_high"], 1e-6 if name == "two" else 1e-8)  # metafor brackets 326


def test_homogeneous_studies_have_a_tau2_of_exactly_zero():
    for name in ("homogeneous", "homogeneous_unequal", "identical", "two_alike"):
        for method in ("DL", "PM", "REML"):
            assert la.pool(*studies(name), method=method).tau2 == 0.0


def test_the_columns_are_the_contract():
    columns = (
        "estimate se ci_low ci_high pi_low pi_high tau2 tau2_ci_low tau2_ci_high q q_p i2 i2_q k method test"
    )
    assert list(la.pool(*studies("bcg")).to_frame()) == columns.split()


def test_i2_from_q_is_higgins_and_thompsons():
    pooled = la.pool(*studies("bcg"))
    assert pooled.i2_q == pytest.approx(100 * (152.233 - 12) / 152.233, abs=1e-3)  # Q as metafor prints it
    assert pooled.i2 == pytest.approx(92.22, abs=0.01)  # metafor's own documentation of dat.bcg


def test_the_published_row_of_holt_lunstad_can_be_pooled_and_one_outlier_matters():
    table = la.published("study_level_holtlunstad2010_table1_first21")
    every = la.pool(table["ln_or"], table["se"] ** 2, test="z")
    assert every.ratios()[["estimate", "ci_low", "ci_high"]].round(3).to_numpy().tolist() == [
        [1.569, 1.298, 1.897]
    ]
    assert (round(every.tau2, 4), round(every.q, 2)) == (0.1505, 122.04)
    rest = table[table["study"] != "Berkman et al., 2004"]
    without = la.pool(rest["ln_or"], rest["se"] ** 2, test="z")
    assert without.ratios()[["estimate", "ci_low", "ci_high"]].round(3).iloc[0].tolist() == pytest.approx(
        [1.435, 1.26, 1.63], abs=0.006
    )
    assert round(without.q, 1) == 44.5
    assert every.source == "study_level_holtlunstad2010_table1_first21"


def test_the_cohorts_of_loneliness_and_death_pool_to_1_17():
    table = la.published("study_level_loneliness_mortality_cohorts")
    table = table[table["use_in_main_pool"]]
    effect = log_ratio(table["hr"], table["ci_low"], table["ci_high"])
    plain, scaled = (la.pool(*effect, test=test).ratios().iloc[0].round(2) for test in ("z", "knha"))
    assert plain[["estimate", "ci_low", "ci_high"]].tolist() == [1.17, 1.02, 1.34]
    assert scaled[["ci_low", "ci_high"]].tolist() == [0.98, 1.40]


def trials():
    table = la.published("study_level_novak_rct_published_set")
    table = table[table["in_published_pool"]]
    changes = [
        standardised_change(
            *(
                table[f"{name}_{arm}"]
                for name in ("pre_mean", "pre_sd", "post_mean", "post_sd", "r_prepost", "n")
            )
        )
        for arm in ("treat", "control")
    ]
    return table, difference(*changes)


def test_the_published_pool_of_the_trials_is_reproduced():
    table, _ = trials()
    pooled = la.pool(table["published_smd"], table["published_se"] ** 2)
    assert (round(pooled.estimate, 3), round(pooled.ci_low, 3), round(pooled.ci_high, 3)) == (
        -0.210,
        -0.586,
        0.166,
    )
    assert (round(pooled.tau2, 4), round(pooled.i2, 1)) == (0.0759, 57.4)
    assert pooled.q == pytest.approx(13.68, abs=0.01)


def test_the_trials_effects_follow_from_their_means_and_the_back_computed_correlations():
    table, effect = trials()
    assert np.abs(effect.estimate - table["published_smd"]).max() < 0.001
    assert np.abs(np.sqrt(effect.variance) - table["published_se"]).max() < 0.001


def test_one_study_is_pooled_and_says_what_it_cannot_tell():
    pooled = la.pool([0.4], [0.03])
    reference = next(row for row in METAFOR["pools"]["one"]["results"] if row["method"] == "FE")
    for column in ("estimate", "se", "ci_low", "ci_high"):
        assert agrees(getattr(pooled, column), reference[column])
    assert pooled.table[["tau2", "pi_low", "tau2_ci_high", "i2", "i2_q", "q_p"]].isna().to_numpy().all()
    assert "One study" in pooled.note
    assert pooled.test == "z"


def test_two_studies_are_pooled_and_warn_about_tau2():
    assert "2 studies: tau2 is hardly known" in la.pool([0.1, 0.9], [0.02, 0.05]).note
    assert la.pool(*studies("hl21")).note == ""


def test_a_knapp_hartung_interval_shorter_than_z_is_noted():
    assert "shorter here than a z interval" in la.pool(*studies("homogeneous")).note


def test_knapp_hartung_with_fixed_effects_is_advised_against():
    assert "use test='z'" in la.pool(*studies("bcg"), method="FE").note
    assert la.pool(*studies("bcg"), method="FE", test="z").note == ""


@pytest.mark.parametrize(
    ("yi", "vi", "options", "message"),
    [
        ([], [], {}, "no studies"),
        ([0.1, np.nan], [0.1, 0.1], {}, "1 of 2 studies lack"),
        ([0.1, 0.2], [0.1, 0.0], {}, "standard error of 0"),
        ([0.1, 0.2], [0.1], {}, "one length"),
        (["a", "b"], [0.1, 0.1], {}, "must be numbers"),
        ([0.1, 0.2], [0.1, 0.1], {"method": "SJ"}, "FE, DL, PM, REML"),
        ([0.1, 0.2], [0.1, 0.1], {"test": "t"}, "z, knha"),
        ([0.1, 0.2], [0.1, 0.1], {"level": 95}, "0.95"),
        ([0.1, 0.2], [0.1, 0.1], {"orientation": [1, -1]}, "point different ways"),
        ([0.1, 0.2], [0.1, 0.1], {"labels": ["a"]}, "1 labels for 2 studies"),
    ],
)
def test_what_cannot_be_pooled_is_refused_in_one_sentence(yi, vi, options, message):
    with pytest.raises(la.DataError, match=message):
        la.pool(yi, vi, **options)


def test_a_column_with_missing_whole_numbers_is_refused_as_missing():
    with pytest.raises(la.DataError, match=r"missing|lack"):
        la.pool(pd.Series([1, None], dtype="Int64"), [0.1, 0.1])


def test_turned_studies_may_be_pooled():
    assert la.pool(turn([0.1, -0.2], [1, -1]), [0.1, 0.1], orientation=[1, 1]).estimate == pytest.approx(0.15)


def test_many_pools_at_once_are_the_single_pools():
    rng = np.random.default_rng(4)
    v = rng.uniform(0.01, 0.3, (300, 9))
    y = rng.normal(0.2, np.sqrt(v + rng.uniform(0, 0.2, (300, 1))))
    for method in ("FE", "DL", "PM", "REML"):
        many = pool_many(y, v, method=method)
        for i in (0, 17, 255, 256, 299):
            one = la.pool(y[i], v[i], method=method)
            for column in NUMBERS:
                assert agrees(many[column][i], getattr(one, column), 1e-12) or (
                    np.isnan(many[column][i]) and np.isnan(getattr(one, column))
                )


def test_a_nearly_flat_likelihood_does_not_stop_the_pool():
    """Fisher scoring shrinks its steps here by two per cent each: a thousand do not reach the top.

    Reference: the root of the derivative of the restricted likelihood, by halving intervals with 50 digits
    (Python 3.11 ``decimal``).
    """
    y = [0.3275, 0.2106, -0.3811, 0.0191, 0.0912, 0.4878, 0.3357, 0.3472, 0.2408, 0.8471]
    v = [0.0225, 0.0741, 0.0740, 0.0594, 0.0631, 0.0367, 0.0316, 0.0122, 0.0858, 0.0677]
    assert la.pool(y, v).tau2 == pytest.approx(0.0007861808647751246, rel=1e-9)


def test_many_pools_want_matrices_of_one_shape():
    with pytest.raises(la.DataError, match="must both be"):
        pool_many(np.ones((3, 4)), np.ones((4, 3)))


sets = st.integers(2, 12).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-3, 3).map(lambda x: round(x, 4)), min_size=k, max_size=k),
        st.lists(st.floats(0.005, 1).map(lambda x: round(x, 4)), min_size=k, max_size=k),
        st.permutations(range(k)),
    )
)
methods = st.sampled_from(["FE", "DL", "PM", "REML"])


@settings(max_examples=60)
@given(sets, methods)
def test_the_order_of_studies_does_not_matter(data, method):
    y, v, order = np.array(data[0]), np.array(data[1]), list(data[2])
    first, second = la.pool(y, v, method=method), la.pool(y[order], v[order], method=method)
    for column in NUMBERS:
        assert np.isclose(
            getattr(first, column), getattr(second, column), rtol=1e-7, atol=1e-9, equal_nan=True
        )


@settings(max_examples=60)
@given(sets, methods, st.floats(0.1, 10))
def test_another_unit_scales_estimate_and_tau2_and_leaves_i2(data, method, unit):
    y, v = np.array(data[0]), np.array(data[1])
    first, second = la.pool(y, v, method=method), la.pool(unit * y, unit**2 * v, method=method)
    assert np.isclose(second.estimate, unit * first.estimate, rtol=1e-7, atol=1e-9)
    assert np.isclose(second.tau2, unit**2 * first.tau2, rtol=1e-6, atol=1e-9)
    assert np.isclose(second.i2, first.i2, rtol=1e-6, atol=1e-6)


@settings(max_examples=60)
@given(sets, methods)
def test_reading_every_study_the_other_way_round_mirrors_the_pool(data, method):
    y, v = np.array(data[0]), np.array(data[1])
    first, second = la.pool(y, v, method=method), la.pool(-y, v, method=method)
    assert np.isclose(second.estimate, -first.estimate, rtol=1e-9, atol=1e-12)
    assert np.isclose(second.ci_low, -first.ci_high, rtol=1e-7, atol=1e-9)
    assert np.isclose(second.tau2, first.tau2, rtol=1e-7, atol=1e-9)


@settings(max_examples=60)
@given(sets, st.sampled_from(["DL", "PM", "REML"]))
def test_random_effects_are_fixed_effects_when_tau2_is_zero(data, method):
    y, v = np.array(data[0]), np.array(data[1])
    pooled, fixed = la.pool(y, v, method=method), la.pool(y, v, method="FE")
    if pooled.tau2 == 0:
        assert pooled.estimate == pytest.approx(fixed.estimate)
        assert pooled.se == pytest.approx(fixed.se)
        assert pooled.pi_low == pytest.approx(pooled.ci_low)
    else:
        assert pooled.pi_high - pooled.pi_low > pooled.ci_high - pooled.ci_low


@settings(max_examples=40)
@given(sets)
def test_weights_add_to_a_hundred_and_the_pool_lies_among_the_studies(data):
    pooled = la.pool(np.array(data[0]), np.array(data[1]))
    assert pooled.studies["weight"].sum() == pytest.approx(100)
    assert min(data[0]) - 1e-9 <= pooled.estimate <= max(data[0]) + 1e-9


@pytest.mark.slow
@pytest.mark.parametrize(("tau2", "k"), [(0.0, 20), (0.3, 20), (0.05, 80)])
def test_intervals_cover_what_they_promise(tau2, k, record_property):
    """Knapp-Hartung covers the mean, and the prediction interval a new study's true effect, at 95 %.

    Monte Carlo error at 20,000 sets is 0.0015 (one standard deviation). The prediction interval takes tau2 as
    known: with 20 studies and a tau2 of the size of the sampling variances it covers 90 %, so it is only
    tested where tau2 is estimated well, and there to two points.
    """
    rng = np.random.default_rng(8)
    m, mean = 20_000, 0.3
    v = rng.uniform(0.01, 0.1, (m, k))
    y = rng.normal(mean, np.sqrt(v + tau2))
    table = pool_many(y, v)
    covered = table["ci_low"].le(mean) & table["ci_high"].ge(mean)
    new = rng.normal(mean, np.sqrt(tau2), m)
    predicted = (table["pi_low"].le(new) & table["pi_high"].ge(new)).mean()
    case = f"{k} studies, tau² {tau2:g}"
    record_property("covers", {f"mean, {case}": covered.mean(), f"next study, {case}": predicted})
    assert abs(covered.mean() - 0.95) < 0.01
    assert predicted > 0.93
