"""The command ``lonely``: each subcommand parses its options and calls one function of a room."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lonely", description="Loneliness and social arenas, computed.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build the book, by default on the synthetic survey")
    build.add_argument("--survey", help="name of a survey, for example ess")
    build.add_argument("--file", type=Path, help="the survey's file or folder")
    build.add_argument("--out", type=Path, help="where the pages go (default: _build/html)")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code; a bad input is one message, never a traceback."""
    options = _parser().parse_args(arguments)
    try:
        from lonely_analysis.book.build import build

        return build(survey=options.survey, path=options.file, out=options.out)
    except ValueError as error:
        print(f"lonely: {error}", file=sys.stderr)
        return 1
