"""The forest plot of a pool: studies with their weights, the mean as a diamond, the next study as a bar."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lonely_analysis.book import numerals
from lonely_analysis.book.context import is_synthetic
from lonely_analysis.book.figure import effect_axis, theme
from lonely_analysis.book.figure.base import Figure, check_name
from lonely_analysis.book.figure.effect_axis import EffectKind
from lonely_analysis.book.figure.words import both
from lonely_analysis.book.words import NEW_STUDY, POOLED_MEAN, SYNTHETIC, Language, say
from lonely_analysis.evidence.pool import Pooled

LINE = 15.5
#: Height of the words and the mark of the diamond, and of the bar.
BLOCK = 40.0
#: The widest room for names: the axis then keeps half of a telephone.
NAMES = 172.0
#: Side of the square of the heaviest study; areas go by weight.
SQUARE = 11.0


def pooled(
    result: Pooled,
    *,
    name: str,
    caption: str,
    caption_nb: str = "",
    kind: EffectKind = "ratio",
    axis: str = "",
    axis_nb: str = "",
) -> Figure:
    """Draw every study of a pool (square by weight, with its interval), the pooled mean and what is next.

    The diamond spans the confidence interval of the mean, the bar the prediction interval; a pool without one
    has no bar. ``kind="ratio"`` takes effects as logarithms, places them on a log axis and labels the
    ratios; ``"number"`` draws them as they are. Studies stand in the order of their effects.
    """
    rows = result.studies.rename(columns={"yi": "estimate"}).sort_values("estimate", kind="stable")
    rows = rows.reset_index(drop=True)
    summary = result.table.iloc[0]
    drawing = _draw(rows, summary, kind, axis, result)
    alt = both(lambda language: _describe(rows, summary, kind, (axis, axis_nb or axis), result, language))
    data = effect_axis.shown(_with_summary(rows, summary), kind)
    columns = ("label", "estimate", "interval", "weight")
    return Figure(check_name(name), drawing, alt, (caption, caption_nb), data, kind, columns)


def _draw(rows: pd.DataFrame, summary: pd.Series, kind: EffectKind, axis: str, result: Pooled) -> str:
    names = [theme.wrap(str(label), NAMES) for label in rows["label"]]
    heights = np.array([(text.count("\n") + 1) * LINE + 5 for text in names])
    middles = heights.cumsum() - heights / 2
    studies, predicts = float(heights.sum()), not np.isnan(summary["pi_low"])
    whole = studies + BLOCK * (1 + predicts) + 8
    left = min(max(theme.text_width(text) for text in names), NAMES) + 10
    synthetic = is_synthetic(result.source)
    axis, bottom = effect_axis.named(axis, left, synthetic)
    with theme.sheet(whole, left=left, right=14, bottom=bottom, top=6) as page:
        axes = page.axes
        axes.set_ylim(whole, 0)
        axes.hlines(middles, rows["ci_low"], rows["ci_high"], color=theme.colour(0), linewidth=2, alpha=0.55)
        sides = SQUARE * np.sqrt(rows["weight"] / rows["weight"].max())
        axes.scatter(
            rows["estimate"], middles, s=sides**2, marker="s", color=theme.colour(0), linewidths=0, zorder=3
        )
        axes.vlines(summary["estimate"], 0, studies + 4, color=theme.colour(1), linewidth=1, alpha=0.6)
        _summaries(page, summary, kind, studies, predicts, result.level, left)
        ends = [*rows["ci_low"], *rows["ci_high"], *summary[["pi_low", "pi_high"]].dropna()]
        effect_axis.finish(axes, kind, min(ends), max(ends), axis)
        axes.set_yticks(middles, names)
        theme.mark_source(page, synthetic)
        return page.svg()


def _summaries(
    page: theme.Sheet,
    summary: pd.Series,
    kind: EffectKind,
    top: float,
    predicts: bool,
    level: float,
    left: float,
) -> None:
    """Draw the diamond and the bar, each under its words, which run from the page's left edge."""
    axes, shade = page.axes, theme.colour(1)
    low, middle, high = (summary[column] for column in ("ci_low", "estimate", "ci_high"))
    texts = _summary_words(summary, kind, level, "en")
    y = top + 8 + LINE + 12
    axes.fill([low, middle, high, middle], [y, y - 7, y, y + 7], color=shade, linewidth=0)
    if predicts:
        y += BLOCK
        axes.hlines(y, summary["pi_low"], summary["pi_high"], color=shade, linewidth=5, alpha=0.55)
    for position, text in enumerate(texts):
        axes.annotate(
            text,
            (0, top + 8 + position * BLOCK),
            xycoords=("axes fraction", "data"),
            xytext=(4 - left, 0),
            textcoords="offset points",
            va="top",
            annotation_clip=False,
        )


def _summary_words(summary: pd.Series, kind: EffectKind, level: float, language: Language) -> list[str]:
    row = effect_axis.shown(summary.to_frame().T.infer_objects(), kind).iloc[0]
    mean = numerals.number(row["estimate"], kind, language)
    interval = numerals.interval(row["ci_low"], row["ci_high"], kind, language, level=level)
    texts = [say(POOLED_MEAN, language).format(f"{mean} ({interval})")]
    if not np.isnan(row["pi_low"]):
        predicted = numerals.bounds(row["pi_low"], row["pi_high"], kind, language)
        share = numerals.number(level, "percent", language, decimals=0)
        texts.append(say(NEW_STUDY, language).format(predicted, share))
    return texts


def _with_summary(rows: pd.DataFrame, summary: pd.Series) -> pd.DataFrame:
    """Add the pooled mean and the prediction as the last rows of the numbers behind the figure."""
    columns = ["label", "estimate", "ci_low", "ci_high", "weight"]
    mean = {"label": "Pooled mean", **summary[["estimate", "ci_low", "ci_high"]], "weight": 100.0}
    added = [mean]
    if not np.isnan(summary["pi_low"]):
        bounds = {"ci_low": summary["pi_low"], "ci_high": summary["pi_high"]}
        added.append({"label": "New study", "estimate": np.nan, **bounds, "weight": np.nan})
    return pd.concat([rows[columns], pd.DataFrame(added)], ignore_index=True)


def _describe(
    rows: pd.DataFrame,
    summary: pd.Series,
    kind: EffectKind,
    axis: tuple[str, str],
    result: Pooled,
    language: Language,
) -> str:
    words = {
        "en": ("Forest plot", "{} studies, from {} to {}; heaviest {} ({} of the weight)"),
        "nb": ("Forest plot", "{} studier, fra {} til {}; tyngst er {} ({} av vekten)"),
    }[language]
    read = effect_axis.shown(rows, kind)
    low, high = (
        f"{row['label']} {effect_axis.write(row, kind, language)}" for _, row in read.iloc[[0, -1]].iterrows()
    )
    heavy = rows.loc[rows["weight"].idxmax()]
    share = numerals.number(heavy["weight"] / 100, "percent", language, decimals=0)
    text = words[1].format(len(rows), low, high, heavy["label"], share)
    title = f"{words[0]}{', ' + say(axis, language) if say(axis, language) else ''}"
    parts = [title, text, *_summary_words(summary, kind, result.level, language)]
    if is_synthetic(result.source):
        parts.append(say(SYNTHETIC, language))
    return ". ".join(parts) + "."
