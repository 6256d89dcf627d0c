"""Verdicts on the page: the same object in badge, box and ledger, in both languages."""

from __future__ import annotations

import json
import re

import pytest

import lonely_analysis as la
from lonely_analysis import book, cli
from lonely_analysis.book import verdict_words as words
from lonely_analysis.book.verdict_page import badge
from lonely_analysis.evidence.claim_types import JUDGES, RELATIONS, VERDICTS


@pytest.fixture(scope="module")
def ledger():
    return la.claims()


def test_every_verdict_and_every_rule_has_words_in_both_languages(ledger):
    assert set(words.VERDICTS) == set(VERDICTS)
    assert set(words.RULES) == {*JUDGES, *RELATIONS} - {"comparison"}
    for one in ledger:
        assert words.rule(one.claim.rule, "en") != words.rule(one.claim.rule, "nb")
        assert not one.limited_by or words.limit(one, "en") != words.limit(one, "nb")


def test_a_chapter_shows_badge_number_and_rule_from_the_ledger(ledger):
    one = ledger["C13"]
    page = book.verdicts("C13", "C05")
    assert words.name(one.verdict, "en") in page.html
    assert words.name(one.verdict, "nb") in page.html
    assert f"{one.estimate:.2f}" in page.html
    assert f"{one.estimate:.2f}".replace(".", ",") in page.html
    assert "between 0.80 and 1.25" in page.html
    assert 'data-claim="C05"' in page.html
    assert badge(one) == f"C13 · {words.name(one.verdict, 'en')}"


def test_a_rule_that_claims_share_is_stated_once_and_one_of_their_own_stays_with_them(ledger):
    page = book.verdicts("C10", "C11", "C12", "C13").html
    for language in ("en", "nb"):
        shared = words.rule(ledger["C10"].claim.rule, language)
        assert shared == words.rule(ledger["C11"].claim.rule, language)
        assert page.count(shared) == 1
        assert page.count(words.rule(ledger["C13"].claim.rule, language)) == 1
    assert page.count(ledger["C12"].claim.rule.because) == 1
    assert "The rule for C10, C11 and C12." in page
    assert "Regelen for C10, C11 og C12." in page
    assert "la-rule" not in book.verdicts("C10").html


def test_an_unknown_claim_is_refused():
    with pytest.raises(la.DataError, match="no claim 'C77'"):
        book.verdicts("C77")


def test_the_ledger_has_one_anchor_a_claim_and_both_downloads(ledger):
    html = book.ledger().html
    assert sorted(re.findall(r'<tr id="(c\d\d)"', html)) == sorted(one.id.lower() for one in ledger)
    for one in ledger:
        assert f'data-chapter="{one.claim.chapter}" data-claim="{one.id}"' in html
    assert 'download="claims.csv"' in html
    assert 'download="claims.json"' in html
    assert len(html) < 600_000


def test_the_ledger_at_a_glance_names_every_claim(ledger):
    figure = book.figure.ledger(ledger, name="fig-x-ledger", caption="Claims.")
    for one in ledger:
        assert one.id in figure.svg
        assert one.id in figure.alt[0]
    assert figure.data["n"].sum() == len(ledger)


@pytest.mark.parametrize("form", ["table", "csv", "json", "md"])
def test_the_command_prints_every_claim(capsys, form, ledger):
    assert cli.main(["claims", "--format", form]) == 0
    out = capsys.readouterr().out
    assert all(one.id in out for one in ledger)
    if form == "json":
        fields = ["id", "theme", "claim_nb", "claim_en", "kind", "verdict", "estimate", "ci_low", "ci_high"]
        more = ["scale", "sources", "grade", "chapter", "caveat", "sensitivity"]
        assert list(json.loads(out)[0]) == [*fields, *more]
