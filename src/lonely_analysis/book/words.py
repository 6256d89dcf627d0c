"""The sentences and labels that code puts on a page, in English and Norwegian (bokmål).

``en`` and ``nb`` are the language codes used throughout. A pair is always ``(en, nb)``.
"""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "nb"]
Pair = tuple[str, str]

SYNTHETIC: Pair = ("Synthetic data", "Syntetiske data")
MISSING_SENTENCE: Pair = (
    "This step is left out: the survey has no variable {variable} ({words}).",
    "Dette steget er utelatt: undersøkelsen har ikke variabelen {variable} ({words}).",
)
#: What a survey lacks that is no variable.
ABSENT_PARTS: dict[str, Pair] = {
    "panel": (
        "This step is left out: the survey asked each person once, so nobody can be followed over time.",
        "Dette steget er utelatt: undersøkelsen spurte hver person én gang, så ingen kan følges over tid.",
    ),
    "truth": (
        "This step is left out: what is true behind the answers is known only of invented people.",
        "Dette steget er utelatt: hva som er sant bak svarene, er bare kjent for oppdiktede personer.",
    ),
}
NOBODY_SENTENCE: Pair = (
    "This step is left out: nobody in the survey belongs to the group that it asks about.",
    "Dette steget er utelatt: ingen i undersøkelsen hører til gruppen som det spør om.",
)
ONE_GROUP_SENTENCE: Pair = (
    "This step is left out: it compares groups, such as countries, and this survey has only one.",
    "Dette steget er utelatt: det sammenlikner grupper, som land, og denne undersøkelsen har bare én.",
)
DEPENDS_SENTENCE: Pair = (
    "This step is left out: it needs a number that this survey does not give.",
    "Dette steget er utelatt: det trenger et tall som denne undersøkelsen ikke gir.",
)
FIGURE_LEFT_OUT: Pair = ("the figure that is left out here", "figuren som er utelatt her")
UNFITTED_SENTENCE: Pair = (
    "This step is left out: its model cannot be fitted to the answers of this survey.",
    "Dette steget er utelatt: modellen lar seg ikke tilpasse svarene i denne undersøkelsen.",
)
NOT_AVAILABLE: Pair = ("not measured here", "ikke målt her")
OVER: Pair = ("over {}", "over {}")
BELOW: Pair = ("below {}", "under {}")
NOT_WRITTEN: Pair = ("Chapter {number}: not yet written", "Kapittel {number}: ikke skrevet ennå")
POOLED_MEAN: Pair = ("Pooled mean {}", "Samlet gjennomsnitt {}")
NEW_STUDY: Pair = (
    "True effect of a new study {} ({} prediction)",
    "Sann effekt i en ny studie {} ({} prediksjon)",
)
HINT: Pair = ("Hint", "Hint")
DATA_TABLE: Pair = ("Data behind the figure", "Tallene bak figuren")
DOWNLOAD: Pair = ("Download as CSV", "Last ned som CSV")
CHECKED: Pair = ("Checked", "Kontrollert")
#: How it was checked what a source of the lecture is.
CHECKED_HOW: dict[str, Pair] = {
    "own": ("in the work itself or on its publisher's page", "i verket selv eller på utgiverens side"),
    "report": ("in somebody's report of it", "i andres omtale av det"),
    "no": ("not checked", "ikke kontrollert"),
}
NOT_ON_SLIDES: Pair = ("(cited by no claim of the ledger)", "(ingen påstand i oversikten viser til den)")
NO_ERRATA: Pair = (
    "No mistakes have been reported since this edition was published.",
    "Ingen feil er meldt siden denne utgaven kom ut.",
)
WAS: Pair = ("It said", "Det sto")
RIGHT_IS: Pair = ("Right is", "Riktig er")
VERDICTS_CHANGED: Pair = ("Verdicts changed", "Vurderinger som ble endret")
#: The rooms of the package as the API reference introduces them: title and what is found there.
ROOMS: dict[str, Pair] = {
    "surveys": ("Surveys", "Reading a survey file, and binding its design to its answers."),
    "estimators": (
        "Estimators",
        "From a survey or a design to a frozen result. Each has .to_frame() and carries its source.",
    ),
    "evidence": ("Published evidence and claims", "Published tables, pooling, and the claims' verdicts."),
    "errors": ("Errors", "Both kinds are ValueErrors with one message that says what to do."),
}


def say(pair: Pair, language: Language) -> str:
    """Pick one language of a pair."""
    return pair[language == "nb"]
