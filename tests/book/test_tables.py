"""Tables on the page: caption, scope, one number of decimals down a column."""

from __future__ import annotations

from xml.etree import ElementTree

import pandas as pd

from lonely_analysis.book import tables
from lonely_analysis.estimators.sequential import Adjustment


def test_a_table_has_caption_scopes_and_row_headers(by_country):
    page = tables.table(by_country, "Loneliness <by> country", caption_nb="Ensomhet")
    tree = ElementTree.fromstring(page.html)
    assert tree.find(".//caption").text == "Loneliness <by> country"
    assert tree.find(".//caption/span").get("lang") == "nb"
    assert {cell.get("scope") for cell in tree.iter("th")} == {"col", "row"}
    assert [cell.text for cell in tree.findall(".//thead//th")] == [
        "Country",
        "Estimate (%)",
        "95% interval",
        "n",
    ]
    assert [cell.text for cell in tree.findall(".//tbody//th")] == ["Norway", "Greece", "Denmark"]


def test_decimals_agree_down_a_column(by_country):
    cells, _ = tables.as_cells(by_country)
    assert list(cells["Estimate (%)"]) == ["8.2", "18.2", "3.1"]
    assert list(cells["95% interval"]) == ["7.1 to 9.3", "16.0 to 20.7", "2.4 to 4.0"]


def test_columns_can_be_chosen_and_renamed_and_missing_cells_are_dashes():
    frame = pd.DataFrame({"item": ["a", "b"], "share": [0.25, None]})
    cells, numeric = tables.as_cells(
        frame, columns={"item": "Question", "share": "Share"}, kind={"share": "percent"}
    )
    assert list(cells["Share"]) == ["25.0%", "–"]
    assert numeric == ["Share"]


def test_a_table_is_the_same_twice(by_country):
    assert tables.table(by_country, "x").html == tables.table(by_country, "x").html


def test_a_bare_result_shows_its_first_rows_and_says_how_many_more():
    from conftest import estimates

    many = estimates([(f"C{i}", 0.1, 0.01, 0.08, 0.12, 100, 10.0, 1.0) for i in range(30)])
    page = tables.full(many)
    assert page.html.count("<tr>") == tables.MOST_ROWS + 1
    assert "18 more rows" in page.text


def test_groups_of_several_groupings_read_in_the_words_of_their_grouping():
    rows = [("income_tertile", 1, 3, 0.1), ("lives_alone", True, False, 0.2)]
    frame = pd.DataFrame(rows, columns=["variable", "value", "reference", "estimate"])
    text = tables.table(frame, "Groups").text
    assert "Income third" in text
    assert "Lowest" in text
    assert "Highest" in text
    assert "Yes" in text


def test_a_change_between_steps_is_written_in_the_unit_of_the_estimate():
    table = pd.DataFrame(
        {
            "added": ["unadjusted", "Age"],
            "estimate": [0.2, 0.15],
            "change": [None, -0.05],
            "change_se": [None, 0.01],
        }
    )
    steps = Adjustment(
        table=table, source="euls", outcome="poor_health", exposure="lonely", scale="difference"
    )
    cells, _ = tables.as_cells(steps, columns=["added", "change", "change_se"], decimals=1)
    assert list(cells.columns) == ["Joins the model", "Change (percentage points)", "SE of change (points)"]
    assert cells.iloc[:, 1].tolist() == ["–", "−5.0"]
    assert cells.iloc[:, 2].tolist() == ["–", "1.00"]


def test_an_estimate_whose_interval_nobody_read_has_one_dash():
    rows = pd.DataFrame({"study": ["A", "B"], "estimate": [1.4, 1.7], "ci_low": [None, 1.6]})
    cells, _ = tables.as_cells(rows.assign(ci_high=[None, 1.8]), columns=["study", "interval"], kind="ratio")
    assert cells.iloc[:, 1].tolist() == ["–", "1.60 to 1.80"]


def test_a_bare_result_is_called_by_its_outcome_and_groups_in_both_languages(by_country):
    tree = ElementTree.fromstring(tables.full(by_country).html)
    caption = tree.find(".//caption")
    assert caption.text == "Lonely most or all of the time by country"
    assert caption.find("span").text == "Ensom mesteparten av tiden eller hele tiden etter land"
