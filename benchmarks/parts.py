"""A survey in twenty files, taken file by file, against the time to read the columns."""

from __future__ import annotations

import json
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


def measure(n: int) -> dict[str, float]:
    """Time reading the columns and estimating 240 domains; the peak memory is that of this process."""
    paths = files(n)
    started = time.perf_counter()
    for path in paths:
        pq.read_table(path, columns=COLUMNS).to_pandas()
    read = time.perf_counter() - started
    started = time.perf_counter()
    design = la.SurveyDesign(la.parts(paths), weight="weight", stratum="stratum", psu="psu")
    la.prevalence(design, "lonely", by=["country", "age"])
    ours = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"read": read, "ours": ours, "peak": peak}


def rows(sizes: tuple[int, ...]) -> Iterator[Row]:
    for n in sizes:
        files(n)
        code = f"import json; from benchmarks.parts import measure; print(json.dumps(measure({n})))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        task = f"240 domains, {n:,} rows in {FILES} files, {found['peak'] / 2**20:.0f} MiB (goal 1024)"
        yield Row(task, found["ours"], {"reading": found["read"]}, {"reading": 0.5}, found["peak"] / n)
