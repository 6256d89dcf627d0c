"""What a chain of links adds up to: the product of its ratios, and what its own steps carry to the end.

A *chain* leads from an exposure over yes/no *states* to an outcome. A link's ratio compares those in the
state before it with those who are not. The *product* multiplies the ratios, which is wrong; what the chain
*carries* is the ratio at its end between the exposed and the others, if every link is causal and acts only on
the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.results import Result

STATES = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Chain(Result):
    """One row a link: ``link, ratio, product, exposed, unexposed, carried``.

    ``ratio`` is the link's own; ``product`` multiplies the ratios so far. ``exposed`` and ``unexposed`` are
    the shares of those at the chain's beginning who reach the link's state, and ``carried`` is their ratio;
    in the last row it is the ratio of the outcome.
    """

    @property
    def product(self) -> float:
        """All ratios multiplied."""
        return float(self.table["product"].iloc[-1])

    @property
    def carried(self) -> float:
        """Ratio of the outcome that the chain passes on from its beginning to its end."""
        return float(self.table["carried"].iloc[-1])

    def beside(self, others: Mapping[str, Result | float]) -> pd.DataFrame:
        """Return other estimates of the same ratio under each other, as ``label, estimate, ci_low, ci_high``.

        A number has no interval: it is a truth, or follows from point estimates.
        """
        rows = [_shown(words, other) for words, other in others.items()]
        return pd.DataFrame(rows).assign(source=self.source)


def chain_ratio(
    links: Mapping[str, Result | tuple[float, float]], last: Mapping[str, Result | float]
) -> Chain:
    """Multiply a chain's ratios, and work out what the chain carries from its beginning to its end.

    ``links`` maps words to two shares of the next state, of those without and with the state before it: a
    pair, or ``la.margins`` of a yes/no variable. ``last`` holds one entry, the ratio r of the outcome for the
    last state. With q0 and q1 the shares of one state among unexposed and exposed, the next has p0 + (p1 -
    p0) q, and the outcome (1 + (r - 1) q1) / (1 + (r - 1) q0): the law of total probability, for states that
    depend on the one before only. A hazard ratio is read as a risk ratio, right while few have died. Point
    estimates only.

    Raises ``DataError`` for anything but two shares between 0 and 1, a ratio that is not positive, results of
    different data, and no or several last links.
    """
    if not links or len(last) != 1:
        raise DataError("a chain has at least one link of two shares and exactly one last link with a ratio")
    sources = {part.source for part in (*links.values(), *last.values()) if isinstance(part, Result)}
    if len(sources) > 1:
        raise DataError(f"links of different data do not make a chain: {', '.join(sorted(sources))}")
    rows, exposed, unexposed, product = [], 1.0, 0.0, 1.0
    for words, part in links.items():
        low, high = _shares(words, part)
        exposed, unexposed = (low + (high - low) * share for share in (exposed, unexposed))
        product *= high / low
        rows.append((words, high / low, product, exposed, unexposed, exposed / unexposed))
    ((words, end),) = last.items()
    ratio = float(end.estimate if isinstance(end, Result) else end)
    if not ratio > 0:
        raise DataError(f"{words!r}: a ratio is above 0, not {ratio}")
    carried = (1 + (ratio - 1) * exposed) / (1 + (ratio - 1) * unexposed)
    rows.append((words, ratio, product * ratio, float("nan"), float("nan"), carried))
    columns = ["link", "ratio", "product", "exposed", "unexposed", "carried"]
    return Chain(table=pd.DataFrame(rows, columns=columns), source=sources.pop() if sources else "published")


def compare_chains(choices: Mapping[str, Chain]) -> pd.DataFrame:
    """Return what several chains multiply to and what they carry: ``label, product, carried, source``."""
    rows = [
        {"label": words, "product": chain.product, "carried": chain.carried, "source": chain.source}
        for words, chain in choices.items()
    ]
    return pd.DataFrame(rows)


def _shares(words: str, part: Result | tuple[float, float]) -> tuple[float, float]:
    shares = part.to_frame()["estimate"] if isinstance(part, Result) else part
    if len(shares) != STATES or not all(0 < share < 1 for share in shares):
        raise DataError(f"{words!r}: give two shares between 0 and 1, without and with the state before it")
    low, high = (float(share) for share in shares)
    return low, high


def _shown(words: str, other: Result | float) -> dict[str, object]:
    if isinstance(other, Result):
        return {"label": words, "estimate": other.estimate, "ci_low": other.ci_low, "ci_high": other.ci_high}
    return {"label": words, "estimate": float(other), "ci_low": float("nan"), "ci_high": float("nan")}
