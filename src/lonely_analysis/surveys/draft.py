"""A survey in the making: common columns, why answers are absent, and what is wrong, before it is bound.

An adapter fills a *draft* from a codebook and adds what a codebook cannot say. Problems are collected, not
raised, so that ``lonely check`` shows all of them at once; ``Draft.survey`` raises them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys import rawfiles
from lonely_analysis.surveys.codebook import REASONS, Codebook
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.filekinds import the_file
from lonely_analysis.surveys.problems import SurveyFileError, design_problems, recognise
from lonely_analysis.surveys.rawtable import RawTable
from lonely_analysis.surveys.recode import Answers, answers, apply_rule, reason_code
from lonely_analysis.surveys.scales import score_scale
from lonely_analysis.surveys.schema import check_frame, common_columns
from lonely_analysis.surveys.survey import Provenance, Survey

ALWAYS_COUNTED = ("refused", "dont_know", "no_answer", "not_asked", "not_applicable")
"""Reasons that every table of missing answers has a column for, even where nobody gave them."""

_TYPES = {"yes/no": "boolean", "id": "string", "score": "Int64", "count": "Int64", "measure": "float64"}

_FILLABLE = [reason_code(reason) for reason in ("not_asked", "not_stated", "unclassified")]


@dataclass(eq=False)
class Draft:
    """Columns and reasons by common name; ``answers`` holds the source's own variables.

    ``named`` gives the file's own name of a design column where the codebook's differs from file to file.
    """

    book: Codebook
    files: list[Path]
    what: str
    n: int
    columns: dict[str, pd.Series] = field(default_factory=dict)
    reasons: dict[str, np.ndarray] = field(default_factory=dict)
    answers: dict[str, Answers] = field(default_factory=dict)
    absent: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    named: dict[str, str] = field(default_factory=dict)

    def add(self, column: str, values: pd.Series | np.ndarray, reasons: np.ndarray | None = None) -> None:
        """Set a common column; without ``reasons``, an absent value is ``not_stated``."""
        values = pd.Series(values).reset_index(drop=True)
        if reasons is None:
            reasons = np.where(values.isna(), np.int8(reason_code("not_stated")), np.int8(0))
        self.columns[column], self.reasons[column] = values, reasons

    def fill(self, column: str, values: pd.Series, reasons: np.ndarray) -> None:
        """Set a column, or fill it where an earlier variable was not asked or could not tell."""
        if column in self.columns:
            open_here = np.isin(self.reasons[column], _FILLABLE)
            values = self.columns[column].mask(open_here, values)
            reasons = np.where(open_here, reasons, self.reasons[column])
        self.add(column, values, reasons)

    def has(self, *columns: str) -> bool:
        """Whether all of ``columns`` are there."""
        return all(column in self.columns for column in columns)

    def mask(self, columns: Iterable[str], where: np.ndarray, reason: str) -> None:
        """Make ``columns`` absent ``where`` true, for ``reason``."""
        for column in columns:
            self.columns[column] = self.columns[column].mask(where)
            self.reasons[column] = np.where(where, np.int8(reason_code(reason)), self.reasons[column])

    def missing(self) -> pd.DataFrame:
        """Count absent answers: one row a common column, one column a reason."""
        named = [name for name in self.reasons if not name.startswith("_")]
        counts = np.array([np.bincount(self.reasons[name], minlength=len(REASONS) + 1)[1:] for name in named])
        table = pd.DataFrame(counts.reshape(len(named), len(REASONS)), index=pd.Index(named, name="variable"))
        table.columns = pd.Index(REASONS, name="reason")
        kept = [reason for reason in REASONS if reason in ALWAYS_COUNTED or table[reason].any()]
        return table[kept]

    def frame(self) -> pd.DataFrame:
        """Return the common columns, in the order and with the types of the schema."""
        known = common_columns()
        every = {name: values for name, values in self.columns.items() if not name.startswith("_")}
        ordered = [name for name in known if name in every] + [name for name in every if name not in known]
        return pd.DataFrame({name: _typed(every[name], name) for name in ordered}, index=range(self.n))

    def survey(self) -> Survey:
        """Bind the columns to their design; raise ``SurveyFileError`` when anything is wrong."""
        problems = self.every_problem()
        if problems:
            raise SurveyFileError(self.label, self.book.title, problems)
        frame = self.frame()
        bound = {name: name for name in ("weight", "stratum", "psu") if name in frame.columns}
        design = SurveyDesign(frame, **bound, single_psu="adjust", source=self.book.name)
        return Survey(design=design, missing=self.missing(), provenance=self.provenance())

    def every_problem(self) -> list[str]:
        """Return what is wrong with codes, ids, weights and clusters, and with values out of any range."""
        if not self.n:
            return ["it has column names and no rows: export it again"]
        named = {**self.book.design, **self.named}
        found = [*self.problems, *design_problems(self.columns, named, self.problems)]
        if found:
            return found
        try:
            check_frame(self.frame(), where=self.label)
        except DataError as error:
            return [" ".join(str(error).split())]
        return []

    @property
    def label(self) -> str:
        """The file or folder, as messages name it."""
        return self.files[0].name if len(self.files) == 1 else self.files[0].parent.name

    def provenance(self) -> Provenance:
        """Say where the numbers come from; the hash is that of the file as it is now."""
        book = self.book
        return Provenance(
            title=book.title,
            edition=book.edition,
            citation=book.citation,
            licence=book.licence,
            file=self.label,
            sha256=rawfiles.sha256(self.files),
        )


def _typed(values: pd.Series, name: str) -> pd.Series:
    """Give a column the type of its kind; what does not fit stays as it is, for ``check_frame`` to name."""
    column = common_columns().get(name)
    levels = list(column.levels) if column else []
    if levels and not values.dropna().isin(levels).all():
        return values  # as a category, a level that is not listed would silently become a missing value
    if column and column.kind == "category":
        return values.astype(pd.CategoricalDtype(levels or None, ordered=name in {"age_group", "education"}))
    try:
        return values.astype(_TYPES[column.kind] if column else "string")
    except (TypeError, ValueError):
        return values


def needed_path(book: Codebook, path: Path | None, part: str | None) -> Path:
    """Return the path of a survey that has no parts and does not come with this package."""
    if part is not None:
        raise DataError(f"{book.title} has no part {part!r}: leave `part` out")
    if path is None:
        raise DataError(f"{book.title} does not come with this package: give its file. {book.access}".strip())
    return Path(path)


def of_one_file(book: Codebook, path: Path | None, part: str | None) -> Draft:
    """Start the draft of a survey that is one file, or a folder with it."""
    return begin(book, rawfiles.read_raw(the_file(needed_path(book, path, part)), book.variables))


def begin(book: Codebook, table: RawTable) -> Draft:
    """Start a draft from one table: every variable of the codebook that is there, by its rules."""
    recognise(book, table)
    draft = Draft(book, [table.path], table.what, len(table.frame))
    fill(draft, table)
    return draft


def fill(draft: Draft, table: RawTable) -> None:
    """Apply the codebook to ``table``; note what is absent and what is wrong."""
    present = {name.lower() for name in table.present}
    for name, variable in draft.book.variables.items():
        if name.lower() not in present:
            _note_absent(draft, name, required=variable.required)
            continue
        found = answers(variable, table.frame[name].reset_index(drop=True), table.declared.get(name, {}))
        draft.answers[name] = found
        draft.problems += found.problems
        for column, rule in variable.gives.items():
            draft.fill(column, *apply_rule(rule, variable, found))
    for column, value in {"survey": draft.book.name, **draft.book.constants}.items():
        draft.columns.setdefault(column, pd.Series([value]).repeat(draft.n).reset_index(drop=True))
    _mask_children(draft)


def _note_absent(draft: Draft, name: str, *, required: bool) -> None:
    draft.absent.append(name)
    if required:
        expected = f" (expected: {draft.book.expected})" if draft.book.expected else ""
        draft.problems.append(f"the required column {name} is absent{expected}")


def _mask_children(draft: Draft) -> None:
    """Leave out people younger than the age from which a variable means the same."""
    if "age" not in draft.columns:
        return
    age = draft.columns["age"].to_numpy(dtype=float, na_value=np.nan)
    for variable in draft.book.variables.values():
        if variable.from_age is not None:
            columns = [column for column in variable.gives if column in draft.columns]
            draft.mask(columns, age < variable.from_age, "not_applicable")


def add_scales(draft: Draft) -> None:
    """Compute the codebook's scales from columns that are there; a scale needs all its items."""
    for column, rule in draft.book.scales.items():
        items = _items(rule)
        if not draft.has(*items):
            continue
        words = [item for item in items if not pd.api.types.is_numeric_dtype(draft.columns[item])]
        if words:
            draft.problems.append(f"the scale {column} adds numbers, and {', '.join(words)} holds none")
            continue
        parts = pd.DataFrame({item: draft.columns[item].astype("Float64") for item in items}).astype(float)
        values = _scale_values(rule, column, parts)
        absent = np.where(pd.isna(values), np.int8(reason_code("item_missing")), np.int8(0))
        draft.add(column, values, draft.reasons[items[0]] if len(items) == 1 else absent)


def _items(rule: dict[str, object]) -> list[str]:
    if "score" in rule:
        from lonely_analysis.surveys.scales import scale

        return scale(str(rule["score"])).columns
    return [str(rule["of"])] if "of" in rule else list(rule.get("sum") or rule["mean"])


def _scale_values(rule: dict[str, object], column: str, parts: pd.DataFrame) -> pd.Series:
    if "score" in rule:
        return score_scale(parts, str(rule["score"]))[column]
    if "of" in rule:
        values = parts.iloc[:, 0]
        if "bands" in rule:
            return pd.cut(values, [*rule["bands"].values(), np.inf], right=False, labels=list(rule["bands"]))
        return (values >= rule["at_least"]).astype("boolean").mask(values.isna())
    return parts.sum(axis=1, skipna=False) if "sum" in rule else parts.mean(axis=1, skipna=False)
