"""What an analyst waits for before the first estimate: imports in fresh processes."""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.timing import Row


def _import_seconds(module: str) -> float:
    times = []
    for _ in range(4):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
        times.append(time.perf_counter() - started)
    return min(times)


def rows() -> list[Row]:
    # Naming an estimator imports what it needs; the package alone imports nothing.
    pandas, ours = _import_seconds("pandas"), _import_seconds("lonely_analysis; lonely_analysis.prevalence")
    return [
        Row(
            f"import with prevalence ({ours - pandas:+.2f} s on pandas, goal +0.20 s)",
            ours,
            {"pandas": pandas},
        )
    ]
