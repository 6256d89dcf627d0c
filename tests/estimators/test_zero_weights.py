"""Rows of weight 0 keep their PSU in the design and count nowhere else, where R counts them in two places."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import lonely_analysis as la

R = json.loads((Path(__file__).parents[1] / "reference" / "zero_weights.json").read_text())
DESIGN = la.SurveyDesign(pd.DataFrame(R["rows"]), weight="w", stratum="s", psu="p", single_psu="average")


def test_a_stratum_that_a_domain_touches_with_weight_0_only_does_not_change_the_average_rule():
    """R 4.2 survey 4.1-1: strata over strata with several PSUs, which is 4/3 with such rows and else 3/2."""
    se = la.prevalence(DESIGN, "y", where="g == 'a'").se
    assert se == pytest.approx(R["rows_with_weight"]["se_of_a"], rel=1e-12)
    factors = {
        name: R[name]["strata_of_a"] / (R[name]["strata_of_a"] - 1)
        for name in ("all_rows", "rows_with_weight")
    }
    ratio = (factors["all_rows"] / factors["rows_with_weight"]) ** 0.5
    assert R["all_rows"]["se_of_a"] == pytest.approx(se * ratio, rel=1e-12), (
        "the whole difference is that factor"
    )


def test_a_row_of_weight_0_is_no_answer_in_the_sample_size_of_an_exact_interval():
    """R 4.2 survey 4.1-1 ``svyciprop(method = "beta")`` takes nrow(design), rows of weight 0 included."""
    row = la.prevalence(DESIGN, "y", ci="beta").to_frame().iloc[0]
    positive = la.SurveyDesign(
        DESIGN.frame[DESIGN.frame["w"] > 0], weight="w", stratum="s", psu="p", single_psu="average"
    )
    plain = la.prevalence(positive, "y", ci="beta").to_frame().iloc[0]
    assert row["n"] == plain["n"] == R["rows_with_weight"]["rows"]
    assert [plain["ci_low"], plain["ci_high"]] == pytest.approx(R["rows_with_weight"]["beta"], rel=1e-7)
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(R["rows_with_weight"]["beta"], rel=1e-7)
    assert row["ci_low"] != pytest.approx(R["all_rows"]["beta"][0], rel=1e-3)
