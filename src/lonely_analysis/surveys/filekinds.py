"""What a survey file is: told from its first bytes, since a name may say something else.

Files that are not read (R data, spreadsheets, SAS data sets, a saved login page) are told apart too, so that
the error says how to export them.
"""

from __future__ import annotations

from pathlib import Path

from lonely_analysis.errors import DataError

SUFFIXES = (".dta", ".sav", ".xpt", ".csv")
R_SUFFIXES = (".rda", ".rdata", ".rds")
HEAD_BYTES = 512
DTA_BEGIN = b"<stata_dta>"


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
