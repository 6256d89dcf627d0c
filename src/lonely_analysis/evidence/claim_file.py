"""The claims file ``data/claims.yml`` read and checked: every error names the entry that is wrong.

A *row* is the id of a published row, listed once under ``rows`` with its table; ``claim_types`` holds the
words that entries may use.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lonely_analysis.errors import DataError
from lonely_analysis.evidence.claim_types import (
    CHOICES,
    DESIGNS,
    GRADES,
    JUDGES,
    KINDS,
    REFUTED_BY,
    RELATIONS,
    SCALES,
    Claim,
    Item,
    Rule,
)
from lonely_analysis.surveys.yamlfiles import read_yaml

FILE = "claims.yml"
#: How many countries a survey has where they are few; a claim about countries does not count such a survey.
FEW_COUNTRIES = {"euls": 4, "nhanes": 1, "brfss": 1}
_RULE = (
    *("judge", "refuted_by", "minimum_grade", "minimum_design", "minimum_countries", "direct"),
    *("association_only", "because", "because_nb"),
)
_CLAIM = (
    *("theme", "claim_nb", "claim_en", "cited", "kind", "estimand", "chapter", "rule", "evidence"),
    *("alternatives", "context", "caveat", "caveat_nb"),
)


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Return every claim of the file in its order; raise ``DataError`` that names the first wrong entry."""
    content = read_yaml(path)
    unknown = sorted(set(content) - {"themes", "rows", "claims"})
    if unknown or not {"themes", "rows", "claims"} <= set(content):
        found = ", ".join(map(str, content))[:200]
        raise DataError(f"{path.name} has themes, rows and claims; found {found}")
    _check_shape(path, content)
    tables = {str(row): str(table) for table, rows in content["rows"].items() for row in rows}
    return tuple(
        _whole_claim(str(id_), entry, content["themes"], tables) for id_, entry in content["claims"].items()
    )


def _check_shape(path: Path, content: Mapping[str, Any]) -> None:
    for part, kind, words in (
        ("themes", list, "a list of its names in English and Norwegian"),
        ("rows", list, "a list of row ids"),
        ("claims", dict, "`key: value` lines"),
    ):
        entries = content[part]
        if not isinstance(entries, dict) or not entries:
            raise DataError(f"{path.name}: {part} must be `name: entry` lines")
        for name, entry in entries.items():
            if not isinstance(entry, kind) or (part == "themes" and len(entry) != 2):
                raise DataError(f"{path.name}, {part}, {name}: expected {words}")


def _whole_claim(id_: str, entry: Any, themes: Mapping[str, Any], tables: Mapping[str, str]) -> Claim:
    """Read one claim; a value of another kind than its place takes (a list for a number) names the claim."""
    try:
        return _claim(id_, entry, themes, tables)
    except DataError:
        raise
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise DataError(f"{FILE}, {id_[:20]}: a value is of the wrong kind ({str(error)[:120]})") from error


def _claim(id_: str, entry: Any, themes: Mapping[str, Any], tables: Mapping[str, str]) -> Claim:
    where = f"{FILE}, {id_}"
    if not (len(id_) == 3 and id_[0] == "C" and id_[1:].isdigit()):
        raise DataError(f"{where}: an id is C and two digits")
    _fields(where, entry, needed=set(_CLAIM) - {"alternatives", "context", "evidence"}, known=set(_CLAIM))
    theme = _one_of(where, "theme", entry["theme"], tuple(themes))
    rule = _rule(f"{where}, rule", entry["rule"])
    evidence = _evidence(f"{where}, evidence", entry.get("evidence") or [], rule.judge, tables)
    _many_countries(where, rule, evidence)
    if rule.judge == "theory" and evidence:
        raise DataError(f"{where}: a claim judged as theory names no evidence; give it another judge")
    choices = tuple(
        (
            _one_of(where, "choice", choice, CHOICES),
            _evidence(f"{where}, alternatives", items, rule.judge, tables),
        )
        for choice, items in (entry.get("alternatives") or {}).items()
    )
    texts = {name: _text(where, name, entry[name]) for name in ("claim_nb", "claim_en", "cited", "estimand")}
    return Claim(
        id=id_,
        theme=str(themes[theme][0]),
        theme_nb=str(themes[theme][1]),
        kind=_one_of(where, "kind", entry["kind"], KINDS),
        chapter=f"{int(entry['chapter']):02d}",
        rule=rule,
        evidence=evidence,
        alternatives=choices,
        context=tuple(_item(f"{where}, context", item, tables) for item in entry.get("context") or []),
        caveat=_text(where, "caveat", entry["caveat"]),
        caveat_nb=_text(where, "caveat_nb", entry["caveat_nb"]),
        **texts,
    )


def _many_countries(where: str, rule: Rule, evidence: tuple[Any, ...]) -> None:
    """Refuse a survey of few countries behind a claim about countries."""
    for item in (item for group in evidence for item in group if isinstance(item, Item)):
        if FEW_COUNTRIES.get(item.name, rule.minimum_countries) < rule.minimum_countries:
            raise DataError(
                f"{where}: {item.name} has {FEW_COUNTRIES[item.name]} countries, "
                f"and the rule needs {rule.minimum_countries}"
            )


def _rule(where: str, entry: Any) -> Rule:
    judge = _one_of(where, "judge", (entry or {}).get("judge"), tuple(JUDGES))
    own = JUDGES[judge]
    _fields(where, entry, {"judge", "refuted_by", "because", "because_nb", *own}, {*_RULE, *own})
    _one_of(where, "refuted_by", entry["refuted_by"], (REFUTED_BY[judge],))
    _one_of(where, "minimum_grade", entry.get("minimum_grade", "B"), GRADES)
    _one_of(where, "minimum_design", entry.get("minimum_design", "experiment"), DESIGNS)
    if "relation" in own:
        _one_of(where, "relation", entry["relation"], RELATIONS)
    for scale, size in (entry.get("thresholds") or {}).items():
        _one_of(where, "scale of a threshold", scale, SCALES)
        if not size > (1 if scale == "ratio" else 0):
            raise DataError(f"{where}: a threshold of {size} on the scale {scale} is no effect at all")
    if "margin" in own and not entry["margin"] > 1:
        raise DataError(f"{where}: a margin is a ratio above 1, not {entry['margin']}")
    if "low" in own and not entry["low"] < entry["high"]:
        raise DataError(f"{where}: low {entry['low']} must be below high {entry['high']}")
    return Rule(**entry)


def _evidence(where: str, items: Any, judge: str, tables: Mapping[str, str]) -> tuple[Any, ...]:
    """Read the groups of evidence in the form that the judge reads."""
    if judge == "contrast":
        return tuple(_contrast(where, item) for item in items)
    if judge == "chain":
        return tuple(_link(where, item, tables) for item in items)
    if judge != "comparison":
        return tuple((_item(where, item, tables),) for item in items)
    if not all(isinstance(pair, list) and len(pair) == 2 for pair in items):
        raise DataError(
            f"{where}: a comparison names pairs, each [what is claimed, what it is compared with]"
        )
    return tuple(tuple(_item(where, item, tables) for item in pair) for pair in items)


def _link(where: str, entry: Any, tables: Mapping[str, str]) -> tuple[Item, ...]:
    if not isinstance(entry, list) or not entry:
        raise DataError(f"{where}: a chain names one list of rows a link")
    return tuple(_item(where, item, tables) for item in entry)


def _contrast(where: str, entry: Any) -> Mapping[str, Any]:
    _fields(where, entry, {"table", "rows_begin", "value", "name", "group"})
    return dict(entry)


def _item(where: str, entry: Any, tables: Mapping[str, str]) -> Item:
    if isinstance(entry, str):
        return Item(name=_row(where, entry, tables), table=tables[entry])
    form = next((form for form in ("row", "real", "pool") if isinstance(entry, dict) and form in entry), "")
    allowed = {
        "row": {"row", "convert"},
        "real": {"real", "key", "scale", "orientation"},
        "pool": {"pool", "method", "test"},
    }
    if not form:
        raise DataError(f"{where}: {entry!r} is no row, no real result and no pool")
    needed = {"row": {"row", "convert"}, "real": {"real", "key", "scale"}, "pool": allowed["pool"]}[form]
    _fields(where, entry, needed, allowed[form])
    if form == "row":
        _one_of(where, "convert", entry["convert"], ("common risk ratio",))
        return Item(_row(where, entry["row"], tables), table=tables[entry["row"]], convert=entry["convert"])
    if form == "pool":
        return Item(entry["pool"], "pool", table=entry["pool"], method=entry["method"], test=entry["test"])
    if str(entry["real"]).startswith("synthetic"):
        raise DataError(f"{where}: synthetic data can never carry a verdict")
    _one_of(where, "scale", entry["scale"], SCALES)
    _one_of(where, "orientation", entry.get("orientation", 1), (1, -1))
    extra = {"key": entry["key"], "scale": entry["scale"], "orientation": entry.get("orientation", 1)}
    return Item(entry["real"], "real", **extra)


def _row(where: str, name: str, tables: Mapping[str, str]) -> str:
    if name not in tables:
        near = get_close_matches(name, tables, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise DataError(f"{where}: no row {name!r} is listed under rows{hint}")
    return name


def _fields(where: str, entry: Any, needed: set[str], known: set[str] | None = None) -> None:
    if not isinstance(entry, dict):
        raise DataError(f"{where}: expected `key: value` lines, found {entry!r}")
    lacks, more = sorted(needed - set(entry)), sorted(set(entry) - (known or needed))
    if lacks or more:
        raise DataError(
            f"{where}: "
            + "; ".join(
                ["lacks " + ", ".join(lacks)] * bool(lacks) + ["unknown " + ", ".join(more)] * bool(more)
            )
        )


def _one_of(where: str, what: str, value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise DataError(f"{where}: {what} {value!r} is none of {', '.join(map(str, allowed))}")
    return value


def _text(where: str, what: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise DataError(f"{where}: {what} must be words")
    return " ".join(value.split())
