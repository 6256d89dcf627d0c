"""The truth beside the survey: what an estimator should find, up to chance.

Four kinds of truth are stored. *Structural*: the coefficients of the graph and of the hazard, exact.
*Population*: shares, regression coefficients, interaction and mediation on the scale of the answers
(measurement error included), from a very large simulation. *Panel*: hazard ratios and stability. *Chain*:
what moving a node does to deaths, in twin worlds. Missing answers play no part.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.surveys.synthetic.causal_model import graph
from lonely_analysis.surveys.synthetic.countries import COUNTRIES
from lonely_analysis.surveys.synthetic.intervention import chain_truth
from lonely_analysis.surveys.synthetic.measurement import ITEMS
from lonely_analysis.surveys.synthetic.mortality import hazard_table
from lonely_analysis.surveys.synthetic.simulate import Values
from lonely_analysis.surveys.synthetic.superpopulation import TRUTH_SEED, everybody, norwegians

PER_COUNTRY, PANEL = 20_000, 160_000
"""Persons simulated in each country, and Norwegians followed until death: a country's share is exact to
about 0.2 points."""

TWINS = 80_000
"""Norwegians lived through again with a node moved: the same person dies twice, so fewer are enough."""

SHARES = ("lonely", "lonely_sometimes", "ucla3_6", "isolated", "poor_health", "depressed", "lives_alone")
SHARES += ("partner", "smokes", "obese", "inactive", "trust_most", "born_abroad")
MEANS = ("ucla3", "depression", "trust", "support", "stress", "life_satisfaction", "cognition")

STRESSED, UNSUPPORTED = 8, 3.25
"""Perceived stress of this or more, and support below this, are the exposures of the interaction."""

STATES = ("lonely", "lonely_sometimes")
"""Yes/no answers whose persistence is stored without error too."""

HAZARD_MODELS = {
    "age and sex": ("age", "male"),
    "behaviour": ("age", "male", "isolated", "smokes", "smoked", "obese", "inactive", "education", "income"),
}
"""Covariates beside ``lonely``; education (1-3) and income (tertile) enter as numbers."""

DIGITS = 5


def truth() -> dict[str, Any]:
    """Return all true parameters as plain numbers; takes about a minute."""
    values, frame = everybody(PER_COUNTRY, list(range(len(COUNTRIES))))
    frame["ucla3_6"] = frame["ucla3"] >= 6
    numeric = _numeric(frame)
    return {
        "how": f"{PER_COUNTRY} adults in each country, {PANEL} Norwegians followed; seed {TRUTH_SEED}",
        "structural": {"graph": _records(graph()), "hazard": _records(hazard_table())},
        "share": {column: _by(numeric, frame, column) for column in SHARES},
        "mean": {column: _by(numeric, frame, column) for column in MEANS},
        "regression": _regressions(numeric),
        "interaction": interaction(numeric),
        "mediation": mediation(numeric),
        "correlation": _correlations(numeric, values),
        "panel": _panel(*norwegians(PANEL)),
        "chain": chain_truth(TWINS, TRUTH_SEED),
    }


def _numeric(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that enter models, as floats; female, male and standard names added."""
    numbers = frame.select_dtypes(["number", "boolean", "bool"]).astype(float)
    numbers["female"] = (frame["sex"] == "female").astype(float)
    numbers["male"] = 1 - numbers["female"]
    numbers["education"] = frame["education"].cat.codes + 1.0
    numbers["smoked"] = (numbers["smoking"] == 1).astype(float)
    return numbers.rename(columns={"income_tertile": "income"})


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return table.drop(columns="reason").round(DIGITS).to_dict("records")


def _by(numeric: pd.DataFrame, frame: pd.DataFrame, column: str) -> dict[str, Any]:
    """Weighted mean of ``column``: all, by country, by age group, and by age group in Norway."""
    norway = frame["country"] == "NO"
    return {
        "all": _mean(numeric, column),
        "country": _grouped(numeric, column, frame["country"]),
        "age_group": _grouped(numeric, column, frame["age_group"]),
        "sex": _grouped(numeric, column, frame["sex"]),
        "age_group in NO": _grouped(numeric[norway], column, frame.loc[norway, "age_group"]),
    }


def _mean(numeric: pd.DataFrame, column: str) -> float:
    return round(float(np.average(numeric[column], weights=numeric["weight"])), DIGITS)


def _grouped(numeric: pd.DataFrame, column: str, group: pd.Series) -> dict[str, float]:
    return {str(name): _mean(part, column) for name, part in numeric.groupby(group, observed=True)}


def _fit(numeric: pd.DataFrame, outcome: str, terms: list[str], family: str) -> dict[str, float]:
    """Fit a weighted generalised linear model (statsmodels); return its coefficients."""
    import statsmodels.api as sm

    families = {"linear": sm.families.Gaussian(), "logistic": sm.families.Binomial()}
    x = sm.add_constant(numeric[terms])
    model = sm.GLM(numeric[outcome], x, family=families[family], freq_weights=numeric["weight"])
    return {name: round(float(value), DIGITS) for name, value in model.fit().params.items()}


def _regressions(numeric: pd.DataFrame) -> dict[str, Any]:
    people = ["age", "female"]
    return {
        "depression ~ ucla3 + age + female": _fit(numeric, "depression", ["ucla3", *people], "linear"),
        "life_satisfaction ~ trust + age + female": _fit(
            numeric, "life_satisfaction", ["trust", *people], "linear"
        ),
        "logit poor_health ~ lonely + age + female": _fit(
            numeric, "poor_health", ["lonely", *people], "logistic"
        ),
        "logit lonely ~ partner + age + female": _fit(numeric, "lonely", ["partner", *people], "logistic"),
    }


def interaction(numeric: pd.DataFrame) -> dict[str, float]:
    """Risk of ``depressed`` by high stress and low support: risk ratios, RERI and ratio of risk ratios."""
    stressed, unsupported = numeric["stress"] >= STRESSED, numeric["support"] < UNSUPPORTED
    cells = {
        (a, b): numeric[(stressed == a) & (unsupported == b)] for a in (False, True) for b in (False, True)
    }
    risk = {
        cell: float(np.average(part["depressed"], weights=part["weight"])) for cell, part in cells.items()
    }
    low = risk[False, False]
    both, stress, support = (risk[cell] / low for cell in ((True, True), (True, False), (False, True)))
    found = {"risk_neither": low, "rr_stress": stress, "rr_low_support": support, "rr_both": both}
    found |= {"reri": both - stress - support + 1, "ratio_of_ratios": both / (stress * support)}
    found |= {"stress_at_least": STRESSED, "support_below": UNSUPPORTED}
    return {name: round(value, DIGITS) for name, value in found.items()}


def mediation(numeric: pd.DataFrame) -> dict[str, float]:
    """From ``ucla3`` through ``stress`` to ``depression_no_lonely``, linear, given age and sex."""
    people = ["age", "female"]
    total = _fit(numeric, "depression_no_lonely", ["ucla3", *people], "linear")["ucla3"]
    a = _fit(numeric, "stress", ["ucla3", *people], "linear")["ucla3"]
    outcome = _fit(numeric, "depression_no_lonely", ["ucla3", "stress", *people], "linear")
    indirect = round(a * outcome["stress"], DIGITS)
    share = round(indirect / total, DIGITS)
    return {"total": total, "direct": outcome["ucla3"], "indirect": indirect, "proportion": share}


def _correlations(numeric: pd.DataFrame, values: Values) -> dict[str, float]:
    """Pairs of answers, and the pairs of what they measure."""
    pairs = [
        ("ucla3", "depression"),
        ("ucla3", "depression_no_lonely"),
        ("ucla3", "support"),
        ("ucla3", "isolated"),
    ]
    pairs += [
        ("ucla3", "lives_alone"),
        ("lonely", "isolated"),
        ("ucla3", "stress"),
        ("trust", "self_rated_health"),
    ]
    latent = pd.DataFrame(values)
    found = {f"{a} {b}": _r(numeric[a], numeric[b], numeric["weight"]) for a, b in pairs}
    nodes = [("loneliness", "depression"), ("loneliness", "support"), ("loneliness", "network")]
    return found | {f"node {a} {b}": _r(latent[a], latent[b], numeric["weight"]) for a, b in nodes}


def _r(a: pd.Series, b: pd.Series, weight: pd.Series) -> float:
    covariance = np.cov(a.to_numpy(float), b.to_numpy(float), aweights=weight.to_numpy())
    return round(float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])), DIGITS)


def _panel(first: pd.DataFrame, second: pd.DataFrame) -> dict[str, Any]:
    numeric = _numeric(first)
    before, after = first["lonely"].to_numpy(bool), second["lonely"].to_numpy(bool)
    return {
        "died": round(float(numeric["died"].mean()), DIGITS),
        "hazard_ratios": {name: _cox(numeric, ["lonely", *terms]) for name, terms in HAZARD_MODELS.items()},
        "lonely_again": round(float(after[before].mean()), DIGITS),
        "newly_lonely": round(float(after[~before].mean()), DIGITS),
        "correlation_ucla3": round(float(np.corrcoef(first["ucla3"], second["ucla3"])[0, 1]), DIGITS),
        "correlation_isolated_lonely": round(
            float(np.corrcoef(first["lonely"], first["isolated"])[0, 1]), DIGITS
        ),
        "correlation_without_error": _r(
            first["true_loneliness"], second["true_loneliness"], numeric["weight"]
        ),
        "without_error": {column: _without_error(first, second, column) for column in STATES},
        "reliability_lonely_freq": round(_reliability("lonely_freq"), DIGITS),
        "note": "waves one and two, four years apart, everybody alive and answering",
    }


def _without_error(first: pd.DataFrame, second: pd.DataFrame, column: str) -> dict[str, float]:
    """Return how many stay and become ``column`` if as many as answer yes, the truly loneliest, are it."""
    before, after = (
        (frame["true_loneliness"] > frame["true_loneliness"].quantile(1 - frame[column].mean())).to_numpy(
            bool
        )
        for frame in (first, second)
    )
    found = {"lonely_again": after[before].mean(), "newly_lonely": after[~before].mean()}
    return {name: round(float(share), DIGITS) for name, share in found.items()}


def _reliability(column: str) -> float:
    """Return the part of an item's variance that is not error, before it is cut into answers."""
    (item,) = (item for item in ITEMS if item.column == column)
    return 1 - item.error**2


def _cox(numeric: pd.DataFrame, terms: list[str]) -> dict[str, float]:
    """Hazard ratios of a Cox model (statsmodels PHReg, Breslow: follow-up has no ties here)."""
    from statsmodels.duration.hazard_regression import PHReg

    fit = PHReg(numeric["follow_up_years"], numeric[terms], status=numeric["died"]).fit()
    return dict(zip(terms, np.round(np.exp(fit.params), DIGITS).tolist(), strict=True))
