"""``lonely build``: execute the chapters, then let Sphinx lay the executed copies out as pages.

Sphinx always starts from nothing: a page takes numbers from other pages, and a warning about an unchanged
page must not get lost. What costs time is executing, and that is kept. When nothing at all changed, nothing
is done.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from pathlib import Path

import nbformat

from lonely_analysis.book import project
from lonely_analysis.book.execute import ChapterError, Run, execute
from lonely_analysis.errors import DataError
from lonely_analysis.files import write_atomically

#: Left in the finished book: the key of what it was built from.
STAMP = ".built-from"


def build(survey: str | None = None, path: Path | None = None, out: Path | None = None) -> int:
    """Build the book on ``survey`` into ``out`` and return an exit code.

    ``survey`` is the synthetic one unless named; ``path`` is its file or folder; ``out`` is ``_build/html``
    unless given. A raising cell, a Sphinx warning or an unknown reference fails the build and leaves the
    old pages alone.
    """
    path = None if path is None else Path(path)
    if path is not None and not path.exists():
        raise DataError(f"there is no {path}: give the survey's file or folder")
    work = project.root() / "_build"
    target = work / "html" if out is None else Path(out).resolve()
    if out is not None:
        _refuse_foreign(target)
    run = Run.on(survey, path, work / "executed")
    try:
        with _Stage("execute") as stage:
            executed, computed = execute(project.notebooks(), run)
            stage.says = f"{computed} of {len(executed)} chapters computed"
    except ChapterError as error:
        # Printed here, so that the cell keeps its lines.
        print(f"lonely: {error}", file=sys.stderr)
        return 1
    with _Stage("build") as stage:
        key = _stage_sources(work / "source", executed, run)
        if _stamp(target) == key:
            stage.says = f"nothing changed in {_shown(target)}"
            return 0
        code = _sphinx(work / "source", work / "sphinx" / "html")
        if code == 0:
            _install(work / "sphinx" / "html", target, key)
            stage.says = f"{len(project.pages())} pages in {_shown(target)}"
        else:
            stage.says = "failed: see the messages above"
    return code


class _Stage:
    """Prints one line a stage, with its seconds."""

    def __init__(self, name: str) -> None:
        self.name, self.says = name, ""

    def __enter__(self) -> _Stage:
        self.start = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            seconds = time.perf_counter() - self.start
            print(f"[{self.name}] {seconds:.1f} s  {self.says}", flush=True)


def _refuse_foreign(target: Path) -> None:
    if target.exists() and any(target.iterdir()) and not (target / STAMP).exists():
        raise DataError(f"{target} holds files that are not a built book: give --out an empty or new folder")


def _stage_sources(folder: Path, executed: dict[Path, nbformat.NotebookNode], run: Run) -> str:
    """Write what Sphinx reads into ``folder`` and return a key of it."""
    shutil.rmtree(folder, ignore_errors=True)
    root, digest = project.root(), hashlib.sha256(run.fingerprint.encode())
    assets = sorted(
        file for file in Path(__file__).parent.rglob("*") if file.suffix in {".py", ".css", ".js"}
    )
    extra = [root / "_config.yml", root / "_toc.yml", *_beside_chapters(root)]
    texts = {source: nbformat.writes(notebook).encode() for source, notebook in executed.items()}
    banner = _banner(executed)
    for source in [*extra, *project.pages()]:
        content = texts.get(source) or source.read_bytes()
        if source.suffix == ".md":
            content = _under_title(content, banner)
        write_atomically(folder / source.relative_to(root), content)
        digest.update(str(source.relative_to(root)).encode() + content)
    for file in assets:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _banner(executed: dict[Path, nbformat.NotebookNode]) -> str:
    """Return the banner that some executed page shows, or nothing where no page has one."""
    outputs = [out for page in executed.values() for cell in page.cells for out in cell.get("outputs", [])]
    shown = ("".join(out.get("data", {}).get("text/html", "")) for out in outputs)
    return next((html for html in shown if 'class="data-banner"' in html), "")


def _under_title(page: bytes, banner: str) -> bytes:
    """Name the data on a page that holds no code, as the first cell of the others does."""
    title, _, rest = page.decode("utf-8").partition("\n")
    return f"{title}\n\n```{{raw}} html\n{banner}\n```\n{rest}".encode() if banner else page


def _beside_chapters(root: Path) -> list[Path]:
    """Files that pages refer to: the bibliography and downloads."""
    files = (root / "chapters").rglob("*")
    return sorted(f for f in files if f.suffix in {".bib", ".json", ".csv", ".png", ".svg"} and f.is_file())


def _sphinx(source: Path, out: Path) -> int:
    from jupyter_book.sphinx import build_sphinx

    shutil.rmtree(out.parent, ignore_errors=True)
    out.parent.mkdir(parents=True)
    strict = {"nitpicky": True, "latex_individualpages": False}
    code = build_sphinx(
        str(source),
        str(out),
        noconfig=True,
        path_config=str(source / "_config.yml"),
        confoverrides=strict,
        quiet=True,
        warningiserror=True,
        keep_going=True,
    )
    if isinstance(code, Exception):
        print(f"lonely: {code}", file=sys.stderr)
        return 1
    return int(code)


def _install(built: Path, target: Path, key: str) -> None:
    """Replace the old pages by the new ones, whole."""
    (built / ".buildinfo").unlink(missing_ok=True)
    (built / STAMP).write_text(key, "utf-8")
    target.parent.mkdir(parents=True, exist_ok=True)
    aside, before = (target.with_name(f".{target.name}.{age}") for age in ("new", "old"))
    for left in (aside, before):
        shutil.rmtree(left, ignore_errors=True)
    shutil.move(built, aside)
    # Two renames, so that whoever interrupts finds the old pages or the new ones, never some of each.
    if target.exists():
        target.rename(before)
    try:
        aside.rename(target)
    except BaseException:
        if before.exists():
            before.rename(target)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _stamp(target: Path) -> str:
    return (target / STAMP).read_text("utf-8") if (target / STAMP).is_file() else ""


def _shown(path: Path) -> str:
    return str(path.relative_to(project.root()) if path.is_relative_to(project.root()) else path)
