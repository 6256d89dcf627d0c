"""Loneliness and social arenas: survey estimation, pooled evidence and claims with verdicts.

The public names are listed in ``_WHERE``. They are imported on first use, because pandas alone is
already most of the start-up time that an analyst waits for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_WHERE = {
    "errors": ["DataError", "EstimationError", "MissingVariable"],
    "surveys.design": ["SurveyDesign"],
    "surveys.survey": ["Survey"],
    "surveys.read": ["read_survey"],
    "surveys.parts": ["parts"],
    "surveys.scales": ["scale", "score_scale"],
    "surveys.allostatic": ["allostatic_load"],
    "surveys.mark": ["mark"],
    "surveys.synthetic.floor": ["floor_curve", "floor_interaction", "simulate_floor"],
    "surveys.synthetic.signal": ["Signal", "lost_tie", "simulate_signal"],
    "estimators.prevalence": ["prevalence", "mean"],
    "estimators.cut_points": ["cut_points"],
    "estimators.compare": ["compare"],
    "estimators.standardise": ["standardise"],
    "estimators.raoscott": ["rao_scott"],
    "estimators.overlap": ["overlap"],
    "estimators.correlation": ["correlation"],
    "estimators.cross_lagged": ["cross_lagged"],
    "estimators.transitions": ["transitions"],
    "estimators.stability": ["persistence", "stability"],
    "estimators.groups": ["profile", "differences"],
    "estimators.nonresponse": ["unanswered"],
    "estimators.replicates": ["replicates"],
    "estimators.regression": ["regress"],
    "estimators.margins": ["average_effect", "margins"],
    "estimators.interaction": ["interaction"],
    "estimators.interaction_power": ["interaction_power", "interaction_sample"],
    "estimators.survival": ["cox"],
    "estimators.contrast": ["contrast", "dose_for_ratio"],
    "estimators.hazard_steps": ["hazard_steps"],
    "estimators.hazards": ["proportional_hazards"],
    "estimators.curves": ["survival_curves"],
    "estimators.concordance": ["concordance"],
    "estimators.model_choice": ["compare_models"],
    "estimators.multilevel": ["mixed"],
    "estimators.within": ["within_between"],
    "estimators.slopes": ["slopes"],
    "estimators.reliability": ["reliability"],
    "estimators.factor": ["factor_structure"],
    "estimators.inequality": ["slope_index", "concentration_index"],
    "estimators.evalue": ["evalue"],
    "estimators.imputation": ["impute", "pool_imputations"],
    "estimators.mediation": ["mediation"],
    "estimators.sequential": ["sequential"],
    "estimators.levelling": ["levelling"],
    "estimators.impact": ["attributable_fraction", "counterfactual"],
    "estimators.chain": ["chain_ratio", "compare_chains"],
    "estimators.impact_arithmetic": ["number_needed", "published_attributable_fraction"],
    "evidence.published": ["published"],
    "evidence.prevalence": ["published_prevalence"],
    "evidence.ratios": ["odds_as_others", "published_ratios"],
    "evidence.sampling": ["interval_from_n"],
    "evidence.studies": ["study_effects"],
    "evidence.one_scale": ["one_scale", "in_people"],
    "evidence.links": ["links"],
    "evidence.trials": ["trial_effects"],
    "evidence.effects": ["as_ratios", "hr_to_rr"],
    "evidence.pool": ["pool", "pool_many"],
    "evidence.between": ["between_sd"],
    "evidence.pool_coverage": ["pool_coverage"],
    "evidence.influence": ["leave_one_out", "influence"],
    "evidence.moderators": ["meta_regression", "subgroups"],
    "evidence.bias": ["egger", "pet_peese", "trim_and_fill"],
    "evidence.selection": ["selection_model"],
    "evidence.claims": ["claims"],
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'lonely_analysis' has no attribute {name!r}")
    value = getattr(import_module(f"lonely_analysis.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
