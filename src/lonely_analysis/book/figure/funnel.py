"""The funnel plot: effect against standard error, with contours that say which studies were significant."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from lonely_analysis.book import numerals
from lonely_analysis.book.context import is_synthetic
from lonely_analysis.book.figure import effect_axis, theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.effect_axis import EffectKind
from lonely_analysis.book.figure.words import both
from lonely_analysis.book.words import SYNTHETIC, Language, say
from lonely_analysis.errors import DataError
from lonely_analysis.evidence.pool import Pooled

HEIGHT = 300.0
#: Two-sided p values of the contours (Peters and others 2008, J Clin Epidemiol 61:991-996).
CONTOURS = (0.10, 0.05, 0.01)


def funnel(
    result: Pooled,
    *,
    name: str,
    caption: str,
    caption_nb: str = "",
    kind: EffectKind = "ratio",
    axis: str = "",
    axis_nb: str = "",
    filled: Pooled | None = None,
    highlight: list[str] | None = None,
) -> Figure:
    """Draw studies by effect and standard error, precise ones on top, around the line of the pooled mean.

    The shading is around *no effect*: in its innermost part a study has p above 0.10, then above 0.05,
    then above 0.01. Studies missing only in the shaded part suggest selection; elsewhere another reason.
    ``filled`` is ``trim_and_fill(...).filled``: what it added is drawn as open circles. ``highlight`` names
    studies to label.
    """
    rows = _points(filled or result)
    rows["added"] = ~rows["label"].isin(result.studies["label"])
    named = highlight or []
    unknown = set(named) - set(rows["label"])
    if unknown:
        raise DataError(f"no study is called {sorted(unknown)[0]!r}")
    drawing = _draw(rows, result, kind, axis, named)
    alt = both(lambda language: _describe(rows, result, kind, (axis, axis_nb or axis), language))
    data = effect_axis.shown(rows[["label", "estimate", "se"]], kind)
    return Figure(check_name(name), drawing, alt, (caption, caption_nb), data, kind)


def _points(result: Pooled) -> pd.DataFrame:
    studies = result.studies
    return pd.DataFrame({"label": studies["label"], "estimate": studies["yi"], "se": np.sqrt(studies["vi"])})


def _draw(rows: pd.DataFrame, result: Pooled, kind: EffectKind, axis: str, named: list[str]) -> str:
    synthetic, deepest = is_synthetic(result.source), float(rows["se"].max()) * 1.06
    axis, bottom = effect_axis.named(axis, 44, synthetic)
    with theme.sheet(HEIGHT, left=44, right=14, bottom=bottom, top=46) as page:
        axes, mean = page.axes, float(result.table["estimate"].iloc[0])
        reach = _contours(page, deepest)
        axes.vlines(mean, 0, deepest, color=theme.colour(1), linewidth=1.4)
        for added, marks in rows.groupby("added"):
            axes.plot(
                marks["estimate"],
                marks["se"],
                marker="o",
                markersize=5.5,
                linestyle="none",
                color=theme.colour(0),
                fillstyle="none" if added else "full",
            )
        ends = [*rows["estimate"], -reach, reach]
        effect_axis.finish(axes, kind, min(ends), max(ends), axis)
        axes.set_ylim(deepest, 0)
        axes.tick_params(axis="y", labelcolor=theme.MUTED)
        for label in named:
            _label(page, rows.set_index("label").loc[label], label)
        levels = ", ".join(f"{p:.2f}" for p in CONTOURS)
        words = f"Standard error \N{DOWNWARDS ARROW}\nShading, inner to outer: p above {levels}"
        page.canvas.text(6 / theme.WIDTH, 1 - 4 / page.height, words, va="top", ha="left", linespacing=1.3)
        theme.mark_source(page, synthetic)
        return page.svg()


def _contours(page: theme.Sheet, deepest: float) -> float:
    """Shade the wedges around no effect and return how far the widest reaches."""
    widths = [ndtri(1 - p / 2) * deepest for p in CONTOURS]
    for width in widths:
        page.axes.fill([-width, 0, width], [deepest, 0, deepest], color=theme.MUTED, alpha=0.13, linewidth=0)
    return widths[-1]


def _label(page: theme.Sheet, row: pd.Series, text: str) -> None:
    """Write a study's name on the side of its point that has more room."""
    right = row["estimate"] > sum(page.axes.get_xlim()) / 2
    page.axes.annotate(
        text,
        (row["estimate"], row["se"]),
        xytext=(-7 if right else 7, 0),
        textcoords="offset points",
        ha="right" if right else "left",
        va="center_baseline",
    )


def _describe(
    rows: pd.DataFrame, result: Pooled, kind: EffectKind, axis: tuple[str, str], language: Language
) -> str:
    words = {
        "en": (
            "Funnel plot",
            "{} studies around a pooled mean of {}; {} above and {} below it",
            "standard errors {}",
            "{} filled in",
        ),
        "nb": (
            "Traktplott",
            "{} studier rundt et samlet gjennomsnitt på {}; {} over og {} under",
            "standardfeil {}",
            "{} lagt til",
        ),
    }[language]
    own, mean = rows[~rows["added"]], result.table.iloc[0]
    value = numerals.number(effect_axis.shown(result.table, kind)["estimate"].iloc[0], kind, language)
    above = int((own["estimate"] > mean["estimate"]).sum())
    parts = [
        f"{words[0]}{', ' + say(axis, language) if say(axis, language) else ''}",
        words[1].format(len(own), value, above, len(own) - above),
        words[2].format(numerals.bounds(own["se"].min(), own["se"].max(), "number", language)),
    ]
    parts += [words[3].format(int(rows["added"].sum()))] * bool(rows["added"].any())
    parts += [say(SYNTHETIC, language)] * is_synthetic(result.source)
    return ". ".join(part[:1].upper() + part[1:] for part in parts) + "."
