"""Files and frames that nobody would wish for: extreme weights, tiny strata, empty domains, odd bytes."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import strategies as st

LABELS = st.one_of(
    st.sampled_from(
        ["<script>alert(1)</script>", "=1+1", "$x$", "\\frac{", "a,b", 'say "x"', "NA", "nan", "å", "\u202e"]
    ),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=8),
)
GOOD_WEIGHTS = st.one_of(
    st.just(0.0),
    st.just(1.0),
    st.integers(-10, 10).map(lambda power: float(f"1e{power}")),
    st.floats(0.1, 10),
)
ODD_WEIGHTS = st.one_of(
    GOOD_WEIGHTS,
    st.sampled_from([float("nan"), float("inf"), -1.0, 1e300, 5e-324, 1e-300]),
    st.none(),
    st.text(max_size=3),
)
ODD_NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 1.0, 1e-300, 1e300, -1e300]),
    st.integers(-3, 3),
)


@st.composite
def frames(draw: st.DrawFn, weights: st.SearchStrategy = GOOD_WEIGHTS) -> pd.DataFrame:
    """Draw up to 24 rows with few strata and PSUs, a rare, empty or constant outcome, and a wild measure."""
    n = draw(st.integers(1, 24))

    def column(values: st.SearchStrategy) -> list:
        return draw(st.lists(values, min_size=n, max_size=n))

    share = draw(st.sampled_from([[0], [1], [0, 1], [0] * 9 + [1], [0, 1, None], [None]]))
    return pd.DataFrame(
        {
            "w": pd.Series(column(weights)),
            "s": column(st.integers(1, draw(st.integers(1, 3)))),
            "p": column(st.integers(1, draw(st.integers(1, 5)))),
            "g": column(st.sampled_from(draw(st.lists(LABELS, min_size=1, max_size=3)))),
            "y": pd.array(column(st.sampled_from(share)), dtype="Float64"),
            "x": np.array(column(ODD_NUMBERS), dtype=float),
            "z": np.array(column(st.integers(-2, 2)), dtype=float),
        }
    )
