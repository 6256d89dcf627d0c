"""Raw survey files, as they come: what a file is, and its columns as codes.

*Codes* are the numbers that a data producer gives to answers. A column is read as codes, never as labels,
and the file's own statement about missing answers (SPSS missing ranges, Stata's ``.a`` to ``.z``) is kept
in ``declared``. Nothing is written anywhere, and only the wanted columns are held in memory.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys import csvfiles, xport

SUFFIXES = (".dta", ".sav", ".xpt", ".csv")
R_SUFFIXES = (".rda", ".rdata", ".rds")
HEAD_BYTES = 512
DTA_BEGIN, DTA_END = b"<stata_dta>", b"</stata_dta>"
ZLIB_SAV, ZLIB_RATIO = b"$FL3", 1032
"""How a zlib-compressed SPSS file begins, and the most that zlib can make of a byte (RFC 1951)."""

Declared = dict[str, dict[Any, str]]


@dataclass(frozen=True, eq=False)
class RawTable:
    """The wanted columns of a file, spelled as the codebook spells them.

    ``what`` says what the file is; ``present`` lists all columns of the file; ``declared`` gives, for each
    column, the codes that the file itself declares missing, with their labels.
    """

    path: Path
    what: str
    frame: pd.DataFrame
    present: list[str]
    declared: Declared = field(default_factory=dict)


def read_raw(path: Path, wanted: Iterable[str]) -> RawTable:
    """Read the ``wanted`` columns of a .dta, .sav, .xpt or delimited text file, in any letter case.

    Columns that are absent are left out. Raises ``DataError`` for a file that is missing, empty, cut short,
    or of a kind that cannot be read, and says how to export it.
    """
    return _READERS[kind_of(path)](path, list(wanted))


def the_file(path: Path) -> Path:
    """Return ``path``, or the one survey file of a folder, by the order of ``SUFFIXES``."""
    if not path.is_dir():
        return path
    there = sorted(file for file in path.iterdir() if file.is_file())
    for suffix in SUFFIXES:
        # Files of the American agencies are found with a blank after the suffix.
        files = [file for file in there if file.suffix.lower().strip() == suffix]
        if len(files) > 1:
            raise DataError(f"the folder {path.name} holds {len(files)} {suffix} files: give the path of one")
        if files:
            return files[0]
    names = ", ".join(file.name for file in there[:5]) or "nothing"
    raise DataError(f"the folder {path.name} holds no {', '.join(SUFFIXES)} file (it holds {names})")


def columns_of(path: Path) -> list[str]:
    """Return the names of a file's columns, without its rows."""
    return read_raw(path, []).present


def sha256(paths: Iterable[Path]) -> str:
    """Return the sha256 of one file, or of the sorted ``name sha256`` lines of several."""
    lines = []
    for path in sorted(paths):
        with path.open("rb") as stream:
            lines.append((path.name, hashlib.file_digest(stream, "sha256").hexdigest()))
    if len(lines) == 1:
        return lines[0][1]
    return hashlib.sha256("\n".join(f"{name} {digest}" for name, digest in lines).encode()).hexdigest()


def kind_of(path: Path) -> str:
    """Tell ``"dta"``, ``"sav"``, ``"xpt"`` or ``"csv"`` from a file's first bytes; refuse everything else."""
    if not path.exists():
        raise DataError(f"there is no file {path}: check the path")
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    _refuse(path, head)
    if head[:4] in (b"$FL2", b"$FL3"):
        return "sav"
    if head.startswith(DTA_BEGIN) or (path.suffix.lower() == ".dta" and _is_old_stata(head)):
        return "dta"
    if head.startswith(b"HEADER RECORD*******LI"):
        return "xpt"
    utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    if path.suffix.lower() in {".dta", ".sav", ".xpt"} or (b"\0" in head and not utf16):
        raise DataError(
            f"{path.name} does not begin as a {path.suffix or 'text'} file should: it is damaged, or another "
            "kind of file under this name; download it again, or export it as .csv, .sav, .dta or .xpt"
        )
    return "csv"


def _is_old_stata(head: bytes) -> bool:
    """Whether a header is that of formats 102 to 115: release, byte order (1 or 2), file type 1."""
    return 102 <= head[0] <= 115 and head[1:2] in (b"\x01", b"\x02") and head[2:3] == b"\x01"


def _refuse(path: Path, head: bytes) -> None:
    export = "export it as .csv (codes, not labels), .sav or .dta"
    if not head.strip():
        raise DataError(f"{path.name} is empty: download or export it again")
    if path.suffix.lower() in R_SUFFIXES or head[:5] in (b"RDX2\n", b"RDX3\n"):
        raise DataError(
            f"{path.name} is an R data file, which is not read: open it in R and export it, for example "
            'haven::write_dta(data, "file.dta") or write.csv(data, "file.csv", row.names = FALSE)'
        )
    if head.startswith(b"PK\x03\x04"):
        raise DataError(f"{path.name} is a spreadsheet or a zip archive: unpack it, or {export}")
    if head.startswith((b"\xd0\xcf\x11\xe0", b"SAS     ")) or path.suffix.lower() == ".sas7bdat":
        raise DataError(f"{path.name} is an old spreadsheet or a SAS data set: {export}")
    if head.lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        raise DataError(f"{path.name} is a web page, often a login page: log in and download the file itself")


def spelled(present: list[str], wanted: Iterable[str]) -> dict[str, str]:
    """Map each wanted column of the file to the codebook's spelling; an exact match goes first."""
    exact, lower = set(present), {name.lower(): name for name in reversed(present)}
    found = {name: name if name in exact else lower.get(name.lower()) for name in wanted}
    return {there: name for name, there in found.items() if there is not None}


def _labelled(path: Path, wanted: list[str], reader: Callable[..., Any], **options: Any) -> tuple[Any, Any]:
    """Read through pyreadstat, with latin-1 where the file's text is not what its header says."""
    for encoding in (None, "latin1"):
        try:
            with warnings.catch_warnings(record=True) as said:
                warnings.simplefilter("always")
                head = reader(str(path), metadataonly=True, encoding=encoding)[1]
            if said or not all(isinstance(name, str) for name in head.column_names):
                raise _cut_short(path, str(said[0].message) if said else "a column has no name")
            _check_rows(path, head)
            columns = list(spelled(head.column_names, wanted))
            if not columns:
                return pd.DataFrame(index=range(head.number_rows or 0)), head
            frame, meta = reader(str(path), usecols=columns, encoding=encoding, **options)
            meta.column_names = head.column_names
            return frame, meta
        except DataError:
            raise
        except Exception as error:  # on damaged bytes pyreadstat raises whatever its own code trips over
            if "encoding" not in str(error) and not isinstance(error, UnicodeDecodeError):
                raise _cut_short(path, str(error) or type(error).__name__) from error
    raise _cut_short(path, "its text is in no known encoding")


def _check_rows(path: Path, head: Any) -> None:
    """Refuse a header that claims more cells than the file has bytes, before memory is asked for them."""
    with path.open("rb") as stream:
        packed = stream.read(4) == ZLIB_SAV
    most = path.stat().st_size * (ZLIB_RATIO if packed else 1)
    if (head.number_rows or 0) * len(head.column_names) > most:
        raise _cut_short(path, f"it claims {head.number_rows} rows in {path.stat().st_size} bytes")


def _cut_short(path: Path, why: str) -> DataError:
    return DataError(
        f"{path.name} is cut short or damaged ({why[:80]}): download it again and compare its size"
    )


def repaired(text: str) -> str:
    """Undo UTF-8 text that was read as latin-1 (``DonÃ¢Â€Â™t`` -> ``Don't``); leave other text alone."""
    try:
        return text.encode("latin1").decode("utf-8")
    except UnicodeError:
        return text


def _read_dta(path: Path, wanted: list[str]) -> RawTable:
    import pyreadstat

    _check_dta_end(path)
    options = {"user_missing": True, "disable_datetime_conversion": True}
    frame, meta = _labelled(path, wanted, pyreadstat.read_dta, **options)
    tagged = getattr(meta, "missing_user_values", None) or {}
    declared = {
        name: {code: _label(meta, name, code) for code in codes} for name, codes in tagged.items() if codes
    }
    return _table(path, "Stata file (.dta)", frame, meta.column_names, wanted, declared)


def _check_dta_end(path: Path) -> None:
    """Refuse a file of formats 117 on without its end mark: pyreadstat reads one that lost its labels."""
    with path.open("rb") as stream:
        marked = stream.read(len(DTA_BEGIN)) == DTA_BEGIN
        stream.seek(max(0, path.stat().st_size - len(DTA_END)))
        if marked and stream.read() != DTA_END:
            raise _cut_short(path, f"it does not end in {DTA_END.decode()}")


def _read_sav(path: Path, wanted: list[str]) -> RawTable:
    import pyreadstat

    options = {"user_missing": True, "disable_datetime_conversion": True}
    frame, meta = _labelled(path, wanted, pyreadstat.read_sav, **options)
    declared = {
        name: {code: _label(meta, name, code) for code in _in_ranges(frame[name], ranges)}
        for name, ranges in (meta.missing_ranges or {}).items()
        if name in frame.columns
    }
    return _table(path, "SPSS file (.sav)", frame, meta.column_names, wanted, declared)


def _in_ranges(values: pd.Series, ranges: list[dict[str, Any]]) -> list[Any]:
    codes = values.dropna().unique().tolist()
    return [code for code in codes if any(_between(code, one) for one in ranges)]


def _between(code: Any, limits: dict[str, Any]) -> bool:
    same_kind = isinstance(code, str) == isinstance(limits["lo"], str)
    return same_kind and limits["lo"] <= code <= limits["hi"]


def _label(meta: Any, name: str, code: Any) -> str:
    return repaired(str(meta.variable_value_labels.get(name, {}).get(code, "")))


def _read_xpt(path: Path, wanted: list[str]) -> RawTable:
    whole = xport.layout(path)
    if whole is None:  # version 8, which only pyreadstat knows
        import pyreadstat

        frame, meta = _labelled(path, wanted, pyreadstat.read_xport, disable_datetime_conversion=True)
        return _table(path, "SAS transport file (.xpt, version 8)", frame, meta.column_names, wanted, {})
    present = [field.name for field in whole.fields]
    frame = xport.read(path, whole, list(spelled(present, wanted)))
    return _table(path, "SAS transport file (.xpt)", frame, present, wanted, {})


def _table(
    path: Path, what: str, frame: pd.DataFrame, present: list[str], wanted: list[str], declared: Declared
) -> RawTable:
    names = spelled(present, wanted)
    declared = {names.get(name, name): codes for name, codes in declared.items()}
    return RawTable(path, what, frame.rename(columns=names), list(present), declared)


def _read_csv(path: Path, wanted: list[str]) -> RawTable:
    layout = csvfiles.layout_of(path, wanted)
    names = spelled(layout.header, wanted)
    frame = csvfiles.read_columns(path, layout, list(names))
    return _table(path, layout.what, frame, layout.header, wanted, {})


_READERS: dict[str, Callable[[Path, list[str]], RawTable]] = {
    "dta": _read_dta,
    "sav": _read_sav,
    "xpt": _read_xpt,
    "csv": _read_csv,
}
