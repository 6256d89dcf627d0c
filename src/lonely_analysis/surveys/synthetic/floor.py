"""People whose distress two things change by simple addition, asked with a scale that has a floor.

What they feel is ``latent`` = events x event + support x supported + a standard normal draw: no interaction.
What they answer is ``score``, the same cut off at a *floor* below which the scale has no lower answer, and
rounded to whole steps if it has few of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from lonely_analysis.errors import DataError
from lonely_analysis.results import Estimates
from lonely_analysis.surveys.design import SurveyDesign

EVENTS, SUPPORT = 0.5, -0.5
"""Effects in standard deviations: middling ones, as large as each other so that neither hides the other."""
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
Z95 = float(ndtri(0.975))


def simulate_floor(
    n: int = 20_000,
    *,
    at_floor: float = 0.0,
    events: float = EVENTS,
    support: float = SUPPORT,
    step: float = 0.0,
    seed: int = 1,
) -> SurveyDesign:
    """Draw people, a quarter in each cell of ``event`` and ``supported``, and their answers on the scale.

    Columns ``event, supported, latent, score``. The floor is the population's quantile ``at_floor`` of
    ``latent``, so that this share of all people sits on it. ``step`` rounds what is left of the score.
    The truth is additive whatever the floor: ``floor_interaction`` says what the score makes of it.
    """
    rng = np.random.default_rng(seed)
    event, supported = np.arange(n) % 2 == 1, np.arange(n) % 4 > 1
    latent = events * event + support * supported + rng.normal(size=n)
    floor = floor_of(at_floor, events, support)
    score = np.maximum(latent, floor)
    if step:
        score = floor + step * np.rint((score - floor) / step)
    frame = pd.DataFrame({"event": event, "supported": supported, "latent": latent, "score": score})
    return SurveyDesign(frame, source="synthetic")


def floor_interaction(at_floor: float, *, events: float = EVENTS, support: float = SUPPORT) -> float:
    """Return the interaction that a floor makes out of none, exactly, in standard deviations of ``latent``.

    With floor c, a cell with mean m has the mean score E max(Y, c) = c Phi(c-m) + m (1-Phi(c-m)) + phi(c-m)
    (a normal censored from below). The interaction is both - events - support + neither.
    """
    c = floor_of(at_floor, events, support)
    neither, event, supported, both = (_mean_score(m, c) for m in _means(events, support))
    return float(both - event - supported + neither)


def floor_curve(
    shares: Sequence[float] = SHARES,
    *,
    n: int = 20_000,
    events: float = EVENTS,
    support: float = SUPPORT,
    seed: int = 1,
) -> Estimates:
    """Estimate the interaction in the answers of simulated people for each share at the floor.

    ``at_floor`` (in words, as a percentage), the columns of a mean, and ``exact``, what
    ``floor_interaction`` says. The same people stand behind all rows: only the floor moves.
    """
    rows = []
    for share in shares:
        people = simulate_floor(n, at_floor=share, events=events, support=support, seed=seed).frame
        cells = people.groupby(["event", "supported"])["score"].agg(["mean", "var", "count"])
        point = float(cells["mean"] @ np.array([1.0, -1.0, -1.0, 1.0]))
        se = float(np.sqrt((cells["var"] / cells["count"]).sum()))
        exact = floor_interaction(share, events=events, support=support)
        rows.append((f"{100 * share:.0f}%", point, se, point - Z95 * se, point + Z95 * se, n, exact))
    columns = ["at_floor", "estimate", "se", "ci_low", "ci_high", "n", "exact"]
    return Estimates(
        table=pd.DataFrame(rows, columns=columns), source="synthetic", outcome="score", by=("at_floor",)
    )


def floor_of(at_floor: float, events: float = EVENTS, support: float = SUPPORT) -> float:
    """Return the floor below which the share ``at_floor`` of all people lie: a quantile of four normals."""
    if not 0 <= at_floor < 1:
        raise DataError(f"at_floor is a share from 0 to below 1, not {at_floor}")
    if at_floor == 0:
        return -np.inf
    means = _means(events, support)
    low, high = min(means) - 9, max(means) + 9
    for _ in range(60):  # halving: 60 steps are beyond the precision of a float
        middle = (low + high) / 2
        below = np.mean([ndtr(middle - m) for m in means])
        low, high = (middle, high) if below < at_floor else (low, middle)
    return (low + high) / 2


def _means(events: float, support: float) -> tuple[float, float, float, float]:
    return 0.0, events, support, events + support


def _mean_score(mean: float, floor: float) -> float:
    if np.isinf(floor):
        return mean
    below = float(ndtr(floor - mean))
    density = float(np.exp(-((floor - mean) ** 2) / 2) / np.sqrt(2 * np.pi))
    return floor * below + mean * (1 - below) + density
