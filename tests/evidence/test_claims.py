"""The shipped ledger, and what the claims file may not say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import yaml
from claim_builders import entry, evidence, row, verdict, write

import lonely_analysis as la
from lonely_analysis.book import verdict_words
from lonely_analysis.evidence import claims as module
from lonely_analysis.evidence.claim_file import read_claims
from lonely_analysis.evidence.claim_types import VERDICTS
from lonely_analysis.evidence.evidence_base import Evidence, shipped_evidence
from lonely_analysis.files import data_file, read_table

ROOT = Path(__file__).parents[2]
FIELDS = [
    *("id", "theme", "claim_nb", "claim_en", "kind", "verdict", "estimate", "ci_low", "ci_high", "scale"),
    *("sources", "grade", "chapter", "caveat", "sensitivity"),
]


@pytest.fixture(scope="module")
def entries():
    return read_claims(data_file("claims.yml"))


@pytest.fixture(scope="module")
def ledger():
    return la.claims()


@pytest.fixture(scope="module")
def lecture():
    return read_table("lecture.csv").set_index("claim")


def without(*rows: str) -> Evidence:
    """The shipped evidence without some published rows."""
    found = shipped_evidence()
    tables = {name: table[~table["id"].isin(rows)] for name, table in found.tables.items()}
    return Evidence(tables=tables, real=found.real)


def published_only() -> Evidence:
    return Evidence(tables=shipped_evidence().tables, real={})


def test_the_ledger_has_every_claim_with_the_agreed_fields(ledger):
    frame = ledger.to_frame()
    assert list(frame.columns) == FIELDS
    assert sorted(frame["id"]) == [f"C{i:02d}" for i in range(1, 40)]
    assert set(frame["verdict"]) <= set(VERDICTS)
    assert (frame[["theme", "claim_nb", "claim_en", "caveat", "sensitivity"]] != "").all().all()


def test_no_verdict_is_typed_in_the_file():
    body = data_file("claims.yml").read_text("utf-8").split("\nclaims:\n")[1]
    assert not re.search(r"^\s*(verdict|ceiling|result)s?:", body, re.MULTILINE)
    for name in ("contradicted", "supported as association", "no evidence found"):
        assert name not in body


def test_verdicts_carry_numbers_sources_grades_and_a_date(ledger):
    for one in ledger:
        if one.verdict in ("no evidence found", "theory, not tested"):
            assert one.evidence[one.evidence["level"] != "context"].empty
            continue
        assert one.sources, one.id
        assert one.date >= 2009, one.id
        assert set(one.grade.split(", ")) <= {"A", "B", "computed"}, one.id
        assert pd.notna(one.estimate), one.id


def test_no_verdict_rests_on_synthetic_data(ledger):
    for one in ledger:
        assert "synthetic" not in one.evidence.to_csv().lower(), one.id


def test_second_hand_claims_are_at_most_associations(ledger):
    for one in ledger:
        assert one.grade != "B" or one.verdict != "supported", one.id


def test_smoking_comparison_from_published_rows_alone(entries):
    # Wang 2023: 1.14 (1.08-1.20); Jha 2013, women: 3.0 (99% interval 2.7-3.3). By hand:
    # ln(1.14/3.0) = -0.9676; se = sqrt((ln(1.20/1.08)/3.91993)^2 + (ln(3.3/2.7)/5.15166)^2)
    # limits exp(-0.9676 ± 1.96 se)
    one = module.ledger(entries, published_only())["C13"]
    assert one.verdict == "contradicted"
    assert (one.estimate, one.ci_low, one.ci_high) == pytest.approx((0.38, 0.34633, 0.41694), rel=1e-3)


def test_removing_a_published_row_leaves_no_evidence_and_no_failure(entries):
    less = module.ledger(entries, without("WANG2023_lon"))
    for id_ in ("C13", "C14", "C32", "C33"):
        assert less[id_].verdict == "no evidence found"
    assert module.ledger(entries, without("ELOV2017_iso_full"))["C20"].verdict == "no evidence found"
    assert module.ledger(entries, without("PARKER_all"))["C30"].verdict == "no evidence found"


def test_without_any_evidence_every_claim_still_has_its_row(entries):
    empty = module.ledger(entries, Evidence(tables={}, real={}))
    assert set(empty.to_frame()["verdict"]) == {"no evidence found", "theory, not tested"}


def test_every_listed_row_is_published_and_every_claim_reads_in_both_languages(entries):
    published = {id_ for table in shipped_evidence().tables.values() for id_ in table["id"]}
    content = yaml.safe_load(data_file("claims.yml").read_text("utf-8"))
    listed = [id_ for rows in content["rows"].values() for id_ in rows]
    assert set(listed) <= published
    assert len(listed) == len(set(listed))
    for claim in entries:
        assert claim.caveat != claim.caveat_nb, claim.id
        assert claim.rule.because != claim.rule.because_nb, claim.id


def test_raising_a_threshold_in_a_shipped_rule_lowers_its_verdict(entries):
    sleep = next(claim for claim in entries if claim.id == "C11")
    strict = replace(sleep, rule=replace(sleep.rule, thresholds={"correlation": 0.6}))
    verdicts = [module.ledger([one], published_only())["C11"].verdict for one in (sleep, strict)]
    assert verdicts == ["supported as association", "weak"]


def test_sensitivity_says_what_each_choice_does(ledger):
    c13 = ledger["C13"].variations
    assert {"threshold", "source", "measure", "comparator", "pooling model"} <= set(c13["choice"])
    c14 = ledger["C14"]
    assert len(set(c14.variations["verdict"])) > 2
    assert c14.sensitivity.startswith("unchanged in ")


def test_sensitivity_finds_the_variation_that_changes_a_verdict(tmp_path):
    one = entry("effect", ["a", "b"], thresholds={"ratio": 1.2})
    found = verdict(tmp_path, one, evidence(row("a", 1.3, 1.2, 1.4), row("b", 1.25, 1.2, 1.3, grade="B")))
    told = found.variations.set_index("changed_to")["verdict"]
    assert found.verdict == "supported"
    assert told["twice the threshold"] == "weak"
    assert told["b"] == "supported as association"
    assert told["first-hand rows only"] == "supported"
    assert told["REML, knha, 2 sources"] in VERDICTS


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"theme": "x"}, "C01: theme 'x' is none of t"),
        ({"kind": "x"}, "C01: kind 'x' is none of descriptive"),
        ({"evidence": ["aa"]}, "C01, evidence: no row 'aa' is listed under rows"),
        ({"evidence": [{"rea": "euls"}]}, "C01, evidence: .* is no row, no real result and no pool"),
        ({"evidence": [{"real": "euls", "key": "k", "scale": "x"}]}, "C01, evidence: scale 'x' is none of"),
        ({"verdict": "supported"}, "C01: unknown verdict"),
        ({"alternatives": {"mood": ["a1"]}}, "C01: choice 'mood' is none of cut point"),
        ({"caveat": ""}, "C01: caveat must be words"),
        ({"context": ["b"]}, "C01, context: no row 'b'"),
    ],
)
def test_an_entry_that_breaks_the_vocabulary_is_named(tmp_path, change, says):
    one = {**entry("effect", ["a1"], thresholds={"ratio": 1.1}), **change}
    with pytest.raises(la.DataError, match=says):
        read_claims(write(tmp_path / "claims.yml", {"C01": one}, ["a1"]))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"judge": "x"}, "C01, rule: judge 'x' is none of effect"),
        ({"refuted_by": "x"}, "C01, rule: refuted_by 'x' is none of"),
        ({"minimum_grade": "C"}, "C01, rule: minimum_grade 'C' is none of A, B"),
        ({"minimum_design": "x"}, "C01, rule: minimum_design 'x' is none of"),
        ({"thresholds": {"ratio": 1.0}}, "C01, rule: a threshold of 1.0 on the scale ratio is no effect"),
        ({"thresholds": {"x": 1.0}}, "C01, rule: scale of a threshold 'x'"),
        ({"ceiling": "weak"}, "C01, rule: unknown ceiling"),
    ],
)
def test_a_rule_that_breaks_the_vocabulary_is_named(tmp_path, change, says):
    one = entry("effect", ["a"], thresholds={"ratio": 1.1})
    one["rule"] = {**one["rule"], **change}
    with pytest.raises(la.DataError, match=says):
        read_claims(write(tmp_path / "claims.yml", {"C01": one}, ["a"]))


def test_a_comparison_names_pairs_and_a_wrong_id_is_refused(tmp_path):
    one = entry("comparison", ["a"], relation="as strong", margin=1.25)
    with pytest.raises(la.DataError, match="C01, evidence: a comparison names pairs"):
        read_claims(write(tmp_path / "claims.yml", {"C01": one}, ["a"]))
    with pytest.raises(la.DataError, match="X1: an id is C and two digits"):
        read_claims(write(tmp_path / "claims.yml", {"X1": one}, ["a"]))


def test_an_unknown_claim_lists_those_there_are(ledger):
    with pytest.raises(la.DataError, match=r"no claim 'C99'; it has C01, C02"):
        ledger["C99"]


def test_the_lecture_lists_every_claim_with_its_phrase_and_its_chapter(ledger, lecture):
    assert sorted(lecture.index) == sorted(one.id for one in ledger)
    for one in ledger:
        assert one.claim.chapter in lecture.loc[one.id, "chapters"].split(), one.id
        assert lecture.loc[one.id, "phrase_nb"] in one.claim.claim_nb, one.id
        paraphrased = "Norwegian phrase is our paraphrase" in one.claim.caveat
        assert not (paraphrased and lecture.loc[one.id, "quoted"]), one.id


def chapters() -> list[Path]:
    """The numbered chapters of the book, as far as they are written."""
    book = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = [ROOT / f"{page['file']}.ipynb" for part in book["parts"] for page in part["chapters"]]
    return [file for file in files if file.stem[:2].isdigit()]


def cells(page: Path, kind: str) -> list[str]:
    read = json.loads(page.read_text("utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in read if cell["cell_type"] == kind]


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.stem)
def test_a_chapter_and_the_ledger_name_each_others_claims(page, ledger):
    named = set(re.findall(r"\{claim\}`(C\d\d)`", "".join(cells(page, "markdown"))))
    calls = [cell for cell in cells(page, "code") if "book.verdicts(" in cell]
    judged = set(re.findall(r"C\d\d", "".join(calls)))
    assert named | judged <= {one.id for one in ledger}
    own = {one.id for one in ledger if page.stem.startswith(f"{one.claim.chapter}_")}
    assert own <= named
    assert own <= judged


@pytest.mark.parametrize("page", chapters(), ids=lambda page: page.stem)
def test_a_chapter_prints_its_verdicts_and_types_none(page):
    words = (*VERDICTS, *(pair[1] for pair in verdict_words.VERDICTS.values()))
    # Single words such as weak or mixed are used of other things as well.
    telling = [word for word in words if " " in word or word in ("contradicted", "Motsagt")]
    prose = "".join(cells(page, "markdown")).lower()
    assert [word for word in telling if word.lower() in prose] == []
