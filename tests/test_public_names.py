"""The public names are a contract: chapters, analysts and outside checks call them with these words."""

from __future__ import annotations

import inspect
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from lonely_analysis.book.arguments import ARGUMENTS

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


FUNCTIONS = {name: getattr(la, name) for name in la.__all__ if inspect.isfunction(getattr(la, name))}
#: How a number is estimated, not what: always by keyword, and in this order.
HOW = ["adjust", "where", "ci", "level", "replicates"]
DEFAULTS = {"adjust": {None}, "where": {None}, "level": {0.95, None}, "replicates": {None}}
#: Types beside the usual one, and why.
TYPES = {
    "data": {
        "Survey | SurveyDesign | pd.DataFrame": "mixed, score_scale: no design is used",
        "Survey | SurveyDesign | CoxModel": "survival_curves: from a fitted model too",
    },
    "by": {"str": "slopes, survival_curves: one grouping", "ArrayLike": "subgroups: a value a study"},
    "family": {"Literal['linear', 'logistic']": "mixed: no Poisson model"},
    "model": {"CoxModel": "times of death are needed", "Model | CoxModel": "coefficients of either"},
    "ci": {"CurveInterval": "survival_curves: other scales than a proportion's"},
    "baseline_risk": {"ArrayLike": "hr_to_rr: many at once"},
}
#: Words that a function explains itself.
EACH_ITS_OWN = {"method", "scale"}
#: Other words for what has a name here, from this package's own past and from its neighbours.
REFUSED = {
    "adjust": {"given", "covariates", "controls", "confounders", "adjustment"},
    "where": {"subset", "domain", "condition", "query", "filter"},
    "level": {"alpha", "conf_level", "confidence", "conf_int"},
    "replicates": {"n_boot", "bootstrap", "nrep", "repweights"},
    "seed": {"random_state", "rng"},
    "simulations": {"sets", "n_sim", "nsim", "draws"},
    "by": {"group_by", "groups", "grouping"},
    "outcome": {"response", "dependent", "endog"},
    "person": {"id", "subject"},
    "ci_low": {"ratio_low", "lower", "low", "lcl"},
    "ci_high": {"ratio_high", "upper", "high", "ucl"},
    "weight": {"weight_column", "sample_weight"},
}


def parameters(function: object) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function).parameters)


def test_an_argument_that_means_the_same_has_one_type() -> None:
    for name in set(ARGUMENTS) - EACH_ITS_OWN:
        types = {
            parameters(f)[name].annotation.removesuffix(" | None")
            for f in FUNCTIONS.values()
            if name in parameters(f)
        }
        assert len(types - set(TYPES.get(name, ()))) <= 1, f"{name}: {types}"
        assert set(TYPES.get(name, ())) <= types, f"{name}: a type is allowed that nothing has"


def test_how_a_number_is_estimated_is_said_by_keyword_in_one_order() -> None:
    for name, function in FUNCTIONS.items():
        how = [p for p in parameters(function).values() if p.name in HOW]
        assert all(p.kind is p.KEYWORD_ONLY for p in how), f"{name}: after * stand {[p.name for p in how]}"
        assert [p.name for p in how] == [word for word in HOW if word in parameters(function)], name
        for p in how:
            assert p.default in DEFAULTS.get(p.name, {p.default}), f"{name}: {p.name}={p.default!r}"


def test_no_argument_goes_by_another_name_or_is_shared_without_a_meaning() -> None:
    used = [name for f in FUNCTIONS.values() for name in parameters(f)]
    other = {word: name for name, words in REFUSED.items() for word in words}
    assert not {word: other[word] for word in used if word in other}
    # The signatures of one function and its twin (of one chapter) may share words that nothing else takes.
    shared = {name for name in used if used.count(name) >= 4}
    assert shared - set(ARGUMENTS) <= {"n", "name"}, "say in book/arguments.py what it means everywhere"
    assert set(ARGUMENTS) <= set(used), "a meaning is told of a word that no function takes"


@pytest.mark.parametrize("level", [0, 1.5])
def test_a_level_that_is_none_is_refused_wherever_it_is_asked_for(survey: la.Survey, level: float) -> None:
    model = la.regress(survey, "poor_health ~ lonely * partner + age", level=0.9)
    asks = [
        lambda **how: la.average_effect(model, "lonely", **how),
        lambda **how: la.margins(model, "lonely", **how),
        lambda **how: la.interaction(model, "lonely", "partner", **how),
        lambda **how: la.contrast(model, "age", **how),
        lambda **how: la.differences(la.prevalence(survey, "lonely", by="sex", level=0.9), **how),
    ]
    for ask in asks:
        assert ask().level == 0.9
        with pytest.raises(la.DataError, match="level"):
            ask(level=level)
