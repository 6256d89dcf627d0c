"""The command ``lonely``: each subcommand parses its options and calls one function of a room.

A *problem* with the input is one message on stderr and exit code 1; wrong options are argparse's exit code 2.
Results go to stdout, so that they can be piped; progress shows on a terminal only.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from lonely_analysis.surveys.checkup import Checkup

MESSAGE_LENGTH = 590
"""No message on stderr is longer: it is read in a terminal, not in a log."""
BOOK_PACKAGES = (
    "Pages are built in a checkout of the book, after `make setup`, or with the packages of "
    '`pip install "lonely-analysis[book]"`'
)
FORMATS = ("table", "csv", "json")
PERCENT_COLUMNS = ("estimate", "se", "ci_low", "ci_high")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code; a bad input is one message, never a traceback."""
    options = _parser().parse_args(arguments)
    warnings.simplefilter("ignore")
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        code = run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _say("stopped") or 130
    except BrokenPipeError:  # the reader of the pipe (`| head`) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ValueError as error:
        return _say(str(error)) or 1
    except ModuleNotFoundError as error:
        return _say(f"{error.name} is not installed. {BOOK_PACKAGES}") or 1
    except Exception as error:  # whatever it is, an analyst gets one sentence and not a traceback
        return _say(f"unexpected {type(error).__name__}: {error}") or 1


def _say(message: str) -> None:
    text = " ".join(message.split())
    short = text if len(text) <= MESSAGE_LENGTH else text[: MESSAGE_LENGTH - 1] + "…"
    print(f"lonely: {short}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lonely", description="Loneliness and social arenas, computed.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    build = _command(commands, "build", _build, "build the book, by default on the synthetic survey")
    _survey_options(build, required=False)
    build.add_argument("--out", type=Path, help="folder for the pages (default: _build/html)")
    alone = _command(commands, "offline", _offline, "zip the built book, to read without a network")
    alone.add_argument("--pages", type=Path, help="folder of the built book (default: _build/html)")
    alone.add_argument("--out", type=Path, help="the zip file (default: _build/loneliness-book.zip)")
    check = _command(commands, "check", _check, "say what a survey file is, what it gives and what is wrong")
    _survey_options(check, required=True)
    ask = _command(commands, "prevalence", _prevalence, "estimate how common a yes/no outcome is")
    _survey_options(ask, required=True)
    ask.add_argument("--outcome", required=True, help="a yes/no common column, such as lonely")
    ask.add_argument("--by", nargs="+", help="columns that define groups, such as country sex")
    ask.add_argument("--where", help='who is counted, such as "age >= 20"')
    ask.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    claims = _command(commands, "claims", _claims, "print the ledger of claims and verdicts")
    claims.add_argument("--format", choices=(*FORMATS, "md"), default="table", help="default: table")
    snapshot = _command(commands, "snapshot", _snapshot, "store the chapters' results on a real survey")
    _survey_options(snapshot, required=True)
    simulate = _command(commands, "simulate", _simulate, "simulate the synthetic survey anew")
    simulate.add_argument(
        "--out", type=Path, help="folder for the files (default: the book's data/synthetic)"
    )
    simulate.add_argument("--seed", type=int, help="another seed gives another sample")
    return parser


def _command(
    commands: argparse._SubParsersAction, name: str, run: Callable[[argparse.Namespace], int], says: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=says, description=says)
    command.set_defaults(run=run)
    return command


def _survey_options(command: argparse.ArgumentParser, *, required: bool) -> None:
    says = "synthetic, euls, ess, nhanes, brfss, or the path of a .yml mapping"
    command.add_argument("--survey", required=required, help=says)
    command.add_argument("--file", type=Path, help="the survey's file or folder")


def _build(options: argparse.Namespace) -> int:
    from lonely_analysis.book.build import build

    return build(survey=options.survey, path=options.file, out=options.out)


def _offline(options: argparse.Namespace) -> int:
    from lonely_analysis.book.offline import offline

    made = offline(options.pages, options.out)
    print(f"{made}  {made.stat().st_size / 1e6:.1f} MB")
    return 0


def _check(options: argparse.Namespace) -> int:
    from lonely_analysis.surveys.checkup import checkup

    found = checkup(options.survey, options.file)
    _print_checkup(found)
    for number, problem in enumerate(found.problems, start=1):
        _say(f"problem {number} of {len(found.problems)}: {problem}")
    return 1 if found.problems else 0


def _print_checkup(found: Checkup) -> None:
    print(f"Survey   {found.title} ({found.name})")
    print(f"File     {found.label}: {found.what}, {found.n} persons")
    for note in found.notes:
        print(f"Note     {note}")
    print(f"Gives    {len(found.columns)} common columns: {', '.join(found.columns)}")
    if found.absent:
        print(f"Lacks    {len(found.absent)} of the codebook's variables: {', '.join(found.absent)}")
    print("\nAbsent answers, by reason")
    told = found.missing[found.missing.any(axis=1)]
    print(told.to_string(index_names=False) if len(told) else "none")
    print("\nChapters")
    print("\n".join(_chapter_lines(found.columns)))


def _chapter_lines(columns: list[str]) -> list[str]:
    """One line a chapter: whole, or what it lacks; nothing where the book itself is not installed."""
    from lonely_analysis.book.carries import lacking

    try:
        chapters = lacking(columns)
    except ValueError as error:
        return [f"not known: {error}"]
    return [
        f"{'lacks ' + ', '.join(absent) if absent else 'whole'} | {chapter}"
        for chapter, absent in chapters.items()
    ]


def _prevalence(options: argparse.Namespace) -> int:
    from lonely_analysis.estimators.prevalence import prevalence
    from lonely_analysis.surveys.read import read_survey

    survey = read_survey(options.survey, options.file)
    by = [name for names in options.by or [] for name in names.split(",") if name]
    survey.require(options.outcome, *by)
    result = prevalence(survey, options.outcome, by=by or None, where=options.where)
    if options.format == "table":
        print(f"{options.outcome}, per cent, {survey.provenance.title}")
    _print_table(result.to_frame(), options.format, percent=PERCENT_COLUMNS)
    return 0


def _print_table(table: pd.DataFrame, form: str, percent: Sequence[str] = ()) -> None:
    """Print full digits as csv or json, and two decimals as a table."""
    if form == "csv":
        print(table.to_csv(index=False), end="")
    elif form == "json":
        print(table.to_json(orient="records", indent=1, double_precision=15))
    else:
        shown = table.assign(**{name: table[name] * 100 for name in percent if name in table})
        print(shown.to_string(index=False, float_format=lambda value: f"{value:.2f}"))


def _claims(options: argparse.Namespace) -> int:
    from lonely_analysis.book.verdict_page import to_markdown, to_text
    from lonely_analysis.evidence.claims import claims

    ledger = claims()
    if options.format in ("csv", "json"):
        _print_table(ledger.to_frame(), options.format)
    else:
        print(to_markdown(ledger) if options.format == "md" else to_text(ledger))
    return 0


def _snapshot(options: argparse.Namespace) -> int:
    from lonely_analysis.book.snapshot import snapshot
    from lonely_analysis.errors import DataError

    if options.file is None:
        raise DataError("a snapshot is of a real file: give it with --file")
    print(snapshot(options.survey, options.file))
    return 0


def _simulate(options: argparse.Namespace) -> int:
    from lonely_analysis import files
    from lonely_analysis.surveys.synthetic.store import FOLDER, write

    folder = options.out or files.data_dir() / FOLDER
    if sys.stderr.isatty():
        print(f"simulating into {folder}, which takes about a minute", file=sys.stderr)
    for file in write(folder, seed=options.seed):
        print(file)
    if options.out is None:
        files.update_package()
    return 0
