"""Allostatic load: limits, the bad end, medicine and missing markers, against R and by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.surveys.allostatic import weighted_quantile
from lonely_analysis.surveys.load_markers import MARKERS, published_limits

R = json.loads((Path(__file__).parents[1] / "reference" / "allostatic_load.json").read_text("utf-8"))
THREE = ["sbp", "hdl", "crp"]


@pytest.fixture(scope="module")
def sample():
    return la.SurveyDesign(pd.DataFrame(R["data"]), weight="weight", stratum="stratum", psu="psu")


def people(**columns):
    return la.SurveyDesign(pd.DataFrame(columns), weight=None)


def test_quarter_points_and_counts_are_those_of_r_svyquantile(sample):
    load = la.allostatic_load(sample, THREE)
    limits = load.to_frame().set_index("marker")["limit"]
    assert limits.to_dict() == pytest.approx(R["limits"])
    assert load.score.tolist() == R["count"]


def test_mean_load_has_the_standard_error_of_r_svymean(sample):
    load = la.allostatic_load(sample, THREE)
    design = sample.replace(frame=sample.frame.assign(load=load.score))
    mean = la.mean(design, "load")
    assert (mean.estimate, mean.se) == pytest.approx((R["mean"], R["se"]), rel=1e-9)


def test_z_sum_and_its_rank_correlation_with_the_count_are_those_of_r(sample):
    z = la.allostatic_load(sample, THREE, rule="z").score
    assert z.to_numpy(dtype=float) == pytest.approx(np.array(R["z"]), abs=1e-9)
    count = la.allostatic_load(sample, THREE).score
    design = sample.replace(frame=sample.frame.assign(z=z, count=count))
    ranks = la.correlation(design, ["count", "z"], ranks=True)
    assert ranks.statistic == "rank correlation"
    assert ranks.estimate == pytest.approx(R["spearman"], rel=1e-9)


def test_low_hdl_and_not_high_hdl_is_the_bad_end():
    # By hand: cumulated shares 0.2, 0.4, ... reach a quarter at the second value, and one lies below it.
    load = la.allostatic_load(people(hdl=[0.8, 1.0, 1.2, 1.4, 1.6]), ["hdl"])
    assert load.score.tolist() == [1, 0, 0, 0, 0]
    turned = la.allostatic_load(people(sbp=[110, 120, 130, 140, 150]), ["sbp"])
    assert turned.score.tolist() == [0, 0, 0, 0, 1]


def test_clinical_limits_count_at_or_beyond_as_their_sources_word_them():
    men = people(sex=["male"] * 3, sbp=[139.9, 140, 141], waist=[102, 102.1, 90], crp=[3.0, 3.1, 1])
    load = la.allostatic_load(men, ["sbp", "waist", "crp"], rule="clinical")
    assert load.score.tolist() == [0, 3, 1]
    women = people(sex=["female"] * 2, waist=[88.0, 88.1])
    assert la.allostatic_load(women, ["waist"], rule="clinical").score.tolist() == [0, 1]


def test_published_limits_are_turned_into_the_units_of_the_columns():
    # 40 mg/dl of HDL cholesterol are 1.03 mmol/l and 150 mg/dl of triglycerides 1.69, as usually quoted.
    male = next(limit for limit in published_limits("hdl", "clinical") if limit.sex == "male")
    assert male.value == pytest.approx(1.03, abs=0.005)
    assert published_limits("triglycerides", "clinical")[0].value == pytest.approx(1.69, abs=0.005)


def test_every_published_limit_names_a_marker_and_its_bad_end():
    table = la.published("allostatic")
    assert set(table["marker"]) <= set(MARKERS)
    for row in table.itertuples():
        assert (row.rule == "below") == (MARKERS[row.marker].bad_end == "low"), row.id


def test_the_cholesterol_ratio_is_computed_where_a_survey_has_its_parts():
    load = la.allostatic_load(
        people(total_cholesterol=[6.0, 6.0], hdl=[1.0, 2.0]), ["cholesterol_ratio"], rule="macarthur"
    )
    assert load.score.tolist() == [1, 0]


def test_medicine_counts_as_beyond_and_an_unknown_medicine_leaves_only_high_values_known():
    treated = people(
        sbp=[120, 120, 150, 120], med_blood_pressure=pd.array([True, False, None, None], dtype="boolean")
    )
    with_medicine = la.allostatic_load(treated, ["sbp"], rule="clinical", medication=True)
    assert with_medicine.score.tolist() == [1, 0, 1, pd.NA]
    assert la.allostatic_load(treated, ["sbp"], rule="clinical").score.tolist() == [0, 0, 1, 0]


def test_a_missing_marker_takes_the_load_away_unless_fewer_are_asked_for():
    some = people(sbp=[150, 150.0, np.nan], dbp=[95, np.nan, np.nan])
    assert la.allostatic_load(some, ["sbp", "dbp"], rule="clinical").score.tolist() == [2, pd.NA, pd.NA]
    fewer = la.allostatic_load(some, ["sbp", "dbp"], rule="clinical", minimum=1)
    # One of one known marker beyond its limit is two of two.
    assert fewer.score.tolist() == [2, 2, pd.NA]


def test_people_outside_the_domain_have_no_load_and_move_no_quarter_point(sample):
    frame = sample.frame.assign(age=np.where(np.arange(len(sample.frame)) % 2, 50, 10))
    frame.loc[frame["age"] == 10, "sbp"] += 400
    inside = frame[frame["age"] == 50]
    whole = la.allostatic_load(sample.replace(frame=frame), THREE, where="age >= 20")
    alone = la.allostatic_load(sample.replace(frame=inside), THREE)
    assert whole.score[inside.index].tolist() == alone.score.tolist()
    assert whole.score.drop(inside.index).isna().all()
    assert whole.high.drop(inside.index).isna().all()


def test_quarter_points_within_groups_make_every_group_look_alike(sample):
    # The mistake that the chapter shows: one half is shifted far up, and the load does not see it.
    half = np.repeat([0, 1], len(sample.frame) // 2)
    frame = sample.frame.assign(half=half, sbp=sample.frame["sbp"] + 100 * half)
    design = sample.replace(frame=frame)
    own = la.allostatic_load(design, ["sbp"], within="half").score.to_numpy(dtype=float)
    pooled = la.allostatic_load(design, ["sbp"]).score.to_numpy(dtype=float)
    w = frame["weight"].to_numpy()
    shares = [np.average(own[half == g], weights=w[half == g]) for g in (0, 1)]
    assert max(shares) < 0.26
    assert np.average(pooled[half == 0], weights=w[half == 0]) == 0
    assert np.average(pooled[half == 1], weights=w[half == 1]) > 0.4


@settings(max_examples=40)
@given(
    values=st.lists(st.integers(60, 200), min_size=4, max_size=30),
    factor=st.sampled_from([0.25, 2.0, 4.0]),
    shift=st.integers(-50, 50),
)
def test_the_unit_of_a_marker_changes_no_quartile_count(values, factor, shift):
    one = la.allostatic_load(people(sbp=[float(v) for v in values]), ["sbp"])
    other = la.allostatic_load(people(sbp=[v * factor + shift for v in values]), ["sbp"])
    assert one.score.tolist() == other.score.tolist()


@settings(max_examples=40)
@given(
    values=st.lists(st.integers(60, 200), min_size=2, max_size=20),
    worse=st.integers(0, 80),
    at=st.integers(0, 19),
)
def test_a_worse_value_never_lowers_a_load_of_fixed_limits(values, worse, at):
    before = [float(v) for v in values]
    after = list(before)
    after[at % len(after)] += worse
    first = la.allostatic_load(people(sbp=before), ["sbp"], rule="clinical").score
    assert (la.allostatic_load(people(sbp=after), ["sbp"], rule="clinical").score >= first).all()


@settings(max_examples=40)
@given(
    pairs=st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9)), min_size=1, max_size=20),
    p=st.floats(0.05, 0.95),
)
def test_a_weighted_quantile_is_that_of_the_repeated_rows(pairs, p):
    values, weights = (np.array(column, dtype=float) for column in zip(*pairs, strict=True))
    repeated = np.repeat(values, weights.astype(int))
    expected = np.quantile(repeated, p, method="inverted_cdf")
    assert weighted_quantile(values, weights, p) == expected


@pytest.mark.parametrize(
    ("markers", "choices", "said"),
    [
        (["mood"], {}, "no marker"),
        (["pulse"], {"rule": "clinical"}, "no clinical cut point"),
        (["sbp"], {"rule": "best"}, "none of"),
        (["sbp"], {"rule": "z", "medication": True}, "no limits"),
        (["sbp"], {"rule": "clinical", "within": "sex"}, "fixed"),
        (["sbp"], {"minimum": 2}, "1 to all"),
        ([], {}, "name some"),
    ],
)
def test_choices_that_make_no_load_are_refused_with_the_way_out(markers, choices, said):
    with pytest.raises(la.DataError, match=said):
        la.allostatic_load(people(sbp=[120, 130.0], pulse=[60, 70]), markers, **choices)


def test_an_absent_marker_is_named_so_that_a_chapter_can_leave_the_step_out():
    with pytest.raises(la.MissingVariable, match="crp"):
        la.allostatic_load(people(sbp=[120, 130.0]), ["sbp", "crp"])


def test_a_column_for_other_rows_is_not_put_beside_the_wrong_persons():
    survey = la.read_survey("synthetic", part="panel")
    with pytest.raises(la.DataError, match="one value for each row"):
        survey.with_columns(load=pd.Series([1.0, 2.0]))
    added = survey.with_columns(twice=survey.frame["age"] * 2)
    assert "twice" in added.frame
    assert "twice" not in survey.frame
    assert added.design.psu == survey.design.psu
