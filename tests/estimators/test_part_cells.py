"""A survey in several files gives the numbers that it gives in one frame (1e-10)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lonely_analysis as la
from lonely_analysis.surveys import parts as module

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


def stored(people: pd.DataFrame, folder: Path) -> Path:
    """Write four files of 75 PSUs each."""
    for number, part in people.groupby(people["p"].astype(int) // 75):
        part.to_parquet(folder / f"part_{number}.parquet")
    return folder


def in_own_strata(people: pd.DataFrame) -> pd.DataFrame:
    """Give each file strata that no other holds, where ``people`` has strata that spread over all."""
    return people.assign(s=people["p"] // 5)


@pytest.fixture(scope="module")
def folder(people: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(people, tmp_path_factory.mktemp("parts"))


@pytest.fixture(scope="module")
def own_strata(people: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(in_own_strata(people), tmp_path_factory.mktemp("own"))


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


@pytest.mark.parametrize("by", [None, "age", ["age", "s"]])
def test_files_with_strata_of_their_own_give_the_numbers_of_the_whole(people, own_strata, by) -> None:
    whole, parts = both(in_own_strata(people), own_strata)
    assert all(part.alone for part in parts.frame.by_stratum("s"))
    same(la.prevalence(whole, "lonely", by=by), la.prevalence(parts, "lonely", by=by))
    same(la.mean(whole, "score", by=by), la.mean(parts, "score", by=by))


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("dtype", ["str", "category", "float64", "Int64"])
def test_strata_and_psus_of_any_type_give_the_same_numbers(people, dtype, own, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr("lonely_analysis.surveys.parts._BATCH", 500)
    named = in_own_strata(people) if own else people
    parts_of_type = named.astype({"s": "str", "p": "str"} if dtype == "category" else {}).astype(
        {"s": dtype, "p": dtype}
    )
    # Each file names the categories that it holds, and no others.
    for number, rows in parts_of_type.groupby(people["p"].astype(int) // 75):
        for name in ("s", "p") if dtype == "category" else ():
            rows = rows.assign(**{name: rows[name].cat.remove_unused_categories()})
        rows.to_parquet(tmp_path / f"part_{number}.parquet")
    whole, parts = both(named, tmp_path)
    same(la.prevalence(whole, "lonely", by="age"), la.prevalence(parts, "lonely", by="age"))


def test_some_files_may_share_strata_while_others_do_not(people, tmp_path) -> None:
    mixed = people.assign(s=np.where(people["p"] < 150, people["s"], people["p"] // 5))
    whole, parts = both(mixed, stored(mixed, tmp_path))
    assert [part.alone for part in parts.frame.by_stratum("s")] == [False, False, True, True]
    same(la.mean(whole, "score", by="age"), la.mean(parts, "score", by="age"))


@pytest.mark.parametrize("rule", ["adjust", "average", "certainty", "remove"])
def test_single_psu_rules_hold_where_files_have_their_own_strata(people, rule, tmp_path) -> None:
    alone = people.assign(
        s=np.where(people["p"] % 75 == 3, people["p"] // 75 * 100 + 99, people["p"] // 75 * 100)
    )
    whole, parts = both(alone, stored(alone, tmp_path), single_psu=rule)
    same(la.prevalence(whole, "lonely", by="age"), la.prevalence(parts, "lonely", by="age"))


@pytest.mark.parametrize("own", [True, False])
def test_a_single_psu_is_refused_with_its_stratum(people, own, tmp_path) -> None:
    strata = people["p"] // 5 if own else people["s"]
    # Between the strata of its own file, or beyond those of all.
    alone = people.assign(s=(strata * 10).where(people["p"] != 80, 155 if own else 999))
    with pytest.raises(la.DataError, match=r"1 of \d+ strata \(s\) have one PSU.*: (155|999)\. "):
        la.prevalence(la.SurveyDesign(la.parts(stored(alone, tmp_path)), **BOUND), "lonely")


@pytest.mark.parametrize("own", [True, False])
def test_a_domain_far_from_the_rest_keeps_its_digits(people, own, tmp_path) -> None:
    """A million standard deviations away, its variance and design effect are those that it has nearby."""
    far = people["age"] == "old"
    near = people.assign(score=people["score"] - 1e6, s=people["p"] // 5 if own else people["s"])
    # Powers of two are added without rounding, so that the truth has all its digits.
    near["score"] = np.round(near["score"] * 2**20) / 2**20
    moved = near.assign(score=near["score"] + np.where(far, 2.0**23, 0.0))
    by = {"by": "age"}
    truth = la.mean(la.SurveyDesign(near, **BOUND), "score", **by).to_frame()
    found = la.mean(la.SurveyDesign(la.parts(stored(moved, tmp_path)), **BOUND), "score", **by).to_frame()
    for column in ("se", "deff"):
        np.testing.assert_allclose(found[column], truth[column], rtol=1e-9)
    truth.loc[truth["age"] == "old", "estimate"] += 2.0**23
    # Of the sixteen digits of a standard deviation (6 here), six are spent on the distance.
    np.testing.assert_allclose(found["estimate"], truth["estimate"], rtol=1e-14, atol=6e-10)


def test_a_footer_that_lies_about_the_strata_is_found_out(people, tmp_path, monkeypatch) -> None:
    """Only strata within the stated range may be taken for the file's own."""
    paths = sorted(stored(in_own_strata(people), tmp_path).glob("*.parquet"))
    true = dict(zip(paths, [(0, 14), (15, 29), (30, 44), (45, 59)], strict=True))
    assert {path: module._range(path, "s") for path in paths} == true
    monkeypatch.setattr(module, "_range", lambda path, column: (100, 101) if path == paths[0] else true[path])
    with pytest.raises(
        la.DataError, match=r"part_0\.parquet: its footer says that 's' lies between 100 and 101"
    ):
        la.prevalence(la.SurveyDesign(la.parts(tmp_path), **BOUND), "lonely")


def test_files_whose_footers_say_nothing_are_taken_to_share_strata(people, tmp_path) -> None:
    for number, part in in_own_strata(people).groupby(people["p"] // 75):
        part.to_parquet(tmp_path / f"part_{number}.parquet", write_statistics=False)
    whole, parts = both(in_own_strata(people), tmp_path)
    assert not any(part.alone for part in parts.frame.by_stratum("s"))
    same(la.prevalence(whole, "lonely", by="age"), la.prevalence(parts, "lonely", by="age"))


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4)), min_size=1, max_size=6))
def test_a_range_of_strata_stands_alone_only_if_no_other_meets_it(starts) -> None:
    ranges = [(low, low + length) for low, length in starts]
    for at, (low, high) in enumerate(ranges):
        others = [one for number, one in enumerate(ranges) if number != at]
        assert module._apart(ranges)[at] == all(high < a or b < low for a, b in others)


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


def test_what_is_wrong_with_a_later_file_does_not_hide_what_is_wrong_with_an_earlier_one(
    people, tmp_path
) -> None:
    people[people["p"] < 150].assign(w=-1.0).to_parquet(tmp_path / "a.parquet")
    people[people["p"] >= 150].iloc[:0].to_parquet(tmp_path / "b.parquet")
    with pytest.raises(la.DataError, match=r"^a\.parquet: .*negative"):
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


def test_a_file_named_twice_is_refused(folder) -> None:
    file = folder / "part_0.parquet"
    with pytest.raises(la.DataError, match=r"part_0\.parquet is named twice"):
        la.parts([file, folder / "part_1.parquet", folder / "." / "part_0.parquet"])


def test_other_estimators_say_that_they_need_an_engine(folder) -> None:
    design = la.SurveyDesign(la.parts(folder), **BOUND)
    with pytest.raises(la.DataError, match=r"only la\.prevalence and la\.mean"):
        la.regress(design, "lonely ~ age", family="logistic")
    with pytest.raises(la.DataError, match="must be an expression"):
        la.prevalence(design, "lonely", where=pd.Series([True]))


@pytest.mark.parametrize("batch", [37, 900])
@pytest.mark.parametrize("arranged", [True, False])
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("psu", ["p", None])
def test_batches_that_cut_strata_and_psus_change_no_number(
    people, psu, own, arranged, batch, monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr("lonely_analysis.surveys.parts._BATCH", batch)
    monkeypatch.setattr("lonely_analysis.estimators.part_reading._BLOCK", 40)
    bound = {**BOUND, "psu": psu}
    people = in_own_strata(people) if own else people
    people = people if arranged else people.sample(frac=1, random_state=1)
    folder = stored(people, tmp_path)
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
