"""Runs chapters: two kernels at a time, each result kept under a key of everything it depends on.

A *skipped* cell is one that needs a variable the survey lacks, directly or through a name that an earlier
skipped cell would have set. It becomes one sentence on the page, and the numbers that it would have given
become a placeholder, so that chapters need no ``if``. Every other error stops the book.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from lonely_analysis.book import project
from lonely_analysis.book.glue import quoted
from lonely_analysis.book.wording import MISSING_SENTENCE, NOT_AVAILABLE
from lonely_analysis.errors import EstimationError
from lonely_analysis.files import write_atomically

#: Kernels at once: one a core on the machines this is meant for; a third only adds memory.
KERNELS = 2
#: A chapter computes a few seconds; a cell that takes this long hangs.
CELL_TIMEOUT = 120
#: Executions kept per chapter, so that going back to an earlier version costs nothing.
KEPT = 6

_GLUE_KEY = re.compile(r"\{glue(?::\w+)?\}`(?P<key>[^`:]+)(?::[^`]*)?`")


class ChapterError(EstimationError):
    """A chapter whose cell raised: names the chapter, shows the cell and the error."""


@dataclass(frozen=True)
class Run:
    """On which data chapters run, and under which fingerprint the results are kept."""

    survey: str
    path: Path | None
    cache: Path
    fingerprint: str = field(repr=False)

    @classmethod
    def on(cls, survey: str | None, path: Path | None, cache: Path) -> Run:
        """Describe a run on ``survey`` (the synthetic one by default)."""
        name = survey or "synthetic"
        return cls(name, path, cache, project.fingerprint(name, path))

    def environment(self) -> dict[str, str]:
        """Return the variables that ``book.survey()`` reads inside a kernel."""
        own = {
            "LONELY_SURVEY": self.survey,
            "LONELY_FILE": "" if self.path is None else str(self.path.resolve()),
        }
        return {
            **os.environ,
            **own,
            "PYTHONHASHSEED": "0",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }


def execute(sources: list[Path], run: Run) -> tuple[dict[Path, NotebookNode], int]:
    """Return the executed notebook of every source, and how many had to be computed anew.

    Raises ``ChapterError`` at the first cell that raises.
    """
    done = {source: _cached(source, run) for source in sources}
    todo = [source for source, notebook in done.items() if notebook is None]
    done.update(asyncio.run(_execute_all(todo, run)) if todo else {})
    return done, len(todo)


async def _execute_all(sources: list[Path], run: Run) -> dict[Path, NotebookNode]:
    slots = asyncio.Semaphore(KERNELS)

    async def one(source: Path) -> tuple[Path, NotebookNode]:
        async with slots:
            return source, await _execute_one(source, run)

    tasks = [asyncio.ensure_future(one(source)) for source in sources]
    try:
        return dict(await asyncio.gather(*tasks))
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def _execute_one(source: Path, run: Run) -> NotebookNode:
    notebook = nbformat.read(source, as_version=4)
    client = _Chapter(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(source.parent)}},
    )
    try:
        await client.async_execute(env=run.environment(), stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise ChapterError(_message(source, client, f"{error.ename}: {error.evalue}")) from None
    except CellTimeoutError:
        raise ChapterError(_message(source, client, f"took longer than {CELL_TIMEOUT} s")) from None
    except DeadKernelError:
        raise ChapterError(_message(source, client, "the kernel died (out of memory?)")) from None
    if client.skipped:
        _add_placeholders(notebook)
    _keep(source, run, notebook)
    return notebook


class _Chapter(NotebookClient):
    """A client that steps over cells whose variables the survey lacks."""

    def __init__(self, notebook: NotebookNode, **options: Any) -> None:
        super().__init__(notebook, **options)
        self.absent: set[str] = set()
        self.skipped: list[int] = []
        self.current: NotebookNode | None = None

    async def async_execute_cell(
        self,
        cell: NotebookNode,
        cell_index: int,
        execution_count: int | None = None,
        store_history: bool = True,
    ) -> NotebookNode:
        self.current = cell
        loaded, stored = _names(cell)
        if loaded & self.absent:
            self._skip(cell, cell_index, stored, [])
            return cell
        self.absent -= stored
        return await super().async_execute_cell(cell, cell_index, execution_count, store_history)

    async def _check_raise_for_error(
        self, cell: NotebookNode, cell_index: int, exec_reply: dict[str, Any] | None
    ) -> None:
        content = (exec_reply or {}).get("content", {})
        if content.get("status") == "error" and content.get("ename") == "MissingVariable":
            self._skip(cell, cell_index, _names(cell)[1], [_sentence(content["evalue"])])
            return
        await super()._check_raise_for_error(cell, cell_index, exec_reply)

    def _skip(self, cell: NotebookNode, index: int, stored: set[str], outputs: list[NotebookNode]) -> None:
        self.skipped.append(index)
        self.absent |= stored
        cell.outputs = outputs
        cell.execution_count = cell.execution_count or index + 1


def _names(cell: NotebookNode) -> tuple[set[str], set[str]]:
    """Return the names that a cell reads and those that it sets."""
    if cell.cell_type != "code":
        return set(), set()
    try:
        names = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Name)]
    except SyntaxError:
        return set(), set()
    loaded = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    return loaded, {node.id for node in names if isinstance(node.ctx, ast.Store)}


def _sentence(reason: str) -> NotebookNode:
    english, norwegian = MISSING_SENTENCE
    page = (
        f'<p class="la-missing">{english.format(reason=reason)}</p>'
        f'<p class="la-missing" lang="nb">{norwegian}</p>'
    )
    data = {"text/html": page, "text/plain": english.format(reason=reason)}
    return new_output("display_data", data=data, metadata={})


def _add_placeholders(notebook: NotebookNode) -> None:
    """Glue a placeholder for each key that the prose uses and no cell has put."""
    used = {
        match["key"]
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for match in _GLUE_KEY.finditer(cell.source)
        if "::" not in match["key"]
    }
    missing = sorted(used - set(glued(notebook)))
    outputs = [
        new_output(
            "display_data",
            data={"application/papermill.record/text/plain": quoted(NOT_AVAILABLE[key.endswith("_nb")])},
            metadata={"scrapbook": {"name": key, "mime_prefix": "application/papermill.record/"}},
        )
        for key in missing
    ]
    cell = new_code_cell("", metadata={"tags": ["remove-cell"]}, outputs=outputs, id="placeholders")
    notebook.cells.append(cell)


def glued(notebook: NotebookNode) -> dict[str, NotebookNode]:
    """Return the outputs that glue a key, by key."""
    outputs = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    return {out.metadata.scrapbook.name: out for out in outputs if "scrapbook" in out.get("metadata", {})}


def _key(source: Path, run: Run) -> str:
    cells = nbformat.read(source, as_version=4).cells
    code = [(cell.source, cell.metadata.get("tags", [])) for cell in cells if cell.cell_type == "code"]
    # The prose matters too where variables are missing: it decides which placeholders are needed.
    prose = "" if run.survey == "synthetic" else "".join(c.source for c in cells if c.cell_type == "markdown")
    return hashlib.sha256(json.dumps([run.fingerprint, source.name, code, prose]).encode()).hexdigest()[:20]


def _kept(source: Path, run: Run) -> Path:
    return run.cache / f"{source.stem}-{_key(source, run)}.ipynb"


def _keep(source: Path, run: Run, notebook: NotebookNode) -> None:
    write_atomically(_kept(source, run), nbformat.writes(notebook).encode())
    earlier = sorted(run.cache.glob(f"{source.stem}-*.ipynb"), key=lambda file: file.stat().st_mtime)
    for file in earlier[:-KEPT]:
        file.unlink(missing_ok=True)


def _cached(source: Path, run: Run) -> NotebookNode | None:
    """Return today's words with the kept outputs, or None when the code has to run."""
    kept = _kept(source, run)
    if not kept.is_file():
        return None
    executed, now = nbformat.read(kept, as_version=4), nbformat.read(source, as_version=4)
    computed = [cell for cell in executed.cells if cell.cell_type == "code"]
    for cell, before in zip((c for c in now.cells if c.cell_type == "code"), computed, strict=False):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    now.cells += [cell for cell in executed.cells if cell.get("id") == "placeholders"]
    return now


def _message(source: Path, client: _Chapter, problem: str) -> str:
    code = "" if client.current is None else client.current.source
    shown = "\n".join(f"    {line}" for line in code.splitlines())
    return f"{source.name} stops at this cell:\n\n{shown}\n\n{problem}"
