"""Meta-regression, influence and small-study methods against metafor 3.8.1 (evidence_pool.R)."""

import numpy as np
import pandas as pd
import pytest
from evidence_reference import METAFOR, agrees

import lonely_analysis as la
from lonely_analysis.evidence.bias import egger, pet_peese, trim_and_fill
from lonely_analysis.evidence.influence import influence, leave_one_out
from lonely_analysis.evidence.moderators import meta_regression, subgroups
from lonely_analysis.evidence.selection import selection_model

BCG = [np.array(METAFOR["pools"]["bcg"][name]) for name in ("yi", "vi")]
LATITUDE = pd.DataFrame({"ablat": METAFOR["ablat"], "year": METAFOR["year"]})
FUNNELS = sorted(METAFOR["bias"])


def same(ours, theirs, tolerance=1e-8):
    theirs = np.array(theirs, dtype=float, ndmin=1)
    np.testing.assert_allclose(np.ravel(ours), theirs, rtol=tolerance, atol=tolerance)


def studies(name):
    return [np.array(METAFOR["pools"][name][column]) for column in ("yi", "vi")]


@pytest.mark.parametrize(
    "reference", METAFOR["regressions"], ids=lambda row: f"{row['method']}-{row['test']}"
)
def test_meta_regression_agrees_with_metafor(reference):
    fit = meta_regression(*BCG, LATITUDE, method=reference["method"], test=reference["test"])
    for column in ("estimate", "se", "ci_low", "ci_high", "t", "p"):
        # The intercept is the effect in the year 0: it amplifies the last digits of tau2 some thousandfold.
        same(fit.table[column], reference[column], 1e-7)
    same(fit.vcov, reference["vcov"], 1e-7)
    for name in ("tau2", "q_residual", "q_residual_p", "q_moderators", "q_moderators_p"):
        assert agrees(getattr(fit, name), reference[name]), name
    if reference["method"] != "FE":
        assert agrees(fit.r2, reference["r2"], 1e-6)
    assert list(fit.table["term"]) == ["Intercept", "ablat", "year"]


def test_a_moderator_in_words_becomes_indicators():
    fit = meta_regression(*BCG, pd.DataFrame({"alloc": METAFOR["alloc"]}), test="z")
    assert list(fit.table["term"]) == ["Intercept", "C(alloc)[random]", "C(alloc)[systematic]"]
    same(fit.table["estimate"], METAFOR["groups"]["estimate"])
    same(fit.table["se"], METAFOR["groups"]["se"])
    assert agrees(fit.q_moderators, METAFOR["groups"]["qm"])
    assert agrees(fit.q_moderators_p, METAFOR["groups"]["qmp"])


def test_subgroups_are_pooled_by_themselves_and_compared():
    table, between = subgroups(*BCG, METAFOR["alloc"], test="z")
    for row in table.itertuples():
        reference = METAFOR["by_alloc"][row.group]
        assert agrees(row.estimate, reference["estimate"])
        assert agrees(row.tau2, reference["tau2"])
    assert agrees(between.statistic, METAFOR["between"]["q"])
    assert agrees(between.p, METAFOR["between"]["p"])
    assert between.df1 == METAFOR["between"]["df"]


def test_rows_of_one_cohort_get_a_cluster_robust_covariance():
    cases = {"plain": (None, "REML"), "ablat": (LATITUDE[["ablat"]], "REML"), "fixed": (None, "FE")}
    for name, (moderators, method) in cases.items():
        fit = meta_regression(*BCG, moderators, cluster=METAFOR["cluster"], method=method)
        for column in ("estimate", "se", "ci_low", "ci_high", "p"):
            same(fit.table[column], METAFOR["robust"][name][column])
        assert fit.table["df"].iloc[0] == METAFOR["robust"][name]["df"]


def test_a_regression_without_moderators_is_the_pool():
    fit, pooled = meta_regression(*BCG), la.pool(*BCG)
    for column in ("estimate", "se", "ci_low", "ci_high"):
        assert fit.table[column].iloc[0] == pytest.approx(getattr(pooled, column), rel=1e-12)
    assert np.isnan(fit.r2)


@pytest.mark.parametrize(("index", "name"), [(0, "hl21"), (1, "bcg")])
def test_influence_and_leave_one_out_agree_with_metafor(index, name):
    reference = METAFOR["influence"][index]
    pooled = la.pool(*studies(name), test=reference["test"])
    table, without = influence(pooled), leave_one_out(pooled)
    for column in ("rstudent", "dffits", "cook", "cov_ratio", "tau2", "q", "hat", "weight"):
        same(table[column], reference[column])
    for column in ("estimate", "se", "ci_low", "ci_high"):
        same(without[column], reference[column])


def test_the_outlier_of_the_first_rows_is_found():
    table = la.published("study_level_holtlunstad2010_table1_first21")
    pooled = la.pool(table["ln_or"], table["se"] ** 2, labels=table["study"])
    assert influence(pooled).set_index("label")["rstudent"].idxmax() == "Berkman et al., 2004"


@pytest.mark.parametrize("name", FUNNELS)
def test_eggers_test_and_pet_peese_are_weighted_regressions_as_in_r(name):
    reference = METAFOR["bias"][name]
    test = egger(*studies(name))
    assert agrees(test.statistic, reference["egger_t"])
    assert agrees(test.p, reference["egger_p"])
    assert test.df2 == reference["egger_df"]
    rows = pet_peese(*studies(name)).to_frame().set_index("method")
    for method in ("pet", "peese"):
        same(rows.loc[method, ["estimate", "se", "t", "p"]].astype(float), reference[method])


def test_peese_takes_over_when_pet_finds_an_effect():
    assert pet_peese(*studies("hl21")).chosen == "peese"  # p of PET's mean 0.088
    assert pet_peese(*studies("large")).chosen == "pet"


@pytest.mark.parametrize("name", FUNNELS)
def test_trim_and_fill_agrees_with_metafor_on_both_sides(name):
    reference = METAFOR["bias"][name]
    pooled = la.pool(*studies(name), test="z")
    automatic = trim_and_fill(pooled)
    assert (automatic.side, automatic.k0) == (reference["auto_side"], reference["auto_k0"])
    for side in reference["trimfill"]:
        filled = trim_and_fill(pooled, side["side"])
        assert filled.k0 == side["k0"]
        for column in ("estimate", "se", "tau2"):
            assert agrees(getattr(filled, column), side[column])
        added = filled.filled.studies["yi"].iloc[len(pooled.studies) :]
        if side["k0"]:
            same(np.sort(added), np.sort(np.array(side["fill"], ndmin=1)))


def test_mirroring_a_funnel_fills_the_other_side():
    y, v = studies("large")
    here, there = trim_and_fill(la.pool(y, v)), trim_and_fill(la.pool(-y, v))
    assert {here.side, there.side} == {"left", "right"}
    assert there.estimate == pytest.approx(-here.estimate)


SELECTED = [
    pytest.param(name, row, id=f"{name}-{row['alternative']}")
    for name, rows in METAFOR["selection"].items()
    for row in rows
    if row["delta"] < 99
]


@pytest.mark.parametrize(("name", "reference"), SELECTED)
def test_the_selection_model_agrees_with_metafor(name, reference):
    model = selection_model(*studies(name), expected=reference["alternative"])
    assert agrees(model.log_likelihood, reference["loglik"], 1e-9)
    assert agrees(model.lrt, reference["lrt"], 1e-8)
    assert agrees(model.lrt_p, reference["lrt_p"], 1e-8)
    rows = model.to_frame().set_index("term")
    # metafor's optimiser stops some 1e-6 short of the top, and its Hessian is numerical.
    for term, value in {"mean": "estimate", "tau2": "tau2", "delta": "delta"}.items():
        assert agrees(rows.loc[term, "estimate"], reference[value], 1e-5), term
    assert agrees(rows.loc["mean", "se"], reference["se"], 1e-5)
    assert agrees(rows.loc["delta", "se"], reference["se_delta"], 1e-5)


def test_the_selection_model_undoes_the_selection_that_was_simulated():
    rng = np.random.default_rng(2)
    v = rng.uniform(0.01, 0.2, 8000)
    y = rng.normal(0.1, np.sqrt(v + 0.02))
    published = (y / np.sqrt(v) > 1.96) | (rng.random(8000) < 0.2)
    y, v = y[published], v[published]
    rows = selection_model(y, v).to_frame().set_index("term")
    assert la.pool(y, v).estimate > 0.2
    for term, truth in {"mean": 0.1, "tau2": 0.02, "delta": 0.2}.items():
        assert abs(rows.loc[term, "estimate"] - truth) < 4 * rows.loc[term, "se"], term


@pytest.mark.parametrize("method", [egger, pet_peese, selection_model])
def test_fewer_than_three_studies_cannot_show_small_study_effects(method):
    with pytest.raises(la.DataError, match="2 studies"):
        method([0.1, 0.2], [0.1, 0.2])


def test_what_cannot_be_fitted_is_refused():
    with pytest.raises(la.EstimationError, match="0 of 21 studies have p below"):
        selection_model(*studies("hl21"), expected="less")
    with pytest.raises(la.DataError, match="greater or less"):
        selection_model(*studies("hl21"), expected="up")
    with pytest.raises(la.DataError, match="equally precise"):
        egger([0.1, 0.2, 0.3], [0.1, 0.1, 0.1])
    # The slope of nothing on size is rounding, and so was its p value; trim-and-fill never settled.
    for refuses in (egger, pet_peese, lambda y, v: trim_and_fill(la.pool(y, v))):
        with pytest.raises(la.DataError, match="all studies have the same effect"):
            refuses([0.3] * 6, [0.01, 0.02, 0.03, 0.05, 0.08, 0.13])
    with pytest.raises(la.DataError, match="left or right"):
        trim_and_fill(la.pool(*BCG), "up")
    with pytest.raises(la.EstimationError, match="collinear"):
        meta_regression(*BCG, LATITUDE.assign(twice=2 * LATITUDE["ablat"]))
    with pytest.raises(la.EstimationError, match="3 studies cannot carry 3 terms"):
        meta_regression([0.1, 0.2, 0.3], [0.1, 0.2, 0.1], LATITUDE.head(3))
    with pytest.raises(la.EstimationError, match="2 clusters cannot carry 2 terms"):
        meta_regression(*BCG, LATITUDE[["ablat"]], cluster=[1] * 6 + [2] * 7)
    with pytest.raises(la.DataError, match="one a study"):
        meta_regression(*BCG, LATITUDE.head(3))
    with pytest.raises(la.DataError, match="nothing to compare"):
        subgroups(*BCG, ["a"] * 13)
    with pytest.raises(la.DataError, match="every study needs a group"):
        subgroups(*BCG, ["a"] * 12 + [None])
    with pytest.raises(la.DataError, match="at least three"):
        influence(la.pool([0.1, 0.2], [0.1, 0.1]))
    with pytest.raises(la.DataError, match="at least two"):
        leave_one_out(la.pool([0.1], [0.1]))


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ([1.0, 2.0, 3.0, np.inf], la.DataError, "moderator 'm' is infinite for some studies"),
        ([2.0, 2.0, 2.0, 2.0], la.EstimationError, "moderator 'm' is 2.0 for all 4 studies"),
        # A constant text left the model without a word.
        (["a"] * 4, la.EstimationError, "moderator 'm' is 'a' for all 4 studies"),
    ],
)
def test_a_moderator_that_cannot_moderate_is_named(values, error, message):
    with pytest.raises(error, match=message):
        meta_regression([0.1, 0.3, 0.2, 0.5], [0.01, 0.02, 0.03, 0.04], pd.DataFrame({"m": values}))


def test_a_category_of_no_study_is_no_term_and_not_called_collinear():
    kinds = pd.Categorical(list("aabb"), categories=list("abc"))
    found = meta_regression([0.1, 0.3, 0.2, 0.5], [0.01, 0.02, 0.03, 0.04], pd.DataFrame({"m": kinds}))
    assert list(found.table["term"]) == ["Intercept", "C(m)[b]"]


def test_a_subgroup_of_equal_effects_is_no_certainty():
    with pytest.raises(la.DataError, match=r"studies of a have one effect, .* use test='z'"):
        la.subgroups([0.1, 0.1, 0.3, 0.4], [0.01, 0.02, 0.03, 0.05], list("aabb"))
