"""Small files of the structure of real surveys, and where real ones may lie.

The samples hold every code and every missing code of a codebook, so that each is read at least once on every
machine. Real files are read where they are present and are never copied.
"""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lonely_analysis.surveys.codebook import Codebook, Variable, codebook

ROOT = Path(__file__).resolve().parents[2]
ROWS = 240
DEMOGRAPHIC = ["SDDSRVYR", "RIDSTATR", "RIAGENDR", "RIDAGEYR", "DMDEDUC2", "INDFMPIR", "DMDHHSIZ"]
DEMOGRAPHIC += ["DMDMARTL", "DMDBORN", "WTMEC2YR", "WTINT2YR", "SDMVSTRA", "SDMVPSU"]


def real(survey: str, pattern: str) -> Path:
    """Return the real file or folder of ``survey``, or skip with the reason that it is absent."""
    for folder in (
        ROOT / "data" / "raw" / survey,
        *sorted((ROOT.parent / "shared" / "real").glob(f"{survey}*")),
    ):
        found = sorted(folder.glob(pattern)) if folder.is_dir() else []
        if found:
            return found[0]
    pytest.skip(f"not checked: the real file of {survey} is absent (data/raw/{survey}/{pattern})")


def printed(value: float, shown: str) -> bool:
    """Say whether ``value`` rounds to the number as it was printed, digit for digit."""
    digits = len(shown.partition(".")[2])
    return abs(value - float(shown)) <= 0.5 * 10**-digits * (1 + 1e-9)


def printed_percent(proportion: float, shown: str) -> bool:
    """Say the same of a percentage that was rounded from six decimals of the proportion."""
    return printed(round(proportion, 6) * 100, shown)


def valid_codes(variable: Variable) -> list[float]:
    if variable.codes:
        return list(variable.codes)
    low, high = variable.limits
    return [low, high] if high - low > 20 else [float(code) for code in range(int(low), int(high) + 1)]


def every_code(name: str, rows: int = ROWS) -> pd.DataFrame:
    """Return a frame in which every coded variable has all its codes and missing codes, in some order."""
    book: Codebook = codebook(name)
    columns = {}
    for position, (column, variable) in enumerate(book.variables.items()):
        if not variable.text:
            codes = [
                *valid_codes(variable),
                *(code for code in variable.missing if not isinstance(code, str)),
            ]
            run = np.array(list(islice(cycle(codes), rows)), dtype=float)
            columns[column] = np.random.default_rng(position).permutation(run)
    return pd.DataFrame(columns)


def euls(rows: int = ROWS) -> pd.DataFrame:
    frame = every_code("euls", rows)
    frame["id"] = np.arange(1, rows + 1)
    frame["country"] = [10.0, 15.0, 21.0, 27.0] * (rows // 4)
    frame["age"] = np.linspace(16, 91, rows).round()
    frame["country_birth_yourself"] = np.resize([14.0, 20.0, 33.0, 41.0, 96.0, 224.0, 999.0], rows)
    frame["w_country"] = np.linspace(0.5, 1.5, rows)
    frame["w_country_5"], frame["w_design"] = frame["w_country"] + 0.1, 1.0
    for event in (1, 2, 3, 4, 9, 10):
        ticked = np.arange(rows) % (event + 2) == 0
        frame[f"life_events__{event}"] = np.where(ticked, event, np.nan)
    frame["life_events__12"] = np.where(np.arange(rows) % 60 == 7, 999, np.nan)
    frame["lost_spouse"] = np.where(np.arange(rows) % 50 == 3, 1, np.nan)
    return frame


def ess(rows: int = ROWS, countries: tuple[str, ...] = ("NO", "SE")) -> pd.DataFrame:
    frame = every_code("ess", rows)
    frame["cntry"] = list(islice(cycle(countries), rows))
    frame["idno"] = np.arange(rows) // len(countries) + 1
    frame["essround"] = 11.0
    frame["stratum"] = np.arange(rows) // len(countries) % 4 + 1
    frame["psu"] = np.arange(rows) // len(countries) % 20 + 1
    frame["pspwght"] = np.linspace(0.2, 3, rows)
    frame["pweight"] = np.where(frame["cntry"] == "NO", 0.4, 0.8)
    frame["anweight"] = frame["pspwght"] * frame["pweight"]
    frame["dweight"] = 1.0
    frame["height"] = np.where(np.arange(rows) % 11 == 0, 777.0, np.linspace(150, 200, rows).round())
    frame["weighta"] = np.where(np.arange(rows) % 13 == 0, 888.0, np.linspace(45, 130, rows).round())
    return frame.drop(columns="cgtsmke")


def brfss(rows: int = ROWS) -> pd.DataFrame:
    frame = every_code("brfss", rows)
    frame["_STATE"] = np.where(np.arange(rows) % 2 == 0, 1.0, 2.0)
    frame["SEQNO"] = [f"2023{number // 2:06d}" for number in range(rows)]
    frame["_PSU"] = [2023000000.0 + number // 2 for number in range(rows)]
    frame["IYEAR"] = "2023"
    frame["_STSTR"] = frame["_STATE"] * 1000 + np.arange(rows) // 2 % 3
    frame["_LLCPWT"] = np.linspace(10, 900, rows)
    frame["_BMI5"] = np.linspace(1500, 4500, rows).round()
    frame["_AGE80"] = np.linspace(18, 80, rows).round()
    return frame


def nhanes(folder: Path, letter: str = "C", release: int = 3, first: int = 1, rows: int = ROWS) -> None:
    """Write a cycle: demographic, body, blood pressure, smoking, activity and mortality files."""
    frame = every_code("nhanes", rows)
    frame["SEQN"] = np.arange(first, first + rows, dtype=float)
    frame["SDDSRVYR"] = float(release)
    frame["RIDSTATR"] = np.where(np.arange(rows) % 10 == 0, 1.0, 2.0)
    frame["RIDAGEYR"] = np.linspace(1, 85, rows).round()
    frame["WTMEC2YR"] = np.where(frame["RIDSTATR"] == 2, np.linspace(1000, 5000, rows), 0.0)
    frame["WTINT2YR"] = np.linspace(1000, 5000, rows)
    frame["SDMVSTRA"] = release * 100.0 + np.arange(rows) // 40
    frame["SDMVPSU"] = np.arange(rows) // 20 % 2 + 1.0
    frame["BMXBMI"] = np.linspace(15, 45, rows)
    frame["BMXWAIST"] = np.linspace(60, 130, rows)
    frame["BPXPLS"] = 70.0
    for reading in (1, 2, 3, 4):
        frame[f"BPXSY{reading}"] = np.where(np.arange(rows) % (reading + 3) == 0, np.nan, 110.0 + 4 * reading)
        frame[f"BPXDI{reading}"] = np.where(np.arange(rows) % 7 == 0, 0.0, 60.0 + 2 * reading)
    frame.loc[frame.index % 60 == 0, [f"BPXSY{reading}" for reading in (1, 2, 3, 4)]] = 118.0
    active = pd.DataFrame({"SEQN": np.repeat(frame["SEQN"][::2].to_numpy(), 2)})
    written = {
        "DEMO": DEMOGRAPHIC,
        "BMX": ["BMXBMI", "BMXWAIST"],
        "BPX": ["BPXPLS", *(f"BPX{kind}{reading}" for kind in ("SY", "DI") for reading in (1, 2, 3, 4))],
        "SMQ": ["SMQ020", "SMQ040", "SMD650"],
        "DIQ": ["DIQ010", "DIQ050", "DID070"],
        "DPQ": [f"DPQ0{item}0" for item in range(1, 10)],
        "SSQ": ["SSQ011", "SSQ051", "SSQ061"],
        "L11": ["LBXCRP"],
    }
    frame["LBXCRP"] = np.linspace(0.1, 3, rows)
    folder.mkdir(exist_ok=True)
    for stem, columns in written.items():
        write_xpt(frame[["SEQN", *columns]], folder / f"{stem}_{letter}.XPT")
    write_xpt(active, folder / f"PAQIAF_{letter}.XPT")


def mortality(
    folder: Path, numbers: list[int], cycle_name: str = "NHANES_2003_2004", release: int = 2015
) -> None:
    """Write a linked mortality file: eligible and alive, eligible and dead, under age, insufficient data."""
    kinds = ("10" + " " * 26 + "120120", "11" + " " * 26 + " 30 28", "2." + " " * 26 + "  .  .")
    kinds += ("3." + " " * 26 + "  .  .",)
    lines = [f"{number:<14}{kinds[index % 4]}" for index, number in enumerate(numbers)]
    (folder / f"{cycle_name}_MORT_{release}_PUBLIC.dat").write_text("\n".join(lines) + "\n")


def write_xpt(frame: pd.DataFrame, path: Path) -> Path:
    import pyreadstat

    pyreadstat.write_xport(frame, str(path), file_format_version=5)
    return path


def write_dta(frame: pd.DataFrame, path: Path) -> Path:
    import pyreadstat

    pyreadstat.write_dta(frame, str(path))
    return path


def write_sav(frame: pd.DataFrame, path: Path, **options: object) -> Path:
    import pyreadstat

    pyreadstat.write_sav(frame, str(path), **options)
    return path


def write_csv(frame: pd.DataFrame, path: Path, **options: object) -> Path:
    frame.to_csv(path, index=False, **options)
    return path
