"""``make notebooks``: re-execute the chapters and store their outputs so that two runs give the same bytes.

``--check`` changes nothing and fails when a stored notebook differs from what it would be now. Names such as
``03`` or ``03_how_common`` limit it to the pages that begin so.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from lonely_analysis.book import project
from lonely_analysis.book.execute import METADATA, Run, execute
from lonely_analysis.errors import DataError
from lonely_analysis.files import write_atomically

#: What would differ from run to run or from machine to machine.
UNSTABLE = re.compile(r"<[\w.]+ at 0x[0-9a-f]+>|/tmp/ipykernel_\d+")


def normalise(notebook: NotebookNode, name: str = "notebook") -> str:
    """Return a notebook's text with fixed ids, metadata and counts. Doing it twice changes nothing.

    Raises ``DataError`` for an output that no second run could repeat: a warning, a memory address.
    """
    counter = 0
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{index:03d}"
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": list(tags)} if tags else {})
        if cell.cell_type != "code":
            cell.pop("attachments", None)
            continue
        counter += 1
        cell.execution_count = counter
        cell.outputs = [_output(output, counter, name) for output in cell.outputs]
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def _output(output: NotebookNode, counter: int, name: str) -> NotebookNode:
    if output.output_type == "stream" and output.name == "stderr":
        raise DataError(
            f"{name}: cell {counter} prints a warning, so no run repeats it: {output.text.strip()[:200]}"
        )
    shown = "".join(str(part) for part in [*output.get("data", {}).values(), output.get("text", "")])
    noise = UNSTABLE.search(shown)
    if noise:
        raise DataError(f"{name}: cell {counter} shows {noise[0]!r}, which differs from run to run")
    if "execution_count" in output:
        output["execution_count"] = counter
    if "metadata" in output:
        # What `put` recorded is for snapshots, which execute anew; stored pages need only the text.
        output.metadata.pop("lonely", None)
    return output


def refresh(check: bool = False, names: Sequence[str] = ()) -> list[Path]:
    """Re-execute chapters; return those that differed and, unless ``check``, were rewritten.

    ``names`` are how their files begin, all when absent. Raises ``DataError`` for a name that fits none.
    """
    run = Run.on(None, None, project.root() / "_build" / "executed")
    executed, _ = execute(_named(names), run)
    # All are made before one is stored: a chapter that cannot be stored leaves the others as they were.
    texts = {source: normalise(notebook, source.name).encode() for source, notebook in executed.items()}
    differing = [source for source, text in texts.items() if text != source.read_bytes()]
    for source in differing if not check else []:
        write_atomically(source, texts[source])
    return differing


def _named(names: Sequence[str]) -> list[Path]:
    pages = project.notebooks()
    unknown = [name for name in names if not any(page.name.startswith(name) for page in pages)]
    if unknown:
        stems = ", ".join(page.stem for page in pages)
        raise DataError(f"no page begins with {', '.join(map(repr, unknown))}; there are: {stems}")
    return [page for page in pages if not names or page.name.startswith(tuple(names))]


def main(arguments: Sequence[str] | None = None) -> int:
    """Refresh or check the stored notebooks."""
    parser = argparse.ArgumentParser(prog="python -m lonely_analysis.book.notebooks", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail when a stored notebook is out of date"
    )
    parser.add_argument("name", nargs="*", help="how the file of a page begins; all pages when absent")
    options = parser.parse_args(arguments)
    check = options.check
    try:
        differing = refresh(check, options.name)
    except ValueError as error:
        print(f"lonely: {error}", file=sys.stderr)
        return 1
    for path in differing:
        print(f"{'out of date' if check else 'stored'}: {path.relative_to(project.root())}")
    return int(check and bool(differing))


if __name__ == "__main__":
    sys.exit(main())
