"""The European Social Survey, any round: weights by the number of countries, unique clusters, years.

A *round* is one wave of the survey; its *design file* (SDDF) holds strata and PSUs, which the integrated
files of later rounds contain. Numbers of persons, strata and PSUs mean something within a country and a
round only.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lonely_analysis.surveys.codebook import codebook
from lonely_analysis.surveys.draft import Draft, add_scales, of_one_file
from lonely_analysis.surveys.recode import reason_code
from lonely_analysis.surveys.survey import Survey

NAME = "ess"
YEAR_OF_ROUND = {**{number: 2000 + 2 * number for number in range(1, 11)}, 11: 2023, 12: 2025}
"""A round's nominal year; the pandemic moved the rounds after the tenth."""


PLAUSIBLE_BMI = (10, 100)
"""Height and weight are as people tell them: a body mass outside is a slip and is left unclassified."""


def read(path: Path | None, *, part: str | None = None) -> Survey:
    """Read an integrated file; raises ``DataError`` for a file that cannot be used."""
    return draft(path, part=part).survey()


def draft(path: Path | None, *, part: str | None = None) -> Draft:
    """Read the file into common columns, collecting problems instead of raising them."""
    made = of_one_file(codebook(NAME), path, part)
    if made.has("country", "_idno", "_round"):
        _identity(made)
        _clusters(made)
    _weight(made)
    _from_two_answers(made)
    _partner(made)
    add_scales(made)
    _say_what_was_not_asked(made)
    return made


def _identity(made: Draft) -> None:
    named = made.columns["country"]
    wrong = named[~named.str.fullmatch("[A-Z]{2}").fillna(False).astype(bool)]
    if len(wrong):
        made.problems.append(
            f"cntry holds {wrong.iloc[0]!r} and others in {len(wrong)} rows: two-letter codes are expected"
        )
    within = named + "-" + made.columns["_round"].astype("Int64").astype("string")
    made.columns["_within"] = within
    made.add("person_id", within + "-" + made.columns["_idno"])
    made.add("year", made.columns["_round"].map(YEAR_OF_ROUND))


def _clusters(made: Draft) -> None:
    """Make strata and PSUs unique across countries; a country that has none gets one PSU a person."""
    if not made.has("_psu"):
        made.notes.append(
            "no psu column: each person is taken as a PSU of their own, so intervals are too narrow; "
            "merge the design file (SDDF) by cntry and idno"
        )
        return
    within = made.columns["_within"]
    psu = made.columns["_psu"]
    stratum = made.columns.get("_stratum", pd.Series("all", index=psu.index, dtype="string"))
    # Rows of an unknown country or round are a group of their own: they are a problem already, not a crash.
    without = psu.isna().groupby(within, dropna=False).transform("all")
    if without.any():
        made.notes.append(
            f"no PSUs for {', '.join(sorted(within[without].dropna().unique()))}: persons taken as PSUs there"
        )
    psu = psu.mask(without, made.columns["_idno"])
    unstratified = stratum.isna().groupby(within, dropna=False).transform("all")
    made.add("psu", within + "-" + psu)
    made.add("stratum", within + "-" + stratum.mask(unstratified, "all"))


def _weight(made: Draft) -> None:
    """Within one country ``pspwght``; across countries ``anweight``, or pspwght x pweight without it."""
    if not made.has("_pspwght", "country"):
        return
    countries = made.columns["country"].nunique()
    chosen, weight = "pspwght", made.columns["_pspwght"]
    if countries > 1 and made.has("_anweight"):
        chosen, weight = "anweight", made.columns["_anweight"]
    elif countries > 1 and made.has("_pweight"):
        chosen, weight = "pspwght x pweight", weight * made.columns["_pweight"]
    elif countries > 1:
        made.problems.append(
            f"{countries} countries need anweight or pweight, and neither is there: export one as well"
        )
    made.named["weight"] = chosen
    made.notes.append(f"weight: {chosen} ({countries} {'country' if countries == 1 else 'countries'})")
    made.add("weight", weight)


def _from_two_answers(made: Draft) -> None:
    """Body mass from height and weight; trust in institutions as the mean of two, rounded down."""
    if made.has("_height", "_kilos"):
        reasons = np.maximum(made.reasons["_height"], made.reasons["_kilos"])
        made.add("bmi", made.columns["_kilos"] / (made.columns["_height"] / 100) ** 2, reasons)
        wild = ~made.columns["bmi"].between(*PLAUSIBLE_BMI) & made.columns["bmi"].notna()
        made.mask(["bmi"], wild.to_numpy(), "unclassified")
    if made.has("_trstprl", "_trstlgl"):
        mean = (made.columns["_trstprl"] + made.columns["_trstlgl"]) / 2
        item_missing = np.int8(reason_code("item_missing"))
        made.add("trust_institutions", np.floor(mean), np.where(mean.isna(), item_missing, np.int8(0)))


def _partner(made: Draft) -> None:
    """Drop ``partner`` where a file does not tell "lives with no partner" from "did not answer"."""
    if made.has("partner") and not (made.columns["partner"] == False).any():  # noqa: E712 - a nullable boolean
        del made.columns["partner"], made.reasons["partner"]
        made.notes.append(
            "rshpsts has no code for people without a partner in this file: partner is not given"
        )


def _say_what_was_not_asked(made: Draft) -> None:
    if "fltlnl" in made.absent:
        rounds = sorted(made.columns["_round"].dropna().astype(int).unique()) if made.has("_round") else []
        named = ", ".join(map(str, rounds)) or "unknown"
        made.notes.append(
            f"round {named} has no loneliness question (fltlnl, asked in rounds 3, 6, 7 and 11): "
            "what does not need it works"
        )
