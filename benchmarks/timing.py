"""How a task is timed: one call to warm up, then the best of a few, of more where a call is short.

Ratios are of best times, because other work on the machine only ever adds to a time.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass, field

ROUNDS = 5
# Calls are repeated for at least so many seconds: a short one is easily disturbed.
LEAST = 1.0
# A task that takes longer than this is not repeated.
LONG = 20.0


@dataclass
class Row:
    """One line of the table: our best seconds, the peers', and our memory above the data in bytes a row."""

    task: str
    ours: float
    peers: dict[str, float | str] = field(default_factory=dict)
    goals: dict[str, float] = field(default_factory=dict)
    memory: float | None = None
    memory_goal: float | None = None


def best(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    started = time.perf_counter()
    call()
    if time.perf_counter() - started > LONG:
        return time.perf_counter() - started
    times: list[float] = []
    while len(times) < rounds or sum(times) < LEAST:
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return min(times)


def peak_bytes(call: Callable[[], object]) -> int:
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
