"""What the table of a bare result is called: what was estimated and compared, from the result itself.

A cell that ends in a result shows a table without a caption of the author's. Its caption says what the
numbers are, in both languages: ``Hazard ratio, lives alone: yes against no, given age and sex``.
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
_MORE: Pair = ("{}, one more", "{}, én mer")
_YES: Pair = ("{}: yes against no", "{}: ja mot nei")
#: Groupings that are no "by": where people were before and after.
_IN_TIME = ("before", "after")
_THROUGH: Pair = (
    "{outcome}: from {exposure}, by way of {mediator}",
    "{outcome}: fra {exposure}, gjennom {mediator}",
)


def caption(result: Result, language: Language) -> str:
    """Say what a contrast compares, what a mediation runs through, or by which groups an outcome stands."""
    what = field_name(_field(result, "outcome") or type(result).__name__, language)
    question = _field(result, "question")
    if question is not None and question.compared:
        return _contrast(question, _field(result, "scale"), language)
    if _field(result, "mediator"):
        parts = {name: _small(_field(result, name), language) for name in ("exposure", "mediator")}
        return say(_THROUGH, language).format(outcome=what, **parts)
    by: Any = _field(result, "by")
    by = (by,) if isinstance(by, str) else tuple(by or ())
    groups = _listed([_small(name, language) for name in by], language)
    if not groups:
        return what
    # "UCLA score, three items, by age": what has a comma of its own needs one more.
    what = f"{what}," if "," in what or by == _IN_TIME else what
    return f"{what} {groups}" if by == _IN_TIME else say(_BY, language).format(what, groups)


def _contrast(question: Question, scale: str, language: Language) -> str:
    sides = sorted(question.compared, key=lambda side: -side.weight)
    names = [_side(side, language) for side in sides]
    is_pair = [side.weight for side in sides] == [1.0, -1.0]
    told = say(_OVER[scale], language).join(names) if is_pair else " + ".join(map(_weighted, names, sides))
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
    name = _small(side.variable, language)
    if side.value is None or side.value == "+1":
        return name if side.value is None else say(_MORE, language).format(name)
    if side.reference == "False":
        return say(_YES, language).format(name)
    return _lowered(compared_name(side.variable, side.value, side.reference, language))


def _small(variable: str, language: Language) -> str:
    return _lowered(field_name(variable, language))


def _lowered(name: str) -> str:
    """Begin with a small letter, but leave what is written in capitals: ``UCLA three-item score``."""
    return name if name[1:2].isupper() or name[:3] == "De " else name[:1].lower() + name[1:]


def _listed(names: list[str], language: Language) -> str:
    """Join names as a sentence does: ``age, sex and education``."""
    return say(_AND, language).join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
