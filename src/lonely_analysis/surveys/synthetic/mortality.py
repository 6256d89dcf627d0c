"""Deaths and bodies in the panel: a hazard that doubles with age, and biomarkers that show wear and tear.

The hazard at time t of a person aged a at the first interview is
``exp(LEVEL + GROWTH * (a + t - 70) + sum of coefficient times exposure)`` (Gompertz). Exposures are what was
recorded at the first wave. The coefficients are *direct* effects: poor health and bodily strain stand
between an exposure and death, so a model without them shows more; ``truth.json`` holds what such models show.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from lonely_analysis.surveys.synthetic.simulate import Streams, Values

LEVEL, GROWTH = -4.75, 0.098
"""Log hazard a year at age 70 without any exposure, and its growth with each year of age: assumption."""

FOLLOW_UP = 15.0
"""Years from the first interview to the end of follow-up."""

HAZARD = {
    "male": (0.42, "men die earlier: assumption"),
    "lonely": (0.0, "WANG2023_lon: all of it through health and strain"),
    "isolated": (0.27, "WANG2023_iso, with the little that runs through health"),
    "smokes": (0.97, "JHA2013_m, with what runs through health and strain"),
    "smoked": (0.25, "former smokers keep part of the risk: assumption"),
    "obese": (0.165, "KATZ2003_bmi_adj, with what runs through strain"),
    "inactive": (0.18, "KATZ2003_pa_adj, inverted"),
    "poor_health": (0.45, "assumption"),
    "strain": (0.12, "PARKER_all, per standard deviation instead of high load"),
    "education": (-0.06, "assumption"),
    "income": (-0.06, "assumption"),
}
"""Exposure -> (log hazard ratio, source or reason)."""

NOT_EXAMINED = 0.2
"""Share of the panel without an examination."""


def exposures(values: Values, told: Values) -> Values:
    """Return what the hazard depends on, from the first wave's nodes and answers."""
    return {
        "male": 1 - values["female"],
        "lonely": (told["lonely_freq"] >= 3).astype(float),
        "isolated": (told["contact_freq"] <= 3).astype(float),
        "smokes": (told["smoking"] == 2).astype(float),
        "smoked": (told["smoking"] == 1).astype(float),
        "obese": (told["bmi"] >= 30).astype(float),
        "inactive": told["inactive"].astype(float),
        "poor_health": (told["self_rated_health"] >= 4).astype(float),
        "strain": values["strain"],
        "education": values["education"],
        "income": values["income"],
    }


def hazard_table() -> pd.DataFrame:
    """Return one row an exposure: log hazard ratio, hazard ratio, source or reason."""
    rows = [(name, value, float(np.exp(value)), reason) for name, (value, reason) in HAZARD.items()]
    return pd.DataFrame(rows, columns=["exposure", "log_hazard_ratio", "hazard_ratio", "reason"])


def years_to_death(values: Values, told: Values, streams: Streams) -> np.ndarray:
    """Return years from the first interview to death, by inverting the Gompertz survival curve."""
    risk = LEVEL + GROWTH * (values["age_years"] - 70.0)
    for name, exposure in exposures(values, told).items():
        risk = risk + HAZARD[name][0] * exposure
    exhausted = -np.log(streams.uniform("death", len(risk)))
    return np.log1p(GROWTH * exhausted / np.exp(risk)) / GROWTH


class Biomarker(NamedTuple):
    """A measure: centre and spread, and what moves it in units of the spread; ``log`` spreads multiply."""

    column: str
    centre: float
    spread: float
    decimals: int
    strain: float
    female: float = 0.0
    age: float = 0.0
    weight: float = 0.0
    log: bool = False


BIOMARKERS = (
    Biomarker("sbp", 132.0, 17.0, 0, 0.36, -0.35, 0.25, 0.15),
    Biomarker("dbp", 78.5, 9.9, 0, 0.34, -0.30, 0.05, 0.18),
    Biomarker("pulse", 70.0, 10.5, 0, 0.22, 0.20, -0.02, 0.05),
    Biomarker("waist", 91.0, 12.5, 1, 0.12, -0.75, 0.12, 0.70),
    Biomarker("whr", 0.88, 0.075, 2, 0.15, -1.10, 0.12, 0.40),
    Biomarker("hdl", 1.40, 0.26, 2, -0.22, 0.65, 0.05, -0.30, log=True),
    Biomarker("total_cholesterol", 5.3, 1.05, 1, 0.15, 0.05, 0.20, 0.05),
    Biomarker("triglycerides", 1.10, 0.50, 2, 0.24, -0.30, 0.08, 0.30, log=True),
    Biomarker("hba1c", 5.5, 0.10, 1, 0.26, -0.05, 0.28, 0.20, log=True),
    Biomarker("glucose", 5.4, 0.15, 1, 0.24, -0.15, 0.22, 0.22, log=True),
    Biomarker("crp", 1.3, 1.00, 1, 0.30, 0.08, 0.10, 0.30, log=True),
    Biomarker("creatinine", 75.0, 0.19, 0, 0.10, -0.80, 0.20, 0.02, log=True),
    Biomarker("cortisol_urine", 16.0, 0.55, 1, 0.22, 0.10, 0.02, 0.0, log=True),
    Biomarker("noradrenaline_urine", 28.0, 0.45, 1, 0.24, 0.10, 0.15, 0.0, log=True),
    Biomarker("adrenaline_urine", 2.2, 0.60, 1, 0.18, -0.05, 0.0, 0.0, log=True),
    Biomarker("dheas", 130.0, 0.55, 0, -0.18, -0.40, -0.50, 0.0, log=True),
)
"""Centres of blood pressure, cholesterol and sugar are near the cohort rows JECH_*; the rest is
assumption."""

LOWEST = 0.5
"""No measure that is not on the log scale falls below this part of its centre."""

MEDICINES = {
    "med_blood_pressure": (1.05, 0.30),
    "med_cholesterol": (1.25, 0.22),
    "med_diabetes": (1.85, 0.30),
}
"""Medicine -> cut point on a standard normal scale, loading on strain; age loads 0.45 on each."""


def biomarkers(values: Values, streams: Streams) -> Values:
    """Return the measures of the first wave's examination; people not examined have code -6."""
    n = len(values["age"])
    measured = {each.column: _measure(each, values, streams) for each in BIOMARKERS}
    for column, (cut, loading) in MEDICINES.items():
        noise = streams.normal(column, n)
        measured[column] = (0.45 * values["age"] + loading * values["strain"] + 0.83 * noise > cut).astype(
            float
        )
    absent = streams.uniform("examination", n) < NOT_EXAMINED
    return {column: np.where(absent, -6, value) for column, value in measured.items()}


def _measure(marker: Biomarker, values: Values, streams: Streams) -> np.ndarray:
    moved = marker.strain * values["strain"] + marker.female * (values["female"] - 0.5)
    moved = moved + marker.age * values["age"] + marker.weight * values["weight"]
    error = (1 - min(0.8, marker.strain**2 + marker.age**2 + marker.weight**2)) ** 0.5
    position = marker.spread * (moved + error * streams.normal(marker.column, len(moved)))
    if marker.log:
        return np.round(marker.centre * np.exp(position), marker.decimals)
    return np.round(np.maximum(marker.centre + position, LOWEST * marker.centre), marker.decimals)
