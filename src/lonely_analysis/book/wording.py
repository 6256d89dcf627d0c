"""From a column, a group or a cut point to its words; ``names`` and ``countries`` hold the words."""

from __future__ import annotations

from lonely_analysis.book.countries import COUNTRIES
from lonely_analysis.book.fields import FIELDS, QUANTITIES
from lonely_analysis.book.names import BANDS, CUTS, GROUPS, NUMBERED, SOURCES
from lonely_analysis.book.phrases import in_norwegian
from lonely_analysis.book.words import Language, Pair, say

_OR_MORE: Pair = ("{cut} or more", "{cut} eller mer")


def field_name(column: str, language: Language = "en") -> str:
    """Return a variable's short name, else what the codebook says it asks, else the name itself."""
    if column in FIELDS:
        return say(FIELDS[column], language)
    from lonely_analysis.surveys.schema import common_columns

    known = common_columns().get(column)
    if known is None:
        return in_norwegian(_plain(column)) if language == "nb" else _plain(column)
    return _plain(say((known.asks, known.asks_nb), language))


def group_name(value: object, column: str = "", language: Language = "en") -> str:
    """Return a group's label in words: a country, a sex, yes or no, or the value itself."""
    text = str(value)
    if column == "country" or (not column and text in COUNTRIES):
        return say(COUNTRIES.get(text, (text, text)), language)
    if column == "item" and text in FIELDS:
        return say(FIELDS[text], language)
    if column in ("variable", "with_variable", "marker"):
        return field_name(text, language)
    if column == "quantity" and text in QUANTITIES:
        return say(QUANTITIES[text], language)
    if column in NUMBERED:
        return say(NUMBERED[column], language).format(text)
    if column in BANDS and text in ("1", "2", "3"):
        return say(BANDS[column][int(text) - 1], language)
    if text in GROUPS:
        return say(GROUPS[text], language)
    if column in ("age_group", "age_band", "group"):
        return text.replace("-", "–")
    if language == "nb" and isinstance(value, float):
        return text.replace(".", ",").replace("-", "−")
    return in_norwegian(text) if language == "nb" else text


def compared_name(variable: str, value: object, reference: object = None, language: Language = "en") -> str:
    """Return a group with its grouping, and what it is compared with unless that is plainly *no*.

    ``Income third: lowest``; ``Sex: men against women``; ``Lives alone: yes``.
    """
    ends = [value] if reference is None or str(reference) == "False" else [value, reference]
    words = [group_name(end, variable, language) for end in ends]
    if variable != "country":
        words = [word[:1].lower() + word[1:] for word in words]
    return f"{field_name(variable, language)}: " + say((" against ", " mot "), language).join(words)


def cut_name(cut: object, column: str, source: str, language: Language = "en") -> str:
    """Return what counts from a cut point upwards: its answers in words, else ``6 or more``."""
    pair = CUTS.get((column, source), {}).get(int(str(cut)), _OR_MORE)
    return say(pair, language).format(cut=cut)


def source_name(source: str, language: Language = "en") -> str:
    """Return a source's name as a figure prints it."""
    return say(SOURCES.get(source, (source, source)), language)


def _plain(column: str) -> str:
    words = column.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
