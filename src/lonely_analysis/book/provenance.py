"""The page "Data and provenance": the files that ship, how near the synthetic survey is, what made it."""

from __future__ import annotations

from html import escape
from pathlib import PurePosixPath

import pandas as pd

from lonely_analysis import files
from lonely_analysis.book import fold, tables
from lonely_analysis.book.numerals import digits
from lonely_analysis.book.show import Page

#: Characters of a sha256 that a reader compares by eye; the CSV has them all.
SHOWN_HASH = 12


def data_files() -> pd.DataFrame:
    """Return one row a shipped file: path, rows (none for text), source, licence, bytes, sha256."""
    listed = files.resources().items()
    return pd.DataFrame(
        [
            {"file": path, "rows": _rows(path)}
            | {key: entry[key] for key in ("source", "licence", "bytes", "sha256")}
            for path, entry in listed
        ]
    ).astype({"rows": "Int64"})


def file_tables() -> Page:
    """Show the shipped files, a folded table for each folder."""
    table = data_files()
    folders = table["file"].map(lambda path: str(PurePosixPath(path).parent))
    parts = [_folder(name, table[folders == name]) for name in dict.fromkeys(folders)]
    return fold.page("".join(parts) + fold.download(table, "data files"), table)


def calibration() -> pd.DataFrame:
    """Return how near the shipped synthetic survey is to each published figure that it was tuned to."""
    from lonely_analysis.surveys import synthetic

    return synthetic.calibration()


def calibration_tables() -> Page:
    """Show target, achieved and tolerance, a folded table for each kind of figure."""
    table = calibration()
    parts = [
        fold.folded(_calibrated(part), f"{kind.capitalize()}: {len(part)} targets", numeric=_NUMBERS)
        for kind, part in table.groupby("statistic", sort=False)
    ]
    return fold.page("".join(parts) + fold.download(table, "calibration"), table)


def causal_model() -> Page:
    """Show every node of the causal model with the arrows that reach it, each arrow with its reason."""
    from lonely_analysis.surveys import synthetic

    nodes, graph = synthetic.nodes(), synthetic.graph()
    incoming = dict(iter(graph.groupby("child", sort=False)))
    outer = nodes[~nodes["node"].isin(incoming)]
    parts = [fold.folded(outer[["node", "meaning"]], f"{len(outer)} causes that the model does not explain")]
    for node in nodes[nodes["node"].isin(incoming)].itertuples():
        parts.append(_node(node.node, node.meaning, incoming[node.node]))
    return fold.page("".join(parts) + fold.download(graph, "causal model"), graph)


def _rows(path: str) -> int | None:
    if not path.endswith((".csv", ".parquet")):
        return None
    return len(files.read_table(path))


def _folder(name: str, table: pd.DataFrame) -> str:
    count = f"{len(table)} file{'s' * (len(table) > 1)}"
    shown = pd.DataFrame(
        {
            "File": table["file"].map(lambda path: PurePosixPath(path).name),
            "Rows": table["rows"].map(lambda n: "–" if pd.isna(n) else digits(n, 0, "en")),
            "Source": table["source"],
            "Licence": table["licence"],
            "sha256 begins": table["sha256"].str[:SHOWN_HASH],
        }
    )
    return fold.folded(shown, f"data/{'' if name == '.' else name + '/'}: {count}", numeric=["Rows"])


_NUMBERS = ("Target", "Achieved", "Tolerance")


def _calibrated(part: pd.DataFrame) -> pd.DataFrame:
    what = part["outcome"] + part["where"].map(
        lambda where: "" if pd.isna(where) or not where else f", {where}"
    )
    numbers = {header: part[header.lower()].map(lambda value: digits(value, 3, "en")) for header in _NUMBERS}
    source = part["source"] + " (" + part["grade"].astype("str") + ")"
    return pd.DataFrame({"Figure": what, **numbers, "Published row (grade)": source})


def _node(name: str, meaning: str, arrows: pd.DataFrame) -> str:
    shown = pd.DataFrame(
        {
            "Cause": arrows["parent"],
            "Coefficient": arrows["coefficient"].map(lambda value: digits(value, 2, "en")),
            "Source or reason": arrows["reason"],
        }
    )
    title = f"{name}: {meaning}"
    table = tables.to_html(shown, title, ["Coefficient"])
    return f'<details class="la-data la-fold"><summary>{escape(title)}</summary>{table}</details>'
