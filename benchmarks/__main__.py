"""Time this package beside R ``survey`` and svy in one run, and print the table of ratios.

``python -m benchmarks`` runs everything, ``--quick`` leaves the millions out, ``--out`` keeps the table.
Peers come from ``Rscript`` on the path and from ``requirements-crosscheck.lock``, which ``uv pip compile
--universal --generate-hashes --python-version 3.11 -c requirements.lock requirements-crosscheck.in`` makes; a
peer that is missing is named in the table.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks import parts, pooling, prevalence, regression, replicates, start, surveys
from benchmarks.timing import Row

HEAD = f"{'task':58} {'ours':>9} {'R':>22} {'svy':>22} {'B/row':>14}"


def tasks(quick: bool) -> Iterator[Callable[[], Iterable[Row]]]:
    large = 100_000 if quick else 1_000_000
    yield start.rows
    yield lambda: surveys.rows(quick)
    yield lambda: prevalence.rows((10_000, 100_000) if quick else (10_000, 100_000, large))
    yield lambda: replicates.rows(10_000 if quick else 100_000)
    yield lambda: regression.rows(large)
    yield lambda: regression.replicate_rows(10_000 if quick else 100_000)
    yield lambda: pooling.rows(500 if quick else 10_000)
    yield lambda: parts.rows((1_000_000,) if quick else (10_000_000, 100_000_000))


def line(row: Row) -> str:
    cells = [_peer(row, name) for name in ("R", "svy")]
    memory = "" if row.memory is None else f"{row.memory:.0f}"
    if row.memory_goal:
        memory += f" (goal {row.memory_goal:.0f})"
    return f"{row.task:58} {row.ours:8.4f}s {cells[0]:>22} {cells[1]:>22} {memory:>14}"


def _peer(row: Row, name: str) -> str:
    time = row.peers.get(name)
    if time is None:
        return ""
    if isinstance(time, str):
        return time
    goal = f" (goal {row.goals[name]:g})" if name in row.goals else ""
    return f"{time / row.ours:.1f}x{goal}"


def record(row: Row) -> dict[str, object]:
    """Return a row for the CSV: seconds, how many times longer each peer takes, and the goals."""
    told: dict[str, object] = {"task": row.task, "seconds": f"{row.ours:.3g}"}
    for name in ("R", "svy"):
        time = row.peers.get(name)
        told[f"{name.lower()}_times"] = f"{time / row.ours:.3g}" if isinstance(time, float) else ""
        told[f"{name.lower()}_goal"] = row.goals.get(name, "")
    told["bytes_a_row"] = "" if row.memory is None else f"{row.memory:.0f}"
    told["bytes_goal"] = row.memory_goal or ""
    return told


def write(rows: list[Row], path: Path) -> None:
    told = [record(row) for row in rows]
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(told[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(told)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="at most 100,000 rows")
    parser.add_argument("--out", type=Path, help="also write the table as CSV")
    options = parser.parse_args()
    quick, rows = options.quick, []
    print("Best times; Nx says how many times longer the peer takes.\n" + HEAD, flush=True)
    for task in tasks(quick):
        for row in task():
            rows.append(row)
            print(line(row), flush=True)
    if options.out:
        write(rows, options.out)


main()
