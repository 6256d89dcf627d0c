"""A codebook as a table for people: one row a source variable, everything in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lonely_analysis.surveys.codebook import Codebook, Variable

_PLAIN = {"as_is": "as it is", "reversed": "reversed"}


def codebook_table(book: Codebook) -> pd.DataFrame:
    """Return ``variable, asks, wording, codes, missing, direction, gives, note`` in words."""
    return pd.DataFrame([_row(variable) for variable in book.variables.values()])


def _row(variable: Variable) -> dict[str, str]:
    missing = [f"{code} {reason}" for code, reason in variable.missing.items()]
    gives = [f"{column}: {_rule(rule)}" for column, rule in variable.gives.items()]
    return {
        "variable": variable.name + (" (required)" if variable.required else ""),
        "asks": variable.asks,
        "wording": variable.wording,
        "codes": _codes(variable),
        "missing": "; ".join([*missing, f"empty {variable.empty}"]).replace("_", " "),
        "direction": variable.direction,
        "gives": "; ".join(gives),
        "note": variable.note,
    }


def _codes(variable: Variable) -> str:
    if variable.text:
        return "text"
    if variable.limits:
        low, high = variable.limits
        return f"{low:g} to {high:g}"
    return "; ".join(f"{code} {label}" for code, label in variable.codes.items())


def _rule(rule: dict[str, Any]) -> str:
    """Say a rule in words: ``yes for 1, 2`` or ``1 becomes male, 2 becomes female``."""
    return ", ".join(_part(name, value) for name, value in rule.items())


def _part(name: str, value: Any) -> str:
    if name in _PLAIN:
        return _PLAIN[name]
    if name in ("true_for", "false_for"):
        return f"{'yes' if name == 'true_for' else 'no'} for {', '.join(map(str, value)) or 'none'}"
    if name == "false_when":
        return f"no when {', '.join(value).replace('_', ' ')}"
    if name == "recode":
        return ", ".join(f"{code} becomes {_target(new)}" for code, new in value.items())
    if name == "bands":
        return ", ".join(f"{band} from {start}" for band, start in value.items())
    return f"{name.replace('_', ' ')} {value}"


def _target(new: Any) -> str:
    return "unclassified" if new is None else str(new)
