"""Ranges of published figures: every figure is drawn, and nobody can take the range for an interval."""

from __future__ import annotations

import pandas as pd
import pytest

from lonely_analysis.book import figure
from lonely_analysis.errors import DataError

ROWS = pd.DataFrame(
    {"country": ["Norway", "Denmark", "Norway", "Denmark", "Iceland"], "pct": [74.2, 58, 75, 75, 41]}
)


def drawn(rows: pd.DataFrame = ROWS) -> figure.Figure:
    return figure.ranges(
        rows,
        value="pct",
        by="country",
        name="fig-12-test",
        caption="Ranges.",
        axis=("Trust (%)", "Tillit (%)"),
    )


def test_ends_and_counts_of_every_group_are_written_and_described():
    shown = drawn()
    english, norwegian = shown.alt
    assert "Norway 74–75, 2 figures; Denmark 58–75, 2 figures; Iceland 41, 1 figure" in english
    assert "no confidence intervals" in english
    assert "ikke konfidensintervaller" in norwegian
    assert "Norge 74–75, 2 tall; Danmark 58–75" in norwegian


def test_the_table_behind_the_figure_has_every_figure_that_was_read():
    pd.testing.assert_frame_equal(drawn().data, ROWS)


def test_a_row_without_a_figure_is_refused():
    with pytest.raises(DataError, match="every row needs a figure in 'pct'"):
        drawn(ROWS.assign(pct=[74.2, None, 75, 75, 41]))


def test_a_scatter_of_one_country_is_refused_in_the_words_that_leave_the_step_out(by_country):
    one = by_country.row(country="NO")
    with pytest.raises(DataError, match="1 group in the rows used"):
        figure.scatter(one, one, on="country", name="fig-12-one", caption="One point.")
