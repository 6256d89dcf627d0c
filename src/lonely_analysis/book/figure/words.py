"""Alternative text, computed from what is drawn: the kind of picture, of what, and what a glance gives."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.figure.series import Series
from lonely_analysis.book.phrases import in_norwegian
from lonely_analysis.book.wording import field_name
from lonely_analysis.book.words import SYNTHETIC, Language, Pair, say

#: What a grouping is called in the middle of a sentence, where its header reads otherwise.
_GROUPINGS: dict[str, Pair] = {"added": ("covariates in the model", "variablene i modellen")}


def alt_text(opening: Pair, shown: Series) -> Pair:
    """Describe a drawing of estimates: what, by what, the highest and lowest of each series."""
    return both(lambda language: _describe(say(opening, language), shown, language))


def both(write: Callable[[Language], str]) -> Pair:
    """Write a text in both languages."""
    return write("en"), write("nb")


def _describe(opening: str, shown: Series, language: Language) -> str:
    # An outcome such as "power, by number of people" says itself what it is drawn by.
    by = "" if ", by " in shown.outcome else ", ".join(_grouping(name, language) for name in shown.by if name)
    what = field_name(shown.outcome, language)
    joined = {"en": " by ", "nb": " etter "}[language]
    if shown.rows[["ci_low", "ci_high"]].isna().all(axis=None):
        # Marks without intervals are marks only: "Bars", not "Bars with 95% intervals".
        opening = opening.split({"en": " with ", "nb": " med "}[language])[0]
    opening = opening.format(level=numerals.digits(100 * shown.level, 0, language))
    parts = [f"{opening}: {what}{joined + by if by else ''}."]
    for name in shown.names:
        rows = shown.rows[shown.rows["series"] == name].dropna(subset=["estimate"])
        parts.append(_extremes(name, rows, shown, language))
    if shown.synthetic:
        parts.append(f"{say(SYNTHETIC, language)}.")
    return " ".join(part for part in parts if part)


def _grouping(name: str, language: Language) -> str:
    return say(_GROUPINGS[name], language) if name in _GROUPINGS else field_name(name, language).lower()


def _extremes(name: str, rows: pd.DataFrame, shown: Series, language: Language) -> str:
    if rows.empty:
        return ""
    before = f"{in_norwegian(name) if language == 'nb' else name}: " if name else ""
    top, low = rows.loc[rows["estimate"].idxmax()], rows.loc[rows["estimate"].idxmin()]
    if len(rows) == 1:
        return f"{before}{_value(top, shown, language)}."
    words = {"en": ("highest", "lowest", "groups"), "nb": ("høyest", "lavest", "grupper")}[language]
    ends = [
        _at(word, str(row[f"group_{language}"]), _value(row, shown, language))
        for word, row in zip(words[:2], (top, low), strict=True)
    ]
    text = f"{before}{len(rows)} {words[2]}, {ends[0]}, {ends[1]}."
    return text[:1].upper() + text[1:]


def _at(word: str, group: str, value: str) -> str:
    # The colon keeps a group that is itself a number apart from its estimate: "highest 2: 15%".
    return f"{word} {group}: {value}" if group else f"{word} {value}"


def _value(row: pd.Series, shown: Series, language: Language) -> str:
    se = None if pd.isna(row["se"]) or shown.kind == "ratio" else float(row["se"])
    text = numerals.number(float(row["estimate"]), shown.kind, language, se=se)
    if pd.isna(row["ci_low"]):
        return text
    return f"{text} ({numerals.bounds(row['ci_low'], row['ci_high'], shown.kind, language, se=se)})"
