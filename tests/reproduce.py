"""Compare what this Python gives with what is stored, to the byte; ``make reproduce`` runs it on several.

    python tests/reproduce.py --ledger FILE           notebooks, ledger, synthetic survey, real results
    python tests/reproduce.py --ledger FILE --plain   the same, with the arithmetic of a much older processor

Results of real surveys are computed where their files are, and named as not checked elsewhere. ``FILE``
holds the ledger of the environment to compare with (``lonely claims --format json``). Figures are compared as
the notebooks store them, as SVG. ``--plain`` takes OpenBLAS's oldest kernel, NumPy without vector
instructions and the C library without fused multiplication, so that sums run in another order and functions
differ in their last bits: as near as one machine comes to being another.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "surveys"))
import survey_samples as samples

ROOT = samples.ROOT
#: Survey, a file of it, and whether its folder is what is read.
REAL = (("euls", "eu_loneliness_survey_eu4.dta", False), ("nhanes", "DEMO_C.XPT", True))
KERNEL = "OPENBLAS_CORETYPE"
OLDEST = "Prescott"
#: One unit in the ninth digit of a number that begins with 1, and what stands for 0.
NINTH_DIGIT, NOTHING = 1e-8, 1e-12


def plain_arithmetic() -> dict[str, str]:
    """Return the environment in which nothing uses what only newer processors have."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    present = [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]
    return {
        KERNEL: OLDEST,
        "NPY_DISABLE_CPU_FEATURES": " ".join(present),
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4,-AVX512F",
    }


def notebooks() -> Iterator[str]:
    """Yield the notebooks that differ from the stored ones."""
    from lonely_analysis.book.notebooks import refresh

    yield from (path.relative_to(ROOT).as_posix() for path in refresh(check=True))


def ledger(stored: Path) -> Iterator[str]:
    """Yield the rows of the ledger that are not those of the file."""
    from lonely_analysis.evidence.claims import claims

    found = json.loads(claims().to_frame().to_json(orient="records", double_precision=15))
    yield from changed({row["id"]: row for row in found}, {row["id"]: row for row in read(stored)})


def synthetic() -> Iterator[str]:
    """Yield the files of the synthetic survey that come out otherwise when simulated anew."""
    from lonely_analysis.files import data_dir
    from lonely_analysis.surveys.synthetic.store import FOLDER, write

    with tempfile.TemporaryDirectory() as folder:
        for file in write(Path(folder)):
            if file.read_bytes() != (data_dir() / FOLDER / file.name).read_bytes():
                yield file.name


def real_results(survey: str, pattern: str, folder: bool) -> Iterator[str]:
    """Yield the results of a real survey that are not those stored; skip, saying so, without its file.

    Under another NumPy or processor a number may be rounded to the next one, and what is 0 may be 1e-17: one
    unit in the ninth digit is allowed, which is the last that is stored.
    """
    from lonely_analysis.book import snapshot
    from lonely_analysis.files import data_file

    file = samples.real(survey, pattern)
    found = snapshot.computed(survey, file.parent if folder else file)
    stored = read(data_file(f"{snapshot.FOLDER}/{survey}.json"))
    # What computed them stands beside the results, and is bound to differ.
    yield from changed(json.loads(json.dumps(found["results"])), stored["results"], exactly=False)


def read(file: Path) -> dict:
    return json.loads(file.read_text("utf-8"))


def equal(one: Any, other: Any, exactly: bool) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[key], other[key], exactly) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other, [exactly] * len(one)))
    if isinstance(one, float) and isinstance(other, float) and not exactly:
        return math.isclose(one, other, rel_tol=NINTH_DIGIT, abs_tol=NOTHING)
    return one == other


def changed(found: dict, stored: dict, exactly: bool = True) -> Iterator[str]:
    for key in sorted(found.keys() | stored.keys()):
        one, other = (json.dumps(each.get(key), sort_keys=True) for each in (found, stored))
        if one != other and not equal(found.get(key), stored.get(key), exactly):
            place = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
            start = max(place - 25, 0)
            yield f"{key}: …{one[start : place + 25]}… is stored as …{other[start : place + 25]}…"


def main() -> int:
    """Compare everything, name what differs, and fail if anything did."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ledger", type=Path, required=True, help="the ledger to compare with, as JSON")
    parser.add_argument("--plain", action="store_true", help="compute as a much older processor does")
    options = parser.parse_args()
    if options.plain and os.environ.get(KERNEL) != OLDEST:
        # Only a new process takes it: the libraries choose while they are loaded.
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **plain_arithmetic()})
    os.chdir(ROOT)
    parts = {"notebooks": notebooks(), "ledger": ledger(options.ledger), "synthetic survey": synthetic()}
    parts |= {f"results of {survey}": real_results(survey, *rest) for survey, *rest in REAL}
    same = True
    for part, differences in parts.items():
        try:
            found = list(differences)
        except pytest.skip.Exception as absent:
            print(f"[reproduce] {part}: {absent.msg}")
            continue
        same &= not found
        print(f"[reproduce] {part}: {f'{len(found)} differ' if found else 'the same'}", flush=True)
        for line in found:
            print(f"    {line}")
    return int(not same)


if __name__ == "__main__":
    sys.exit(main())
