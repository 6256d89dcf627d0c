"""Settings that every test shares."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

import pytest
from hypothesis import settings

# A time limit for one example fails on a busy machine and says nothing about the code: times are measured
# in `benchmarks`. The gate draws the same examples each time, so that a change is judged by what it changes;
# HYPOTHESIS_PROFILE=search draws new ones.
settings.register_profile("gate", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.fixture
def record_property(
    record_property: Callable[[str, object], None],
) -> Callable[[str, Mapping[str, float]], None]:
    """Tell what a simulation found in plain floats: processes that share the tests cannot send NumPy's."""

    def tell(kind: str, shares: Mapping[str, float]) -> None:
        record_property(kind, {name: float(share) for name, share in shares.items()})

    return tell
