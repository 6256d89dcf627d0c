"""The browser checks themselves: each is shown a page with one fault of the kind that it exists to find."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
LACKS = [
    what
    for what, there in {
        "node": shutil.which("node"),
        CHROMIUM: shutil.which(CHROMIUM),
        "tests/browser/node_modules (`make browser` installs it)": (HERE / "node_modules").is_dir(),
    }.items()
    if not there
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(LACKS) and not os.environ.get("CI"), reason=f"not here: {', '.join(LACKS)}"),
]

GOOD = "<h1 id=top>Title</h1><h2>Part</h2><p><a href=#top>up</a></p>"
HEAD = (
    "<meta charset=utf-8><title>{name}</title><link rel=icon href=data:,>"
    "<meta name=viewport content='width=device-width'>"
)
#: One page for each fault, and what must be said of it; the first page has none.
PAGES = {
    "good": (GOOD, None),
    "image": (
        GOOD + '<img alt=x src="https://example.org/x.png">',
        "external request: https://example.org/x.png",
    ),
    "script": (GOOD + "<script>none()</script>", "script: none is not defined"),
    "console": (GOOD + "<script>console.error('oh')</script>", "console: oh"),
    "lost": (GOOD + '<img alt=x src="lost.png">', "404: "),
    "wide": (GOOD + "<div class=bar style='width:1000px'>x</div>", "overflow: "),
    "folded": (
        f"<article>{GOOD}<details><summary>x</summary><div style='width:1000px'>x</div></details></article>",
        "unfolded, overflow: ",
    ),
    "anchor": (GOOD + "<a href='good.html#nowhere'>x</a>", "link to no anchor: good.html#nowhere"),
    "link": (GOOD + "<a href='gone.html'>x</a>", "link to no file: gone.html"),
    "heading": ("<h1>Title</h1><h3>Deep</h3>", "heading jumps from h1 to h3: Deep"),
    "untitled": ("<h2>Part</h2>", "0 headings of the first level"),
    "silent": (f"<article>{GOOD}<img src='data:,'></article>", "no alt text"),
    "faint": (GOOD + "<p style='color:#ccc;background:#fff'>faint</p>", "axe: color-contrast"),
    "heavy": (GOOD + f"<!--{'x' * 1_000_001}-->", "weight: "),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("pages")
    for name, (body, _) in PAGES.items():
        head = HEAD.format(name=name)
        page = f"<!doctype html><html lang=en><head>{head}</head><body><main>{body}</main>"
        (folder / f"{name}.html").write_text(page, "utf-8")
    done = subprocess.run(
        ["node", str(HERE / "run.js"), str(folder)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 1, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", [name for name, (_, fault) in PAGES.items() if fault])
def test_a_page_with_a_fault_is_named_with_what_is_wrong(said, name):
    of_page = [line for line in said.splitlines() if line.startswith(f"FAIL {name}.html")]
    assert any(PAGES[name][1] in line for line in of_page), of_page


def test_a_page_without_a_fault_passes_at_every_width_and_in_both_themes(said):
    assert "FAIL good.html" not in said


def test_an_overflow_is_named_with_width_theme_and_element(said):
    assert "FAIL wide.html · 390 px · dark · overflow: " in said
    assert "(div.bar)" in said
    assert "wide.html · 1280 px" not in said
