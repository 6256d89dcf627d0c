"""NHANES: a folder of SAS transport files, one or several cycles, and deaths.

A *cycle* is two years of fieldwork, named by a letter at the end of a file's name (``DEMO_C.XPT``); the
*examination* follows the interview, and its weight is the one used. Variables are looked for by name in
every file of the folder.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys import mortality
from lonely_analysis.surveys.codebook import Codebook, codebook
from lonely_analysis.surveys.draft import Draft, add_scales, fill, needed_path
from lonely_analysis.surveys.rawfiles import columns_of, read_raw
from lonely_analysis.surveys.rawtable import RawTable
from lonely_analysis.surveys.recode import reason_code
from lonely_analysis.surveys.schema import common_columns
from lonely_analysis.surveys.survey import Survey

NAME = "nhanes"
PERSON = "SEQN"
PREPANDEMIC = 66
"""``SDDSRVYR`` of the files of 2017 to March 2020."""
PREPANDEMIC_YEARS = 3.2
"""What those files cover (NCHS, analytic guidelines for 2017 to March 2020)."""
EXAMINED = 2
ADULT = 20
ADULT_COLUMNS = ("obese", "bmi_group", "inactive")
ELIGIBLE, UNDER_AGE = 1, 2
DRINKING_DAYS = (0.0, 1e-9, 12, 24, 52, 104, 364)
"""Days a year from which the steps of ``alcohol_freq`` begin: never, less than monthly, ... daily."""


def read(path: Path | None, *, part: str | None = None) -> Survey:
    """Read a folder of cycles; raises ``DataError`` for a folder that cannot be used."""
    return draft(path, part=part).survey()


def draft(path: Path | None, *, part: str | None = None) -> Draft:
    """Read the folder into common columns, collecting problems instead of raising them."""
    book = codebook(NAME)
    path = needed_path(book, path, part)
    cycles = _cycles(path)
    problems: list[str] = []
    tables = [_cycle_table(book, files, problems) for files in cycles.values()]
    raw = pd.concat(tables, ignore_index=True)
    dead, dead_files = mortality.read_linked(path, problems, raw[PERSON])
    if dead is not None:
        raw = raw.merge(dead, on=PERSON, how="left")
    files = [file for group in cycles.values() for file in group] + dead_files
    made = Draft(book, files, f"folder with {len(cycles)} NHANES cycle(s), {len(files)} files", len(raw))
    made.problems += problems
    fill(made, RawTable(path, made.what, raw, list(raw.columns)))
    if not made.has("_release", "_status"):
        return made
    _weight(made)
    _blood_pressure(made)
    _behaviour(made, raw)
    _deaths(made)
    add_scales(made)
    _unexamined(made)
    _adults_only(made)
    return made


def _cycles(path: Path) -> dict[str, list[Path]]:
    """Group the transport files of a folder by cycle; each cycle needs its demographic file."""
    if not path.exists():
        raise DataError(f"there is no folder {path}: check the path")
    if not path.is_dir():
        raise DataError(
            f"{path.name} is one file; NHANES is read from a folder with all .XPT files of a cycle"
        )
    files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".xpt")
    demographic = {_cycle(file): file for file in files if _stem(file) == "DEMO"}
    if not demographic:
        there = ", ".join(sorted(file.name for file in path.iterdir())[:5]) or "nothing"
        raise DataError(
            f"the folder {path.name} has no demographic file such as DEMO_C.XPT (it holds {there}): "
            f"{codebook(NAME).access}"
        )
    return {cycle: [file for file in files if _cycle(file) == cycle] for cycle in sorted(demographic)}


def _stem(file: Path) -> str:
    name = file.stem.upper().removeprefix("P_")
    return name[:-2] if name[-2:-1] == "_" else name


def _cycle(file: Path) -> str:
    name = file.stem.upper()
    return "P" if name.startswith("P_") else name[-1] if name[-2:-1] == "_" else "A"


def _cycle_table(book: Codebook, files: list[Path], problems: list[str]) -> pd.DataFrame:
    """Join the files of one cycle by person; rows are those of the demographic file."""
    demographic = next(file for file in files if _stem(file) == "DEMO")
    table = _columns(demographic, book, {PERSON})
    for file in files:
        if file == demographic:
            continue
        if _stem(file) == "PAQIAF":
            table["_active"] = table[PERSON].isin(read_raw(file, [PERSON]).frame[PERSON])
            continue
        more = _columns(file, book, {PERSON} - set(table.columns), without=set(table.columns) - {PERSON})
        if len(more.columns) > 1:
            repeated = int(more[PERSON].duplicated().sum())
            if repeated:
                problems.append(f"{file.name}: {PERSON} repeats in {repeated} rows: download the file again")
                more = more.drop_duplicates(PERSON)
            table = table.merge(more, on=PERSON, how="left")
    return table


def _columns(file: Path, book: Codebook, must: set[str], without: set[str] = frozenset()) -> pd.DataFrame:
    """Return the person's number and the columns that the codebook knows and the table has not yet."""
    wanted = [name for name in book.variables if name not in without or name in must]
    present = {name.upper() for name in columns_of(file)}
    if PERSON not in present:
        if must:
            raise DataError(f"{file.name} has no column {PERSON}: it is not an NHANES file of persons")
        return pd.DataFrame(columns=[PERSON])
    if not present & (set(wanted) - {PERSON}):
        return pd.DataFrame(columns=[PERSON])
    return read_raw(file, wanted).frame


def _weight(made: Draft) -> None:
    """Scale each cycle's examination weight by its share of the pooled years; year is its first."""
    release = made.columns["_release"]
    prepandemic = (release == PREPANDEMIC).to_numpy()
    weight = made.columns.get("_weight_2", pd.Series(np.nan, index=release.index))
    if "_weight_prp" in made.columns:
        weight = weight.mask(prepandemic, made.columns["_weight_prp"])
    years = pd.Series(np.where(prepandemic, PREPANDEMIC_YEARS, 2.0))
    total = years.groupby(release.to_numpy()).first().sum()
    made.add("weight", weight * years / total)
    made.add("year", (1997 + 2 * release).mask(prepandemic, 2017))
    made.notes.append(f"weight: examination weight times cycle years over {total:g} pooled years")


def _mean_of(made: Draft, prefix: str, *, above: float) -> pd.Series | None:
    names = [name for name in made.columns if name.startswith(prefix)]
    if not names:
        return None
    readings = pd.concat([made.columns[name] for name in names], axis=1)
    return readings.where(readings > above).mean(axis=1)


def _unexamined(made: Draft) -> None:
    """Say that a measurement is absent because the person was interviewed and not examined."""
    unexamined = made.columns["_status"].ne(EXAMINED).to_numpy(dtype=bool, na_value=False)
    measured = [
        name
        for name, column in common_columns().items()
        if column.group == "biomarker" and column.kind == "measure"
    ]
    for column in {"bmi", "obese", "bmi_group", *measured} & set(made.columns):
        absent = unexamined & (made.reasons[column] == reason_code("not_stated"))
        made.mask([column], absent, "not_examined")


def _blood_pressure(made: Draft) -> None:
    """Take the mean of the readings that are there; a diastolic reading of 0 is none."""
    for column, prefix in (("sbp", "_systolic_"), ("dbp", "_diastolic_")):
        mean = _mean_of(made, prefix, above=0)
        if mean is not None:
            made.add(column, mean)


def _behaviour(made: Draft, raw: pd.DataFrame) -> None:
    if "_active" in raw.columns:
        made.add("inactive", ~raw["_active"].astype("boolean"))
    if made.has("_vigorous", "_moderate"):
        inactive = ~(made.columns["_vigorous"] | made.columns["_moderate"])
        reasons = np.where(inactive.isna(), made.reasons["_moderate"], np.int8(0))
        made.fill("inactive", inactive, reasons)
    if made.has("_insulin", "_pills"):
        made.add("med_diabetes", made.columns["_insulin"] | made.columns["_pills"])
    if made.has("_drinks_number", "_drinks_per_year", "_drank_ever"):
        _alcohol(made)


def _alcohol(made: Draft) -> None:
    """Turn days a week, month or year into seven steps; never twelve drinks in life is never."""
    number = made.columns["_drinks_number"]
    never = (made.columns["_drank_ever"] == False).fillna(False) | (number == 0)  # noqa: E712 - nullable boolean
    days = (number * made.columns["_drinks_per_year"]).mask(never.astype(bool), 0).to_numpy(dtype=float)
    steps = np.searchsorted(DRINKING_DAYS, np.nan_to_num(days), side="right").astype(float)
    missing = np.isnan(days)
    made.fill(
        "alcohol_freq",
        pd.Series(np.where(missing, np.nan, steps)),
        np.where(missing, np.maximum(made.reasons["_drinks_number"], 1), 0).astype(np.int8),
    )


def _deaths(made: Draft) -> None:
    """Say why death is unknown: too young, not enough identifying data, or no examination to follow from."""
    if not made.has("died", "_eligible"):
        return
    eligible = made.columns["_eligible"].to_numpy(dtype=float)
    made.mask(("died", "follow_up_years"), eligible == UNDER_AGE, "not_applicable")
    made.mask(("died", "follow_up_years"), eligible > UNDER_AGE, "not_stated")
    unexamined = (made.reasons["died"] == 0) & (made.reasons["follow_up_years"] != 0)
    made.mask(("died", "follow_up_years"), unexamined, "not_examined")


def _adults_only(made: Draft) -> None:
    """Obesity by a body mass of 30 and inactivity by the adult questions mean something from age 20."""
    if made.has("age"):
        young = (made.columns["age"] < ADULT).fillna(False).to_numpy(dtype=bool)
        made.mask([name for name in ADULT_COLUMNS if name in made.columns], young, "not_applicable")
