"""One made survey for all tasks and peers: 24 countries, 10 ages, PSUs of about 100 persons, strata of 4."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path("_build/bench")
COUNTRIES, AGES, PER_PSU, PSUS_PER_STRATUM = 24, 10, 100, 4


def survey(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(20_240_501)
    unit = COUNTRIES * PSUS_PER_STRATUM
    n_psu = max(n // PER_PSU // unit, 1) * unit
    psu = np.sort(rng.integers(0, n_psu, n))
    age = rng.integers(0, AGES, n)
    lonely = rng.random(n) < 0.05 + 0.02 * age + 0.05 * rng.random(n_psu)[psu]
    return pd.DataFrame(
        {
            "country": pd.Categorical.from_codes(
                psu * COUNTRIES // n_psu, [f"C{i:02d}" for i in range(COUNTRIES)]
            ),
            "age": pd.Categorical.from_codes(age, [f"A{i}" for i in range(AGES)]),
            "sex": pd.Categorical.from_codes(rng.integers(0, 2, n), ["female", "male"]),
            "stratum": psu // PSUS_PER_STRATUM,
            "psu": psu,
            "weight": rng.gamma(2.0, 1.0, n),
            "income": rng.normal(size=n),
            "lonely": lonely.astype("int8"),
        }
    )


def files(n: int) -> dict[str, str]:
    """Write the survey once as Parquet for Python and CSV for R; text columns, which both read alike."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    parquet, csv = FOLDER / f"survey_{n}.parquet", FOLDER / f"survey_{n}.csv"
    if not parquet.exists() or not csv.exists():
        frame = survey(n)
        frame.astype({"country": str, "age": str, "sex": str}).to_parquet(parquet)
        frame.to_csv(csv, index=False)
    return {"parquet": str(parquet), "csv": str(csv)}
