"""Verdicts in a chapter: one box a claim, and a rule that several claims share stated once above them.

A link to the ledger is written as ``<a data-claim=…>``; the Sphinx extension turns it into an address once
all pages are known.
"""

from __future__ import annotations

from collections.abc import Container
from html import escape

from lonely_analysis.book import verdict_words as words
from lonely_analysis.book.show import Page
from lonely_analysis.book.words import Language, Pair, say
from lonely_analysis.evidence.claims import Verdict, claims

RULE_FOR: Pair = ("The rule for {}", "Regelen for {}")
AND: Pair = (" and ", " og ")


def verdicts(*ids: str) -> Page:
    """Show the verdicts of some claims as a chapter prints them: badge, number and rule in both languages.

    A rule that several of them share is stated once, above them. Raises ``DataError`` for an id that is no
    claim.
    """
    shown = [claims()[id_] for id_ in ids]
    shared = _shared(shown)
    text = "\n".join(f"{v.id} {words.name(v.verdict, 'en')}: {words.numbers(v, 'en')}" for v in shown)
    boxes = "".join(_box(verdict, shared) for verdict in shown)
    return Page(html=_rules(shared) + boxes, text=text)


def _shared(shown: list[Verdict]) -> dict[Pair, list[str]]:
    """Return the sentences about rules that more than one claim has, with the claims that have them."""
    holders: dict[Pair, list[str]] = {}
    for verdict in shown:
        for sentence in _ruling(verdict):
            holders.setdefault(sentence, []).append(verdict.id)
    return {sentence: ids for sentence, ids in holders.items() if len(ids) > 1}


def _ruling(verdict: Verdict) -> tuple[Pair, Pair]:
    """Return the rule of a claim and its reason, each in both languages."""
    rule = verdict.claim.rule
    return (words.rule(rule, "en"), words.rule(rule, "nb")), (rule.because, rule.because_nb)


def _rules(shared: dict[Pair, list[str]]) -> str:
    """Write the shared sentences, those of the same claims together."""
    groups: dict[tuple[str, ...], list[Pair]] = {}
    for sentence, ids in shared.items():
        groups.setdefault(tuple(ids), []).append(sentence)
    return "".join(_rule_box(ids, sentences) for ids, sentences in groups.items())


def _rule_box(ids: tuple[str, ...], sentences: list[Pair]) -> str:
    english, norwegian = (
        f"<strong>{say(RULE_FOR, language).format(_listed(ids, language))}.</strong> "
        + escape(" ".join(say(sentence, language) for sentence in sentences), quote=False)
        for language in ("en", "nb")
    )
    return f'<div class="la-rule"><p>{english}</p><p lang="nb">{norwegian}</p></div>'


def _listed(ids: tuple[str, ...], language: Language) -> str:
    return say(AND, language).join((", ".join(ids[:-1]), ids[-1]))


def _box(verdict: Verdict, shared: Container[Pair] = ()) -> str:
    claim = verdict.claim
    link = f'<a class="claim-badge" data-claim="{verdict.id}">{verdict.id}</a>'
    head = (
        f'{link} {verdict_name(verdict)} <span class="la-claim">{escape(claim.claim_en)} '
        f'<span lang="nb">(«{escape(claim.claim_nb)}»)</span></span>'
    )
    return (
        f'<div class="la-verdict" data-verdict="{escape(verdict.verdict)}"><p>{head}</p>'
        f"<p>{said(verdict, 'en', shared)}</p>"
        f'<p lang="nb">{said(verdict, "nb", shared)}</p></div>'
    )


def said(verdict: Verdict, language: Language, shared: Container[Pair] = ()) -> str:
    """Write number, rule, limit and caveat of one verdict as a paragraph, without what is said above it."""
    claim = verdict.claim
    parts = [
        f"{words.numbers(verdict, language)}." if verdict.scale else "",
        *(say(sentence, language) for sentence in _ruling(verdict) if sentence not in shared),
        words.limit(verdict, language),
        say((claim.caveat, claim.caveat_nb), language),
    ]
    return escape(" ".join(part for part in parts if part), quote=False)


def verdict_name(verdict: Verdict) -> str:
    """Write a verdict's name in both languages."""
    english, norwegian = words.VERDICTS[verdict.verdict]
    return (
        f'<strong class="la-verdict-name">{english}</strong> '
        f'<span class="la-verdict-nb" lang="nb">{norwegian}</span>'
    )
