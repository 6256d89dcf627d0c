"""The synthetic survey: the same numbers everywhere, near to published ones, and marked as synthetic."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis import files
from lonely_analysis.surveys.schema import check_frame, common_columns
from lonely_analysis.surveys.synthetic import calibration, graph, items, nodes, read, read_truth, store
from lonely_analysis.surveys.synthetic.panel import PERSONS, panel
from lonely_analysis.surveys.synthetic.people import people


@pytest.fixture(scope="module")
def survey():
    return la.read_survey("synthetic")


@pytest.fixture(scope="module")
def followed():
    return la.read_survey("synthetic", part="panel")


def equal_to_stored(made: pd.DataFrame, name: str) -> None:
    stored = pd.read_parquet(files.data_file(f"synthetic/{name}.parquet"))
    assert list(stored.columns) == list(made.columns)
    for column in stored.columns:
        assert stored[column].astype(object).equals(made[column].astype(object)), column


def test_simulating_again_gives_the_stored_people_value_by_value():
    equal_to_stored(people(), "people")


def test_simulating_again_gives_the_stored_panel_value_by_value():
    equal_to_stored(panel(), "panel")


def test_another_seed_gives_other_people():
    assert not people(seed=1)["lonely_freq"].equals(people()["lonely_freq"])


def test_the_files_fit_their_budget():
    sizes = [
        files.data_file(f"synthetic/{name}").stat().st_size for name in ("people.parquet", "panel.parquet")
    ]
    assert max(sizes) <= 5_000_000
    assert sum(sizes) <= 6_000_000


def test_every_target_is_met_within_its_tolerance():
    table = calibration()
    missed = table.loc[~table["within"], ["outcome", "where", "target", "achieved", "tolerance"]]
    assert missed.empty, missed.to_string()
    assert set(table["grade"]) <= {"A", "B"}
    assert {"share", "correlation", "hazard ratio"} == set(table["statistic"])


def test_both_parts_hold_only_common_columns_with_valid_codes(survey, followed):
    check_frame(survey.frame)
    check_frame(followed.frame)


def test_the_cross_section_is_24_countries_with_strata_and_units_of_unequal_size(survey):
    frame = survey.frame
    assert 28_000 <= len(frame) <= 33_000
    assert frame["country"].nunique() == 24
    units = frame.groupby("psu", observed=True)
    assert (units["stratum"].nunique() == 1).all()
    assert units.size().max() > 3 * units.size().median()
    per_stratum = frame.groupby("stratum", observed=True)["psu"].nunique()
    assert 1 <= (per_stratum == 1).sum() <= 4


def test_it_can_never_be_taken_for_a_real_survey(survey, followed):
    for part in (survey, followed):
        assert part.source == "synthetic"
        assert part.provenance.synthetic
        assert part.design.single_psu == "adjust"
        assert set(part.frame["survey"]) == {"synthetic"}
    assert len(survey.provenance.sha256) == 64


def test_unweighted_answers_are_visibly_wrong(survey):
    for country in ("NO", "DE", "PL"):
        frame = survey.frame.query("country == @country")[["lonely", "weight"]].dropna()
        weighted = np.average(frame["lonely"].astype(float), weights=frame["weight"])
        assert weighted > 1.12 * frame["lonely"].astype(float).mean(), country


def test_weighted_answers_find_the_truth(survey):
    """Tolerance: about three standard errors of a sample of 31,000 in clusters, pooled by population."""
    share = read_truth()["share"]
    for column, tolerance in {
        "lonely": 0.012,
        "isolated": 0.012,
        "trust_most": 0.02,
        "smokes": 0.014,
    }.items():
        frame = survey.frame[[column, "weight"]].dropna()
        estimate = np.average(frame[column].astype(float), weights=frame["weight"])
        assert estimate == pytest.approx(share[column]["all"], abs=tolerance), column


@pytest.mark.slow
def test_weights_leave_no_bias_over_many_surveys():
    """Mean of 40 simulated surveys against the truth for Norway, within three standard errors."""
    shares = []
    for seed in range(100, 140):
        codes = people(seed).query("country == 'NO' and lonely_freq > 0")
        shares.append(np.average(codes["lonely_freq"] >= 3, weights=codes["weight"]))
    bias = np.mean(shares) - read_truth()["share"]["lonely"]["country"]["NO"]
    # The truth has a standard error of its own: 20,000 simulated Norwegians.
    assert abs(bias) < 3 * np.hypot(np.std(shares) / len(shares) ** 0.5, 0.0016)


@pytest.mark.slow
def test_the_stored_truth_is_what_the_model_gives():
    from lonely_analysis.surveys.synthetic.truth import truth

    def flat(value, path=""):
        if isinstance(value, dict):
            return {k: v for key, each in value.items() for k, v in flat(each, f"{path}/{key}").items()}
        return {path: value}

    made, stored = flat(truth()), flat(read_truth())
    assert made.keys() == stored.keys()
    for path, value in made.items():
        assert stored[path] == (pytest.approx(value, abs=2e-5) if isinstance(value, float) else value), path


def test_the_truth_holds_the_coefficients_of_this_model():
    stored = pd.DataFrame(read_truth()["structural"]["graph"])
    pd.testing.assert_frame_equal(stored, graph().drop(columns="reason"), check_dtype=False)


def test_weights_sum_to_each_countrys_adults_in_thousands(survey):
    total = survey.frame.groupby("country", observed=True)["weight"].sum()
    assert total["NO"] == pytest.approx(4500, abs=0.5)
    assert total["DE"] == pytest.approx(70_000, abs=0.5)


def test_absent_answers_are_counted_by_reason_and_match_the_gaps(survey):
    missing = survey.missing
    assert list(missing.columns) == ["refused", "dont_know", "no_answer", "not_asked", "not_applicable"]
    for column in ("lonely_freq", "income_tertile", "djg6_a", "partner", "bmi"):
        assert missing.loc[column].sum() == survey.frame[column].isna().sum(), column
    assert missing.loc["djg6_a", "not_asked"] == survey.frame["country"].isin(["IS", "CY", "BG", "RO"]).sum()
    assert missing.loc["income_tertile", "refused"] > missing.loc["income_tertile", "dont_know"] > 0


def test_scores_need_all_their_items(survey):
    frame = survey.frame
    gap = frame["ucla3_b"].isna()
    assert gap.any()
    assert frame.loc[gap, "ucla3"].isna().all()
    answers = frame[["ucla3_a", "ucla3_b", "ucla3_c"]].dropna()
    assert (frame.loc[answers.index, "ucla3"] == answers.sum(axis=1)).all()


def test_three_lonely_items_measure_one_thing_as_reliably_as_published(survey):
    """Published alpha .82, Trucharte 2021 (row UCLA3 of scales.csv)."""
    answers = survey.frame[["ucla3_a", "ucla3_b", "ucla3_c"]].dropna().astype(float)
    covariance = np.cov(answers.to_numpy().T)
    alpha = 1.5 * (1 - np.trace(covariance) / covariance.sum())
    assert alpha == pytest.approx(0.82, abs=0.03)


def test_isolation_and_loneliness_are_related_but_not_the_same(survey):
    answered = survey.frame[["ucla3", "isolated"]].dropna().astype(float)
    assert 0.15 < answered.corr().iloc[0, 1] < 0.3


def test_the_panel_follows_persons_through_waves_and_deaths(followed):
    frame = followed.frame
    first = frame[frame["wave"] == 1]
    assert len(first) == PERSONS
    assert not frame.duplicated(["person_id", "wave"]).any()
    kept = frame.groupby("wave").size()
    assert PERSONS > kept[2] > kept[3] > 0.6 * PERSONS
    assert (frame.groupby("person_id")["died"].nunique() == 1).all()
    alive_at_second = frame.loc[frame["wave"] == 2, "follow_up_years"]
    assert alive_at_second.min() >= 4
    assert first["follow_up_years"].between(0, 15).all()
    assert (first["died"] == (first["follow_up_years"] < 15)).mean() > 0.999
    assert 0.15 < first["died"].mean() < 0.3


def test_loneliness_comes_and_goes_for_most_but_not_for_all(followed):
    wide = (
        followed.frame.pivot(index="person_id", columns="wave", values="lonely")
        .dropna(subset=[1, 2])
        .astype(float)
    )
    again, newly = wide.loc[wide[1] == 1, 2].mean(), wide.loc[wide[1] == 0, 2].mean()
    assert 0.15 < again < 0.45
    assert newly < 0.07


def test_biomarkers_are_measured_once_and_their_absence_is_told(followed):
    frame = followed.frame
    assert frame.loc[frame["wave"] > 1, "sbp"].isna().all()
    assert (
        followed.missing.loc["sbp", "not_examined"] == frame.loc[frame["wave"] == 1, "sbp"].isna().sum() > 0
    )
    assert followed.missing.loc["sbp", "not_asked"] == (frame["wave"] > 1).sum()


def test_every_arrow_has_a_reason_and_comes_after_its_parents():
    arrows, known = graph(), list(nodes()["node"])
    assert arrows["reason"].str.len().min() >= 9
    for parent, child in arrows[["parent", "child"]].itertuples(index=False):
        for single in parent.removesuffix("_before").split("*"):
            assert single in known
            if not parent.endswith("_before"):
                assert known.index(single) < known.index(child), (parent, child)


def test_every_reason_that_names_a_published_row_names_one_that_exists():
    tables = ("prevalence_published", "effects_outcomes", "effects_support_trust")
    published = [row for name in tables for row in files.read_table(f"published/{name}.csv")["id"]]
    for code in (
        graph()["reason"]
        .str.extract(r"((?:PARK|GILBERT|SSB20_much_single|SSB20_much_married|SURK)\w+)")[0]
        .dropna()
    ):
        assert code in published


def test_nodes_keep_to_mean_zero_and_standard_deviation_one():
    from lonely_analysis.surveys.synthetic.superpopulation import everybody

    values, frame = everybody(2000, list(range(24)))
    weight = frame["weight"].to_numpy()
    for name in nodes().dropna(subset="noise")["node"]:
        if name in ("partner", "alone"):
            continue
        mean = np.average(values[name], weights=weight)
        spread = np.average((values[name] - mean) ** 2, weights=weight) ** 0.5
        assert abs(mean) < (0.45 if name == "trust" else 0.15), name
        assert spread == pytest.approx(1, abs=0.13), name


def test_items_are_common_columns_whose_codes_fit_the_table():
    known = common_columns()
    for row in items().drop_duplicates("column").itertuples():
        if row.column in ("education",):
            continue
        column = known[row.column]
        if column.kind == "yes/no":
            assert (row.lowest, row.highest) == (0, 1)
        else:
            assert column.low <= row.lowest
            assert row.highest <= column.high


def test_what_is_written_can_be_read_back_and_nothing_else_is_left(tmp_path):
    written = store.write(tmp_path, seed=3, with_truth=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in written)
    assert len(read(tmp_path, part="panel").frame) > PERSONS
    assert read(tmp_path).provenance.sha256 == ""


def test_a_missing_file_or_part_is_one_clear_error(tmp_path):
    with pytest.raises(la.DataError, match=r"people\.parquet is not there: `lonely simulate`"):
        la.read_survey("synthetic", tmp_path)
    with pytest.raises(la.DataError, match="no part 'waves'; parts: people"):
        la.read_survey("synthetic", part="waves")
    with pytest.raises(la.DataError, match="no survey is called 'gallup'; there are: synthetic, euls"):
        la.read_survey("gallup")


def test_the_panel_counts_cigarettes_of_those_who_smoke_and_asks_once(followed):
    frame = followed.frame
    first = frame[frame["wave"] == 1]
    assert (first.loc[first["smoking"] == 2, "cigarettes"] >= 1).all()
    assert (first.loc[first["smoking"] < 2, "cigarettes"] == 0).all()
    assert (first["cigarettes"].isna() == first["smoking"].isna()).all()
    assert frame.loc[frame["wave"] > 1, "cigarettes"].isna().all()
