"""What one waits for before the first number: imports in fresh processes, and the ledger of all claims."""

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


def _ledger_seconds() -> float:
    from lonely_analysis.evidence.claim_file import FILE, read_claims
    from lonely_analysis.evidence.claims import ledger
    from lonely_analysis.evidence.evidence_base import Evidence, shipped_evidence
    from lonely_analysis.files import data_file

    times = []
    for _ in range(3):
        started = time.perf_counter()
        shipped = shipped_evidence()
        # Evidence keeps what it has found: a new one begins with nothing.
        ledger(read_claims(data_file(FILE)), Evidence(tables=shipped.tables, real=shipped.real))
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
        ),
        Row("ledger of all claims with its sensitivity (goal 2 s)", _ledger_seconds(), {}),
    ]
