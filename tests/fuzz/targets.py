"""What is fuzzed: each *target* takes bytes, hands them to one door of the package, and checks what comes.

The promise: whatever the bytes, there is a usable result, or one ``DataError`` or ``EstimationError`` that
fits a terminal. Every other exception, a warning, or a message that runs on is a fault.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import yaml

import lonely_analysis as la
from lonely_analysis.estimators import formula, part_cells, prevalence, regression
from lonely_analysis.evidence.claim_file import read_claims
from lonely_analysis.files import data_file
from lonely_analysis.surveys import mapping
from lonely_analysis.surveys.expressions import domain_rows
from lonely_analysis.surveys.yamlfiles import read_yaml

# The package imports its rooms when they are asked for; atheris sees only what is imported with this module.
INSTRUMENTED = (mapping, part_cells, prevalence, regression)

LONGEST_MESSAGE = 600
ROWS = 24
MAPPING = """\
title: Fuzzed survey
design: {weight: w}
constants: {country: "NO"}
missing: {default: {8: dont_know}}
variables:
  id: {asks: number, text: true, missing: {}, required: true, gives: {person_id: as_is}}
  w: {asks: weight, range: [-1.0e+300, 1.0e+300], missing: {}, gives: {weight: as_is}}
  s: {asks: stratum, text: true, missing: {}, gives: {stratum: as_is}}
  p: {asks: unit, text: true, missing: {}, gives: {psu: as_is}}
  y:
    asks: lonely
    codes: {1: always, 2: often, 3: never}
    gives: {lonely: {true_for: [1]}, lonely_freq: reversed}
  t: {asks: trust, range: [0, 10], missing: {}, gives: {trust: {times: 1, plus: 0}}}
  a:
    asks: age
    range: [0, 110]
    missing: {999: refused}
    gives: {age: as_is, age_group: {bands: {"16-24": 16, "25-34": 25}}}
  g: {asks: sex, codes: {1: man, 2: woman}, gives: {sex: {recode: {1: male, 2: female}}}}
"""
EXPRESSIONS = ["t >= 2 and not y == 1", "20 <= a < 30 or g in [1, 2]", "s not in ('x', -1)", "y != 3"]
FORMULAS = [
    "y ~ t + C(g, ref=2) * a",
    "y ~ spline(a, df=3) + log(t + 1) : I(a ** 2 / 3)",
    "y ~ (a + `g`) * t",
]


@dataclass(frozen=True)
class Target:
    """One door: valid inputs to start from, and the function that takes bytes."""

    seeds: Callable[[], list[bytes]]
    run: Callable[[bytes], None]


def people() -> pd.DataFrame:
    """Return a small survey, in the columns that ``MAPPING`` names."""
    row = np.arange(ROWS)
    return pd.DataFrame(
        {
            "id": row + 1.0,
            "w": np.linspace(0.5, 1.5, ROWS),
            "s": row % 2 + 1.0,
            "p": row // 4 + 1.0,
            "y": np.resize([1.0, 2.0, 3.0, 8.0], ROWS),
            "t": np.resize(np.arange(11.0), ROWS),
            "a": np.linspace(16, 90, ROWS).round(),
            "g": np.resize([1.0, 2.0], ROWS),
        }
    )


def kept(run: Callable[[], object]) -> None:
    """Run one door and raise ``AssertionError`` where the promise is broken."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            run()
            message = "-"
        except (la.DataError, la.EstimationError) as error:
            message = str(error)
    assert 0 < len(message) <= LONGEST_MESSAGE, f"a message of {len(message)} characters"
    assert not said, f"a warning: {said[0].message}"


def estimated(survey: la.Survey) -> None:
    """Estimate on whatever was read: numbers are finite or said to be missing, shares are shares."""
    table = la.prevalence(survey, "lonely").to_frame()
    shares = table[["estimate", "ci_low", "ci_high"]].to_numpy(float)
    assert ((shares >= 0) & (shares <= 1) | np.isnan(shares)).all(), table


def read_file(suffix: str) -> Callable[[bytes], None]:
    """Return a target that reads bytes as a survey file of this kind and estimates on it."""

    def run(content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            described, file = Path(folder) / "fuzzed.yml", Path(folder) / f"file{suffix}"
            described.write_text(MAPPING, "utf-8")
            file.write_bytes(content)
            kept(lambda: estimated(la.read_survey(str(described), file)))

    return run


def read_parts(content: bytes) -> None:
    """Read bytes as a Parquet file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "part.parquet"
        file.write_bytes(content)
        kept(lambda: la.prevalence(la.SurveyDesign(la.parts(file), weight="w", stratum="s", psu="p"), "g1"))


def read_mapping(content: bytes) -> None:
    """Read bytes as a mapping beside a sound file."""
    with tempfile.TemporaryDirectory() as folder:
        described, file = Path(folder) / "fuzzed.yml", Path(folder) / "file.csv"
        described.write_bytes(content)
        people().to_csv(file, index=False)
        kept(lambda: la.read_survey(str(described), file))


def read_claim_file(content: bytes) -> None:
    """Read bytes as the claims file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "claims.yml"
        file.write_bytes(content)
        kept(lambda: read_claims(file))


def read_expression(content: bytes) -> None:
    """Read bytes as the condition of a domain."""
    kept(lambda: domain_rows(people(), content.decode("utf-8", "replace")))


def read_formula(content: bytes) -> None:
    """Read bytes as a model formula and fit it."""
    text, design = content.decode("utf-8", "replace"), la.SurveyDesign(people())
    kept(lambda: la.regress(design, text, family="linear") if formula.parse(text) else None)


def few_claims() -> dict[str, Any]:
    """Return the claims file with one claim for each kind of judge, and the published rows that they name."""
    whole = read_yaml(data_file("claims.yml"))
    last = {claim["rule"]["judge"]: id_ for id_, claim in whole["claims"].items()}
    claims = {id_: whole["claims"][id_] for id_ in last.values()}
    said = yaml.safe_dump(claims)
    rows = {table: [row for row in ids if str(row) in said] for table, ids in whole["rows"].items()}
    return {**whole, "rows": rows, "claims": claims}


def _written(write: Callable[..., object], suffix: str, frame: pd.DataFrame, **options: object) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"seed{suffix}"
        write(frame, str(path), **options)
        return path.read_bytes()


def _csv_seeds() -> list[bytes]:
    plain = people().to_csv(index=False)
    return [
        plain.encode(),
        people().to_csv(index=False, sep=";", decimal=",").encode("utf-16"),
        b"\xef\xbb\xbf"
        + people().assign(name='b"l\u00e5"').to_csv(index=False, sep="\t", quoting=1).encode(),
    ]


def _sav_seeds() -> list[bytes]:
    options = {"missing_ranges": {"y": [8, {"lo": 97, "hi": 99}]}, "variable_value_labels": {"y": {8: "no"}}}
    frame = people().assign(name="\u00e5")
    return [
        _written(pyreadstat.write_sav, ".sav", frame, compress=packed, **options) for packed in (False, True)
    ]


def _dta_seeds() -> list[bytes]:
    frame = people().assign(name="\u00e5")
    labels = {"variable_value_labels": {"y": {1: "always", 2: "often"}}}
    return [_written(pyreadstat.write_dta, ".dta", frame, version=version, **labels) for version in (10, 15)]


def _xpt_seeds() -> list[bytes]:
    frame = people().assign(name="a")
    return [
        _written(pyreadstat.write_xport, ".xpt", frame, file_format_version=version) for version in (5, 8)
    ]


def _parquet_seeds() -> list[bytes]:
    frame = people().assign(g1=lambda f: f["g"] == 1)
    return [_written(pd.DataFrame.to_parquet, ".parquet", frame, compression=how) for how in (None, "snappy")]


TARGETS = {
    "csv": Target(_csv_seeds, read_file(".csv")),
    "dta": Target(_dta_seeds, read_file(".dta")),
    "sav": Target(_sav_seeds, read_file(".sav")),
    "xpt": Target(_xpt_seeds, read_file(".xpt")),
    "parquet": Target(_parquet_seeds, read_parts),
    "mapping": Target(lambda: [MAPPING.encode()], read_mapping),
    "claims": Target(lambda: [yaml.safe_dump(few_claims(), sort_keys=False).encode()], read_claim_file),
    "expression": Target(lambda: [text.encode() for text in EXPRESSIONS], read_expression),
    "formula": Target(lambda: [text.encode() for text in FORMULAS], read_formula),
}
