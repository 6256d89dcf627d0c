"""Parts are read ahead of who takes them, in order, and no longer than they are wanted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from lonely_analysis.surveys import parts


def numbers(taken: list[int], broken_at: int | None = None) -> Iterator[int]:
    for number in range(6):
        if number == broken_at:
            raise ValueError("cut short")
        taken.append(number)
        yield number


def test_what_is_read_ahead_comes_in_order_and_whole() -> None:
    assert list(parts._ahead(numbers([]))) == list(range(6))


def test_reading_goes_on_while_a_batch_is_used() -> None:
    taken: list[int] = []
    seen = parts._ahead(numbers(taken))
    assert next(seen) == 0
    stop = time.monotonic() + 10
    while len(taken) < 1 + parts._AHEAD and time.monotonic() < stop:
        time.sleep(0.001)
    assert len(taken) == 1 + parts._AHEAD
    seen.close()


def test_an_error_comes_after_the_batches_before_it() -> None:
    seen = parts._ahead(numbers([], broken_at=3))
    assert [next(seen) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="cut short"):
        next(seen)


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    taken: list[int] = []
    seen = parts._ahead(numbers(taken))
    next(seen)
    seen.close()
    assert threading.active_count() == before
    assert len(taken) <= 1 + parts._AHEAD
