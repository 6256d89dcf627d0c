"""The public names are a contract: chapters, analysts and outside checks call them with these words."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la

ESTIMATES = ["estimate", "se", "ci_low", "ci_high", "n", "df", "deff"]
TERMS = ["term", "estimate", "se", "ci_low", "ci_high", "t", "df", "p"]
POOLED = {
    *("estimate", "se", "ci_low", "ci_high", "pi_low", "pi_high", "tau2", "tau2_ci_low", "tau2_ci_high"),
    *("q", "q_p", "i2", "i2_q", "k", "method", "test"),
}


@pytest.fixture(scope="module")
def survey() -> la.Survey:
    return la.read_survey("synthetic")


@pytest.fixture(scope="module")
def design() -> la.SurveyDesign:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"y": rng.integers(0, 2, 80), "x": rng.normal(size=80), "w": 1.0})
    frame["s"], frame["p"] = frame.index % 4, frame.index % 20
    return la.SurveyDesign(frame, weight="w", stratum="s", psu="p", single_psu="fail")


def test_every_listed_name_can_be_imported() -> None:
    for name in la.__all__:
        assert getattr(la, name) is not None


def test_a_survey_has_frame_design_source_and_missing(survey: la.Survey) -> None:
    assert survey.source == "synthetic"
    assert isinstance(survey.frame, pd.DataFrame)
    assert isinstance(survey.design, la.SurveyDesign)
    assert survey.missing.to_numpy().sum() > 0


def test_the_panel_has_three_waves_and_deaths() -> None:
    panel = la.read_survey("synthetic", part="panel")
    assert panel.frame["wave"].nunique() == 3
    assert panel.frame["died"].sum() > 0


@pytest.mark.parametrize("ci", ["logit", "wilson", "beta"])
def test_prevalence_has_the_agreed_arguments_and_columns(survey: la.Survey, ci: str) -> None:
    by = ["country", "sex"]
    result = la.prevalence(survey.design, "lonely", by=by, where="age >= 20", ci=ci, level=0.9)
    assert list(result.to_frame().columns) == ["country", "sex", *ESTIMATES]
    assert result.source == "synthetic"


def test_mean_and_standardise_have_the_agreed_columns(survey: la.Survey) -> None:
    assert list(la.mean(survey, "trust", by=None, where=None).to_frame().columns) == ESTIMATES
    shares = {"16-24": 1, "25-34": 1, "35-44": 1, "45-54": 1, "55-64": 1, "65-74": 1, "75+": 1}
    over = la.standardise(survey, "lonely", by="country", over="age_group", population=shares)
    assert list(over.to_frame().columns) == ["country", *ESTIMATES]


@pytest.mark.parametrize("family", ["logistic", "poisson"])
def test_a_model_names_its_terms_as_agreed(survey: la.Survey, family: str) -> None:
    model = la.regress(survey, 'poor_health ~ lonely + age + C(country, ref="SE")', family=family)
    table = model.to_frame()
    assert list(table.columns) == TERMS
    assert {"Intercept", "lonely", "age", "C(country)[NO]"} <= set(table["term"])
    assert list(model.vcov.columns) == list(table["term"])
    assert np.allclose(model.ratios()["estimate"], np.exp(table["estimate"][1:]))
    for scale in ("difference", "ratio"):
        effect = la.average_effect(model, "lonely", scale=scale)
        assert {"estimate", "se", "ci_low", "ci_high"} <= set(effect.to_frame().columns)


def test_cox_has_the_agreed_arguments() -> None:
    panel = la.read_survey("synthetic", part="panel")
    model = la.cox(
        panel, time="follow_up_years", event="died", formula="lonely + age + C(sex)", where="wave == 1"
    )
    assert list(model.to_frame().columns) == TERMS


def test_replicates_are_indexed_by_stratum_and_psu(design: la.SurveyDesign) -> None:
    replicates = la.replicates(design, n=10, method="rao-wu", seed=3)
    assert replicates.multipliers.shape == (20, 10)
    assert replicates.multipliers.index.nlevels == 2
    assert la.prevalence(design, "y", replicates=replicates).se > 0


@pytest.mark.parametrize("method", ["FE", "DL", "PM", "REML"])
@pytest.mark.parametrize("test", ["z", "knha"])
def test_a_pool_has_the_agreed_columns(method: str, test: str) -> None:
    pooled = la.pool([0.1, 0.3, 0.2], [0.01, 0.02, 0.03], method=method, test=test)
    assert set(pooled.to_frame().columns) >= POOLED


ADJUSTED = {
    "correlation": lambda survey, adjust: la.correlation(survey, ["lonely", "trust"], adjust=adjust),
    "slope_index": lambda survey, adjust: la.slope_index(survey, "lonely", "income_tertile", adjust=adjust),
    "mediation": lambda survey, adjust: la.mediation(survey, "lonely", "stress", "distress", adjust=adjust),
    "cross_lagged": lambda survey, adjust: la.cross_lagged(
        la.read_survey("synthetic", part="panel"), "lonely", "isolated", (1, 2), adjust=adjust
    ),
}


@pytest.mark.parametrize("name", ADJUSTED)
def test_what_is_held_equal_is_formula_text_or_none(survey: la.Survey, name: str) -> None:
    estimate = ADJUSTED[name]
    plain, same, other = (estimate(survey, adjust).to_frame() for adjust in (None, "1", "age + C(sex)"))
    pd.testing.assert_frame_equal(plain, same, rtol=1e-9)
    assert not np.allclose(plain["estimate"], other["estimate"], rtol=1e-6)
    for nothing in ("", []):
        with pytest.raises(la.DataError, match="formula"):
            estimate(survey, nothing)


def test_published_tables_come_as_pandas() -> None:
    assert len(la.published("effects_mortality")) > 50


def test_both_errors_are_value_errors() -> None:
    assert issubclass(la.DataError, ValueError)
    assert issubclass(la.EstimationError, ValueError)


def test_importing_the_package_leaves_the_heavy_libraries_alone() -> None:
    heavy = ["matplotlib", "seaborn", "statsmodels", "scipy.stats", "pyreadstat", "pandera", "patsy"]
    code = f"import sys, lonely_analysis; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
