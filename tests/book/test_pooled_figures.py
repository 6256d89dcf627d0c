"""Forest and funnel plots of a pool: weights, diamond, prediction bar, contours, and the words for them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import lonely_analysis as la
from lonely_analysis.book import figure
from lonely_analysis.book.figure import theme

SVG = "{http://www.w3.org/2000/svg}"
WORDS = {"name": "fig-1-x", "caption": "A caption.", "caption_nb": "En tekst."}


@pytest.fixture(scope="module")
def studies():
    return la.study_effects(la.published("study_level_holtlunstad2010_table1_first21"))


@pytest.fixture(scope="module")
def pooled(studies):
    return la.pool(studies["yi"], studies["vi"], labels=studies["label"])


@pytest.fixture(params=["pooled", "funnel"])
def draw(request):
    return getattr(figure, request.param)


def test_a_pool_is_drawn_the_same_twice_and_fits_a_telephone(draw, pooled):
    drawn = draw(pooled, **WORDS)
    assert drawn.svg == draw(pooled, **WORDS).svg
    root = ElementTree.fromstring(drawn.svg)
    assert float(root.get("viewBox").split()[2]) == theme.WIDTH
    sizes = [float(size) for size in re.findall(r"font(?:-size)?: ([\d.]+)px", drawn.svg)]
    assert min(sizes) * 350 / theme.WIDTH >= 11
    used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawn.svg.split("</style>")[1]))
    assert used <= set(theme.DARK)


def test_a_pool_describes_itself_in_both_languages(pooled):
    english, norwegian = figure.pooled(pooled, axis="Odds ratio", axis_nb="Oddsratio", **WORDS).alt
    assert "21 studies, from Cassileth et al., 1988 0.97 (0.58 to 1.62)" in english
    assert "Pooled mean 1.57 (95% CI 1.29 to 1.91). True effect of a new study 0.68 to 3.61" in english
    assert norwegian.startswith("Forest plot, Oddsratio. 21 studier")
    assert "Samlet gjennomsnitt 1,57 (95\u00a0% KI 1,29 til 1,91)" in norwegian


def test_squares_grow_with_the_weight_of_a_study():
    unequal = la.pool([0.1, 0.3, 0.2], [0.01, 0.04, 0.16], method="FE", test="z")
    drawing = figure.pooled(unequal, **WORDS).drawing
    sides = re.findall(r'<path d="M ([\d.]+) [\d.]+ \nL ([\d.]+) [^"]*z\n" [^>]*fill: #0067a5', drawing)
    widths = sorted((float(right) - float(left) for left, right in sides), reverse=True)
    assert np.allclose(np.array(widths) / widths[0], [1, 1 / 2, 1 / 4], atol=0.03)


def test_the_bar_of_the_next_study_is_absent_where_a_pool_predicts_nothing(studies, pooled):
    fixed = la.pool(studies["yi"], studies["vi"], method="FE", test="z")
    assert "new study" in figure.pooled(pooled, **WORDS).drawing
    drawn = figure.pooled(fixed, **WORDS)
    assert "new study" not in drawn.drawing + drawn.alt[0]
    assert drawn.data["label"].iloc[-1] == "Pooled mean"
    one = la.pool([0.4], [0.04])
    assert "Pooled mean 1.49" in figure.pooled(one, **WORDS).drawing


def test_ratios_are_read_as_ratios_and_differences_as_they_are(pooled):
    ratios, plain = (figure.pooled(pooled, kind=kind, **WORDS) for kind in ("ratio", "number"))
    assert ratios.data["estimate"].max() == pytest.approx(np.exp(plain.data["estimate"].max()))
    assert ">5</text>" in ratios.drawing
    assert ">5</text>" not in plain.drawing
    assert "Pooled mean 0.45" in plain.drawing
    assert ratios.data["weight"].iloc[:-2].sum() == pytest.approx(100)


def test_a_funnel_counts_sides_and_names_what_was_asked(pooled):
    drawn = figure.funnel(pooled, highlight=["Berkman et al., 2004"], **WORDS)
    assert "7 above and 14 below it" in drawn.alt[0]
    assert "traktplott" in drawn.alt[1].lower()
    assert "Berkman et al., 2004" in drawn.drawing
    assert "inner to outer: p above 0.10, 0.05, 0.01" in drawn.drawing
    with pytest.raises(la.DataError, match="no study is called 'Nobody'"):
        figure.funnel(pooled, highlight=["Nobody"], **WORDS)


def test_the_contours_are_where_a_study_has_those_p_values(pooled):
    """At the same depth the wedges are as wide as the quantiles of the normal distribution."""
    drawing = figure.funnel(pooled, kind="number", **WORDS).drawing
    wedge = r'<path d="M (-?[\d.]+) [\d.]+ \nL -?[\d.]+ [\d.]+ \nL (-?[\d.]+) [^"]*" [^>]*[^-]opacity'
    half = sorted((float(right) - float(left)) / 2 for left, right in re.findall(wedge, drawing))
    assert np.allclose(np.array(half) / half[0], np.array([1.6449, 1.9600, 2.5758]) / 1.6449, atol=0.005)


def test_filled_studies_are_open_and_counted():
    """Small studies with large effects only: trim-and-fill puts mirrors on the other side."""
    lopsided = la.pool([0.1, 0.12, 0.15, 0.3, 0.5, 0.8, 0.9], [0.002, 0.003, 0.004, 0.03, 0.06, 0.1, 0.12])
    filled = la.trim_and_fill(lopsided)
    assert filled.k0 > 0
    drawn = figure.funnel(lopsided, filled=filled.filled, **WORDS)
    assert f"{filled.k0} filled in" in drawn.alt[0]
    assert len(drawn.data) == 7 + filled.k0
    assert "fill: none" in drawn.drawing


def test_pools_under_each_other_are_drawn_by_the_choice_that_names_them(studies, pooled):
    """Every other column of a pool would else become a grouping."""
    fixed = la.pool(studies["yi"], studies["vi"], method="FE", test="z")
    both = la.compare({"Random effects": pooled, "Fixed effect": fixed})
    drawn = figure.dots(both, sort=False, kind="number", outcome="Log odds ratio", **WORDS)
    assert "Log odds ratio by choice" in drawn.alt[0]
    assert drawn.drawing.index("Random effects") < drawn.drawing.index("Fixed effect")
    assert "ynthetic" not in drawn.svg
