"""``lonely offline``: the built book as one zip file that opens from the file system.

Browsers let a page opened from disk load scripts, styles and pictures, and nothing else. Search and explorer
work, since their data are scripts and parts of the page. What a browser would refuse there and complain of is
taken out: preloaded fonts, and the excerpts under search results, which the theme fetches.

The same pages give the same bytes: entries are sorted and carry one date.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from lonely_analysis.book import project
from lonely_analysis.book.build import STAMP
from lonely_analysis.book.foot import computed_on
from lonely_analysis.book.words import Pair
from lonely_analysis.errors import DataError
from lonely_analysis.files import write_atomically

#: The folder inside the zip file, so that unpacking strews nothing about.
FOLDER = "loneliness-book"
#: The earliest date that a zip file can hold.
DATE = (1980, 1, 1, 0, 0, 0)
README: Pair = (
    """\
Loneliness and social arenas: the whole book, to read without a network.

1. Unpack everything into a folder.
2. Open index.html there in a browser (double-click it).

Search, the explorer and the choice of language work from the folder. Nothing is sent anywhere.
Computed on: {data}
""",
    """\
Ensomhet og sosiale arenaer: hele boken, til å lese uten nett.

1. Pakk ut alt i en mappe.
2. Åpne index.html derfra i en nettleser (dobbeltklikk på den).

Søk, utforskeren og valg av språk virker fra mappen. Ingenting sendes noe sted.
Regnet ut på: {data}
""",
)
_READABLE_FILE = 0o100644 << 16
_UNIX = 3
_PRELOADED_FONT = re.compile(r'\s*<link rel="preload" as="font"[^>]*>')
_EXCERPTS = ("SHOW_SEARCH_SUMMARY: true", "SHOW_SEARCH_SUMMARY: false")


def offline(pages: Path | None = None, out: Path | None = None) -> Path:
    """Zip the built book in ``pages`` (``_build/html``) into ``out`` and return its path.

    ``out`` is ``_build/loneliness-book.zip`` unless given. Raises ``DataError`` where no built book is.
    """
    build = project.root() / "_build"
    pages, out = pages or build / "html", out or build / f"{FOLDER}.zip"
    if not (pages / STAMP).is_file():
        raise DataError(f"there is no built book in {pages}: run `lonely build` first")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(_entries(pages).items()):
            archive.writestr(_entry(name), content)
    write_atomically(out, made.getvalue())
    return out


def _entries(pages: Path) -> dict[str, bytes]:
    files = sorted(file for file in pages.rglob("*") if file.is_file() and file.name != STAMP)
    inside = {file.relative_to(pages).as_posix(): _from_disk(file) for file in files}
    return inside | {"README.txt": _readme(pages)}


def _from_disk(file: Path) -> bytes:
    """Return a file's content without what no browser would load from disk."""
    if file.suffix == ".html":
        return _PRELOADED_FONT.sub("", file.read_text("utf-8")).encode()
    if file.name == "documentation_options.js":
        return file.read_text("utf-8").replace(*_EXCERPTS).encode()
    return file.read_bytes()


def _readme(pages: Path) -> bytes:
    first = project.pages()[0].relative_to(project.root()).with_suffix(".html")
    data = computed_on((pages / first).read_text("utf-8"))
    return "\n".join(words.format(data=data) for words in README).encode()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"{FOLDER}/{name}", DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = _UNIX, _READABLE_FILE
    return entry
