"""The synthetic survey on disk: two Parquet tables of codes and the truth beside them.

Stored are answers as they were given, absent ones as negative codes; scores and yes/no columns are
computed on reading, by the rules that real surveys are scored with.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd

from lonely_analysis import files
from lonely_analysis.errors import DataError
from lonely_analysis.surveys.design import SurveyDesign
from lonely_analysis.surveys.scales import score_scale
from lonely_analysis.surveys.schema import common_columns
from lonely_analysis.surveys.survey import Provenance, Survey
from lonely_analysis.surveys.synthetic.countries import AGE_GROUPS, age_group_index

SOURCE = "synthetic"
PARTS = {None: "people.parquet", "people": "people.parquet", "panel": "panel.parquet"}
"""Part of the survey -> its file; the cross-section is what is read when no part is named."""

TRUTH = "truth.json"
FOLDER = "synthetic"
"""Folder of the shipped files under ``data/``."""

REASONS = ("refused", "dont_know", "no_answer", "not_asked", "not_applicable", "not_examined")
"""Reason of the codes -1, -2, ...: the code is minus the position, counted from 1."""

EDUCATION = ("lower", "middle", "higher")
CESD = {"cesd_a": 1, "cesd_b": 1, "cesd_c": 1, "cesd_d": -1, "cesd_e": -1, "cesd_f": 1, "cesd_g": 1}
"""Items of the CES-D8 beside the loneliness item, and whether they count as they are or turned."""

DEPRESSED = 9
"""Cut point of the CES-D8 sum (0-24) in use for this eight-item form; a convention, not a diagnosis."""

BMI_GROUPS = (0, 18.5, 25, 30, 35, 40, np.inf)
"""Where the groups of body mass begin (WHO 2000, Technical Report Series 894, table 2.1)."""

SUPPORT = ("support_emotional", "support_instrumental", "support_companionship", "support_affection")


def read(path: str | Path | None = None, *, part: str | None = None) -> Survey:
    """Read the embedded survey, or the files that ``write`` put into the folder ``path``.

    ``part=None`` is the cross-section of 24 countries, ``part="panel"`` the Norwegian panel (one row a
    person and wave). The design has strata, PSUs and weights with ``single_psu="adjust"``. Raises
    ``DataError`` for an unknown part, a missing file, or a shipped file whose sha256 has changed.
    """
    file = _locate(path, part)
    stored = pd.read_parquet(file)
    frame = _ordered(derive(decode(stored)))
    design = SurveyDesign(
        frame, weight="weight", stratum="stratum", psu="psu", single_psu="adjust", source=SOURCE
    )
    return Survey(design=design, missing=missing_table(stored), provenance=_provenance(file))


def _locate(path: str | Path | None, part: str | None) -> Path:
    if part not in PARTS:
        raise DataError(f"the synthetic survey has no part {part!r}; parts: people (the default), panel")
    if path is None:
        return files.data_file(f"{FOLDER}/{PARTS[part]}")
    file = Path(path) / PARTS[part] if Path(path).is_dir() else Path(path)
    if not file.is_file():
        raise DataError(f"{file} is not there: `lonely simulate` writes the synthetic survey")
    return file


def _provenance(file: Path) -> Provenance:
    shipped = file.is_relative_to(files.data_dir())
    listed = files.resources(FOLDER).get(f"{FOLDER}/{file.name}", {}) if shipped else {}
    return Provenance(
        title="Synthetic survey (no real person)",
        edition="simulated from the documented causal model",
        citation="lonely-analysis, synthetic survey with known truth",
        licence="MIT",
        file=file.name,
        sha256=listed.get("sha256", ""),
        synthetic=True,
    )


def missing_table(stored: pd.DataFrame) -> pd.DataFrame:
    """Count absent answers: one row a variable, one column a reason."""
    answers = stored.select_dtypes("number")
    counts = {column: _reason_counts(answers[column].to_numpy()) for column in answers.columns}
    table = pd.DataFrame.from_dict(counts, orient="index", columns=list(REASONS))
    table.index.name, table.columns.name = "variable", "reason"
    table = table.rename(index={"female": "sex"})
    return table if table["not_examined"].any() else table.drop(columns="not_examined")


def _reason_counts(codes: np.ndarray) -> np.ndarray:
    absent = codes[codes < 0]
    return np.bincount((-absent).astype(int), minlength=len(REASONS) + 1)[1:]


def decode(stored: pd.DataFrame) -> pd.DataFrame:
    """Turn stored codes into typed columns: nullable integers and booleans, floats, text labels."""
    columns = {name: _decoded(name, stored[name]) for name in stored.columns}
    frame = pd.DataFrame(columns)
    frame["person_id"] = stored["person_id"].astype("string")
    frame["country"] = stored["country"].astype("category").cat.remove_unused_categories()
    for name in ("stratum", "psu"):
        frame[name] = stored["country"].astype("string") + "-" + stored[name].astype("string")
        frame[name] = frame[name].astype("category")
    return frame


def _decoded(name: str, codes: pd.Series) -> pd.Series:
    kind = common_columns()[name].kind if name in common_columns() else "score"
    if kind in {"id", "category"} and name != "education":
        return codes
    values = codes.to_numpy()
    absent = values < 0
    if kind == "measure":
        return pd.Series(np.where(absent, np.nan, values.astype(float)))
    if kind == "yes/no":
        return pd.Series(pd.arrays.BooleanArray(values == 1, absent))
    return pd.Series(pd.arrays.IntegerArray(np.where(absent, 0, values).astype(np.int64), absent))


def derive(frame: pd.DataFrame) -> pd.DataFrame:
    """Add what follows from the answers: groups, yes/no columns and scores."""
    new = pd.DataFrame({"survey": pd.Series(SOURCE, index=frame.index, dtype="category")})
    new["age_group"] = pd.Categorical.from_codes(
        age_group_index(frame["age"].to_numpy(dtype=float)), AGE_GROUPS, ordered=True
    )
    new["sex"] = pd.Categorical.from_codes((frame["female"] == 0).astype(int), ["female", "male"])
    schooling = frame["education"].fillna(0).to_numpy(dtype=int) - 1
    new["education"] = pd.Categorical.from_codes(schooling, EDUCATION, ordered=True)
    for scale in ("ucla3", "djg6", "oslo3"):
        scored = score_scale(frame, scale)
        new = new.join(scored[[column for column in scored if column in common_columns()]])
    new = new.join(_by_cut_points(frame)).join(_depression(frame))
    kinds = frame[list(SUPPORT)].to_numpy(dtype=float, na_value=np.nan)
    new["support"] = kinds.mean(axis=1)
    return frame.drop(columns=["female", "education"]).join(new)


def _by_cut_points(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lonely": frame["lonely_freq"] >= 3,
            "lonely_sometimes": frame["lonely_freq"] >= 2,
            "isolated": frame["contact_freq"] <= 3,
            "poor_health": frame["self_rated_health"] >= 4,
            "smokes": frame["smoking"] == 2,
            "obese": (frame["bmi"] >= 30).astype("boolean").mask(frame["bmi"].isna()),
            "bmi_group": pd.cut(
                frame["bmi"], BMI_GROUPS, right=False, labels=list(common_columns()["bmi_group"].levels)
            ),
        }
    )


def _depression(frame: pd.DataFrame) -> pd.DataFrame:
    others = sum(frame[item] - 1 if sign > 0 else 4 - frame[item] for item, sign in CESD.items())
    score = others + frame["lonely_freq"] - 1
    return pd.DataFrame(
        {"depression_no_lonely": others, "depression": score, "depressed": score >= DEPRESSED}
    )


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[[name for name in common_columns() if name in frame.columns]]


def write(directory: str | Path, *, seed: int | None = None, with_truth: bool = True) -> list[Path]:
    """Simulate anew and write both tables (and the truth) into ``directory``; return what was written.

    Every file is written aside and renamed, so that nobody reads half a file. ``with_truth=False`` leaves
    out the large simulation behind ``truth.json``.
    """
    from lonely_analysis.surveys.synthetic.panel import panel
    from lonely_analysis.surveys.synthetic.people import people
    from lonely_analysis.surveys.synthetic.simulate import SEED

    folder, chosen = Path(directory), SEED if seed is None else seed
    contents = {PARTS["people"]: _parquet(people(chosen)), PARTS["panel"]: _parquet(panel(chosen))}
    if with_truth:
        from lonely_analysis.surveys.synthetic.truth import truth

        contents[TRUTH] = (json.dumps(truth(), indent=1) + "\n").encode()
    for name, content in contents.items():
        files.write_atomically(folder / name, content)
    return [folder / name for name in contents]


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, engine="pyarrow", compression="zstd", compression_level=19, index=False)
    return buffer.getvalue()
