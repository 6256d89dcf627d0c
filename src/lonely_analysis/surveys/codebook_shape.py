"""What kind of value stands under each key of a codebook, checked before anything is read from it.

A codebook is edited by hand: a list where a number belongs must be named by its place and not come up later
as an error of some computation. A *kind* says in words what is expected and tells whether a value is that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

MOST = 1e300


class Kind(NamedTuple):
    """What is expected, in words, and the test of it."""

    words: str
    holds: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    """Whether a value is a number that a float can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -MOST <= value <= MOST


def _is_scalar(value: Any) -> bool:
    return _is_number(value) or isinstance(value, str | bool)


def _is_list_of(value: Any, holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, list) and all(map(holds, value))


def _is_map(value: Any, key: Callable[[Any], bool], holds: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and all(map(key, value)) and all(map(holds, value.values()))


def _is_range(value: Any) -> bool:
    return _is_list_of(value, _is_number) and len(value) == 2 and value[0] <= value[1]


def _is_bands(value: Any) -> bool:
    """Tell starts that rise, under names that are all text or all numbers."""
    if not _is_map(value, _is_scalar, _is_number) or not value:
        return False
    starts = list(value.values())
    return starts == sorted(set(starts)) and len({isinstance(name, str) for name in value}) == 1


def _is_recode(value: Any) -> bool:
    """Tell new values that are all text or all numbers; ``null`` is neither."""
    if not _is_map(value, _is_scalar, lambda new: new is None or _is_scalar(new)) or not value:
        return False
    return len({isinstance(new, str) for new in value.values() if new is not None}) <= 1


TEXT = Kind("a text or number", _is_scalar)
TEXTS = Kind("a list of texts", lambda value: _is_list_of(value, lambda one: isinstance(one, str)))
WORDS = Kind(
    "`name: text` entries", lambda value: _is_map(value, lambda name: isinstance(name, str), _is_scalar)
)
YES_NO = Kind("true or false", lambda value: isinstance(value, bool))
NUMBER = Kind("a number", _is_number)
NOT_ZERO = Kind("a number other than 0", lambda value: _is_number(value) and value != 0)
NUMBERS = Kind("a list of codes", lambda value: _is_list_of(value, _is_number))
CODES = Kind(
    "`code: answer` entries with numbers as codes", lambda value: _is_map(value, _is_number, _is_scalar)
)
SCHEME = Kind("`code: reason` entries", lambda value: _is_map(value, _is_scalar, _is_scalar))
RANGE = Kind("[low, high]", _is_range)
BANDS = Kind("`name: start` entries in rising order", _is_bands)
ENTRIES = Kind("`name: entries`", lambda value: _is_map(value, _is_scalar, lambda one: isinstance(one, dict)))
NAMED = Kind("`name: entries`, each name a text", lambda v: ENTRIES.holds(v) and TEXTS.holds(list(v)))
RECODE = Kind("`code: value` entries, all texts or all numbers", _is_recode)

OF_BOOK: Mapping[str, Kind] = {
    **dict.fromkeys(
        ("survey", "title", "edition", "citation", "licence", "access", "expected", "empty"), TEXT
    ),
    **dict.fromkeys(("recognised_by", "notes"), TEXTS),
    **dict.fromkeys(("design", "constants"), WORDS),
    "missing": Kind("`scheme: {code: reason}`", lambda value: _is_map(value, _is_scalar, SCHEME.holds)),
    "variables": ENTRIES,
    "scales": NAMED,
    "file": Kind("the name of a file", lambda value: isinstance(value, str) and "\0" not in value),
}
OF_VARIABLE: Mapping[str, Kind] = {
    **dict.fromkeys(("asks", "wording", "direction", "note", "empty"), TEXT),
    "codes": CODES,
    "range": RANGE,
    "text": YES_NO,
    "required": YES_NO,
    "from_age": NUMBER,
    "missing": Kind("a scheme's name, or `code: reason`", lambda v: isinstance(v, str) or SCHEME.holds(v)),
    "gives": Kind("`column: rule`", lambda value: isinstance(value, dict) and TEXTS.holds(list(value))),
}
OF_RULE: Mapping[str, Kind] = {
    **dict.fromkeys(("as_is", "reversed"), YES_NO),
    **dict.fromkeys(("true_for", "false_for"), NUMBERS),
    "false_when": TEXTS,
    "recode": RECODE,
    "others": TEXT,
    "bands": BANDS,
    "times": NUMBER,
    "plus": NUMBER,
    "over": NOT_ZERO,
}
RULE_FORMS = tuple(
    set(form.split())
    for form in (
        "as_is",
        "reversed",
        "true_for",
        "true_for false_for",
        "true_for false_when",
        "true_for false_for false_when",
        "recode",
        "recode others",
        "bands",
        "times",
        "over",
        "plus",
        "times over",
        "times plus",
        "over plus",
        "times over plus",
    )
)
"""Which words make one rule together."""
TEXT_RULES = ({"as_is"}, {"recode"}, {"recode", "others"})

OF_SCALE: Mapping[str, Kind] = {
    **dict.fromkeys(("sum", "mean"), Kind("a list of columns", lambda v: TEXTS.holds(v) and bool(v))),
    **dict.fromkeys(("of", "score"), TEXT),
    "at_least": NUMBER,
    "bands": BANDS,
}
SCALE_FORMS = ({"sum"}, {"mean"}, {"score"}, {"of", "at_least"}, {"of", "bands"})


def problems_in(where: str, entry: Any, kinds: Mapping[str, Kind], *, empty: bool = True) -> list[str]:
    """Name unknown keys of an entry, and values of another kind; ``empty`` keys count as absent ones."""
    if not isinstance(entry, dict):
        return [f"{where}: `key: value` entries expected"]
    found = [f"{where}: unknown key {_short(key)}" for key in entry if key not in kinds]
    return found + [
        f"{where}: `{key}` must be {kinds[key].words}, not {_short(value)}"
        for key, value in entry.items()
        if key in kinds and not (empty and value is None) and not kinds[key].holds(value)
    ]


def rule_problems(where: str, gives: dict[str, Any], text: bool) -> list[str]:
    """Name what is wrong with a variable's rules: keys, values, and which of them stand together."""
    problems = []
    for column, rule in gives.items():
        used = {rule: True} if isinstance(rule, str) else rule
        if not isinstance(used, dict):
            used = {}
        wrong = [str(key) for key in used if key not in OF_RULE]
        if wrong or not used:
            rules = ", ".join(OF_RULE)
            problems.append(f"{where}, {column}: no rule {', '.join(wrong) or 'given'}; rules: {rules}")
        elif text and set(used) not in TEXT_RULES:
            problems.append(
                f"{where}, {column}: text is taken `as_is` or with `recode`, not by {', '.join(used)}"
            )
        elif set(used) not in RULE_FORMS:
            problems.append(f"{where}, {column}: {', '.join(used)} do not make one rule together")
        else:
            problems += problems_in(f"{where}, {column}", used, OF_RULE, empty=False)
    return problems


def scale_problems(where: str, entry: Any) -> list[str]:
    """Name what is wrong with a scale: its keys, their values, and which of them stand together."""
    found = problems_in(where, entry, OF_SCALE, empty=False)
    if not found and set(entry) not in SCALE_FORMS:
        found = [f"{where}: give `sum`, `mean`, `score`, `of` with `at_least`, or `of` with `bands`"]
    return found


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"
