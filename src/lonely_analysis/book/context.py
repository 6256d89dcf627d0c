"""Which survey the book is being built on, and the banner that says so.

The builder sets ``LONELY_SURVEY`` and ``LONELY_FILE``; without them, a chapter opened in a notebook runs on
the synthetic survey.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any

from lonely_analysis.book.names import ABOUT_NB
from lonely_analysis.book.numerals import digits
from lonely_analysis.book.show import Page
from lonely_analysis.errors import DataError, MissingVariable

if TYPE_CHECKING:
    from lonely_analysis.surveys.survey import Survey

#: Of a file's sha256, as much as a page prints.
SHOWN_HASH = 12
#: Surveys of which a chapter may ask a part that others do not have.
SURVEYS_WITH_PARTS = {"synthetic": ("panel",)}


@lru_cache(maxsize=4)
def survey(part: str | None = None) -> Survey:
    """Return the survey that the book is being built on; ``part="panel"`` is its followed-up part.

    Raises ``MissingVariable`` when the survey has no such part, so that the chapter's step is left out.
    """
    from lonely_analysis.surveys.read import read_survey

    name, path = built_on(), os.environ.get("LONELY_FILE") or None
    if part is not None and part not in SURVEYS_WITH_PARTS.get(name, ()):
        raise MissingVariable(part, survey().provenance.title)
    return read_survey(name, path, part=part)


@lru_cache(maxsize=4)
def cohort(ever: str | None = None) -> Survey:
    """Return the people who were followed to their death or to the end of observation, one row each.

    That is the first wave of a survey's panel, or the survey itself where deaths were linked to it. Everybody
    is in the first wave, so that taking it leaves no sampling unit out of the design. ``ever`` names a yes/no
    column of the panel: ``ever_lonely`` is then yes for those who said yes in any wave they took part in.
    Raises ``MissingVariable`` for a survey without follow-up, or without waves for ``ever``.
    """
    if "panel" not in SURVEYS_WITH_PARTS.get(built_on(), ()):
        here = survey()
        here.require("follow_up_years", "died", *(["wave"] if ever else []))
        return here
    panel = survey(part="panel")
    panel.require(*([ever] if ever else []))
    first = panel.frame[panel.frame["wave"] == 1].reset_index(drop=True)
    if ever:
        any_wave = panel.frame.groupby("person_id")[ever].any()
        first[f"ever_{ever}"] = first["person_id"].map(any_wave).astype("boolean")
    return replace(panel, design=panel.design.replace(frame=first))


def truth(*path: str) -> float:
    """Return a true value behind the synthetic survey: ``truth("panel", "lonely_again")``.

    ``path`` leads through ``data/synthetic/truth.json``. Raises ``MissingVariable`` for every other survey,
    of which nobody knows the truth, and ``DataError`` for a path that does not end in a number.
    """
    if not is_synthetic(built_on()):
        raise MissingVariable("truth", survey().provenance.title)
    from lonely_analysis.surveys.synthetic import read_truth

    value: Any = read_truth()
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, float):
        raise DataError(f"the truth of the synthetic survey has no number at {' / '.join(path)!r}")
    return value


def built_on() -> str:
    """Return the short name of the survey that the book is being built on."""
    return os.environ.get("LONELY_SURVEY") or "synthetic"


def is_synthetic(source: str) -> bool:
    """Say whether a result with this source comes from invented persons."""
    return source.startswith("synthetic")


def banner() -> Page:
    """Show what the page's numbers are computed on: the first cell of every chapter."""
    here = survey()
    about, persons = here.provenance, len(here.frame)
    if about.synthetic:
        english = "Invented people, made to teach the method: what is computed from them is true of nobody."
        norwegian = "Oppdiktede personer, laget for å vise metoden: Tallene om dem gjelder ingen virkelige."
    else:
        english = f"Real answers. {escape(about.citation.rstrip('.'))}. Licence: {escape(about.licence)}."
        norwegian = "Virkelige svar. Kilde og lisens står i den engelske teksten."
    kind = ("Synthetic data", "Syntetiske data") if about.synthetic else ("Real data", "Virkelige data")
    what = f"{escape(about.title)}, {escape(about.edition)}"
    title, edition = map(escape, ABOUT_NB.get(built_on(), (about.title, about.edition)))
    named = title if about.synthetic else f'<span lang="en">{title}</span>'
    page = (
        f'<div class="data-banner" data-source="{escape(here.source)}" data-about="{what}" '
        f'data-about-nb="{title}, {edition}" data-sha256="{about.sha256[:SHOWN_HASH]}" role="note">'
        f"<p><strong>{kind[0]}:</strong> {what}, {digits(persons, 0, 'en')} persons. {english}</p>"
        f'<p lang="nb"><strong>{kind[1]}:</strong> {named}, {edition}, '
        f"{digits(persons, 0, 'nb')} personer. {norwegian}</p></div>"
    )
    text = f"{kind[0]}: {about.title}, {about.edition}, {digits(persons, 0, 'en')} persons."
    return Page(html=page, text=text)
