"""What CONTRIBUTING.md says of the project is so."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_make_target_is_named_and_no_other() -> None:
    assert len(TARGETS) > 10
    assert set(re.findall(r"`make ([a-z-]+)`", TEXT)) == TARGETS


def test_no_table_is_cut_in_two() -> None:
    """A row after an empty line without a head of its own is printed as text with bars."""
    lines = TEXT.split("\n")
    for before, row, after in zip(lines, lines[1:], lines[2:], strict=False):
        if row.startswith("|") and not before.strip():
            assert set(after) <= set("|- "), row


def test_every_file_that_is_named_is_there() -> None:
    places = (ROOT, ROOT / "src", ROOT / "src" / "lonely_analysis", ROOT / "chapters")
    named = set(re.findall(r"`([\w./-]+\.(?:py|yml|csv|bib|ipynb|lock))`", TEXT))
    # Written by whoever follows the steps.
    paths = {path for path in named if not re.search(r"NAME|NN_", path)}
    assert len(paths) > 10
    assert not {path for path in paths if not any((place / path).exists() for place in places)}
