"""What the table of a bare result is called: what was estimated and what was compared, from the result itself.

A cell that ends in a result shows a table without a caption of the author's. Its caption says what the
numbers are, in both languages: ``Hazard ratio, lonely most or all of the time, given age and sex``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lonely_analysis.book.glue import _field
from lonely_analysis.book.wording import compared_name, field_name
from lonely_analysis.book.words import Language, Pair, say
from lonely_analysis.results import Result

if TYPE_CHECKING:
    from lonely_analysis.estimators.contrast import Compared, Question

#: What one exponentiated coefficient of each family is, and what one is over another.
_RATIOS: dict[str, tuple[Pair, Pair]] = {
    "hazard": (("Hazard ratio", "Hasardratio"), ("Ratio of hazard ratios", "Forhold mellom hasardratioer")),
    "logistic": (("Odds ratio", "Oddsratio"), ("Ratio of odds ratios", "Forhold mellom oddsratioer")),
    "poisson": (("Ratio", "Forholdstall"), ("Ratio of ratios", "Forhold mellom forholdstall")),
}
_COEFFICIENTS: tuple[Pair, Pair] = (
    ("Coefficient", "Koeffisient"),
    ("Difference of coefficients", "Forskjell mellom koeffisienter"),
)
_DOSE: Pair = ("Dose with the given ratio", "Dose med det oppgitte forholdstallet")
_OVER: dict[str, Pair] = {"ratio": (" over ", " delt på "), "coefficient": (" minus ", " minus ")}
_GIVEN: Pair = (", given {}", ", gitt {}")
_AND: Pair = (" and ", " og ")
_BY: Pair = ("{} by {}", "{} etter {}")
_THROUGH: Pair = (
    "{outcome}: from {exposure}, by way of {mediator}",
    "{outcome}: fra {exposure}, gjennom {mediator}",
)


def caption(result: Result, language: Language) -> str:
    """Say what a result shows: what a contrast compares, what a mediation runs through, an outcome by groups."""
    question = _field(result, "question")
    if question is not None and question.compared:
        return _contrast(question, _field(result, "scale"), language)
    if _field(result, "mediator"):
        parts = {name: _small(getattr(result, name), language) for name in ("exposure", "mediator")}
        return say(_THROUGH, language).format(outcome=field_name(_field(result, "outcome"), language), **parts)
    what = field_name(_field(result, "outcome") or type(result).__name__, language)
    by: Any = _field(result, "by")
    groups = [_small(name, language) for name in ((by,) if isinstance(by, str) else by or ())]
    return say(_BY, language).format(what, _listed(groups, language)) if groups else what


def _contrast(question: Question, scale: str, language: Language) -> str:
    sides = sorted(question.compared, key=lambda side: -side.weight)
    names = [_side(side, language) for side in sides]
    is_pair = [side.weight for side in sides] == [1.0, -1.0]
    if is_pair:
        told = say(_OVER[scale], language).join(names)
    else:
        told = " + ".join(map(_weighted, names, sides))
    given = _listed([_small(name, language) for name in question.given], language)
    what = say(_measure(question.family, scale, is_pair), language)
    return f"{what}, {told}" + (say(_GIVEN, language).format(given) if given else "")


def _measure(family: str, scale: str, is_pair: bool) -> Pair:
    if family == "dose":
        return _DOSE
    return (_RATIOS[family] if scale == "ratio" else _COEFFICIENTS)[is_pair]


def _weighted(name: str, side: Compared) -> str:
    return name if side.weight == 1 else f"{side.weight:g}".replace("-", "−") + f" × {name}"


def _side(side: Compared, language: Language) -> str:
    if side.value is None:
        return _small(side.variable, language)
    return _lowered(compared_name(side.variable, side.value, side.reference, language))


def _small(variable: str, language: Language) -> str:
    return _lowered(field_name(variable, language))


def _lowered(name: str) -> str:
    """Begin with a small letter, but leave what is written in capitals: ``UCLA three-item score``."""
    return name if name[1:2].isupper() or name[:3] == "De " else name[:1].lower() + name[1:]


def _listed(names: list[str], language: Language) -> str:
    """Join names as a sentence does: ``age, sex and education``."""
    return say(_AND, language).join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
