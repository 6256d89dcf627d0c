"""Risk factors of death on one scale: which rows may stand for each, and the comparisons people make.

A *comparison* picks one row a factor (``risk_rows`` has both words). Ratios are turned so that above 1 means
more deaths.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from lonely_analysis.book.explore.risk_rows import FACTORS, Row
from lonely_analysis.book.snapshot import real
from lonely_analysis.book.words import Pair
from lonely_analysis.evidence.published import published
from lonely_analysis.evidence.ratios import published_ratios

#: Of the participants of the 2010 review; the share that turns its odds ratios into hazard ratios.
DEATHS = "HL2010_deaths"
#: Comparisons by the rows that they pick; a factor that is not named is left out.
COMPARISONS: dict[str, tuple[Pair, dict[str, str]]] = {
    "retold": (
        (
            "As the claim is retold: the review of 2010",
            "Slik påstanden gjenfortelles: samleanalysen fra 2010",
        ),
        {
            "lonely": "HL2010_overall",
            "smoking": "CRITCHLEY2003",
            "obesity": "KATZ2003_bmi",
            "inactive": "KATZ2003_pa_adj",
        },
    ),
    "newer": (
        ("Newer pools and cohorts", "Nyere samleanalyser og kohorter"),
        {
            "lonely": "WANG2023_lon",
            "isolated": "WANG2023_iso",
            "alone": "NAKOU2025_alone",
            "smoking": "JHA2013_w",
            "obesity": "GBMC2016_ob1",
            "inactive": "LEE2012",
        },
    ),
    "nhanes": (
        (
            "One cohort, one model: NHANES (no loneliness asked)",
            "Én kohort, én modell: NHANES (spør ikke om ensomhet)",
        ),
        {
            "alone": "NHANES_alone",
            "smoking": "NHANES_smokes",
            "obesity": "NHANES_obese_1",
            "inactive": "NHANES_inactive",
        },
    ),
}
#: What the adjustment control picks where a factor has both a lightly and a fully adjusted row.
LEAST = {
    "lonely": "ELOV2017_lon_min",
    "isolated": "ELOV2017_iso_min",
    "alone": "NHANES_alone_crude",
    "obesity": "KATZ2003_bmi",
    "inactive": "KATZ2003_pa",
}
MOST = {
    "lonely": "ELOV2017_lon_full",
    "isolated": "ELOV2017_iso_full",
    "alone": "NHANES_alone",
    "obesity": "KATZ2003_bmi_adj",
    "inactive": "KATZ2003_pa_adj",
}


def risks() -> dict[str, Any]:
    """Return factors with their ratios (as printed, and odds ratios as hazard ratios) and comparisons."""
    return {
        "deaths": deaths(),
        "factors": [
            {"id": id_, "name": name, "rows": [_row(row) for row in rows]}
            for id_, (name, rows) in FACTORS.items()
        ],
        "comparisons": [{"id": id_, "name": name, "rows": rows} for id_, (name, rows) in COMPARISONS.items()],
        "least": LEAST,
        "most": MOST,
    }


def deaths() -> float:
    """Return the share who died in the studies of the 2010 review."""
    table = published("effects_mortality").set_index("id")
    return float(table.loc[DEATHS, "estimate"])


def _row(row: Row) -> dict[str, Any]:
    if row.result:
        return _computed(row)
    printed, hazard = (
        published_ratios(row.id).iloc[0],
        published_ratios(row.id, baseline_risk=deaths()).iloc[0],
    )
    found = {
        "id": row.id,
        "name": row.name,
        "measure": printed["measure"],
        "level": float(printed["level"]) if pd.notna(printed["level"]) else None,
        "printed": _numbers(printed),
        "adjusted": row.adjusted,
        "second": int(printed["reading"] != ""),
    }
    return found | ({"hazard": _numbers(hazard)} if printed["measure"] == "OR" else {})


def _computed(row: Row) -> dict[str, Any]:
    result = real("nhanes", row.result)
    one = result.row(**{row.where[0]: row.where[1]}) if row.where else result
    return {
        "id": row.id,
        "name": row.name,
        "measure": "HR",
        "level": 0.95,
        "printed": _numbers(one.to_frame().iloc[0]),
        "adjusted": row.adjusted,
        "second": 0,
    }


def _numbers(row: pd.Series) -> list[float | None]:
    return [None if pd.isna(row[c]) else round(float(row[c]), 3) for c in ("estimate", "ci_low", "ci_high")]
