"""Runs chapters: two kernels at a time, each result kept under a key of everything it depends on.

A cell whose variable the survey lacks is skipped (``absent``); every other error stops the book.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from lonely_analysis.book import absent, project
from lonely_analysis.errors import EstimationError
from lonely_analysis.files import write_atomically

#: Kernels at once: one a core on the machines this is meant for; a third only adds memory.
KERNELS = 2
#: A chapter computes a few seconds; a cell that takes this long hangs.
CELL_TIMEOUT = 120
#: The same in every notebook, whatever wrote it.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
#: Executions kept per chapter, so that going back to an earlier version costs nothing.
KEPT = 6


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
    for notebook in done.values():
        absent.drop_paragraphs(notebook)
        absent.unlink_figures(notebook)
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
        # The synthetic survey has every variable: there, a name that is not found is a slip of the author.
        may_skip=run.survey != "synthetic",
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
    notebook.metadata = nbformat.from_dict(METADATA)
    if client.skipped:
        absent.add_placeholders(notebook)
    _keep(source, run, notebook)
    return notebook


class _Chapter(NotebookClient):
    """A client that steps over cells whose variables the survey lacks."""

    def __init__(self, notebook: NotebookNode, *, may_skip: bool, **options: Any) -> None:
        super().__init__(notebook, **options)
        self.may_skip = may_skip
        self.lost: set[str] = set()
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
        loaded, stored = absent.names_of(cell)
        if loaded & self.lost:
            self._skip(cell, cell_index, stored, [])
            return cell
        self.lost -= stored
        return await super().async_execute_cell(cell, cell_index, execution_count, store_history)

    async def _check_raise_for_error(
        self, cell: NotebookNode, cell_index: int, exec_reply: dict[str, Any] | None
    ) -> None:
        content = (exec_reply or {}).get("content", {})
        why = absent.reason(content) if self.may_skip else None
        if why is not None:
            self._skip(cell, cell_index, absent.names_of(cell)[1], [absent.sentence(why)])
            return
        await super()._check_raise_for_error(cell, cell_index, exec_reply)

    def _skip(self, cell: NotebookNode, index: int, stored: set[str], outputs: list[NotebookNode]) -> None:
        self.skipped.append(index)
        self.lost |= stored
        cell.outputs = outputs
        cell.execution_count = cell.execution_count or index + 1


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
    now.metadata = executed.metadata
    now.cells += [cell for cell in executed.cells if cell.get("id") == absent.PLACEHOLDERS]
    return now


def _message(source: Path, client: _Chapter, problem: str) -> str:
    code = "" if client.current is None else client.current.source
    shown = "\n".join(f"    {line}" for line in code.splitlines())
    return f"{source.name} stops at this cell:\n\n{shown}\n\n{problem}"
