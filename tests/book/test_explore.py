"""The explorer shows the estimators' numbers, stays small, and keeps invented people to their book."""

from __future__ import annotations

import json
import re

import pytest

import lonely_analysis as la
from conftest import ROOT
from lonely_analysis.book import context
from lonely_analysis.book.explore import content, cuts, explorer, page, published_rows, words
from lonely_analysis.book.explore.risks import risks


@pytest.fixture(scope="module")
def shown() -> dict:
    return json.loads(json.dumps(content()))


def cell(explored: dict, instrument: str, place: str, group: list[str], cut: int) -> list[float]:
    """Return n, estimate and both ends, in percent, as the script reads them."""
    one = next(i for i in explored["instruments"] if i["id"] == instrument)
    numbers = one["cells"][explored["places"].index(place)][explored["groups"].index(group)]
    middle, down, up = numbers[1 + 3 * one["cuts"].index(cut) :][:3]
    return [numbers[0], *(value * 100 / cuts.PER_ONE for value in (middle, middle - down, middle + up))]


@pytest.mark.parametrize(
    ("instrument", "place", "group", "cut"),
    [
        ("ucla3", "", ["", ""], 6),
        ("ucla3", "NO", ["sex", "female"], 4),
        ("djg6", "SE", ["age_group", "25-34"], 2),
        ("lonely_freq", "", ["lives_alone", "True"], 3),
    ],
)
def test_a_shown_share_is_the_prevalence_of_those_people(instrument, place, group, cut):
    survey = context.survey()
    frame, design = survey.frame, survey.design
    answers = frame[instrument]
    counted = (answers >= cut).astype("boolean").mask(answers.isna())
    where = answers.notna()
    if place:
        where &= frame["country"] == place
    if group[0]:
        where &= (frame[group[0]].astype("string") == group[1]).fillna(False)
    expected = la.prevalence(design.replace(frame=frame.assign(counted=counted)), "counted", where=where)
    found = cell(page._here(), instrument, place, group, cut)
    wanted = [expected.n, *(100 * value for value in (expected.estimate, expected.ci_low, expected.ci_high))]
    assert found == pytest.approx(wanted, abs=0.0051)


def test_a_group_of_few_answers_is_not_shown():
    explored = page._here()
    sizes = [c[0] for i in explored["instruments"] for place in i["cells"] for c in place if c]
    assert min(sizes) >= cuts.FEWEST_ANSWERS


def test_the_numbers_are_complete_and_small(shown):
    for survey in shown["surveys"]:
        for instrument in survey["instruments"]:
            assert len(instrument["cuts"]) == len(instrument["counts"])
            assert len(instrument["cells"]) == len(survey["places"])
            for place in instrument["cells"]:
                assert len(place) == len(survey["groups"])
                assert all(c == 0 or len(c) == 1 + 3 * len(instrument["cuts"]) for c in place)
    text = re.search(r'class="la-explorer-data">(.*?)</script>', explorer().html, re.DOTALL)[1]
    assert len(text.encode()) < page.MOST_BYTES
    assert json.loads(text) == shown


def test_every_word_is_in_both_languages(shown):
    def pairs(value):
        if isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value):
            yield value
        elif isinstance(value, (list, dict)):
            for part in value.values() if isinstance(value, dict) else value:
                yield from pairs(part)

    texts = list(pairs([shown["words"], shown["published"], shown["risks"]]))
    assert len(texts) > 200
    assert all(english and norwegian for english, norwegian in texts)
    fields = [(re.findall(r"\{\w+\}", e), re.findall(r"\{\w+\}", n)) for e, n in words.CONTROLS.values()]
    assert all(sorted(english) == sorted(norwegian) for english, norwegian in fields)
    assert words.CONTROLS["cut"][0] == "Cut point"


def test_published_words_have_norwegian_ones():
    english = {part for row in la.published("prevalence_published")["cutoff"] for part in [row]}
    missing = {text for text in english if published_rows.both(text)[1] == text}
    assert missing == set()


def test_every_published_prevalence_is_one_row(shown):
    assert len(shown["published"]["rows"]) == len(la.published("prevalence_published"))
    first = la.published("prevalence_published").iloc[0]
    assert shown["published"]["rows"][0][6] == first["prevalence_pct"]


def test_ratios_are_those_of_the_published_rows_and_the_snapshot():
    rows = {row["id"]: row for factor in risks()["factors"] for row in factor["rows"]}
    wang = la.published_ratios("WANG2023_lon").iloc[0]
    assert rows["WANG2023_lon"]["printed"] == [wang.estimate, wang.ci_low, wang.ci_high]
    smokes = page.real("nhanes", "ch08_ratios").row(choice="Smokes now (against never)")
    assert rows["NHANES_smokes"]["printed"] == [
        round(v, 3) for v in (smokes.estimate, smokes.ci_low, smokes.ci_high)
    ]
    assert rows["HL2010_overall"]["hazard"][0] < rows["HL2010_overall"]["printed"][0]
    assert all("hazard" in row for row in rows.values() if row["measure"] == "OR")


def test_a_comparison_names_rows_that_exist():
    found = risks()
    known = {factor["id"]: {row["id"] for row in factor["rows"]} for factor in found["factors"]}
    picked = [c["rows"] for c in found["comparisons"]] + [found["least"], found["most"]]
    assert all(id_ in known[factor] for rows in picked for factor, id_ in rows.items())


def test_a_book_on_real_answers_offers_no_invented_people(monkeypatch):
    explored = page.unpacked(page.real("euls", page.KEY))
    for name in ("euls", "ess"):
        monkeypatch.setattr(page, "built_on", lambda name=name: name)
        monkeypatch.setattr(page, "_here", lambda: explored)
        made = content()
        assert [survey["id"] for survey in made["surveys"]] == list(dict.fromkeys([name, "euls"]))
        assert not any(survey["synthetic"] for survey in made["surveys"])


def test_the_snapshot_of_a_real_survey_keeps_what_was_explored(monkeypatch):
    kept = {}
    explored = page.unpacked(page.real("euls", page.KEY))
    monkeypatch.setattr(page, "built_on", lambda: "euls")
    monkeypatch.setattr(page, "_here", lambda: explored)
    monkeypatch.setattr(page, "put", lambda key, value: kept.update({key: value}))
    explorer()
    assert page.unpacked(kept[page.KEY]) == explored


def test_without_the_script_the_page_says_where_the_numbers_stand():
    html = explorer().html
    assert "need JavaScript" in html
    assert 'lang="nb"' in html
    cells = json.loads((ROOT / "chapters" / "explore.ipynb").read_text("utf-8"))["cells"]
    kinds = {kind for cell in cells for out in cell.get("outputs", []) for kind in out.get("data", {})}
    tables = [
        "".join(out["data"]["text/html"])
        for cell in cells
        for out in cell.get("outputs", [])
        if "text/html" in out.get("data", {})
    ]
    assert "image/svg+xml" in kinds
    assert any('class="la-table"' in table for table in tables)
