"""The ledger on the page, with filter and downloads, in the terminal and as text.

Links between chapters and ledger are written as ``<a data-claim=…>`` and ``<a data-chapter=…>``; the Sphinx
extension turns them into addresses once all pages are known.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import Any
from urllib.parse import quote

import pandas as pd

from lonely_analysis.book import verdict_words as words
from lonely_analysis.book.downloads import csv_text
from lonely_analysis.book.show import Page
from lonely_analysis.book.twin import twin
from lonely_analysis.book.verdict_box import said, verdict_name
from lonely_analysis.book.words import Language, Pair
from lonely_analysis.evidence.claims import Ledger, Verdict, claims

CAPTION: Pair = ("The lecture's claims and their verdicts", "Forelesningens påstander og vurderinger")
HEADERS: tuple[Pair, ...] = (
    ("Claim", "Påstand"),
    ("Verdict", "Vurdering"),
    ("Number", "Tall"),
    ("Sources", "Kilder"),
)
CHAPTER: Pair = ("Chapter", "Kapittel")
WHY: Pair = ("Rule, evidence and sensitivity", "Regel, belegg og følsomhet")
EVIDENCE: Pair = ("Evidence", "Belegg")
SENSITIVITY: Pair = ("If a choice were different", "Hvis et valg var annerledes")
CONTEXT: Pair = ("shown beside", "vist ved siden av")
DOWNLOADS: Pair = ("Download the ledger as", "Last ned oversikten som")


def ledger() -> Page:
    """Show the whole ledger: one row a claim, with what stands behind it folded, and downloads."""
    book = claims()
    head = "".join(f'<th scope="col">{_pair(header)}</th>' for header in HEADERS)
    bodies = "".join(_theme(list(rows)) for _, rows in groupby(book, key=lambda v: v.claim.theme))
    html = (
        f'<div class="la-ledger"><table><caption>{_pair(CAPTION)}</caption>'
        f"<thead><tr>{head}</tr></thead>{bodies}</table>{_downloads(book)}</div>"
    )
    text = "\n".join(f"{v.id} {words.name(v.verdict, 'en')}: {v.claim.claim_en}" for v in book)
    return Page(html=html, text=text)


def badge(verdict: Verdict, language: Language = "en") -> str:
    """Return a badge's words: ``C13 · Contradicted``."""
    return f"{verdict.id} · {words.name(verdict.verdict, language)}"


def _theme(rows: list[Verdict]) -> str:
    first = rows[0].claim
    head = (
        f'<tr class="la-theme"><th colspan="{len(HEADERS)}" scope="rowgroup">'
        f"{_pair((first.theme, first.theme_nb))}</th></tr>"
    )
    return f'<tbody data-theme="{escape(first.theme)}">{head}{"".join(map(_row, rows))}</tbody>'


def _row(verdict: Verdict) -> str:
    """Write a claim as two rows: what everybody reads, and what stands behind it."""
    claim, id_ = verdict.claim, verdict.id
    named = twin(*(f"{word} {int(claim.chapter)}" for word in CHAPTER))
    chapter = f'<a data-chapter="{claim.chapter}" data-claim="{id_}">{named}</a>'
    read = f" ({escape(verdict.grade)}; {verdict.date})" if verdict.grade else ""
    number = twin(_number(verdict), _number(verdict, "nb"))
    cells = (verdict_name(verdict), number, escape(verdict.sources) + read)
    return (
        f'<tr id="{id_.lower()}" data-verdict="{escape(verdict.verdict)}"><th scope="row">'
        f'<span class="claim-badge">{id_}</span> {escape(claim.claim_en)} '
        f'<span class="la-phrase" lang="nb">«{escape(claim.claim_nb)}»</span> {chapter}</th>'
        f"{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
        f'<tr class="la-more"><td colspan="{len(HEADERS)}">{_details(verdict)}</td></tr>'
    )


def _details(verdict: Verdict) -> str:
    claim = verdict.claim
    cited = f"Cited: {escape(claim.cited)}. Asked of the data: {escape(claim.estimand)}."
    inside = (
        f"<p>{said(verdict, 'en')}</p>"
        f'<p lang="nb">{said(verdict, "nb")}</p><p>{cited}</p>'
        f"{_evidence(verdict)}{_variations(verdict)}"
    )
    name = f'<span class="la-hidden">{verdict.id}: </span>'
    return f'<details class="la-why"><summary>{name}{_pair(WHY)}</summary>{inside}</details>'


def _evidence(verdict: Verdict) -> str:
    if verdict.evidence.empty:
        return ""
    items = []
    for row in verdict.evidence.to_dict("records"):
        value = _written(row)
        level = CONTEXT[0] if row["level"] == "context" else row["level"]
        about = f"{row['source']}, {row['what']}: {value}; {row['grade']}; {level}"
        items.append(f"<li>{escape(about)}</li>")
    return f"<p>{_pair(EVIDENCE)}</p><ul>{''.join(items)}</ul>"


def _written(row: dict[str, Any]) -> str:
    return words.estimate(row["estimate"], row["ci_low"], row["ci_high"], row["scale"], "en")


def _variations(verdict: Verdict) -> str:
    if verdict.variations.empty:
        return ""
    rows = []
    for row in verdict.variations.to_dict("records"):
        value = _written(row)
        changed = "" if row["verdict"] == verdict.verdict else ' class="la-changed"'
        cells = (f"{row['choice']}: {row['changed_to']}", value, words.name(row["verdict"], "en"))
        rows.append(f"<tr{changed}>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    return (
        f'<table class="la-variations"><caption>{_pair(SENSITIVITY)}: {escape(verdict.sensitivity)}</caption>'
        '<thead><tr><th scope="col">Choice</th><th scope="col">Number</th>'
        '<th scope="col">Verdict</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _downloads(book: Ledger) -> str:
    frame = book.to_frame()
    files = {
        "csv": ("text/csv", csv_text(frame)),
        "json": ("application/json", to_json(frame)),
    }
    links = " · ".join(
        f'<a download="claims.{end}" href="data:{kind};charset=utf-8,{quote(text)}">{end.upper()}</a>'
        for end, (kind, text) in files.items()
    )
    return f'<p class="la-downloads">{_pair(DOWNLOADS)} {links}</p>'


def to_json(frame: pd.DataFrame) -> str:
    """Return the ledger's fields as JSON, one object a claim, with missing numbers as null."""
    return frame.to_json(orient="records", indent=1, force_ascii=False, double_precision=12)


def to_text(book: Ledger) -> str:
    """Return the ledger for a terminal: one line a claim."""
    rows = [(v.id, words.name(v.verdict, "en"), _number(v), v.claim.claim_en) for v in book]
    return pd.DataFrame(rows, columns=["id", "verdict", "number", "claim"]).to_string(
        index=False, justify="left"
    )


def to_markdown(book: Ledger) -> str:
    """Return the ledger as a Markdown table."""
    head = ["Id", *(header[0] for header in HEADERS), "Sensitivity"]
    lines = [head, ["---"] * len(head)]
    for v in book:
        lines.append(
            [
                v.id,
                v.claim.claim_en,
                words.name(v.verdict, "en"),
                _number(v),
                v.sources,
                v.claim.chapter,
                v.sensitivity,
            ]
        )
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)


def _number(verdict: Verdict, language: Language = "en") -> str:
    if not verdict.scale:
        return ""
    return words.estimate(verdict.estimate, verdict.ci_low, verdict.ci_high, verdict.scale, language)


def _pair(pair: Pair) -> str:
    return f'{escape(pair[0])} <span class="la-beside" lang="nb">{escape(pair[1])}</span>'
