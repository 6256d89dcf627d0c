"""A survey in twenty files, taken file by file, against the time to read the columns."""

from __future__ import annotations

import json
import math
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

import lonely_analysis as la
from benchmarks.data import FOLDER, survey
from benchmarks.timing import Row

FILES = 20
COLUMNS = ["country", "age", "stratum", "psu", "weight", "lonely"]
ROUNDS = 3
#: PSUs of different files must differ; a file of 5,000,000 rows has 50,000 of them.
APART = 10_000_000


def files(n: int) -> list[Path]:
    folder = FOLDER / f"parts_{n}"
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"part_{number:02d}.parquet" for number in range(FILES)]
    if not all(path.exists() for path in paths):
        frame = survey(n // FILES)[COLUMNS]
        for number, path in enumerate(paths):
            moved = {name: (frame[name] + number * APART).astype("int32") for name in ("stratum", "psu")}
            frame.assign(**moved).to_parquet(path)
    return paths


def read(n: int) -> None:
    """Read the columns, file by file, and do nothing with them."""
    for path in files(n):
        pq.read_table(path, columns=COLUMNS).to_pandas()


def estimate(n: int) -> None:
    """Estimate 240 domains with their design errors."""
    design = la.SurveyDesign(la.parts(files(n)), weight="weight", stratum="stratum", psu="psu")
    la.prevalence(design, "lonely", by=["country", "age"])


def measure(task: str, n: int) -> tuple[float, int]:
    """Return the seconds of a task in this process, which is fresh, and the most memory it held."""
    started = time.perf_counter()
    {"read": read, "estimate": estimate}[task](n)
    return time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _fresh(task: str, n: int) -> tuple[float, int]:
    code = f"import json; from benchmarks.parts import measure; print(json.dumps(measure({task!r}, {n})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return tuple(json.loads(done.stdout))


def rows(sizes: tuple[int, ...]) -> Iterator[Row]:
    before: tuple[int, float] | None = None
    for n in sizes:
        files(n)
        # One after the other, so that both meet the machine in the same mood.
        rounds = [(_fresh("read", n), _fresh("estimate", n)) for _ in range(ROUNDS)]
        reading, ours = (min(seconds for seconds, _ in column) for column in zip(*rounds, strict=True))
        peak = max(memory for _, (_, memory) in rounds)
        task = f"240 domains, {n:,} rows in {FILES} files, {peak / 2**20:.0f} MiB (goal 1024)"
        task += f", {ours / reading:.2f} times as long as reading the columns"
        if before:
            exponent = math.log(ours / before[1]) / math.log(n / before[0])
            # With fewer rows, what starts up once outweighs them.
            task += f" (goal 2), growth {exponent:.2f} (goal 1.1)"
        before = n, ours
        yield Row(task, ours, {}, {}, peak / n)
