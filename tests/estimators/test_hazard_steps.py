"""Hazard ratios step by step: the models behind them, and one set of rows for all."""

from __future__ import annotations

import numpy as np
import pytest
from survival_data import COLUMNS, design, frame

import lonely_analysis as la

STEPS = ["age + C(sex)", "C(smoking)"]


def test_each_step_is_the_model_with_its_covariates():
    steps = la.hazard_steps(design(), "lonely", STEPS, **COLUMNS)
    assert steps.table["added"].tolist() == ["unadjusted", *STEPS]
    for row, formula in enumerate(["lonely", "lonely + age + C(sex)", "lonely + age + C(sex) + C(smoking)"]):
        own = la.contrast(la.cox(design(), formula=formula, **COLUMNS), "lonely")
        assert steps.table.loc[row, "estimate"] == pytest.approx(own.estimate)
        assert steps.table.loc[row, "se"] == pytest.approx(own.se)


def test_a_row_that_misses_the_last_covariate_is_in_no_step():
    data = frame()
    data["bmi"] = np.where(np.arange(len(data)) % 3 == 0, np.nan, 20.0 + np.arange(len(data)) % 7)
    steps = la.hazard_steps(design(data), "lonely", ["age", "bmi"], **COLUMNS)
    assert steps.table["n"].nunique() == 1
    only = la.cox(design(data), formula="lonely + age", where="bmi > 0", **COLUMNS)
    assert steps.table.loc[1, "estimate"] == pytest.approx(only.ratios()["estimate"].iloc[0])


def test_no_steps_are_refused():
    with pytest.raises(la.DataError, match="list of covariates"):
        la.hazard_steps(design(), "lonely", "age", **COLUMNS)


def test_steps_can_be_given_in_words():
    plain = la.hazard_steps(design(), "lonely", STEPS, **COLUMNS)
    words = la.hazard_steps(design(), "lonely", {"Age and sex": STEPS[0], "Smoking": STEPS[1]}, **COLUMNS)
    assert words.table["added"].tolist() == ["unadjusted", "Age and sex", "Smoking"]
    assert words.table["estimate"].tolist() == plain.table["estimate"].tolist()
