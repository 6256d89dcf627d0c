"""The small panel of ``tests/reference/panel_overlap.R``: wide as R has it, long as surveys deliver it.

Values come from R ``survey`` (shares, correlations, transitions), ``mvtnorm`` (bivariate normal, by TVPACK)
and ``psych`` (tetrachoric); versions are inside the JSON.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

import lonely_analysis as la

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "panel_overlap.json").read_text())
WIDE = pd.DataFrame(REFERENCE["data"])
HOW = {"weight": "weight", "stratum": "stratum", "psu": "psu"}
DESIGN = la.SurveyDesign(WIDE, **HOW)

_FIXED = ["person", "stratum", "psu", "weight"]
_FIRST = WIDE[[*_FIXED, "lonely", "score", "size"]].assign(wave=1)
_LATER = WIDE[[*_FIXED, "lonely2", "score2"]].rename(columns={"lonely2": "lonely", "score2": "score"})
#: Shuffled, with one row fewer for those who were not seen again.
LONG = pd.concat([_FIRST, _LATER.assign(wave=2).dropna(subset="lonely")]).sample(frac=1, random_state=3)
PANEL = la.SurveyDesign(LONG.reset_index(drop=True), **HOW)
