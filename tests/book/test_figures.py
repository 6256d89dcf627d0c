"""Figures: what is drawn, said and stored. Every test draws from results with known numbers."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import lonely_analysis as la
from conftest import estimates
from lonely_analysis.book import figure
from lonely_analysis.book.figure import theme
from lonely_analysis.book.figure.series import prepare
from lonely_analysis.errors import DataError
from lonely_analysis.estimators.curve_table import SurvivalCurves
from lonely_analysis.results import Result

AGES = ["16-24", "25-34", "75+"]
SVG = "{http://www.w3.org/2000/svg}"


def grid(by: tuple[str, str], levels: tuple[list, list], **fields) -> object:
    pairs = [(a, b) for a in levels[0] for b in levels[1]]
    rows = [
        (*pair, 0.1 + i / 50, 0.01, 0.08 + i / 50, 0.12 + i / 50, 300, 50.0, 1.0)
        for i, pair in enumerate(pairs)
    ]
    return estimates(rows, by=by, **fields)


def survival(groups: tuple = (False, True), steps: int = 3, **fields) -> SurvivalCurves:
    rows = [
        (
            group,
            year,
            1 - fall * year,
            0.01,
            1 - fall * year - 0.02,
            1 - fall * year + 0.02,
            90,
            year,
            90 - year,
        )
        for group, fall in zip(groups, (0.01, 0.03, 0.05, 0.07, 0.09), strict=False)
        for year in range(1, steps + 1)
    ]
    columns = ["lonely", "time", "estimate", "se", "ci_low", "ci_high", "n", "events", "at_risk"]
    known = {"source": "synthetic", "by": "lonely", "method": "kaplan-meier", "level": 0.95} | fields
    vcov = np.diag(np.full(len(rows), 1e-4))
    return SurvivalCurves(table=pd.DataFrame(rows, columns=columns), vcov=vcov, **known)


def kinds(by_country):
    two = grid(("age_group", "sex"), (AGES, ["female", "male"]))
    waves = grid(("wave_1", "wave_2"), (["Never", "Often"], ["Never", "Often"]))
    ways = grid(("lonely", "isolated"), ([True, False], [True, False]))
    published = by_country.to_frame().assign(study=["A", "B", "C"], item=["x", "y", None], source="published")
    words = {"caption": "A caption.", "caption_nb": "En tekst."}
    return {
        "dots": lambda: figure.dots(by_country, reference=0.1, name="fig-1-dots", **words),
        "grouped": lambda: figure.dots(two, name="fig-1-grouped", **words),
        "lines": lambda: figure.lines(two, name="fig-1-lines", **words),
        "bars": lambda: figure.bars(by_country, name="fig-1-bars", **words),
        "matrix": lambda: figure.matrix(waves, rows="wave_1", columns="wave_2", name="fig-1-matrix", **words),
        "scatter": lambda: figure.scatter(
            by_country, by_country, on="country", name="fig-1-scatter", **words
        ),
        "curves": lambda: figure.curves(survival(), name="fig-1-curves", **words),
        "overlap": lambda: figure.overlap(
            ways, conditions=["lonely", "isolated"], name="fig-1-overlap", **words
        ),
        "forest": lambda: figure.forest(
            published, label="study", details=["item"], name="fig-1-forest", **words
        ),
    }


@pytest.fixture(
    params=["dots", "grouped", "lines", "bars", "matrix", "scatter", "overlap", "forest", "curves"]
)
def make(request, by_country):
    return kinds(by_country)[request.param]


def test_a_figure_is_the_same_to_the_byte_twice(make):
    assert make().svg == make().svg


def test_a_figure_describes_itself_in_both_languages(make):
    drawn = make()
    root = ElementTree.fromstring(drawn.svg)
    words = {(e.tag.removeprefix(SVG), e.get("lang")): e.text for e in root if e.get("lang")}
    assert words[("title", "en")] == "A caption."
    assert words[("title", "nb")] == "En tekst."
    assert len(words[("desc", "en")]) > 30
    assert words[("desc", "en")] != words[("desc", "nb")]


def test_a_figure_fits_a_telephone(make):
    """At 350 px the text of a 400-unit drawing must still be 11 px tall."""
    root = ElementTree.fromstring(make().svg)
    assert float(root.get("viewBox").split()[2]) == theme.WIDTH
    sizes = [float(size) for size in re.findall(r"font(?:-size)?: ([\d.]+)px", make().svg)]
    assert sizes
    assert "DejaVu" not in make().svg
    assert min(sizes) * 350 / theme.WIDTH >= 11


def test_every_colour_has_a_twin_for_dark_pages(make):
    drawing = make().svg
    used = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawing.split("</style>")[1]))
    assert used
    assert used <= set(theme.DARK)


def test_no_date_no_program_and_no_long_decimals_are_left(make):
    drawing = make().drawing
    assert "matplotlib" not in drawing.lower()
    assert not re.search(r"\d\.\d{3,}", drawing.split("</style>")[1])


def test_figures_of_invented_persons_say_so_and_others_do_not(by_country):
    for name, draw in kinds(by_country).items():
        assert ("Synthetic data" in draw().svg) == (name != "forest"), name
    real = estimates([("NO", 0.1, 0.01, 0.08, 0.12, 300, 50.0, 1.0)], source="euls")
    assert "ynthetic" not in figure.dots(real, name="fig-real", caption="x").svg


def test_the_numbers_behind_a_figure_are_folded_under_it_and_can_be_downloaded(make):
    drawn = make()
    page = drawn.details()
    assert page.startswith("<details")
    assert f'download="{drawn.name}.csv"' in page
    again = pd.read_csv(io.StringIO(drawn.to_csv()))
    assert len(again) == len(drawn.data)


def test_alt_text_of_numbers_without_intervals_speaks_of_none(by_country):
    bare = by_country.to_frame().drop(columns=["ci_low", "ci_high"])
    english, norwegian = figure.bars(replace(by_country, table=bare), name="fig-1", caption="x").alt
    assert english.startswith("Bars: ")
    assert norwegian.startswith("Stolper: ")


def test_alt_text_names_the_extremes_with_their_intervals(by_country):
    alt = figure.dots(by_country, name="fig-1", caption="x").alt
    assert "highest Greece: 18% (16 to 21), lowest Denmark: 3.1% (2.4 to 4.0)" in alt[0]
    assert "høyest Hellas: 18\u00a0% (16 til 21)" in alt[1]


def test_groups_are_sorted_by_size_unless_their_order_means_something(by_country):
    def order(drawn):
        return re.findall(r">(Norway|Greece|Denmark|16–24|25–34|75\+)</text>", drawn.drawing)

    assert order(figure.dots(by_country, name="fig-1", caption="x")) == ["Greece", "Norway", "Denmark"]
    ages = estimates(
        [(age, 0.1 + i, 0.1, 0.0, 0.2, 9, 9.0, 1.0) for i, age in enumerate(AGES)], by=("age_group",)
    )
    assert order(figure.dots(ages, name="fig-2", caption="x")) == ["16–24", "25–34", "75+"]


def test_real_and_synthetic_results_stand_side_by_side_under_their_names(by_country):
    real = estimates([("NO", 0.1, 0.01, 0.08, 0.12, 300, 50.0, 1.0)], source="euls")
    drawing = figure.dots(by_country, real, name="fig-1", caption="x").drawing
    assert "Synthetic data" in drawing
    assert "EU Loneliness Survey 2022" in drawing


def test_a_survey_that_the_book_is_built_on_is_drawn_once(by_country):
    recorded = by_country.row(country="NO")
    once = figure.dots(by_country, recorded, name="fig-1-x", caption="x")
    assert once.data.equals(by_country.to_frame())


def test_several_groupings_stand_beneath_each_other_in_their_order_each_group_with_its_grouping():
    rows = [("sex", "male", "female", 0.01), ("lives_alone", True, False, 0.05)]
    frame = pd.DataFrame(rows, columns=["variable", "value", "reference", "estimate"])
    crude = frame.assign(ci_low=0.0, ci_high=0.1)
    chosen = {"labels": ["crude", "adjusted"], "kind": "difference", "outcome": "lonely"}
    drawn = figure.dots(crude, crude, name="fig-1-x", caption="x", **chosen)
    assert drawn.drawing.index("men against") < drawn.drawing.index("Lives alone: yes")
    assert list(drawn.data["choice"]) == ["crude", "crude", "adjusted", "adjusted"]


def test_a_cut_point_says_which_answers_count_and_of_which_question():
    rows = [("lonely_freq", 3, 0.1, 0.01, 0.08, 0.12, 300, 50.0, 1.0)]
    rows += [("ucla3", 6, 0.3, 0.01, 0.28, 0.32, 300, 50.0, 1.0)]
    cuts = estimates(rows, by=("item", "cut"), source="euls")
    alt = figure.dots(cuts, by="cut", name="fig-1-x", caption="x").alt
    assert "How often lonely: At least some of the time" in alt[0]
    assert "UCLA-skår, tre spørsmål: 6 eller mer" in alt[1]


def test_cut_points_of_two_surveys_share_one_order_from_most_to_fewest():
    def cuts(source, shares):
        rows = [("lonely_freq", cut, share, 0.01, 0, 1, 9, 9, 1) for cut, share in shares.items()]
        return estimates(rows, by=("item", "cut"), source=source)

    four, five = cuts("ess", {2: 0.4, 3: 0.1, 4: 0.02}), cuts("euls", {2: 0.6, 3: 0.3, 4: 0.1, 5: 0.01})
    shown = prepare([four, five], by="cut")
    assert [group.split(": ")[1] for group in shown.groups] == [
        "At least a little of the time",
        "At least some of the time",
        "Most or all of the time",
        "All or almost all of the time",
        "All of the time",
    ]


def test_a_long_name_stands_in_a_key_and_never_runs_into_the_labels(by_country):
    other = estimates(by_country.to_frame().to_records(index=False).tolist(), source="euls")
    keyed = figure.dots(by_country, other, name="fig-1-x", caption="x").svg
    assert "■ EU Loneliness Survey 2022" in keyed
    short = figure.dots(by_country, other, labels=["here", "there"], name="fig-1-x", caption="x").svg
    assert "there" in short
    assert "■" not in short


def test_a_published_bound_is_drawn_as_a_bound_and_a_rounded_share_stays_whole():
    rows = pd.DataFrame(
        {"study": ["A", "B", "C"], "estimate": [0.11, None, None], "range_low": [None, 0.2, None]}
    ).assign(range_high=[None, None, 0.1])
    drawn = figure.forest(rows, label="study", name="fig-1-x", caption="x")
    assert drawn.alt[0].endswith("A: 11%; B: over 20%; C: below 10%.")
    assert all(text in drawn.svg for text in ("11%", "over 20%", "below 10%"))


def test_a_difference_below_zero_is_not_cut_off_at_the_edge_of_the_axis():
    rows = pd.DataFrame({"study": ["A"], "estimate": [0.6], "ci_low": [-0.04], "ci_high": [1.2]})
    drawn = figure.forest(rows, label="study", name="fig-1-x", caption="x", kind="number", reference=0).svg
    interval = re.search(r'<path d="M ([-\d.]+) \S+ \nL \S+ \S+ \n"[^>]*stroke: #0067a5', drawn)
    edge = re.search(r'<clipPath id="\w+"><rect x="([-\d.]+)"', drawn)
    assert float(interval[1]) > float(edge[1])


def test_a_series_keeps_its_mark_as_well_as_its_colour():
    """Colour alone must not carry the meaning."""
    two = grid(("age_group", "sex"), (AGES, ["female", "male"]))
    drawing = figure.dots(two, name="fig-1", caption="x").drawing
    assert len(set(re.findall(r'<use [^>]*href="#(\w+)"[^>]*style="fill: (?:#0067a5|#b84300)', drawing))) == 2


@pytest.mark.parametrize("name", ["country", "fig_country", "fig-Country", "fig-"])
def test_a_name_that_cannot_be_an_anchor_is_refused(by_country, name):
    with pytest.raises(DataError, match="fig-03-country"):
        figure.dots(by_country, name=name, caption="x")


def test_two_estimates_in_one_cell_of_a_matrix_are_refused(by_country):
    with pytest.raises(DataError, match="share one cell"):
        figure.matrix(
            estimates([("a", 1, 1, 1, 1, 1, 1, 1), ("a", 1, 1, 1, 1, 1, 1, 1)]),
            rows="country",
            columns="df",
            name="fig-1",
            caption="x",
        )


def test_labels_at_line_ends_never_touch():
    from lonely_analysis.book.figure.lines import spread

    placed = spread([5.0, 5.1, 5.05, 9.0], [1.0] * 4)
    ordered = sorted(placed)
    assert min(b - a for a, b in pairwise(ordered)) >= 1.0 - 1e-9
    assert placed[0] < placed[2] < placed[1] < placed[3]


def test_a_number_in_a_drawing_keeps_its_decimals_while_coordinates_lose_theirs():
    """Coordinates are rounded to make files small; a correlation of 0.68 must not become 0.7 with them."""
    table = pd.DataFrame({"one": ["a"], "other": ["b"], "estimate": [0.68]})
    drawn = figure.matrix(
        Result(table=table, source="x"), rows="one", columns="other", name="fig-1", caption="x"
    )
    assert ">0.68<" in drawn.drawing
    assert not re.search(r'[ "(]-?\d+\.\d{3,}', drawn.drawing)


def test_survival_curves_say_how_many_are_alive_at_the_end_and_name_each_group():
    drawn = figure.curves(survival(), name="fig-1-x", caption="x")
    assert "after 3 years: Lonely most or all of the time: no 97% (95 to 99)" in drawn.alt[0]
    assert "hele tiden: ja 91\u00a0% (89 til 93)" in drawn.alt[1]
    assert "ynthetic" not in figure.curves(survival(source="nhanes"), name="fig-1-x", caption="x").svg


def test_a_long_follow_up_is_thinned_and_keeps_its_last_time():
    drawn = figure.curves(survival((False,), steps=30 * 12), name="fig-1-x", caption="x")
    assert len(drawn.data) <= 60
    assert drawn.data["time"].iloc[-1] == 360
    assert drawn.data["time"].iloc[0] == 1


def test_more_curves_than_can_be_told_apart_are_refused():
    with pytest.raises(DataError, match="at most 4"):
        figure.curves(survival(("a", "b", "c", "d", "e")), name="fig-1-x", caption="x")


def test_choices_compared_in_each_of_two_named_results_keep_their_words(by_country):
    once = la.compare({"Worries": by_country.row(country="NO"), "In bed": by_country.row(country="GR")})
    drawn = figure.dots(once, once, labels=["Women", "Men"], sort=False, name="fig-1-x", caption="x")
    assert {"Worries", "In bed", "Women", "Men"} <= set(re.findall(r"[A-Z][a-z ]+(?=<)", drawn.svg))
    assert drawn.data["series"].tolist() == ["Women", "Women", "Men", "Men"]


def test_a_link_without_an_estimate_is_written_and_not_left_out():
    rows = pd.DataFrame(
        {
            "link": ["arenas to trust", "strain to load", "load to death"],
            "estimate": [float("nan"), float("nan"), 0.1],
            "absent": ["no estimate found", "no common scale", ""],
        }
    )
    drawn = figure.forest(rows, label="link", name="fig-1-x", caption="x", kind="number", reference=0)
    assert "no estimate found" in drawn.svg
    assert drawn.svg.count("arenas to trust") > drawn.svg.count("arenas to trust:")
    assert "arenas to trust: no estimate found; strain to load: on another scale" in drawn.alt[0]
    assert "ikke funnet noe estimat" in drawn.alt[1]
