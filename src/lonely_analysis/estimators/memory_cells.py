"""Cells of a pandas design: its rows added up by PSU and domain."""

from __future__ import annotations

import numpy as np

from lonely_analysis.estimators.cell_sums import Outcome, cell_sums, slices
from lonely_analysis.estimators.cells import Cells
from lonely_analysis.estimators.group_codes import GroupCodes, group_codes
from lonely_analysis.estimators.psus import Coded, coded
from lonely_analysis.surveys.design import SurveyDesign


def memory_cells(
    design: SurveyDesign,
    values: np.ndarray,
    by: list[str],
    inside: np.ndarray,
    *,
    binary: bool,
    by_row: bool = False,
) -> Cells:
    """Reduce a pandas design to cells.

    ``values`` are the outcome, (n,): floats with NaN where it is missing, or whole numbers; ``inside`` are
    the rows of the domain. A measure is shifted by its mean, so that sums keep their digits. ``by_row`` takes
    each row for a PSU, where replicate weights differ within PSUs.
    """
    psus = coded(design)
    codes = group_codes(design.frame, by, inside)
    outcome = Outcome(values, 0.0 if binary else _mean(psus, codes, Outcome(values)))
    sums = cell_sums(psus, codes, outcome, by_row=by_row)
    seen = np.flatnonzero(sums.inside)
    number = np.full(codes.size + 1, -1)  # the last, of code -1, stays
    number[seen] = np.arange(len(seen))
    domain = number[sums.domain]
    weight, total = (np.bincount(domain, column, len(seen)) for column in (sums.weight, sums.total))
    means = np.divide(total, weight, out=np.zeros(len(seen)), where=weight > 0)
    return Cells(
        psus=psus,
        groups=codes.named(seen),
        shift=outcome.shift,
        count=sums.count[seen],
        spread=total * (1 - means) if binary else _spread(psus, codes, outcome, means, number),
        psu=sums.psu,
        domain=domain,
        weight=sums.weight,
        total=sums.total,
    )


def _mean(psus: Coded, codes: GroupCodes, outcome: Outcome) -> float:
    """Return the weighted mean over all domains."""
    weight = total = 0.0
    for rows in slices(len(psus.weights)):
        w, y = psus.weights[rows], outcome.of(rows)
        unused = np.zeros(len(y), dtype=bool) if codes.everybody else codes.of(rows) < 0
        if outcome.may_be_missing:
            unused |= np.isnan(y)
        if unused.any():
            w, y = w[~unused], y[~unused]
        weight += w.sum()
        total += (w * y).sum()
    return float(total / weight) if weight > 0 else 0.0


def _spread(
    psus: Coded, codes: GroupCodes, outcome: Outcome, means: np.ndarray, number: np.ndarray
) -> np.ndarray:
    """Return sum(w (y - mean)^2) of each domain, of which ``number`` tells the place by code."""
    spread, centre = np.zeros(len(means) + 1), np.append(means, 0.0)
    for rows in slices(len(psus.weights)):
        w, y = psus.weights[rows], outcome.of(rows)
        if codes.everybody:
            spread[1] += np.nansum(w * (y - means) ** 2)
            continue
        domain = number[codes.of(rows)]
        squares = w * (y - centre[domain]) ** 2
        if outcome.may_be_missing:
            domain[np.isnan(squares)] = -1
        spread += np.bincount(domain + 1, weights=squares, minlength=len(spread))
    return spread[1:]
