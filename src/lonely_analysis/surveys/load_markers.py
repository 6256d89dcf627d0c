"""The biomarkers of allostatic load: which end is bad, which medicine treats them, published cut points.

A *marker* is a measured column. Its *bad end* is where values count as high risk: high for blood pressure,
low for HDL cholesterol. A *limit* is a cut point with the rule that says on which side of it a value counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.files import read_table

BadEnd = Literal["high", "low"]


@dataclass(frozen=True)
class Marker:
    """One biomarker: ``column`` in the survey, body ``system``, ``bad_end``, and the medicine that treats it.

    ``ratio_of`` names numerator and denominator of a marker that is computed where its column is absent.
    """

    column: str
    system: str
    bad_end: BadEnd = "high"
    medicine: str = ""
    ratio_of: tuple[str, str] | None = None


_PRESSURE, _LIPIDS, _SUGAR = "med_blood_pressure", "med_cholesterol", "med_diabetes"
MARKERS = {
    marker.column: marker
    for marker in (
        Marker("sbp", "cardiovascular", medicine=_PRESSURE),
        Marker("dbp", "cardiovascular", medicine=_PRESSURE),
        Marker("pulse", "cardiovascular"),
        Marker("waist", "metabolic"),
        Marker("whr", "metabolic"),
        Marker("bmi", "metabolic"),
        Marker("hdl", "metabolic", "low", medicine=_LIPIDS),
        Marker("total_cholesterol", "metabolic", medicine=_LIPIDS),
        Marker("cholesterol_ratio", "metabolic", medicine=_LIPIDS, ratio_of=("total_cholesterol", "hdl")),
        Marker("triglycerides", "metabolic", medicine=_LIPIDS),
        Marker("hba1c", "metabolic", medicine=_SUGAR),
        Marker("glucose", "metabolic", medicine=_SUGAR),
        Marker("crp", "immune"),
        Marker("creatinine", "kidney"),
        Marker("cortisol_urine", "HPA axis"),
        Marker("dheas", "HPA axis", "low"),
        Marker("noradrenaline_urine", "sympathetic"),
        Marker("adrenaline_urine", "sympathetic"),
    )
}
#: Units of published cut points that differ from the common columns', as a factor: mg/dl in one mmol/L.
_PER_COMMON_UNIT = {("hdl", "mg/dl"): 38.67, ("triglycerides", "mg/dl"): 88.57}


@dataclass(frozen=True)
class Limit:
    """A cut point in the unit of the common column; ``sex`` is ``both``, ``female`` or ``male``."""

    value: float
    rule: Literal["above", "at least", "below"]
    sex: str

    def beyond(self, values: np.ndarray) -> np.ndarray:
        """Say which values count as high risk; NaN never does."""
        if self.rule == "at least":
            return values >= self.value
        return values > self.value if self.rule == "above" else values < self.value


def marker(column: str) -> Marker:
    """Return the marker with this column. Raises ``DataError`` for a column that is no known marker."""
    if column not in MARKERS:
        raise DataError(f"{column!r} is no marker of allostatic load; there are: {', '.join(MARKERS)}")
    return MARKERS[column]


def published_limits(column: str, limits: str) -> list[Limit]:
    """Return the cut points of a marker in the set ``limits`` of ``data/published/allostatic.csv``.

    One for both sexes, or one for each. Raises ``DataError`` where the set has none for this marker.
    """
    table = read_table("published/allostatic.csv")
    found = table[(table["limits"] == limits) & (table["marker"] == column)]
    if found.empty:
        have = ", ".join(dict.fromkeys(table.loc[table["limits"] == limits, "marker"]))
        raise DataError(
            f"no {limits} cut point was read for {column!r}: leave it out, or use rule='quartile'. "
            f"There are for: {have}"
        )
    return [_limit(row) for _, row in found.iterrows()]


def _limit(row: pd.Series) -> Limit:
    factor = _PER_COMMON_UNIT.get((row["marker"], row["unit"]), 1.0)
    return Limit(float(row["cut_point"]) / factor, row["rule"], row["sex"])
