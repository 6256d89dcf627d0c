"""Settings that every test shares."""

from __future__ import annotations

from hypothesis import settings

# A time limit for one example fails on a busy machine and says nothing about the code: times are measured
# in `benchmarks`.
settings.register_profile("book", deadline=None)
settings.load_profile("book")
