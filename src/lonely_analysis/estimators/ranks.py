"""Ranks of people in a population, estimated from a weighted sample.

The *rank* of a person is the share of the population that is worse off plus half of those equally well off
(a *ridit*), so it runs from 0 to 1 with mean one half. Every row's weight moves the ranks of all others,
which a standard error has to count.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.columns import measure
from lonely_analysis.surveys.design import require_columns


@dataclass(frozen=True, eq=False)
class Ranks:
    """Estimated ranks of rows: ``values`` (n,), with the ``level`` of each row and the weights."""

    values: np.ndarray = field(repr=False)
    level: np.ndarray = field(repr=False)
    weights: np.ndarray = field(repr=False)

    def richer(self, amounts: np.ndarray) -> np.ndarray:
        """Return, for each row, the weighted ``amounts`` of the better off plus half of its own level's."""
        own = np.bincount(self.level, weights=self.weights * amounts)
        return (own.sum() - np.cumsum(own) + own / 2)[self.level]

    def contributions(self, slopes: np.ndarray) -> np.ndarray:
        """Return what rows contribute through the ranks to a total with derivative w_i slopes_i by rank i.

        Row j moves rank i by w_j (1{j below i} + half if equal - rank_i) / W.
        """
        shift = self.richer(slopes) - np.sum(self.weights * slopes * self.values)
        return self.weights * shift / self.weights.sum()


def ranks_of(position: np.ndarray, weights: np.ndarray) -> Ranks:
    """Rank rows by ``position``, lowest first; ties share the middle of their level."""
    level = np.unique(position, return_inverse=True)[1]
    size = np.bincount(level, weights=weights)
    middle = (np.cumsum(size) - size / 2) / size.sum()
    return Ranks(middle[level], level, weights)


def position_of(frame: pd.DataFrame, rank: str) -> np.ndarray:
    """Return the places of rows in the ranking, NaN where missing; an unordered category has none."""
    require_columns(list(frame.columns), [rank])
    column = frame[rank]
    if isinstance(column.dtype, pd.CategoricalDtype):
        if not column.cat.ordered:
            raise DataError(
                f"rank {rank!r} is a category without order: make it ordered, worst off first, with "
                "pd.Categorical(..., ordered=True)"
            )
        codes = column.cat.codes.to_numpy().astype(float)
        return np.where(codes < 0, np.nan, codes)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise DataError(
            f"rank {rank!r} holds {column.dtype}, which has no order: make it numbers, or an ordered "
            "category with the worst off first"
        )
    return measure(frame, rank)


def refuse_one_level(ranks: Ranks, rank: str) -> None:
    """Raise ``DataError`` where nobody in the rows used is better off than anybody."""
    if ranks.level.max(initial=0) == 0:
        raise DataError(f"rank {rank!r} has one level in the rows used: nobody is better off than anybody")
