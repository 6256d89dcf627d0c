"""Prevalences and means: invariants, exact arithmetic, edges, and messages."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lonely_analysis as la

NUMBERS = ["estimate", "se", "ci_low", "ci_high", "n", "df", "deff"]


def survey_frame(seed: int, n: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "w": rng.gamma(2.0, 1.0, n) * (rng.random(n) > 0.05),
            "s": rng.integers(0, 3, n),
            "p": np.arange(n) % 4,
            "g": rng.choice(["a", "b", "c"], n),
            "y": rng.random(n) < 0.4,
            "x": rng.normal(50.0, 10.0, n),
        }
    )


def bind(frame: pd.DataFrame, **more: str) -> la.SurveyDesign:
    return la.SurveyDesign(frame, weight="w", stratum="s", psu="p", **more)


def same(one: la.SurveyDesign, other: la.SurveyDesign, ignore: tuple[str, ...] = ()) -> None:
    columns = [name for name in NUMBERS if name not in ignore]
    for estimator, outcome in ((la.prevalence, "y"), (la.mean, "x")):
        a = estimator(one, outcome, by="g").to_frame()[columns]
        b = estimator(other, outcome, by="g").to_frame()[columns]
        np.testing.assert_allclose(a.to_numpy(float), b.to_numpy(float), rtol=1e-9)


seeds = st.integers(0, 10_000)


@settings(max_examples=20)
@given(seeds)
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    frame = survey_frame(seed)
    same(bind(frame), bind(frame.sample(frac=1, random_state=seed).reset_index(drop=True)))


@settings(max_examples=20)
@given(seeds, st.floats(1e-6, 1e6))
def test_the_scale_of_weights_does_not_matter(seed: int, scale: float) -> None:
    frame = survey_frame(seed)
    same(bind(frame), bind(frame.assign(w=frame["w"] * scale)))


@settings(max_examples=20)
@given(seeds, st.floats(0.1, 0.9))
def test_splitting_a_row_of_a_psu_into_two_changes_only_the_count(seed: int, share: float) -> None:
    frame = survey_frame(seed)
    split = pd.concat([frame.assign(w=frame["w"] * share), frame.assign(w=frame["w"] * (1 - share))])
    same(bind(frame), bind(split), ignore=("n", "deff"))


@settings(max_examples=20)
@given(seeds)
def test_a_domain_of_everybody_is_the_whole_design(seed: int) -> None:
    frame = survey_frame(seed).assign(everybody="all")
    whole = la.prevalence(bind(frame), "y").to_frame()
    for result in (
        la.prevalence(bind(frame), "y", by="everybody"),
        la.prevalence(bind(frame), "y", where="x > -1000"),
        la.prevalence(bind(frame), "y", where=frame["x"] > -1000),
    ):
        np.testing.assert_allclose(result.to_frame()[NUMBERS], whole[NUMBERS], rtol=1e-12)


@settings(max_examples=20)
@given(seeds)
def test_groups_add_up_to_the_whole_with_their_covariance(seed: int) -> None:
    frame = survey_frame(seed)
    total = frame["w"].sum()
    frame["share"] = frame["y"] * 1.0
    by_group = la.prevalence(bind(frame), "y", by="g")
    weight = frame.groupby("g")["w"].sum().to_numpy() / total
    table = by_group.to_frame()
    assert weight @ table["estimate"] == pytest.approx(la.prevalence(bind(frame), "y").estimate, rel=1e-12)
    assert table["n"].sum() == la.prevalence(bind(frame), "y").n
    np.testing.assert_allclose(np.sqrt(np.diag(by_group.vcov)), table["se"], rtol=1e-12)


@settings(max_examples=20)
@given(seeds, st.sampled_from(["logit", "beta", "wilson"]))
def test_yes_and_no_mirror_each_other(seed: int, ci: str) -> None:
    frame = survey_frame(seed).assign(no=lambda f: ~f["y"])
    yes, no = (la.prevalence(bind(frame), name, by="g", ci=ci).to_frame() for name in ("y", "no"))
    np.testing.assert_allclose(yes["estimate"], 1 - no["estimate"], rtol=1e-12)
    np.testing.assert_allclose(yes["se"], no["se"], rtol=1e-9)
    np.testing.assert_allclose(yes["ci_low"], 1 - no["ci_high"], rtol=1e-9)


@settings(max_examples=20)
@given(seeds, st.floats(-1e9, 1e9))
def test_a_shift_of_a_measure_moves_the_mean_and_not_its_error(seed: int, shift: float) -> None:
    frame = survey_frame(seed)
    moved = la.mean(bind(frame.assign(x=frame["x"] + shift)), "x", by="g").to_frame()
    plain = la.mean(bind(frame), "x", by="g").to_frame()
    # Numbers of size 1e9 carry their own rounding of about 1e-7.
    np.testing.assert_allclose(moved["se"], plain["se"], rtol=1e-7)
    np.testing.assert_allclose(moved["estimate"] - shift, plain["estimate"], atol=1e-6)


def exact_variance(frame: pd.DataFrame, outcome: str) -> tuple[Fraction, Fraction]:
    """Mean and Taylor variance of a design in rational arithmetic, straight from the definition."""
    rows = [
        (Fraction(w), s, p, Fraction(y))
        for w, s, p, y in frame[["w", "s", "p", outcome]].itertuples(index=False, name=None)
    ]
    weight = sum(w for w, *_ in rows)
    mean = sum(w * y for w, _, _, y in rows) / weight
    strata: dict = {}
    for w, s, p, y in rows:
        totals = strata.setdefault(s, {})
        totals[p] = totals.get(p, Fraction(0)) + w * (y - mean) / weight
    variance = Fraction(0)
    for totals in strata.values():
        n = len(totals)
        centre = sum(totals.values()) / n
        variance += Fraction(n, n - 1) * sum((t - centre) ** 2 for t in totals.values())
    return mean, variance


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.integers(-5, 5), st.integers(0, 99), st.sampled_from([0, 0, 0, 1])),
        min_size=16,
        max_size=40,
    )
)
def test_weights_over_ten_orders_of_magnitude_lose_no_digits(rows: list[tuple[int, int, int]]) -> None:
    frame = pd.DataFrame(
        {
            "w": [float(f"{1 + digits / 100}e{power}") for power, digits, _ in rows],
            "s": np.arange(len(rows)) % 2,
            "p": np.arange(len(rows)) % 8,
            "y": [y for *_, y in rows],
        }
    )
    mean, variance = exact_variance(frame, "y")
    result = la.prevalence(bind(frame), "y")
    assert result.estimate == pytest.approx(float(mean), rel=1e-13)
    if variance:
        assert result.se == pytest.approx(float(variance) ** 0.5, rel=1e-9)


@pytest.mark.parametrize("cases", [1, 2, 7])
def test_a_rare_outcome_keeps_its_digits(cases: int) -> None:
    n = 20_000
    rng = np.random.default_rng(cases)
    frame = pd.DataFrame(
        {"w": rng.gamma(1.0, 1.0, n), "s": np.arange(n) % 5, "p": np.arange(n) % 100, "y": 0}
    )
    frame.loc[rng.choice(n, cases, replace=False), "y"] = 1
    mean, variance = exact_variance(frame, "y")
    result = la.prevalence(bind(frame), "y")
    assert result.estimate == pytest.approx(float(mean), rel=1e-12)
    assert result.se == pytest.approx(float(variance) ** 0.5, rel=1e-10)


@pytest.mark.parametrize("table", [1, 50, 300])
@pytest.mark.parametrize("n_groups", [1, 40])
def test_hashed_cells_and_counted_cells_give_the_same(
    n_groups: int, table: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lonely_analysis.estimators import cell_sums, cells, group_codes

    frame = survey_frame(5, 600).assign(g=lambda f: np.arange(len(f)) % n_groups)
    counted = la.mean(bind(frame), "x", by="g").to_frame()
    monkeypatch.setattr(cell_sums, "_TABLE", table)
    monkeypatch.setattr(group_codes, "_TABLE", table)
    monkeypatch.setattr(group_codes, "_FEW", table)
    monkeypatch.setattr(cell_sums, "_CHUNK", 37)
    monkeypatch.setattr(cell_sums, "_CACHED", 16)
    monkeypatch.setattr(cells, "_BLOCK", 16)
    hashed = la.mean(bind(frame), "x", by=["g", "s"], where="x > -1")
    assert len(hashed) > n_groups
    again = la.mean(bind(frame), "x", by="g").to_frame()
    np.testing.assert_allclose(again[NUMBERS], counted[NUMBERS], rtol=1e-12)


def test_groups_that_come_one_after_the_other_are_found_in_each_half_of_a_chunk(monkeypatch) -> None:
    from lonely_analysis.estimators import cell_sums

    n = 400
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"p": np.arange(n) // 2, "s": np.arange(n) // 20, "w": rng.gamma(2.0, size=n)})
    frame = frame.assign(g=np.arange(n) // 20, y=rng.integers(0, 2, n))
    counted = la.prevalence(bind(frame), "y", by="g").to_frame()
    monkeypatch.setattr(cell_sums, "_TABLE", 300)
    pd.testing.assert_frame_equal(la.prevalence(bind(frame), "y", by="g").to_frame(), counted)


def test_scores_that_add_up_to_exactly_0_in_a_stratum_keep_their_variance() -> None:
    frame = pd.DataFrame({"y": [0, 1, 0, 1, 1, 1], "g": ["a"] * 4 + ["b"] * 2})
    table = la.prevalence(la.SurveyDesign(frame), "y", by="g").to_frame()
    # Four of six rows are in the domain: 6/5 * 4 * (1/2 / 4)^2, by hand.
    assert table["se"][0] == pytest.approx((6 / 5 * 4 / 64) ** 0.5, rel=1e-12)
    assert table["se"][1] == 0.0


def test_proportions_of_0_and_1_have_finite_intervals_and_a_note_instead_of_a_warning() -> None:
    frame = survey_frame(1).assign(w=1.0, y=lambda f: f["g"] == "a")
    logit = la.prevalence(bind(frame), "y", by="g")
    table = logit.to_frame().set_index("g")
    assert "g=a; g=b; g=c" in logit.note
    assert table.loc["a", ["estimate", "ci_high"]].tolist() == [1.0, 1.0]
    assert table.loc["b", ["estimate", "se", "ci_low"]].tolist() == [0.0, 0.0, 0.0]
    # Clopper-Pearson at 0 of n: 1 - (alpha/2)^(1/n).
    assert table.loc["b", "ci_high"] == pytest.approx(1 - 0.025 ** (1 / table.loc["b", "n"]), rel=1e-12)
    beta = la.prevalence(bind(frame), "y", by="g", ci="beta")
    pd.testing.assert_frame_equal(beta.to_frame(), logit.to_frame())
    assert beta.note == ""
    wilson = la.prevalence(bind(frame), "y", by="g", ci="wilson").to_frame()
    # Wilson at 0 of n: z^2/(n + z^2).
    z2 = 1.959963984540054**2
    assert wilson["ci_high"][1] == pytest.approx(z2 / (wilson["n"][1] + z2), rel=1e-12)
    assert wilson["ci_low"][1] == 0.0


def test_groups_follow_categories_and_keep_their_columns() -> None:
    frame = survey_frame(2)
    frame["g"] = pd.Categorical(frame["g"], ["c", "a", "b", "unused"])
    result = la.prevalence(bind(frame), "y", by=["g", "s"]).to_frame()
    assert list(result.columns) == ["g", "s", *NUMBERS]
    assert list(dict.fromkeys(result["g"])) == ["c", "a", "b"]
    assert result["g"].dtype == frame["g"].dtype


def test_a_missing_outcome_leaves_the_domain_and_not_the_design() -> None:
    frame = survey_frame(3)
    frame["y"] = frame["y"].astype("boolean").mask(frame["p"] == 0)
    kept = la.prevalence(bind(frame), "y")
    asked = la.prevalence(bind(frame), "y", where="p > 0")
    filtered = la.prevalence(bind(frame[frame["p"] > 0]), "y")
    assert kept.se == pytest.approx(asked.se, rel=1e-13)
    assert kept.se != pytest.approx(filtered.se, rel=1e-3)
    assert kept.n == int(((frame["p"] > 0) & (frame["w"] > 0)).sum())


def test_a_group_without_answers_stays_in_the_table_with_a_note() -> None:
    frame = survey_frame(4)
    frame["y"] = frame["y"].astype("boolean").mask(frame["g"] == "b")
    result = la.prevalence(bind(frame), "y", by="g")
    row = result.to_frame().set_index("g").loc["b"]
    assert row["n"] == 0
    assert np.isnan(row["estimate"])
    assert result.note == "Nobody answered in g=b."


def test_strata_with_one_psu_are_listed_with_the_remedies() -> None:
    frame = survey_frame(6).assign(s=lambda f: f["s"].map({0: "north", 1: "south", 2: "west"}))
    frame.loc[frame["s"] == "west", "p"] = 1
    with pytest.raises(la.DataError, match=r'1 of 3 strata.*have one PSU.*: west\..*single_psu="adjust"'):
        la.prevalence(bind(frame), "y")
    assert la.prevalence(bind(frame), "y", where="s != 'west'").se > 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"outcome": "x"}, "'x' is not yes/no: 120 rows hold something other than 0 and 1"),
        ({"outcome": "g"}, "'g' holds str, not numbers or yes/no"),
        ({"outcome": "lonly"}, "no column 'lonly'"),
        ({"outcome": "y", "by": "region"}, "no column 'region'"),
        ({"outcome": "y", "by": ["g", "g"]}, "a column is named twice: g, g"),
        ({"outcome": "y", "where": "x > 1000"}, "nobody is in the domain where x > 1000"),
        ({"outcome": "y", "where": "g == 'z'", "by": "s"}, "nobody"),
        ({"outcome": "y", "ci": "wald"}, "choose one of: logit, wilson, beta"),
        ({"outcome": "y", "level": 95}, "level=95 is not between 0 and 1"),
    ],
)
def test_what_cannot_be_estimated_is_refused_in_words(asked: dict, words: str) -> None:
    with pytest.raises(la.DataError, match=words):
        la.prevalence(bind(survey_frame(7)), **asked)


@pytest.mark.parametrize("column", ["estimate", "n", "deff"])
def test_groups_named_as_a_column_of_the_table_are_refused_and_not_overwritten(column: str) -> None:
    frame = survey_frame(9).rename(columns={"g": column})
    with pytest.raises(la.DataError, match=f"by= names {column}, which the table of estimates holds too"):
        la.prevalence(bind(frame), "y", by=column)


def test_what_is_no_survey_is_refused() -> None:
    with pytest.raises(la.DataError, match="a Survey or a SurveyDesign is needed, not DataFrame"):
        la.prevalence(survey_frame(8), "y")


@pytest.mark.slow
@pytest.mark.parametrize("ci", ["logit", "beta", "wilson"])
def test_nominal_95_percent_intervals_cover_95_percent(ci: str, record_property) -> None:
    """2,000 samples: 10 strata, 8 of 200 PSUs each, 10 persons a PSU, correlated answers, unequal weights."""
    rng = np.random.default_rng(20_240_501)
    strata, per_stratum, drawn, persons = 10, 200, 8, 10
    level = rng.normal(-1.2, 0.4, (strata, 1)) + rng.normal(0, 0.5, (strata, per_stratum))
    share = 1 / (1 + np.exp(-level))
    size = rng.gamma(4.0, 25.0, strata)
    truth = float((share.mean(axis=1) * size).sum() / size.sum())
    hits = 0
    for _ in range(2000):
        chosen = rng.integers(per_stratum, size=(strata, drawn))
        p = np.repeat(np.take_along_axis(share, chosen, axis=1).ravel(), persons)
        frame = pd.DataFrame(
            {
                "y": rng.random(p.size) < p,
                "s": np.repeat(np.arange(strata), drawn * persons),
                "p": np.repeat(np.arange(strata * drawn), persons),
                "w": np.repeat(size, drawn * persons),
            }
        )
        result = la.prevalence(bind(frame), "y", ci=ci)
        hits += result.ci_low <= truth <= result.ci_high
    record_property("covers", {f"share, {ci} interval": hits / 2000})
    assert 0.935 <= hits / 2000 <= 0.965
