"""How a sample was drawn.

A *PSU* (primary sampling unit) is the first thing drawn, often a municipality; PSUs are drawn within *strata*;
a row's *weight* says how many people it stands for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

SinglePsuRule = Literal["fail", "adjust", "average", "certainty", "remove"]


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """A frame bound to its sampling design.

    ``frame`` is pandas, or any frame that narwhals reads. ``stratum`` and ``psu`` are optional, and PSUs are
    nested in strata. ``single_psu`` says what a stratum with one PSU contributes to the variance, with the
    meanings of R ``survey``'s ``options(survey.lonely.psu=)``.
    """

    frame: Any = field(repr=False)
    weight: str | None = None
    stratum: str | None = None
    psu: str | None = None
    single_psu: SinglePsuRule = "fail"
    source: str = "data"
