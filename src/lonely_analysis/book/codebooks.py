"""The page "Codebook": what each survey asked, how answers are coded, and the common column they become.

The tables are the codebooks themselves (``data/codebooks``), so that they cannot differ from what the
adapters do.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from lonely_analysis import files
from lonely_analysis.book import fold
from lonely_analysis.book.show import Page
from lonely_analysis.book.wording import group_name
from lonely_analysis.surveys.codebook import Codebook, Variable
from lonely_analysis.surveys.codebook import codebook as read_codebook
from lonely_analysis.surveys.schema import Column, common_columns

#: A wording that nobody has compared with the questionnaire is not printed as one.
UNVERIFIED = "not verified"


def codebook(survey: str) -> Page:
    """Show the codebook of ``survey`` (``"euls"``, ``"ess"``, ``"nhanes"``, ``"brfss"``), folded."""
    book = read_codebook(survey)
    table = variables(book)
    count = f"{len(book.variables)} variables, {len(book.scales)} scales"
    return fold.page(fold.folded(table, f"{book.title}: {count}", source=table), table)


def access(survey: str) -> Page:
    """Show what a survey's file is, where it is had, what its licence allows and how it is cited."""
    book = read_codebook(survey)
    rows = {
        "What it is": f"{book.title}, {book.edition}".rstrip(", "),
        "Where to get it": book.access,
        "What is expected": book.expected,
        "Licence": book.licence,
        "To be cited": book.citation,
    }
    table = pd.DataFrame({"Topic": list(rows), book.title: list(rows.values())})
    return fold.page(fold.stacked(table[table[book.title] != ""], f"{book.title}: access and terms"), table)


def mapping_example() -> Page:
    """Show the example of a mapping, as it ships."""
    text = files.data_file("examples/county.yml").read_text("utf-8")
    html = f'<pre class="la-file" tabindex="0" aria-label="Example of a mapping">{escape(text)}</pre>'
    return Page(html=html, text=f"examples/county.yml, {len(text.splitlines())} lines")


def variables(book: Codebook) -> pd.DataFrame:
    """Return one row a source variable and one a scale: name, question, answers, what it becomes."""
    rows = [_variable_row(variable) for variable in book.variables.values()]
    rows += [_scale_row(name, rule) for name, rule in book.scales.items()]
    return pd.DataFrame(rows)


def columns() -> Page:
    """Show the common columns that every survey is brought to, in both languages, folded."""
    table = pd.DataFrame([_column_row(column) for column in common_columns().values()])
    return fold.page(fold.folded(table, f"The {len(table)} common columns", source=table), table)


def _variable_row(variable: Variable) -> dict[str, str]:
    question = [variable.asks]
    if variable.wording not in (UNVERIFIED, variable.asks):
        question.append(f"“{variable.wording}”")
    question += [words for words in (variable.direction, variable.note) if words]
    return {
        "Variable": variable.name,
        "Question": ". ".join(text.rstrip(".") for text in question if text),
        "Answers": _answers(variable),
        "Absent": _pairs({code: group_name(why).lower() for code, why in variable.missing.items()}) or "–",
        "Becomes": "; ".join(_becomes(variable.gives)) or "checked only",
    }


def _scale_row(name: str, rule: Mapping[str, Any]) -> dict[str, str]:
    how = "; ".join(f"{key}: {_plain(value)}" for key, value in rule.items())
    return {"Variable": "(scale)", "Question": "Made of common columns", "Answers": how, "Absent": "–"} | {
        "Becomes": name
    }


def _column_row(column: Column) -> dict[str, str]:
    return {
        "Column": column.name,
        "Asks": column.asks,
        "På norsk": column.asks_nb,
        "Values": _values(column),
    }


def _answers(variable: Variable) -> str:
    if variable.limits is not None:
        return f"{variable.limits[0]:g} to {variable.limits[1]:g}"
    return "text" if variable.text else _pairs(variable.codes)


def _becomes(gives: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Say each common column with its rule; a column that starts with _ is a step on the way."""
    said = []
    for column, rule in gives.items():
        how = ", ".join(
            key.replace("_", " ") if value is True else f"{key.replace('_', ' ')} {_plain(value)}"
            for key, value in rule.items()
        )
        said.append(f"{column.lstrip('_')} ({how})")
    return said


def _pairs(codes: Mapping[Any, Any]) -> str:
    return "; ".join(f"{code} {words}" for code, words in codes.items())


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} → {'–' if item is None else item}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _values(column: Column) -> str:
    if column.levels:
        return ", ".join(column.levels)
    if column.low is None or column.high is None:
        return column.kind
    return f"{column.low:g} to {column.high:g}"
