"""The page "How we know the code is right": what the tests, simulations and timings wrote down.

``data/checks/agreement.csv`` and ``coverage.csv`` are written by ``make checks`` (``tests/record.py``),
``benchmarks.csv`` by ``make bench``; ``disagreements.csv`` and ``uncovered.csv`` hold reviewed words. Nothing
is computed anew.
"""

from __future__ import annotations

from math import floor, log10
from typing import Any

import pandas as pd

from lonely_analysis import files
from lonely_analysis.book import fold
from lonely_analysis.book.numerals import digits
from lonely_analysis.book.show import Page

#: A 95 % interval should cover between these shares of samples; simulation error included.
LOWEST, HIGHEST = 0.935, 0.965
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def checks(name: str) -> pd.DataFrame:
    """Return ``agreement``, ``coverage``, ``uncovered``, ``disagreements`` or ``benchmarks``, as stored."""
    return files.read_table(f"checks/{name}.csv")


def agreement() -> Page:
    """Show how near each quantity is to its reference in another program."""
    table = checks("agreement")
    shown = pd.DataFrame(
        {
            "Quantity": table["quantity"],
            "Compared with": table["version"].str.split(",").str[0] + ": " + table["compared_with"],
            "Numbers": table["numbers"].map(lambda n: digits(n, 0, "en")),
            "Largest difference": table["largest_difference"].map(power),
            "Allowed": table["tolerance"].map(power),
        }
    )
    numeric = ["Numbers", "Largest difference", "Allowed"]
    html = fold.stacked(shown, "Largest relative difference from the reference, by quantity", numeric)
    return fold.page(html + fold.download(table, "agreement"), table)


def simulated(kind: str, room: str = "") -> pd.DataFrame:
    """Return what simulations found of a kind, of one room's estimators (``evidence``) or of all."""
    table = checks("coverage")
    return table[table["kind"].eq(kind) & table["test"].str.startswith(room)]


def coverage(kind: str, room: str = "") -> Page:
    """Show what simulations found: ``covers``, ``rejects`` (tests of a true hypothesis) or ``limits``."""
    table = simulated(kind, room)
    captions = {
        "covers": "Samples whose 95% interval held the truth",
        "rejects": "Samples in which a test at the 5% level rejected",
        "limits": "Samples whose 95% interval held the truth, where intervals are hard",
    }
    shown = pd.DataFrame(
        {
            "What": table["what"],
            "Drawn": table["design"],
            "Samples": table["samples"].map(lambda n: digits(n, 0, "en")),
            "Share (%)": table["share"].map(lambda share: digits(100 * share, 1, "en")),
        }
    )
    return fold.page(fold.stacked(shown, captions[kind], ["Samples", "Share (%)"]), table)


def excused() -> Page:
    """Show which estimators with an interval need no simulation of their own, and why."""
    table = checks("uncovered")
    shown = table.rename(columns={"estimator": "Function", "reason": "Why it needs none of its own"})
    caption = "Functions whose intervals have no simulation of their own"
    caption_nb = "Funksjoner med intervaller som ikke har noen egen simulering"
    return fold.page(fold.stacked(shown, caption, caption_nb=caption_nb), table)


def disagreements() -> Page:
    """Show where programs differ, by how much, and why."""
    table = checks("disagreements")
    shown = table.rename(columns={"quantity": "Quantity", "programs": "Programs", "difference": "Difference"})
    shown = shown.rename(columns={"cause": "Cause", "ours": "What we do"})
    return fold.page(fold.stacked(shown, "Known differences between programs"), table)


def benchmarks() -> Page:
    """Show how long tasks take beside other programs, once ``make bench`` has written it down."""
    if "checks/benchmarks.csv" not in files.resources():
        words = "No timings have been written down yet: make bench writes them."
        return Page(html=f'<p class="la-note">{words}</p>', text=words)
    table = checks("benchmarks")
    shown = pd.DataFrame(
        {
            "Task": table["task"],
            "Seconds": table["seconds"].map(lambda value: f"{value:.2g}"),
            "R takes": [_times(row.r_times, row.r_goal) for row in table.itertuples()],
            "Another takes": [_other(row) for row in table.itertuples()],
        }
    )
    html = fold.stacked(shown, "Best time, and how many times longer others take", list(shown.columns[1:]))
    return fold.page(html + fold.download(table, "timings"), table)


def _other(row: Any) -> str:
    """Write what another program takes: ``svy: 30 times``."""
    return "–" if pd.isna(row.other) else f"{row.other}: {_times(row.other_times, row.other_goal)}"


def _times(ratio: float, goal: float) -> str:
    if pd.isna(ratio):
        return "–"
    told = f"{digits(ratio, 0 if ratio >= 10 else 1, 'en')} times"
    return told if pd.isna(goal) else f"{told} (goal: at least {goal:g})"


def power(value: float) -> str:
    """Write a very small number as a digit times a power of ten."""
    exponent = floor(log10(value))
    first = round(value / 10**exponent)
    first, exponent = (1, exponent + 1) if first == 10 else (first, exponent)
    ten = f"10{str(exponent).translate(_SUPERSCRIPT)}"
    return ten if first == 1 else f"{first} × {ten}"
