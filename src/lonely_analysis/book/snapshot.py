"""Frozen results of real surveys: what ``put`` recorded while the chapters ran on a real file.

A snapshot is one JSON file under ``data/real_results/``, with the file's hash, the package's version and
the command, so that a page can show real numbers where the microdata may not be shared. ``real`` reads a
number back.
"""

from __future__ import annotations

import json
import platform
from functools import lru_cache
from pathlib import Path
from typing import Any

from lonely_analysis import __version__
from lonely_analysis.book.context import built_on, is_synthetic
from lonely_analysis.book.glue import recorded
from lonely_analysis.book.records import Record, from_record
from lonely_analysis.errors import DataError
from lonely_analysis.files import data_dir, data_file, update_package, write_atomically

FOLDER = "real_results"
#: Pages whose numbers count what the book ships: they change with it and say nothing about a survey.
ABOUT_THE_BOOK = ("ledger", "cannot_tell", "your_data", "codebook", "data_and_provenance", "how_we_know")


def real(survey: str, key: str) -> Any:
    """Return what the chapters put under ``key`` when they last ran on the real ``survey`` (``"euls"``).

    The answer is of the class that was put, with ``source`` the survey. While the book is built on that
    very survey, what has been put since the page began comes first, so that a page shows one edition of a
    number. Raises ``DataError`` when there is no such snapshot or key.
    """
    here = recorded()
    if survey == built_on() and key in here:
        return from_record(here[key], survey)
    results = _snapshot(survey)["results"]
    if key not in results:
        raise DataError(
            f"the snapshot of {survey} has no {key!r}: run `lonely snapshot --survey {survey} --file …` again"
        )
    return from_record(results[key], survey)


@lru_cache(maxsize=8)
def _snapshot(survey: str) -> dict[str, Any]:
    return json.loads(data_file(f"{FOLDER}/{survey}.json").read_text("utf-8"))


def snapshot(survey: str, path: str | Path) -> Path:
    """Run the chapters on the real file at ``path`` and store what they put; return the written file."""
    content = computed(survey, path)
    target = data_dir() / FOLDER / f"{survey}.json"
    before = target.read_bytes() if target.is_file() else None
    write_atomically(
        target, (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
    )
    try:
        update_package()
    except BaseException:  # a snapshot without its hash in the list would be refused as damaged
        target.unlink() if before is None else write_atomically(target, before)
        raise
    _snapshot.cache_clear()
    return target


def computed(survey: str, path: str | Path) -> dict[str, Any]:
    """Run the chapters on the real file at ``path`` and return what a snapshot of it holds.

    A key that two chapters put with different values is an error, since a snapshot could keep only one.
    """
    from lonely_analysis.book import project
    from lonely_analysis.book.execute import Run, execute
    from lonely_analysis.surveys.read import read_survey

    if is_synthetic(survey):
        raise DataError("a snapshot stores results of real data; the synthetic survey is computed live")
    source = Path(path)
    about = read_survey(survey, source).provenance
    run = Run.on(survey, source, project.root() / "_build" / "executed")
    executed, _ = execute(project.notebooks(), run)
    return {
        "survey": survey,
        "title": about.title,
        "edition": about.edition,
        "citation": about.citation,
        "licence": about.licence,
        "file": source.name,
        "sha256": about.sha256 or project.tree_hash(source),
        "command": f"lonely snapshot --survey {survey} --file {source.name}",
        "versions": versions(),
        "results": gather(executed, survey),
    }


def gather(executed: dict[Path, Any], survey: str) -> dict[str, Record]:
    """Collect what the executed chapters put, each result with its chapter.

    Results of other sources, such as published tables, are no results of the survey and stay out; so does
    what is about the book itself.
    """
    results: dict[str, Record] = {}
    for chapter, notebook in executed.items():
        if chapter.stem in ABOUT_THE_BOOK:
            continue
        for output in (out for cell in notebook.cells for out in cell.get("outputs", [])):
            own = output.get("metadata", {}).get("lonely")
            if own is None or own["record"].get("fields", {}).get("source", survey) != survey:
                continue
            key, record = own["key"], {**own["record"], "chapter": chapter.stem}
            if key in results and {**results[key], "chapter": ""} != {**record, "chapter": ""}:
                raise DataError(
                    f"{chapter.stem} and {results[key]['chapter']} both put {key!r}, with different values"
                )
            results[key] = record
    return results


def versions() -> dict[str, str]:
    """Return what computed the numbers."""
    from importlib.metadata import version

    names = ("numpy", "pandas", "scipy", "statsmodels")
    return {
        "lonely_analysis": __version__,
        "python": platform.python_version(),
        **{n: version(n) for n in names},
    }
