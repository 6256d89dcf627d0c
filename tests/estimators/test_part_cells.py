"""A survey in several files gives the numbers that it gives in one frame (1e-10)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

BOUND = {"weight": "w", "stratum": "s", "psu": "p"}


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    n = 6_000
    psu = np.sort(rng.integers(0, 300, n))
    frame = pd.DataFrame({"p": psu, "s": psu % 25, "w": rng.gamma(2.0, 1.0, n)})
    frame["age"] = rng.choice(["old", "young", "middle"], n)
    frame["lonely"] = pd.array(rng.random(n) < 0.1 + 0.1 * rng.random(300)[psu], dtype="boolean")
    frame["score"] = 1e6 + 5 * rng.normal(size=n) + 3 * rng.normal(size=300)[psu]
    frame.loc[rng.random(n) < 0.03, "lonely"] = pd.NA
    frame.loc[frame["p"] == 7, "lonely"] = pd.NA
    return frame


@pytest.fixture(scope="module")
def folder(people: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parts")
    for number, part in people.groupby(people["p"] // 75):
        part.to_parquet(folder / f"part_{number}.parquet")
    return folder


def both(people: pd.DataFrame, folder: Path, **more: str) -> tuple[la.SurveyDesign, la.SurveyDesign]:
    return la.SurveyDesign(people, **BOUND, **more), la.SurveyDesign(la.parts(folder), **BOUND, **more)


def same(left: object, right: object) -> None:
    pd.testing.assert_frame_equal(left.to_frame(), right.to_frame(), rtol=1e-10, check_dtype=False)


@pytest.mark.parametrize("by", [None, "age", ["age", "s"]])
@pytest.mark.parametrize("where", [None, "score > 999998 and not age == 'old'"])
def test_a_prevalence_by_parts_is_that_of_the_whole(people, folder, by, where) -> None:
    whole, parts = both(people, folder)
    same(
        la.prevalence(whole, "lonely", by=by, where=where), la.prevalence(parts, "lonely", by=by, where=where)
    )


def test_a_mean_far_from_zero_keeps_its_digits_by_parts(people, folder) -> None:
    whole, parts = both(people, folder)
    same(la.mean(whole, "score", by="age"), la.mean(parts, "score", by="age"))


def test_covariances_between_domains_are_said_to_be_unknown_by_parts(people, folder) -> None:
    whole, parts = both(people, folder)
    exact, known = (la.prevalence(d, "lonely", by="age").vcov for d in (whole, parts))
    np.testing.assert_allclose(np.diag(known), np.diag(exact), rtol=1e-10)
    assert np.isnan(known[~np.eye(3, dtype=bool)]).all()
    with pytest.raises(la.DataError, match="standardised rates need covariances"):
        la.standardise(parts, "lonely", over="age")


@pytest.mark.parametrize("rule", ["adjust", "average", "certainty", "remove"])
def test_single_psu_rules_hold_by_parts(people, folder, rule, tmp_path) -> None:
    alone = people.assign(s=np.where(people["p"] == 3, 99, people["s"]))
    for number, part in alone.groupby(alone["p"] // 75):
        part.to_parquet(tmp_path / f"part_{number}.parquet")
    whole, parts = both(alone, tmp_path, single_psu=rule)
    same(la.prevalence(whole, "lonely", by="age"), la.prevalence(parts, "lonely", by="age"))


def test_a_design_without_psus_is_the_same_by_parts(people, folder) -> None:
    whole = la.SurveyDesign(people, weight="w", stratum="s")
    parts = la.SurveyDesign(la.parts(folder), weight="w", stratum="s")
    same(la.prevalence(whole, "lonely", by="age"), la.prevalence(parts, "lonely", by="age"))


def test_a_psu_in_two_files_is_refused(people, tmp_path) -> None:
    people.iloc[:100].to_parquet(tmp_path / "a.parquet")
    people.iloc[100:].to_parquet(tmp_path / "b.parquet")
    with pytest.raises(la.DataError, match="lie in more than one file"):
        la.prevalence(la.SurveyDesign(la.parts(tmp_path), **BOUND), "lonely")


def test_an_error_in_a_part_names_its_file(people, tmp_path) -> None:
    people[people["p"] < 150].to_parquet(tmp_path / "a.parquet")
    people[people["p"] >= 150].assign(w=-1.0).to_parquet(tmp_path / "b.parquet")
    with pytest.raises(la.DataError, match=r"b\.parquet: .*negative"):
        la.prevalence(la.SurveyDesign(la.parts(tmp_path), **BOUND), "lonely")


def test_files_that_are_no_survey_are_refused(people, tmp_path) -> None:
    with pytest.raises(la.DataError, match="no Parquet file in"):
        la.parts(tmp_path)
    (tmp_path / "a.parquet").write_bytes(b"PAR1 cut")
    with pytest.raises(la.DataError, match=r"a\.parquet is no Parquet file"):
        la.parts(tmp_path)
    people.to_parquet(tmp_path / "a.parquet")
    people.drop(columns="age").to_parquet(tmp_path / "b.parquet")
    with pytest.raises(la.DataError, match="differ in columns: age"):
        la.parts(tmp_path)


def test_other_estimators_say_that_they_need_an_engine(folder) -> None:
    design = la.SurveyDesign(la.parts(folder), **BOUND)
    with pytest.raises(la.DataError, match=r"only la\.prevalence and la\.mean"):
        la.regress(design, "lonely ~ age", family="logistic")
    with pytest.raises(la.DataError, match="must be an expression"):
        la.prevalence(design, "lonely", where=pd.Series([True]))


@pytest.mark.parametrize("psu", ["p", None])
def test_batches_that_cut_psus_change_no_number(people, folder, psu, monkeypatch) -> None:
    monkeypatch.setattr("lonely_analysis.surveys.parts._BATCH", 37)
    bound = {**BOUND, "psu": psu}
    whole, parts = la.SurveyDesign(people, **bound), la.SurveyDesign(la.parts(folder), **bound)
    same(la.prevalence(whole, "lonely", by="age"), la.prevalence(parts, "lonely", by="age"))
    same(la.mean(whole, "score", by=["age", "s"]), la.mean(parts, "score", by=["age", "s"]))


@pytest.mark.parametrize("by", [None, "age"])
def test_a_file_without_anybody_of_the_domain_still_counts_its_psus(people, folder, by) -> None:
    whole, parts = both(people, folder)
    where = "p >= 150 and p < 225"
    same(
        la.prevalence(whole, "lonely", by=by, where=where), la.prevalence(parts, "lonely", by=by, where=where)
    )
    with pytest.raises(la.DataError, match="nobody is in the domain where p > 900"):
        la.prevalence(parts, "lonely", by=by, where="p > 900")


def test_a_file_without_rows_is_refused_by_name(people, tmp_path) -> None:
    people.to_parquet(tmp_path / "a.parquet")
    people.iloc[:0].to_parquet(tmp_path / "b.parquet")
    with pytest.raises(la.DataError, match=r"b\.parquet has no rows: leave it out"):
        la.prevalence(la.SurveyDesign(la.parts(tmp_path), **BOUND), "lonely")
