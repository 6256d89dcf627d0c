"""From a source column to common columns, by the codebook's rules, a whole column at a time.

*Answers* are the valid codes of one variable, with a *reason* for each row that has none. A reason is kept
as the position in ``codebook.REASONS`` plus one; 0 means that the answer is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.surveys.codebook import REASONS, Variable

SHOWN = 5
"""How many different codes one message prints."""

MOST_WHOLE = 2.0**53
"""The whole numbers that a float can tell from their neighbours."""

_CODE_OF = {reason: position for position, reason in enumerate(REASONS, start=1)}
_DECLARED_WORDS = (
    (("refus", "prefer not"), "refused"),
    (("know",), "dont_know"),
    (("no answer", "no response"), "no_answer"),
    (("applicable",), "not_applicable"),
    (("not asked", "not available"), "not_asked"),
)


def reason_code(reason: str) -> int:
    """Return the number that stands for ``reason`` in arrays of reasons."""
    return _CODE_OF[reason]


@dataclass(frozen=True, eq=False)
class Answers:
    """One variable: ``codes`` (floats with NaN, or objects with None), ``reasons`` and problems."""

    codes: np.ndarray
    reasons: np.ndarray
    problems: list[str]


def answers(variable: Variable, raw: pd.Series, declared: dict[Any, str]) -> Answers:
    """Separate valid codes, missing codes and codes that nobody listed."""
    declared = {code: label for code, label in declared.items() if code not in variable.codes}
    values, reasons, raw = _declared_missing(raw, declared)
    if variable.text:
        return _text_answers(variable, raw, reasons)
    text = _leftover_text(raw, values, reasons)
    if len(text):
        reasons[text] = reason_code("unlisted")
        return Answers(values, reasons, [_label_problem(variable, raw.iloc[text])])
    for code, reason in variable.missing.items():
        hit = (values == code) & (reasons == 0)
        reasons[hit] = reason_code(reason)
    reasons[np.isnan(values) & (reasons == 0)] = reason_code(variable.empty)
    wrong = (reasons == 0) & ~_valid(variable, values)
    reasons[wrong] = reason_code("unlisted")
    problems = [_code_problem(variable, values[wrong])] if wrong.any() else []
    return Answers(np.where(reasons == 0, values, np.nan), reasons, problems)


def _declared_missing(raw: pd.Series, declared: dict[Any, str]) -> tuple[np.ndarray, np.ndarray, pd.Series]:
    """Take out what the file itself declares missing, where its label says why."""
    reasons = np.zeros(len(raw), dtype=np.int8)
    for code, label in declared.items():
        reason = reason_of_label(label)
        if reason == "not_stated" and not isinstance(code, str):
            continue  # a number without a telling label is left to the codebook's own list of missing codes
        reasons[(raw == code).fillna(False).to_numpy(dtype=bool)] = reason_code(reason)
    if reasons.any():
        raw = raw.where(reasons == 0)
    values = pd.to_numeric(raw, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return values, reasons, raw


def reason_of_label(label: str) -> str:
    """Return the reason that a label such as ``Refusal`` or ``Don't know`` tells, else ``"not_stated"``."""
    low = label.lower()
    return next(
        (reason for words, reason in _DECLARED_WORDS if any(word in low for word in words)), "not_stated"
    )


def _text_answers(variable: Variable, raw: pd.Series, reasons: np.ndarray) -> Answers:
    numeric = pd.api.types.is_numeric_dtype(raw)
    # Beyond MOST_WHOLE a float has no units, and infinity is nobody's number: both stay as they are written.
    whole = numeric and bool(((raw.dropna() % 1 == 0) & (raw.dropna().abs() < MOST_WHOLE)).all())
    text = (raw.astype("Int64") if whole else raw).astype("string").str.strip()
    empty = (text.isna() | (text == "")).to_numpy(dtype=bool) & (reasons == 0)
    reasons[empty] = reason_code(variable.empty)
    return Answers(text.where(reasons == 0).to_numpy(dtype=object, na_value=None), reasons, [])


def _leftover_text(raw: pd.Series, values: np.ndarray, reasons: np.ndarray) -> np.ndarray:
    """Return the positions of cells that are neither numbers nor empty."""
    if pd.api.types.is_numeric_dtype(raw):
        return np.empty(0, dtype=int)
    filled = raw.notna().to_numpy() & np.isnan(values) & (reasons == 0)
    return np.flatnonzero(
        filled & (raw.astype("string").str.strip() != "").fillna(False).to_numpy(dtype=bool)
    )


def _label_problem(variable: Variable, text: pd.Series) -> str:
    example = str(text.iloc[0])[:40]
    labels = {str(label).lower() for label in variable.codes.values()}
    what = "labels" if example.lower() in labels or not variable.limits else "text"
    return (
        f"{variable.name} holds {what} instead of codes ({example!r} and others in {len(text)} rows): "
        "export the file again with codes (values), not labels"
    )


def _valid(variable: Variable, values: np.ndarray) -> np.ndarray:
    if variable.limits is None:
        return np.isin(values, np.array(list(variable.codes), dtype=float))
    low, high = variable.limits
    return (values >= low) & (values <= high)


def _code_problem(variable: Variable, wrong: np.ndarray) -> str:
    codes, counts = np.unique(wrong, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:SHOWN]
    listed = ", ".join(f"{codes[i]:g} ({counts[i]} rows)" for i in order)
    more = f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else ""
    return f"{variable.name} has codes that its codebook does not list: {listed}{more}"


def apply_rule(rule: dict[str, Any], variable: Variable, found: Answers) -> tuple[pd.Series, np.ndarray]:
    """Return the common column that ``rule`` makes of ``found``, and its reasons."""
    codes, reasons = found.codes, found.reasons
    if "true_for" in rule:
        return _yes_no(rule, codes, reasons)
    if "recode" in rule:
        return _recoded(rule, codes, reasons)
    if "bands" in rule:
        return _banded(rule["bands"], codes, reasons)
    if variable.text:
        return pd.Series(codes, dtype="string"), reasons
    if "reversed" in rule:
        low, high = variable.limits or (min(variable.codes), max(variable.codes))
        return pd.Series(low + high - codes), reasons
    return pd.Series(codes * rule.get("times", 1) / rule.get("over", 1) + rule.get("plus", 0)), reasons


def _yes_no(rule: dict[str, Any], codes: np.ndarray, reasons: np.ndarray) -> tuple[pd.Series, np.ndarray]:
    yes = np.isin(codes, np.array(rule["true_for"], dtype=float))
    if "false_for" in rule:
        no = np.isin(codes, np.array(rule["false_for"], dtype=float))
        reasons = _unclassified(reasons, ~yes & ~no)
    if "false_when" in rule:
        means_no = np.isin(reasons, [reason_code(reason) for reason in rule["false_when"]])
        reasons = np.where(means_no, np.int8(0), reasons)
    values = pd.array(yes, dtype="boolean")
    values[reasons != 0] = pd.NA
    return pd.Series(values), reasons


def _recoded(rule: dict[str, Any], codes: np.ndarray, reasons: np.ndarray) -> tuple[pd.Series, np.ndarray]:
    table = rule["recode"]
    position = pd.Index(list(table)).get_indexer(codes)
    position[position < 0] = len(table)  # what is not listed takes the place of `others`
    targets = [*table.values(), rule.get("others")]
    reasons = _unclassified(reasons, np.array([target is None for target in targets])[position])
    if any(isinstance(target, str) for target in targets):
        kept = np.where(reasons == 0, position, len(targets))
        return pd.Series(np.array([*targets, None], dtype=object)[kept], dtype="string"), reasons
    numbers = np.array([np.nan if target is None else target for target in targets], dtype=float)
    return pd.Series(np.where(reasons == 0, numbers[position], np.nan)), reasons


def _banded(bands: dict[Any, float], codes: np.ndarray, reasons: np.ndarray) -> tuple[pd.Series, np.ndarray]:
    starts = np.array(list(bands.values()), dtype=float)
    position = np.searchsorted(starts, np.nan_to_num(codes, nan=-np.inf), side="right") - 1
    reasons = _unclassified(reasons, position < 0)
    names = list(bands)
    if isinstance(names[0], str):
        kept = np.where(reasons == 0, position, len(names))
        return pd.Series(np.array([*names, None], dtype=object)[kept], dtype="string"), reasons
    return pd.Series(np.where(reasons == 0, np.array(names, dtype=float)[position], np.nan)), reasons


def _unclassified(reasons: np.ndarray, without: np.ndarray) -> np.ndarray:
    return np.where((reasons == 0) & without, np.int8(reason_code("unclassified")), reasons)
