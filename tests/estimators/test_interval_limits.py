"""Where 95 % intervals of a share do not cover 95 %: few sampling units, rare outcomes; what to use then."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

SAMPLES = 2000
METHODS = ("logit", "beta", "wilson")
#: Share with the outcome, sampling units drawn: from a usual survey to a rare outcome in very few places.
CASES = {
    "8 % lonely, 60 units": (0.08, 60),
    "8 % lonely, 8 units": (0.08, 8),
    "0.5 % lonely, 60 units": (0.005, 60),
    "0.5 % lonely, 8 units": (0.005, 8),
}
PERSONS = 12


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_the_exact_interval_never_covers_too_seldom(case: str, record_property) -> None:
    """Units differ by a tenth of the variance; the exact (beta) interval may be too wide, never too short."""
    share, units = CASES[case]
    rng = np.random.default_rng(20_261_127)
    hits = dict.fromkeys(METHODS, 0)
    for _ in range(SAMPLES):
        level = rng.beta(9 * share, 9 * (1 - share), units)
        frame = pd.DataFrame({"p": np.repeat(np.arange(units), PERSONS)})
        frame["y"] = rng.random(len(frame)) < level[frame["p"]]
        design = la.SurveyDesign(frame, psu="p")
        for method in METHODS:
            found = la.prevalence(design, "y", ci=method)
            hits[method] += bool(found.ci_low <= share <= found.ci_high)
    record_property("limits", {f"{case}, {method}": hits[method] / SAMPLES for method in METHODS})
    assert hits["beta"] / SAMPLES >= 0.925


#: Units drawn in each of three strata, and the part of the people that each stratum holds.
UNITS, HELD = 4, (0.9, 0.05, 0.05)


@pytest.mark.slow
def test_units_of_small_strata_lend_degrees_of_freedom_that_the_variance_does_not_have(
    record_property,
) -> None:
    """Where one stratum holds most people, its few units are nearly all that the variance is known from."""
    share, rng = 0.08, np.random.default_rng(20_261_129)
    unit = np.arange(UNITS * len(HELD))
    hits = dict.fromkeys(METHODS, 0)
    for _ in range(SAMPLES):
        level = rng.beta(9 * share, 9 * (1 - share), len(unit))
        frame = pd.DataFrame({"p": np.repeat(unit, PERSONS)}).assign(s=lambda f: f["p"] // UNITS)
        frame["w"] = np.array(HELD)[frame["s"]]
        frame["y"] = rng.random(len(frame)) < level[frame["p"]]
        design = la.SurveyDesign(frame, weight="w", stratum="s", psu="p")
        for method in METHODS:
            found = la.prevalence(design, "y", ci=method)
            hits[method] += bool(found.ci_low <= share <= found.ci_high)
    case = "8 % lonely, 12 units, 4 of them with nine of ten people"
    record_property("limits", {f"{case}, {method}": hits[method] / SAMPLES for method in METHODS})
    # The interval stands on 9 degrees of freedom, of which the variance has little more than 3.
    assert found.df == 9
    assert hits["logit"] / SAMPLES < 0.935
