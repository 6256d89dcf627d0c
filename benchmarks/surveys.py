"""Reading survey files of real size: shell to table, a whole round harmonised, a file of a gigabyte.

The files are generated from the codebooks, so that every column holds valid codes. Seconds and memory stand
beside their goals; there is no peer that reads a file into common columns.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.timing import Row, best
from lonely_analysis.surveys import ess
from lonely_analysis.surveys.codebook import codebook

EU_ROWS, EU_SECONDS = 4_000, 3.0
ESS_ROWS, ESS_SECONDS = 50_000, 2.0
BRFSS_ROWS, BRFSS_COLUMNS, GIB = 450_000, 350, 1024**2
BLOCK = 2_000
"""Rows of the large file that are drawn; the file repeats them."""
_READ = "import resource; from pathlib import Path; from lonely_analysis.surveys import brfss; "
_READ += "made = brfss.draft(Path({path!r})); made.frame(); "
_READ += "print(made.n, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def rows(quick: bool) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [_shell(folder), _harmonise(folder), *([] if quick else [_gigabyte(folder)])]


def _codes(survey: str, n: int) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    columns = {}
    for name, variable in codebook(survey).variables.items():
        low, high = variable.limits or (0, 1)
        valid = list(variable.codes) or np.linspace(low, high, 11).round()
        if not variable.text:
            columns[name] = rng.choice(np.array(valid, dtype=float), n)
    return pd.DataFrame(columns)


def _shell(folder: Path) -> Row:
    frame = _codes("euls", EU_ROWS).assign(id=range(EU_ROWS), w_country=1.0, w_country_5=1.0, w_design=1.0)
    frame.to_stata(folder / "euls.dta", write_index=False)
    command = [sys.executable, "-m", "lonely_analysis", "prevalence", "--survey", "euls"]
    command += ["--file", str(folder / "euls.dta"), "--outcome", "lonely", "--by", "country"]
    seconds = best(lambda: subprocess.run(command, check=True, capture_output=True), 2)
    return Row(f"EU survey file to a table, from the shell (goal {EU_SECONDS:g} s)", seconds)


def _harmonise(folder: Path) -> Row:
    frame = _codes("ess", ESS_ROWS).drop(columns=["cgtsmke"])
    number = np.arange(ESS_ROWS)
    frame = frame.assign(
        cntry=np.array(["NO", "SE", "DE", "FR", "GB"])[number % 5],
        idno=number // 5,
        essround=11,
        psu=number // 50,
    )
    frame = frame.assign(
        stratum=number // 500, anweight=1.0, pspwght=1.0, dweight=1.0, height=170, weighta=70
    )
    frame.to_csv(folder / "ess.csv", index=False)
    seconds = best(lambda: ess.draft(folder / "ess.csv").survey(), 3)
    return Row(f"ESS, {ESS_ROWS} rows harmonised (goal {ESS_SECONDS:g} s)", seconds)


def _gigabyte(folder: Path) -> Row:
    path = _large_file(folder)
    printed: list[str] = []

    def read() -> None:
        code = _READ.format(path=str(path))
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        printed[:] = done.stdout.split()

    seconds = best(read, 1)
    size, peak = path.stat().st_size / 1024**3, int(printed[1]) / GIB
    return Row(f"BRFSS, {printed[0]} rows, {size:.1f} GiB, peak {peak:.2f} GiB (goal 1 GiB)", seconds)


def _large_file(folder: Path) -> Path:
    """Write a transport file by repeating the bytes of a small one: the format has no count of rows."""
    import pyreadstat

    from lonely_analysis.surveys import xport

    frame = _codes("brfss", BLOCK).assign(IYEAR="2023", SEQNO="2023000001", _PSU=1.0, _STSTR=1.0)
    more = pd.DataFrame(
        1.0, index=frame.index, columns=[f"V{i}" for i in range(BRFSS_COLUMNS - frame.shape[1])]
    )
    small, large = folder / "small.xpt", folder / "LLCP2023.XPT"
    pyreadstat.write_xport(pd.concat([frame, more], axis=1), str(small), file_format_version=5)
    whole, content = xport.layout(small), small.read_bytes()
    with large.open("wb") as stream:
        stream.write(content[: whole.start])
        for _ in range(BRFSS_ROWS // BLOCK):
            stream.write(content[whole.start : whole.start + whole.width * BLOCK])
        stream.write(b" " * (-stream.tell() % xport.RECORD))
    return large
