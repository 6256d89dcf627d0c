"""The page "What this book cannot tell you": what no survey asked, and which claims nothing bears on.

Both tables are collected when the page is built, from the codebooks and from the ledger, so that a new
survey or a new published row shortens them by itself.
"""

from __future__ import annotations

import pandas as pd

from lonely_analysis.book import fold
from lonely_analysis.book import verdict_words as words
from lonely_analysis.book.show import Page
from lonely_analysis.book.words import Pair
from lonely_analysis.evidence.claims import claims
from lonely_analysis.surveys.codebook import codebook
from lonely_analysis.surveys.problems import SHIPPED

#: A subject is asked when the codebook makes one of these columns; those with _ are steps on the way to one.
SUBJECTS: dict[Pair, tuple[str, ...]] = {
    ("Loneliness, one question", "Ensomhet, ett spørsmål"): ("lonely",),
    ("Loneliness, a scale", "Ensomhet, en skala"): ("ucla3", "djg6"),
    ("Living alone", "Bor alene"): ("lives_alone", "_adults"),
    ("Meeting others", "Sammen med andre"): ("contact_freq", "contact_friends"),
    ("Emotional support", "Emosjonell støtte"): ("support_emotional", "has_emotional_support"),
    ("Practical support", "Praktisk støtte"): ("support_instrumental",),
    ("Appraisal or informational support", "Vurderende støtte eller informasjonsstøtte"): (
        "support_appraisal",
        "support_informational",
    ),
    ("Trust in people", "Tillit til folk"): ("trust",),
    ("Trust in one's own group and in others", "Tillit til egen gruppe og til andre"): (
        "trust_family",
        "trust_strangers",
    ),
    ("Social activities", "Sosiale aktiviteter"): ("social_activity", "arena_social"),
    ("Childhood ties", "Bånd i barndommen"): ("childhood_mother",),
    ("Life events", "Livshendelser"): ("life_events", "_event_1"),
    ("Perceived stress", "Opplevd stress"): ("stress",),
    ("Depression or distress", "Depresjon eller psykiske plager"): ("depression", "distress"),
    ("Sleep", "Søvn"): ("sleep_problems",),
    ("Life satisfaction", "Livstilfredshet"): ("life_satisfaction",),
    ("Memory and thinking", "Hukommelse og tenkning"): ("cognition",),
    ("Body measures", "Kroppsmål"): ("pulse", "_systolic_1"),
    ("Stress hormones", "Stresshormoner"): ("cortisol_urine", "adrenaline_urine"),
    ("The same people again", "De samme personene igjen"): ("wave",),
    ("Deaths", "Dødsfall"): ("died",),
}
#: Verdicts that say that no number decided.
UNDECIDED = ("no evidence found", "theory, not tested")


def columns_made(survey: str) -> set[str]:
    """Return the columns, and steps on the way to columns, that a survey's codebook makes."""
    book = codebook(survey)
    return {column for variable in book.variables.values() for column in variable.gives} | set(book.scales)


def subjects_asked() -> pd.DataFrame:
    """Return one row a subject and one yes/no column a real survey: whether it asks about it."""
    made = {survey: columns_made(survey) for survey in SHIPPED}
    rows = [
        {"subject": subject[0], "emne": subject[1]}
        | {survey: bool(made[survey].intersection(columns)) for survey in SHIPPED}
        for subject, columns in SUBJECTS.items()
    ]
    return pd.DataFrame(rows)


def not_asked() -> Page:
    """Show which subject each real survey asks about; what nobody asks stands last."""
    table = subjects_asked()
    count = table[list(SHIPPED)].sum(axis=1)
    table = table.iloc[count.sort_values(ascending=False, kind="stable").index]
    shown = pd.DataFrame({"Subject": table["subject"]})
    for survey in SHIPPED:
        shown[codebook(survey).title.rpartition("(")[2].rstrip(")")] = table[survey].map(
            {True: "asks", False: "–"}
        )
    return fold.page(fold.stacked(shown, "What each real survey asks about"), table)


def undecided() -> pd.DataFrame:
    """Return the claims on which no number bears: id, claim, verdict, and what would answer it."""
    rows = [
        {
            "id": one.id,
            "claim": one.claim.claim_en,
            "verdict": one.verdict,
            "needed": "" if one.claim.estimand == "none" else one.claim.estimand,
        }
        for one in claims()
        if one.verdict in UNDECIDED
    ]
    return pd.DataFrame(rows, columns=["id", "claim", "verdict", "needed"])


def without_evidence() -> Page:
    """Show the claims on which no number bears, and the number that would."""
    table = undecided()
    shown = pd.DataFrame(
        {
            "Claim": table["id"] + " " + table["claim"],
            "Verdict": table["verdict"].map(lambda verdict: words.name(verdict, "en")),
            "What would answer it": table["needed"].replace("", "no number could"),
        }
    )
    return fold.page(fold.stacked(shown, "Claims on which no number here bears"), table)


def grades() -> pd.Series:
    """Return how many published rows were read first-hand (``A``) and second-hand (``B``)."""
    from lonely_analysis.evidence.published import published, published_names

    tables = [published(name) for name in published_names()]
    return pd.concat([table["grade"] for table in tables]).value_counts()
