"""Codebooks: what a survey asked, how the answers are coded, and which common columns they become.

A codebook is a YAML file that a person who does not program can review against the survey's own
documentation. A *variable* is a column of the source; its *codes* are the valid answers; its *missing*
codes each have a *reason*; ``gives`` names the common columns it becomes and the *rule* for each:

    as_is                         the code itself
    reversed                      highest code + lowest code - code
    true_for: [1, 2]              yes for these codes, no for the other valid ones
    false_for: [6]                with ``true_for``: no for these only, other valid codes are unclassified
    false_when: [not_applicable]  with ``true_for``: no as well where the answer is absent for this reason
    recode: {1: male, 2: female}  a new value for each valid code (``null``: unclassified)
    others: other                 with ``recode``: the value of every valid code that is not listed
    bands: {lower: 0, higher: 6}  the band whose start is the highest one not above the value
    times: 0.01                   the value in another unit; ``over: 12`` divides
    plus: -1                      the value moved (after ``times`` and ``over``)

Where several variables give the same column, a later one fills what an earlier one was not asked or cannot
tell.

A column whose name begins with ``_`` is an intermediate step for the adapter and is not a common column.
``scales`` are made of common columns: ``sum``, ``mean`` (all items needed) or ``score`` (a scale of
``scale_catalogue``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lonely_analysis import files
from lonely_analysis.errors import DataError
from lonely_analysis.surveys.codebook_shape import (
    OF_BOOK,
    OF_VARIABLE,
    problems_in,
    rule_problems,
    scale_problems,
)
from lonely_analysis.surveys.yamlfiles import read_yaml

REASONS = (
    "refused",
    "dont_know",
    "no_answer",
    "not_asked",
    "not_applicable",
    "not_examined",
    "not_stated",
    "unclassified",
    "item_missing",
    "unlisted",
)
"""Why an answer is absent. ``not_examined``: interviewed without the examination; ``not_stated``: the cell is
empty and the file does not say why; ``unclassified``: a valid answer that the common column has no place for;
``item_missing``: an item of the scale is absent; ``unlisted``: a code that the codebook does not know (always
an error as well)."""

SHOWN = 4
"""How many problems of a codebook one message prints."""


@dataclass(frozen=True)
class Variable:
    """One column of the source. Exactly one of ``codes``, ``limits`` and ``text`` says what is valid."""

    name: str
    asks: str
    gives: dict[str, dict[str, Any]]
    codes: dict[Any, str] = field(default_factory=dict)
    limits: tuple[float, float] | None = None
    text: bool = False
    missing: dict[Any, str] = field(default_factory=dict)
    empty: str = "not_stated"
    required: bool = False
    from_age: int | None = None
    wording: str = "not verified"
    direction: str = ""
    note: str = ""


@dataclass(frozen=True)
class Codebook:
    """A whole codebook; ``design`` names source variables, ``constants`` columns with one value."""

    name: str
    path: Path
    title: str
    variables: dict[str, Variable]
    scales: dict[str, dict[str, Any]]
    design: dict[str, Any]
    constants: dict[str, Any]
    recognised_by: tuple[str, ...] = ()
    edition: str = ""
    expected: str = ""
    citation: str = ""
    licence: str = ""
    access: str = ""
    file: str = ""
    notes: tuple[str, ...] = ()

    @property
    def required(self) -> list[str]:
        """The source variables without which nothing can be estimated."""
        return [name for name, variable in self.variables.items() if variable.required]

    def gives(self) -> list[str]:
        """Return the common columns that the codebook can give, in its order."""
        columns = [column for variable in self.variables.values() for column in variable.gives]
        return list(dict.fromkeys(c for c in [*columns, *self.scales] if not c.startswith("_")))


@lru_cache(maxsize=16)
def codebook(name: str) -> Codebook:
    """Return the shipped codebook called ``name``: ``"euls"``, ``"ess"``, ``"nhanes"`` or ``"brfss"``."""
    return load(files.data_file(f"codebooks/{name}.yml"), name)


def load(path: Path, name: str) -> Codebook:
    """Read and validate a codebook; raise one ``DataError`` that lists what is wrong with it."""
    content = read_yaml(path)
    problems = problems_in(path.name, content, OF_BOOK)
    if not problems:
        variables = _variables(content, problems)
        for column, rule in (content.get("scales") or {}).items():
            problems += scale_problems(f"scale {column}", rule)
    if problems:
        more = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        raise DataError(f"codebook {path.name}: " + "; ".join(problems[:SHOWN]) + more)
    return _book(path, name, content, variables)


def _variables(content: dict[str, Any], problems: list[str]) -> dict[str, Variable]:
    variables = {}
    for variable, entry in (content.get("variables") or {}).items():
        where = f"variable {variable}"
        found = problems_in(where, entry, OF_VARIABLE) or rule_problems(
            where, entry.get("gives") or {}, bool(entry.get("text"))
        )
        problems += found
        if not found:
            variables[str(variable)] = _variable(str(variable), entry, content, problems)
    if not variables and not problems:
        problems.append("it has no `variables`")
    return variables


def _variable(name: str, entry: dict[str, Any], book: dict[str, Any], problems: list[str]) -> Variable:
    missing = _missing_codes(name, entry, book, problems)
    gives = {
        column: {rule: True} if isinstance(rule, str) else dict(rule)
        for column, rule in (entry.get("gives") or {}).items()
    }
    limits = entry.get("range")
    if sum(map(bool, (entry.get("codes"), limits, entry.get("text")))) != 1:
        problems.append(
            f"variable {name}: exactly one of `codes`, `range: [low, high]` and `text: true` is needed"
        )
    words = {key: str(entry[key]) for key in ("wording", "direction", "note") if key in entry}
    return Variable(
        name=name,
        asks=str(entry.get("asks", "")),
        gives=gives,
        codes=entry.get("codes") or {},
        limits=(float(limits[0]), float(limits[1])) if limits else None,
        text=bool(entry.get("text")),
        missing=missing,
        empty=_empty(entry, book),
        required=bool(entry.get("required")),
        from_age=entry.get("from_age"),
        **words,
    )


def _empty(entry: dict[str, Any], book: dict[str, Any]) -> str:
    """Return the reason that an empty cell of a variable stands for."""
    return entry.get("empty") or book.get("empty") or "not_stated"


def _missing_codes(
    name: str, entry: dict[str, Any], book: dict[str, Any], problems: list[str]
) -> dict[Any, str]:
    """Return a variable's own missing codes, or the named scheme, or the codebook's default scheme."""
    schemes = book.get("missing") or {}
    chosen = entry.get("missing")
    if chosen is None:
        chosen = "default" if "default" in schemes else {}
    if isinstance(chosen, str):
        if chosen not in schemes:
            problems.append(f"variable {name}: no missing scheme {chosen!r}; there are: {', '.join(schemes)}")
        chosen = schemes.get(chosen) or {}
    for reason in [*chosen.values(), _empty(entry, book)]:
        if reason not in REASONS:
            problems.append(f"variable {name}: no reason {reason!r}; reasons: {', '.join(REASONS)}")
    return dict(chosen)


def _book(path: Path, name: str, content: dict[str, Any], variables: dict[str, Variable]) -> Codebook:
    words = ("edition", "expected", "citation", "licence", "access", "file")
    return Codebook(
        name=str(content.get("survey") or name),
        path=path,
        title=str(content.get("title") or name),
        variables=variables,
        scales=content.get("scales") or {},
        design=content.get("design") or {},
        constants=content.get("constants") or {},
        recognised_by=tuple(content.get("recognised_by") or ()),
        notes=tuple(content.get("notes") or ()),
        **{key: str(content.get(key) or "") for key in words},
    )
