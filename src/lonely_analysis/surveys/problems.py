"""What can be wrong with a survey file, in words that say what to do.

A *problem* is one sentence. Problems are collected for ``lonely check`` and raised together by
``Draft.survey``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.codebook import Codebook, codebook
from lonely_analysis.surveys.rawtable import RawTable

SHIPPED = ("euls", "ess", "nhanes", "brfss")
"""The surveys that have a codebook here."""

WEIGHTS = ("weight", "weight_income", "weight_design")

MESSAGE_LENGTH = 500
"""How long a message with several problems may get before the rest is counted."""


class SurveyFileError(DataError):
    """Everything that keeps a file from being used, each problem one sentence in ``problems``."""

    def __init__(self, file: str, title: str, problems: list[str]) -> None:
        self.problems = problems
        shown: list[str] = []
        for problem in problems:
            if shown and len("; ".join([*shown, problem])) > MESSAGE_LENGTH - len(file) - len(title):
                break
            shown.append(problem[:MESSAGE_LENGTH])
        rest = len(problems) - len(shown)
        more = f"; and {rest} more: run `lonely check` to see all" if rest else ""
        super().__init__(f"{file} cannot be used as {title}: {'; '.join(shown)}{more}")


def recognise(book: Codebook, table: RawTable) -> None:
    """Raise ``DataError`` when a file has none of the columns by which the survey is recognised."""
    present = {name.lower() for name in table.present}
    if not book.recognised_by or present & {name.lower() for name in book.recognised_by}:
        return
    likely = next((other for other in SHIPPED if other != book.name and _looks_like(other, present)), None)
    hint = f"it looks like {codebook(likely).title}: use --survey {likely}" if likely else "check the file"
    raise DataError(
        f"{table.path.name} ({table.what}, {len(table.present)} columns) is not {book.title}: "
        f"it has none of the columns {', '.join(book.recognised_by)}; {hint}"
    )


def _looks_like(name: str, present: set[str]) -> bool:
    signs = {sign.lower() for sign in codebook(name).recognised_by}
    return len(signs & present) * 2 >= len(signs)


def design_problems(
    columns: dict[str, pd.Series], source: dict[str, str], found: list[str] | None = None
) -> list[str]:
    """Say what is wrong with ids, weights, strata and PSUs; ``source`` gives their names in the file.

    ``found`` are the problems known so far. Each begins with its variable: a weight whose text or infinite
    values they name is not reported as missing as well.
    """
    told = {problem.split(" ")[0] for problem in found or []}
    weights = _weight_problems(columns, source, told)
    return _id_problems(columns) + weights + _cluster_problems(columns, source)


def _id_problems(columns: dict[str, pd.Series]) -> list[str]:
    if "person_id" not in columns:
        return []
    ids = columns["person_id"]
    problems = [f"{ids.isna().sum()} rows have no person id"] if ids.isna().any() else []
    repeated = ids[ids.notna() & ids.duplicated(keep=False)]
    if len(repeated):
        problems.append(
            f"{repeated.nunique()} person ids repeat in {len(repeated)} rows (first: {repeated.iloc[0]}): "
            "remove the rows that were added twice"
        )
    return problems


def _weight_problems(columns: dict[str, pd.Series], source: dict[str, str], told: set[str]) -> list[str]:
    """Require the design's weight of everybody; a second weight may be absent, but not negative."""
    problems = []
    for column in [name for name in WEIGHTS if name in columns]:
        weights = pd.to_numeric(columns[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        name = str(source.get("weight", column)) if column == "weight" else column
        wrong = {"negative": weights < 0, "infinite": np.isinf(weights)}
        if column == "weight" and not told & set(name.split()):
            wrong["missing"] = np.isnan(weights)
        found = [
            f"the weight {name} is {what} in {rows.sum()} rows" for what, rows in wrong.items() if rows.any()
        ]
        if not found and column == "weight" and not weights.any() and not np.isnan(weights).any():
            found = [f"the weight {name} is 0 in every row"]
        problems += [f"{problem}: take the weight from the original file" for problem in found]
    return problems


def _cluster_problems(columns: dict[str, pd.Series], source: dict[str, str]) -> list[str]:
    problems = []
    for column in ("stratum", "psu"):
        if column in columns and columns[column].isna().any():
            name = source.get(column, column)
            problems.append(f"{name} ({column}) is missing in {columns[column].isna().sum()} rows")
    return problems
