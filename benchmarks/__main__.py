"""Time this package beside R ``survey``, metafor, svy and PyMARE in one run, and print the table of ratios.

``python -m benchmarks`` runs everything, ``--quick`` leaves the millions out, ``--only`` times some groups of
tasks again, ``--out`` keeps the table.
Peers come from ``Rscript`` on the path and from ``requirements-crosscheck.lock``, which ``uv pip compile
--universal --generate-hashes --python-version 3.11 -c requirements.lock requirements-crosscheck.in`` makes; a
peer that is missing is named in the table.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks import parts, pooling, prevalence, regression, replicates, start, surveys
from benchmarks.timing import Row

HEAD = f"{'task':58} {'ours':>9} {'R':>22} {'another':>26} {'B/row':>14}"


def tasks(quick: bool) -> dict[str, Callable[[], Iterable[Row]]]:
    large, some = (100_000, 10_000) if quick else (1_000_000, 100_000)
    return {
        "start": start.rows,
        "surveys": lambda: surveys.rows(quick),
        "prevalence": lambda: prevalence.rows((10_000, 100_000) if quick else (10_000, 100_000, large)),
        "replicates": lambda: replicates.rows(some),
        "regression": lambda: regression.rows(large),
        "refits": lambda: regression.replicate_rows(some),
        "pooling": lambda: pooling.rows(500 if quick else 10_000),
        "parts": lambda: parts.rows((1_000_000,) if quick else (10_000_000, 100_000_000)),
    }


def line(row: Row) -> str:
    memory = "" if row.memory is None else f"{row.memory:.0f}"
    if row.memory_goal:
        memory += f" (goal {row.memory_goal:.0f})"
    other = _other(row)
    another = f"{other} {_peer(row, other)}" if other else ""
    return f"{row.task:58} {row.ours:8.4f}s {_peer(row, 'R'):>22} {another:>26} {memory:>14}"


def _other(row: Row) -> str:
    """Return the name of the peer that is not R, such as svy or PyMARE."""
    return next((name for name in row.peers if name != "R"), "")


def _peer(row: Row, name: str) -> str:
    time = row.peers.get(name)
    if time is None:
        return ""
    if isinstance(time, str):
        return time
    goal = f" (goal {row.goals[name]:g})" if name in row.goals else ""
    return f"{time / row.ours:.1f}x{goal}"


def record(group: str, row: Row) -> dict[str, object]:
    """Return a row for the CSV: seconds, how many times longer each peer takes, and the goals."""
    other = _other(row)
    told: dict[str, object] = {"group": group, "task": row.task, "seconds": f"{row.ours:.3g}", "other": other}
    for column, name in (("r", "R"), ("other", other)):
        time = row.peers.get(name)
        told[f"{column}_times"] = f"{time / row.ours:.3g}" if isinstance(time, float) else ""
        told[f"{column}_goal"] = row.goals.get(name, "")
    told["bytes_a_row"] = "" if row.memory is None else f"{row.memory:.0f}"
    told["bytes_goal"] = row.memory_goal or ""
    return told


def write(found: dict[str, list[Row]], path: Path) -> None:
    """Write what was timed; the rows of other groups stay as they were written last."""
    told = [record(group, row) for group, rows in found.items() for row in rows]
    if path.exists():
        with path.open(encoding="utf-8", newline="") as stream:
            told += [row for row in csv.DictReader(stream) if row["group"] not in found]
    order = list(tasks(quick=False))
    told.sort(key=lambda row: order.index(str(row["group"])))
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, list(told[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(told)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="at most 100,000 rows")
    parser.add_argument("--only", nargs="+", choices=list(tasks(quick=False)), help="groups of tasks")
    parser.add_argument("--out", type=Path, help="also write the table as CSV")
    options = parser.parse_args()
    found: dict[str, list[Row]] = {}
    print("Best times; Nx says how many times longer the peer takes.\n" + HEAD, flush=True)
    for group, task in tasks(options.quick).items():
        if options.only and group not in options.only:
            continue
        found[group] = []
        for row in task():
            found[group].append(row)
            print(line(row), flush=True)
    if options.out:
        write(found, options.out)


if __name__ == "__main__":
    main()
