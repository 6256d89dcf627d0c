"""Verdicts, rules and their numbers in words, in English and Norwegian, from one verdict object."""

from __future__ import annotations

from lonely_analysis.book import numerals
from lonely_analysis.book.numerals import Kind
from lonely_analysis.book.words import Language, Pair, say
from lonely_analysis.evidence.claim_types import Rule
from lonely_analysis.evidence.claims import Verdict

VERDICTS: dict[str, Pair] = {
    "supported": ("Supported", "Støttet"),
    "supported as association": ("Supported as association", "Støttet som sammenheng"),
    "mixed": ("Mixed", "Sprikende"),
    "weak": ("Weak", "Svakt"),
    "not supported as worded": ("Not supported as worded", "Ikke støttet slik det er sagt"),
    "contradicted": ("Contradicted", "Motsagt"),
    "descriptive": ("Descriptive", "Beskrivende"),
    "theory, not tested": ("Theory, not tested", "Teori, ikke prøvd"),
    "no evidence found": ("No evidence found", "Ingen dokumentasjon funnet"),
}
#: How a number on each scale is called and written.
SCALES: dict[str, tuple[Pair, Kind]] = {
    "ratio": (("ratio", "forholdstall"), "ratio"),
    "ratio of ratios": (("ratio of ratios", "forhold mellom forholdstall"), "ratio"),
    "correlation": (("correlation", "korrelasjon"), "number"),
    "difference": (("difference", "forskjell"), "number"),
    "share": (("share", "andel"), "percent"),
    "share difference": (("difference", "forskjell"), "difference"),
    "count": (("count", "antall"), "count"),
}
GRADES: dict[str, Pair] = {
    "A": ("read first-hand", "lest i kilden"),
    "B": ("second-hand", "annenhånds"),
    "computed": ("computed here", "regnet ut her"),
}
LIMITS: dict[str, Pair] = {
    "no experiment behind causal words": (
        "causal words, and no experiment behind them",
        "ord om årsak, uten forsøk bak",
    ),
    "observational comparison": ("a comparison without an experiment", "en sammenlikning uten forsøk"),
    "association only": ("answers that allow association only", "svar som bare tillater sammenheng"),
    "second-hand rows only": ("second-hand numbers only", "bare annenhånds tall"),
    "no interval was read": ("no interval was read", "ingen intervaller ble lest"),
    "one source and no interval": ("one source, and no interval", "én kilde, og intet intervall"),
    "indirect evidence": (
        "the numbers are about something beside the claim",
        "tallene gjelder noe ved siden av påstanden",
    ),
}
LIMITED: Pair = ("Held back by: {}.", "Holdt tilbake av: {}.")
NO_INTERVAL: Pair = ("no interval", "uten intervall")
NO_NUMBER: Pair = ("no number", "intet tall")
RULES: dict[str, Pair] = {
    "effect": (
        "Supported when the whole interval is on the claim's side and the estimate reaches {threshold}; "
        "contradicted when the whole interval is on the other side.",
        "Støttet når hele intervallet er på påstandens side og estimatet når {threshold}; "
        "motsagt når hele intervallet er på den andre siden.",
    ),
    "as strong": (
        "Supported when the whole interval of the ratio of ratios is between {low} and {margin}; "
        "contradicted only when the whole interval is outside.",
        "Støttet når hele intervallet for forholdet mellom forholdstallene er mellom {low} og {margin}; "
        "motsagt bare når hele intervallet er utenfor.",
    ),
    "stronger": (
        "Supported when the whole interval of the ratio of ratios is above one; "
        "contradicted only when the whole interval is below {low}.",
        "Støttet når hele intervallet for forholdet mellom forholdstallene er over én; "
        "motsagt bare når hele intervallet er under {low}.",
    ),
    "different": (
        "Supported when the interval of the ratio of ratios does not hold one; "
        "contradicted when it lies wholly between {low} and {margin}.",
        "Støttet når intervallet for forholdet mellom forholdstallene ikke inneholder én; "
        "motsagt når det ligger helt mellom {low} og {margin}.",
    ),
    "level": (
        "Supported when the whole interval is between {low} and {high}; "
        "contradicted when it is wholly outside.",
        "Støttet når hele intervallet er mellom {low} og {high}; motsagt når det er helt utenfor.",
    ),
    "describe": (
        "A question: answered when at least {rows} numbers describe it.",
        "Et spørsmål: besvart når minst {rows} tall beskriver det.",
    ),
    "contrast": (
        "Supported when every country of the group is above {quantile} of at least {countries} countries; "
        "contradicted when none is.",
        "Støttet når hvert land i gruppen er over {quantile} av minst {countries} land; "
        "motsagt når ingen er det.",
    ),
    "chain": (
        "The chain gets the verdict of its weakest link; a link counts from {threshold} on.",
        "Kjeden får vurderingen til sitt svakeste ledd; et ledd teller fra {threshold}.",
    ),
    "theory": (
        "Theory: no number here could support or refute it.",
        "Teori: ingen tall her kan støtte eller motbevise det.",
    ),
}


def name(verdict: str, language: Language) -> str:
    """Return a verdict in words."""
    return say(VERDICTS[verdict], language)


def estimate(value: float, low: float, high: float, scale: str, language: Language) -> str:
    """Write a number with its scale and interval: ``ratio 1.14 (95% CI 1.08 to 1.20)``."""
    if not scale:
        return say(NO_NUMBER, language)
    words, kind = SCALES[scale]
    number = numerals.number(value, kind, language)
    if scale in ("count", "share difference"):
        return f"{say(words, language)} {number}"
    unread = f"({say(NO_INTERVAL, language)})"
    interval = f"({numerals.interval(low, high, kind, language)})" if low == low else unread
    return f"{say(words, language)} {number} {interval}"


def numbers(verdict: Verdict, language: Language) -> str:
    """Write the number that a verdict is quoted with, its sources and their grades."""
    if not verdict.scale:
        return say(NO_NUMBER, language)
    text = estimate(verdict.estimate, verdict.ci_low, verdict.ci_high, verdict.scale, language)
    return f"{text[:1].upper()}{text[1:]}. {sources(verdict, language)}"


def sources(verdict: Verdict, language: Language) -> str:
    """Write the sources and how they were read: ``Wang 2023; Jha 2013 (read first-hand)``."""
    grades = [say(GRADES[grade], language) for grade in verdict.grade.split(", ") if grade]
    return f"{verdict.sources} ({', '.join(grades)})" if grades else ""


def rule(rule: Rule, language: Language) -> str:
    """Write a rule as one sentence, from its settings."""
    key = rule.relation if rule.judge == "comparison" else rule.judge
    settings = {
        "threshold": _thresholds(rule, language),
        "low": numerals.number(
            1 / rule.margin if rule.judge == "comparison" else rule.low, "ratio", language
        ),
        "margin": numerals.number(rule.margin, "ratio", language),
        "high": numerals.number(rule.high, "ratio", language),
        "rows": str(rule.minimum_rows),
        "quantile": numerals.number(rule.quantile, "percent", language, decimals=0),
        "countries": str(rule.minimum_countries),
    }
    return say(RULES[key], language).format(**settings)


def limit(verdict: Verdict, language: Language) -> str:
    """Say which general limit lowered a verdict, or nothing."""
    if not verdict.limited_by:
        return ""
    return say(LIMITED, language).format(say(LIMITS[verdict.limited_by], language))


def _thresholds(rule: Rule, language: Language) -> str:
    either: Pair = (" or ", " eller ")
    parts = []
    for scale, size in rule.thresholds.items():
        words, kind = SCALES[scale]
        parts.append(f"{say(words, language)} {numerals.number(size, kind, language)}")
    return say(either, language).join(parts)
