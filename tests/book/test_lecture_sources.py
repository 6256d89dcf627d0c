"""The page of sources covers what the slides cite, and corrects nothing that nobody checked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import lonely_analysis as la
from lonely_analysis.book.lecture_sources import BETWEEN, cited_by, read_sources
from lonely_analysis.errors import DataError

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    **{"cited": "A 2000", "key": "", "what_en": "a book", "what_nb": "en bok"},
    **{"checked": "own", "where": "title page"},
}
#: What stands where a slide names no source that could be looked up.
NO_SOURCE = ("none", "figures on the slide")


def written(tmp_path: Path, *entries: object) -> Path:
    path = tmp_path / "lecture_sources.yml"
    path.write_text(yaml.safe_dump({"sources": list(entries)}, allow_unicode=True), "utf-8")
    return path


def test_every_source_that_a_slide_names_has_its_entry():
    known = {source.cited for source in read_sources()}
    cited = {part for one in la.claims() for part in one.claim.cited.split(BETWEEN)}
    assert {part for part in cited if not part.startswith(NO_SOURCE)} <= known


def test_each_source_shows_the_claims_that_cite_it():
    by_name = {source.cited: cited_by(source) for source in read_sources()}
    assert by_name["Bowlby 1969"] == ["C06", "C07"]
    assert {"C22", "C26", "C27"} <= set(by_name["Andreasson 2017"])


def test_every_key_is_in_the_references_with_the_year_that_the_slide_gives():
    entries = (ROOT / "chapters" / "references.bib").read_text("utf-8")
    years = dict(re.findall(r"@\w+\{(\w+),.*?year = \{(\d{4})\}", entries, re.DOTALL))
    for source in read_sources():
        given = re.search(r"\d{4}", source.cited)
        assert not source.key or source.key in years, source.cited
        assert not (source.key and given) or years[source.key] == given[0], source.cited


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{**GOOD, "remark_en": "wrong year"}], "A 2000: a remark stands in both languages or in none"),
        (
            [{**GOOD, "checked": "no", "remark_en": "x", "remark_nb": "y"}],
            "A 2000: nothing is remarked on a source that was not checked",
        ),
        ([{**GOOD, "checked": "yes"}], "A 2000: checked is one of own, report, no"),
        ([{**GOOD, "year": 2000}], "A 2000: lacks nothing; unknown year"),
        ([{key: GOOD[key] for key in GOOD if key != "what_nb"}], "A 2000: lacks what_nb"),
        ([GOOD, GOOD], "A 2000 stands twice"),
        (["words"], "an entry says what is cited"),
    ],
)
def test_an_entry_that_would_mislead_is_refused_by_name(tmp_path, entries, message):
    with pytest.raises(DataError, match=re.escape(message)):
        read_sources(written(tmp_path, *entries))
