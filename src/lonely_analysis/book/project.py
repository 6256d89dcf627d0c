"""Where the book's own files are, and one fingerprint of everything that its numbers depend on."""

from __future__ import annotations

import hashlib
import os
import platform
from pathlib import Path

from lonely_analysis.errors import DataError
from lonely_analysis.files import data_dir

#: Code that lays pages out but computes no number on them: a change there needs no re-execution.
LAYOUT_ONLY = (
    "book/build.py",
    "book/foot.py",
    "book/hints.py",
    "book/notebooks.py",
    "book/offline.py",
    "book/sphinx_ext.py",
    "book/switch.py",
    "cli.py",
    "__main__.py",
)

#: Settings that make the libraries compute as on another processor, so that last digits may differ.
ARITHMETIC = ("OPENBLAS_CORETYPE", "NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES")


def root() -> Path:
    """Return the folder that holds ``_toc.yml``: the working directory or one above it, else the checkout."""
    for candidate in (Path.cwd(), *Path.cwd().parents, Path(__file__).resolve().parents[3]):
        if (candidate / "_toc.yml").is_file() and (candidate / "chapters").is_dir():
            return candidate
    raise DataError("no _toc.yml and chapters/ here: run this inside a checkout of the book")


def pages() -> list[Path]:
    """Return the source of every page that ``_toc.yml`` names, in reading order."""
    import yaml

    toc = yaml.safe_load((root() / "_toc.yml").read_text("utf-8"))
    names = [toc["root"]]
    for part in toc.get("parts", [toc]):
        names += [entry["file"] for entry in part.get("chapters", []) if "file" in entry]
    return [_source(name) for name in names]


def notebooks() -> list[Path]:
    """Return the pages that hold code."""
    return [page for page in pages() if page.suffix == ".ipynb"]


def fingerprint(survey: str, path: Path | None) -> str:
    """Hash what any number of the book may depend on beside its chapter.

    That is the package, the data, the lock, the survey file, the Python and the processor that is asked for.
    """
    package = Path(__file__).resolve().parents[1]
    code = [f for f in package.rglob("*.py") if f.relative_to(package).as_posix() not in LAYOUT_ONLY]
    data = [file for file in data_dir().rglob("*") if file.is_file() and "raw" not in file.parts]
    own = "" if path is None else tree_hash(path)
    processor = " ".join(os.environ.get(name, "") for name in ARITHMETIC)
    digest = hashlib.sha256(f"{survey} {platform.python_version()} {processor} {own}".encode())
    for file in [*sorted(code), *sorted(data), root() / "requirements.lock"]:
        digest.update(file.name.encode() + file_hash(file))
    return digest.hexdigest()


def tree_hash(path: Path) -> str:
    """Return one sha256 for a file or for all files of a folder."""
    if path.is_file():
        return file_hash(path).hex()
    files = sorted(file for file in path.rglob("*") if file.is_file())
    names = [f"{file.relative_to(path).as_posix()} {file_hash(file).hex()}" for file in files]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def file_hash(path: Path) -> bytes:
    """Return the sha256 of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def _source(name: str) -> Path:
    for suffix in ("", ".ipynb", ".md"):
        path = root() / f"{name}{suffix}"
        if path.is_file():
            return path
    raise DataError(f"_toc.yml names {name!r}, but there is no such file")
