"""How near the synthetic survey is to published figures: target, achieved, tolerance, source.

Targets are never retyped: ``data/synthetic/targets.csv`` names the table and row of each, the factor that
brings it to the scale of the survey, and how far off the survey may be. Shares and correlations are those
of the stored survey, weighted; hazard ratios are those of the population behind the panel
(``truth.json``), because a panel of 6,000 cannot show them to two digits.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from lonely_analysis import files
from lonely_analysis.errors import DataError
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.synthetic.store import FOLDER, TRUTH, read

TARGETS = f"{FOLDER}/targets.csv"
HAZARD_MODEL = "behaviour"
"""The model of ``truth.json`` whose hazard ratios are compared: all exposures together, with age and sex."""


def calibration(path: str | Path | None = None) -> pd.DataFrame:
    """Return one row a target: what, where, target, achieved, tolerance, within, source row and its grade.

    ``path`` is a folder written by ``lonely simulate``; without it, the shipped survey. A negative factor
    in the table of targets turns a correlation, and inverts a hazard ratio.
    """
    targets = files.read_table(TARGETS)
    frame, truth = _with_extras(read(path).frame), read_truth(path)
    rows = [_row(target, frame, truth) for target in targets.to_dict("records")]
    table = pd.DataFrame(rows)
    return table.assign(within=(table["achieved"] - table["target"]).abs() <= table["tolerance"])


def read_truth(path: str | Path | None = None) -> dict[str, dict]:
    """Return the true parameters that are stored beside the survey."""
    file = files.data_file(f"{FOLDER}/{TRUTH}") if path is None else Path(path) / TRUTH
    if not file.is_file():
        raise DataError(f"{file} is not there: write the survey again with its truth (`lonely simulate`)")
    return json.loads(file.read_text("utf-8"))


def _with_extras(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the yes/no columns that only published Norwegian shares need."""
    return frame.assign(
        troubled=frame["lonely_troubled"] >= 3,
        degree_six=frame["lonely_degree"] >= 6,
    )


def _row(target: dict[str, object], frame: pd.DataFrame, truth: dict[str, dict]) -> dict[str, object]:
    table, row = str(target["table"]), str(target["row"])
    source = files.read_table(table).set_index("id").loc[row]
    statistic, outcome, where = str(target["statistic"]), str(target["outcome"]), _text(target["where"])
    return {
        "statistic": statistic,
        "outcome": outcome,
        "where": where,
        "target": _target(statistic, float(source[str(target["column"])]), float(str(target["factor"]))),
        "achieved": _achieved(statistic, outcome, where, frame, truth),
        "tolerance": target["tolerance"],
        "source": f"{table.rsplit('/', 1)[-1]}: {row}",
        "grade": source["grade"],
        "note": _text(target["note"]),
    }


def _text(value: object) -> str:
    return "" if pd.isna(value) else str(value)


def _target(statistic: str, published: float, factor: float) -> float:
    if statistic == "hazard ratio":
        return published if factor > 0 else 1 / published
    return published * factor


def _achieved(statistic: str, outcome: str, where: str, frame: pd.DataFrame, truth: dict[str, dict]) -> float:
    if statistic == "hazard ratio":
        return truth["panel"]["hazard_ratios"][HAZARD_MODEL][outcome]
    rows = frame[domain_rows(frame, where)] if where else frame
    answered = rows[["ucla3", outcome, "weight"]] if statistic == "correlation" else rows[[outcome, "weight"]]
    numbers = answered.astype("Float64").dropna().astype(float)
    if statistic == "correlation":
        spread = np.cov(numbers["ucla3"], numbers[outcome], aweights=numbers["weight"])
        return float(spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1]))
    return float(np.average(numbers[outcome], weights=numbers["weight"]))
