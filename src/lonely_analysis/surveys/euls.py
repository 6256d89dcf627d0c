"""The EU Loneliness Survey 2022: what its codebook cannot say.

Several questions make one column: living alone needs three counts, contact two questions, and a life event
is a box that was ticked.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lonely_analysis.surveys.codebook import codebook
from lonely_analysis.surveys.draft import Draft, add_scales, of_one_file
from lonely_analysis.surveys.recode import reason_code
from lonely_analysis.surveys.survey import Survey

NAME = "euls"
MONTHLY = 3
"""``isolated`` is this often or less: 3 is once a month."""
WEEKLY = 5
"""``arena_weekly`` is this often or more: 5 is every week."""
CLOSE_TIES = (0, 1, 2, 3, 4, 7, 10)
"""Where the bands of ``confidants`` begin: those of the European Social Survey's ``inprdsc``."""


def read(path: Path | None, *, part: str | None = None) -> Survey:
    """Read the survey's .dta or .csv of values; raises ``DataError`` for a file that cannot be used."""
    return draft(path, part=part).survey()


def draft(path: Path | None, *, part: str | None = None) -> Draft:
    """Read the file into common columns, collecting problems instead of raising them."""
    made = of_one_file(codebook(NAME), path, part)
    _household(made)
    _contact(made)
    _close_ties(made)
    _arenas(made)
    _life_events(made)
    add_scales(made)
    return made


def _household(made: Draft) -> None:
    if made.has("_adults", "_childr_n_0to5", "_childr_n_6to15"):
        children = made.columns["_childr_n_0to5"] + made.columns["_childr_n_6to15"]
        alone = (made.columns["_adults"] == 1) & (children == 0)
        made.add(
            "lives_alone", alone.astype("boolean").mask(made.columns["_adults"].isna() | children.isna())
        )
    if made.has("_born_in", "country"):
        born = made.columns["_born_in"]
        abroad = (born != made.columns["country"]).astype("boolean").mask(born.isna())
        made.add("born_abroad", abroad, made.reasons["_born_in"])


def _contact(made: Draft) -> None:
    """``contact_freq`` is the more frequent of friends and family; isolated: both monthly or less often."""
    if not made.has("contact_friends", "contact_family"):
        return
    both = [made.columns[name].astype("Float64") for name in ("contact_friends", "contact_family")]
    reasons = np.maximum(made.reasons["contact_friends"], made.reasons["contact_family"])
    most = pd.concat(both, axis=1).astype(float).max(axis=1, skipna=False)
    made.add("contact_freq", most, reasons)
    isolated = (both[0] <= MONTHLY) & (both[1] <= MONTHLY)
    made.add("isolated", isolated, np.where(isolated.isna(), reasons, np.int8(0)))


def _arenas(made: Draft) -> None:
    """``arena_weekly``: a social, cultural or course activity every week; one of them is enough."""
    activities = ["social_activity", "_culture", "_course"]
    if not made.has(*activities):
        return
    answers = [made.columns[name].astype("Float64") for name in activities]
    reasons = np.maximum.reduce([made.reasons[name] for name in activities])
    most = pd.concat(answers, axis=1).astype(float).max(axis=1)
    often = (most >= WEEKLY).astype("boolean")
    unclear = ~often & (reasons > 0)
    made.add("arena_weekly", often.mask(unclear), np.where(unclear, reasons, np.int8(0)))


def _close_ties(made: Draft) -> None:
    if not made.has("_friends", "_family"):
        return
    number = (made.columns["_friends"] + made.columns["_family"]).to_numpy(dtype=float)
    bands = np.searchsorted(CLOSE_TIES, np.nan_to_num(number), side="right") - 1.0
    reasons = np.maximum(made.reasons["_friends"], made.reasons["_family"])
    made.add("confidants", np.where(np.isnan(number), np.nan, bands), reasons)


def _life_events(made: Draft) -> None:
    """Count ticked boxes; an empty box is "no" unless the person preferred not to say."""
    events = [name for name in made.columns if name.startswith("_event_")]
    if not events or "life_events__12" not in made.answers:
        return
    ticked = [made.columns[name].fillna(False).to_numpy(dtype=bool) for name in events]
    refused = made.answers["life_events__12"].reasons == reason_code("refused")
    count = np.where(refused, np.nan, np.sum(ticked, axis=0))
    made.add("life_events", count, np.where(refused, np.int8(reason_code("refused")), np.int8(0)))
