"""Frozen results: what every estimator returns.

A *result* holds numbers and knows which data they come from (``source``); it never prints, plots or rounds.
Columns follow one vocabulary everywhere: ``estimate, se, ci_low, ci_high, n, df``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """What all results share.

    ``source`` is the short name of the survey or table behind the numbers (``"synthetic"``, ``"euls"``, ...);
    ``note`` says in one sentence what a reader must know (a fallback interval, few PSUs), or is empty.
    """

    table: pd.DataFrame = field(repr=False)
    source: str
    note: str = ""

    def to_frame(self) -> pd.DataFrame:
        """Return the numbers as a new data frame, which may be changed freely."""
        return self.table.copy()

    def __len__(self) -> int:
        return len(self.table)

    def __getattr__(self, name: str) -> Any:
        """Give a column of a one-row result as a number, so that ``result.estimate`` reads naturally."""
        table = self.__dict__.get("table")
        if table is None or name not in table.columns:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        if len(table) != 1:
            raise AttributeError(f"{name!r} has {len(table)} values here: use .to_frame() or .row(...)")
        return table[name].iloc[0]

    def row(self, **where: Any) -> Result:
        """Return the one row that ``where`` names, as a result of its own: ``result.row(country="NO")``."""
        keep = np.ones(len(self.table), dtype=bool)
        for column, value in where.items():
            if column not in self.table.columns:
                raise KeyError(f"no column {column!r}; there are: {', '.join(map(str, self.table.columns))}")
            keep &= (self.table[column] == value).fillna(False).to_numpy(dtype=bool)
        if keep.sum() != 1:
            raise KeyError(f"{keep.sum()} rows match {where}; exactly one is needed")
        return replace(self, table=self.table[keep].reset_index(drop=True), **self._restrict(keep))

    def _restrict(self, keep: np.ndarray) -> dict[str, Any]:  # noqa: ARG002
        """Fields beside ``table`` that must shrink with it; subclasses that carry a covariance say which."""
        return {}


def joined_notes(results: Iterable[Result]) -> str:
    """Return what several results say to a reader, each sentence once."""
    return " ".join(dict.fromkeys(result.note for result in results if result.note))


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimates(Result):
    """Means or prevalences, one row a domain.

    Columns: the ``by`` columns, then ``estimate, se, ci_low, ci_high, n, df, deff``.
    ``vcov`` is the covariance of the estimates across domains, in row order.
    """

    outcome: str
    by: tuple[str, ...] = ()
    statistic: str = "mean"
    method: str = ""
    level: float = 0.95
    vcov: np.ndarray | None = field(default=None, repr=False)

    def _restrict(self, keep: np.ndarray) -> dict[str, Any]:
        return {} if self.vcov is None else {"vcov": self.vcov[np.ix_(keep, keep)]}


@dataclass(frozen=True, kw_only=True, eq=False)
class HypothesisTest(Result):
    """A test: ``statistic, df1, df2, p``, with ``name`` and ``null`` in words."""

    name: str
    null: str
