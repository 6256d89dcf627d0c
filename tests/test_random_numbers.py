"""The random numbers on pages do not depend on the version of NumPy: ``Generator`` promises no such thing.

Drawn with NumPy 2.4.6; 2.5.5 draws the same. Where one of these fails with a newer NumPy, draw by quantiles
of uniform numbers instead, as ``binomial_quantile`` does since NumPy 2.5 corrected ``Generator.binomial``.
"""

from __future__ import annotations

import numpy as np
import pytest

DRAWN = 100_000


@pytest.mark.parametrize(
    ("name", "arguments", "total"),
    [
        ("random", (), 49999.44053060282),
        ("normal", (0.0, 1.0), -459.05720428757843),
        ("exponential", (2.0,), 199199.16534888724),
        ("chisquare", (396.0,), 39582190.21703255),
        ("integers", (7,), 299845),
    ],
)
def test_another_numpy_draws_the_same_numbers_from_a_seed(name, arguments, total):
    """The sum of many draws, since a rule that rejects one more shifts all that follow."""
    drawn = getattr(np.random.default_rng(1), name)(*arguments, size=DRAWN)
    assert drawn.sum() == pytest.approx(total, rel=1e-12)
