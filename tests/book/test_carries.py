"""Which chapters a survey can carry is read from the columns that the chapters' code names."""

from __future__ import annotations

import json

from lonely_analysis.book import carries


def _chapter(tmp_path, *sources):
    cells = [{"cell_type": "code", "source": source} for source in sources]
    cells.append({"cell_type": "markdown", "source": "`cognition` is only talked about"})
    path = tmp_path / "01_one.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    return path


def test_columns_are_found_in_names_formulas_and_conditions(tmp_path):
    chapter = _chapter(
        tmp_path,
        'la.prevalence(survey, "lonely", by="country")',
        'la.regress(survey, "poor_health ~ lonely + age + C(sex)", family="logistic")',
        ["la.mean(survey, 'trust',\n", " where=\"smoking == 2 and education == 'higher'\")"],
    )
    expected = {"lonely", "country", "poor_health", "age", "sex", "trust", "smoking", "education"}
    assert set(carries.needs(chapter)) == expected


def test_captions_keys_and_prose_name_no_column(tmp_path):
    chapter = _chapter(
        tmp_path, 'book.put("lonely_by_country", r)', 'book.table(r, caption="Trust falls with age")'
    )
    assert carries.needs(chapter) == []


def test_magic_lines_do_not_stop_the_reading(tmp_path):
    assert carries.needs(_chapter(tmp_path, '%matplotlib inline\nla.mean(survey, "trust")')) == ["trust"]


def test_a_chapter_lacks_what_the_survey_does_not_have(tmp_path, monkeypatch):
    chapter = _chapter(tmp_path, 'la.mean(survey, "cognition", by="country")')
    monkeypatch.setattr(carries.project, "notebooks", lambda: [chapter])
    assert carries.lacking(["country", "lonely"]) == {"01_one": ["cognition"]}
