"""Published ratios on one scale and turned one way, so that they can stand beside each other.

A *ratio* is an odds, risk or hazard ratio of death. *Turned* means above 1 is more deaths among those with
the exposure that the row is shown for: less of a relationship, more smoking, less activity.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.effects import invert, or_to_rr, rr_to_hr
from lonely_analysis.evidence.prevalence import SECOND_HAND
from lonely_analysis.evidence.published import published
from lonely_analysis.evidence.studies import RATIOS

TABLE = "effects_mortality"
_INITIALS = re.compile(r" [A-Z]{1,3}$")
_ENDS = ["estimate", "ci_low", "ci_high"]


def published_ratios(*ids: str, baseline_risk: float | None = None) -> pd.DataFrame:
    """Return rows of ``published("effects_mortality")`` turned so that above 1 means more deaths.

    One row an id, in the order given and indexed by it: ``study``, ``exposure``, ``contrast`` (which says
    "turned round" where the source compares the other way), ``population``, ``measure`` (``OR``, ``RR`` or
    ``HR``, as shown), ``adjustment``, ``reading`` (``"second-hand"`` for grade B, else empty), ``level`` (of
    the printed interval), ``k``, and ``estimate, ci_low, ci_high`` (missing where not read). A row whose
    ``orientation`` is -1 is inverted and its limits change places.

    With ``baseline_risk``, the share of the unexposed who die, odds ratios become risk ratios (Zhang and Yu)
    and those hazard ratios (proportional hazards); limits are converted alike and take the risk as known, so
    they are too narrow. Risk ratios stay as printed. Raises ``DataError`` for an unknown id or a row that is
    no ratio.
    """
    table = published(TABLE).set_index("id")
    unknown = [name for name in ids if name not in table.index]
    if unknown or not ids:
        raise DataError(
            f"{TABLE} has no row {', '.join(map(repr, unknown))}; its ids: {', '.join(table.index)}"
        )
    rows = table.loc[list(ids)].copy()
    other = rows.index[~rows["measure"].isin(RATIOS)]
    if len(other):
        raise DataError(f"{', '.join(other)}: no ratio, so it cannot stand beside ratios")
    frame = pd.DataFrame(
        {
            "study": rows["authors"].map(_first_author) + " " + rows["year"].astype(str),
            "exposure": rows["exposure"].str.replace(" (inversed)", "", regex=False),
            "contrast": [_contrast(row) for _, row in rows.iterrows()],
            **{name: rows[name] for name in ("population", "measure", "adjustment")},
            "reading": rows["grade"].map({"A": "", "B": SECOND_HAND}),
            "level": rows["ci_level"] / 100,
            "k": rows["k_studies"],
            **_turned(rows),
        }
    )
    frame.attrs["source"] = TABLE
    return frame if baseline_risk is None else _as_hazard_ratios(frame, baseline_risk)


def _first_author(authors: str) -> str:
    """Return the first author without initials, or a group's whole name."""
    return _INITIALS.sub("", authors.split(";")[0])


def _contrast(row: pd.Series) -> str:
    """Say what is compared; odds of survival are odds of death once the groups change places."""
    other_way = row["orientation"] == -1 or "survival" in str(row["reading"])
    return f"{row['contrast']}, turned round" if other_way else str(row["contrast"])


def _turned(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return estimate and limits, inverted where the row counts survival or a protective contrast."""
    values = rows[_ENDS].to_numpy(dtype=float)
    turned = np.column_stack(invert(*np.nan_to_num(values, nan=1.0).T))
    missing = np.isnan(values)[:, [0, 2, 1]]
    turned[missing] = np.nan
    chosen = np.where((rows["orientation"] == -1).to_numpy()[:, None], turned, values)
    return dict(zip(_ENDS, chosen.T, strict=True))


def _as_hazard_ratios(frame: pd.DataFrame, baseline_risk: float) -> pd.DataFrame:
    odds = (frame["measure"] == "OR").to_numpy()
    values = frame.loc[odds, _ENDS]
    converted = rr_to_hr(or_to_rr(values.fillna(1.0).to_numpy(), baseline_risk), baseline_risk)
    frame.loc[odds, _ENDS] = np.where(values.isna(), np.nan, converted)
    frame.loc[odds, "measure"] = "HR"
    return frame


def odds_as_others(odds_ratio: float, baseline_risks: Sequence[float]) -> pd.DataFrame:
    """Return what one odds ratio is as a risk ratio and as a hazard ratio, by the risk of the unexposed.

    RR = OR / (1 - p0 + p0 OR) and HR = ln(1 - p0 RR) / ln(1 - p0) for each risk p0 in ``baseline_risks``. The
    rarer the outcome, the nearer the three are; the odds ratio is always the furthest from 1.

    Returns one row a risk: ``baseline_risk, odds_ratio, risk_ratio, hazard_ratio``. Raises ``DataError`` for
    a ratio that is not above 0 and a risk outside (0, 1).
    """
    risks = np.asarray(baseline_risks, dtype=float)
    ratio = or_to_rr(np.full(len(risks), odds_ratio), risks)
    columns = {"odds_ratio": odds_ratio, "risk_ratio": ratio, "hazard_ratio": rr_to_hr(ratio, risks)}
    frame = pd.DataFrame({"baseline_risk": risks, **columns})
    frame.attrs["source"] = "published"
    return frame
