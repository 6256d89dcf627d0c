"""``{api}``: the reference of the public names, made from their signatures and docstrings.

A *room* is the part of the package that a name lives in. Each name becomes a section with an anchor
(``api-prevalence``), its signature, and its docstring as it stands in the code, so that reference and code
cannot differ. Docstrings mark code with double backquotes; indented lines are formulas or examples.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

import lonely_analysis
from lonely_analysis.book.arguments import ARGUMENTS
from lonely_analysis.book.words import ROOMS

#: A signature longer than this stands with one parameter a line.
LINE = 78
_CODE = re.compile(r"``(.+?)``", re.DOTALL)


def by_room() -> dict[str, list[str]]:
    """Return the public names of each room, in the order in which the package lists them."""
    rooms: dict[str, list[str]] = {room: [] for room in ROOMS}
    for module, names in lonely_analysis._WHERE.items():
        room = module.split(".")[0]
        rooms[room] += names
    return {room: names for room, names in rooms.items() if names}


class Api(SphinxDirective):
    """``{api}``: the arguments, then one section a room, and in it one section a public name."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        return [self._arguments(), *(self._room(room, names) for room, names in by_room().items())]

    def _arguments(self) -> nodes.section:
        section = self._section("Arguments", "api-arguments")
        section += nodes.paragraph("", "These words mean the same in every function that takes them.")
        section += nodes.bullet_list("", *(_item(name, says) for name, says in ARGUMENTS.items()))
        return section

    def _room(self, room: str, names: list[str]) -> nodes.section:
        title, says = ROOMS[room]
        section = self._section(title, f"api-room-{room}")
        section += nodes.paragraph("", says)
        for name in names:
            section += self._entry(name)
        return section

    def _entry(self, name: str) -> nodes.section:
        public = getattr(lonely_analysis, name)
        section = self._section(name, f"api-{name.lower()}")
        section += nodes.literal_block(signature(name, public), signature(name, public), language="python")
        section += list(described(inspect.getdoc(public) or ""))
        methods = public_methods(public)
        if methods:
            items = [_item(method, says) for method, says in methods.items()]
            section += nodes.bullet_list("", *items)
        self.env.note_dependency(inspect.getsourcefile(public) or "")
        return section

    def _section(self, title: str, id_: str) -> nodes.section:
        section = nodes.section("", nodes.title(title, title), ids=[id_], names=[id_])
        self.state.document.note_explicit_target(section, section)
        return section


def signature(name: str, public: Any) -> str:
    """Return ``la.name(…)`` with defaults; types and what a module calls them are left to the code."""
    if inspect.isclass(public) and issubclass(public, Exception):
        return f"la.{name}"
    parameters = inspect.signature(public).parameters.values()
    told = [str(parameter.replace(annotation=inspect.Parameter.empty)) for parameter in parameters]
    star = [n for n, parameter in enumerate(parameters) if parameter.kind is parameter.KEYWORD_ONLY]
    if star and not any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        told.insert(star[0], "*")
    line = f"la.{name}({', '.join(told)})"
    if len(line) <= LINE:
        return line
    return f"la.{name}(\n" + "".join(f"    {parameter},\n" for parameter in told) + ")"


def public_methods(public: Any) -> dict[str, str]:
    """Return the methods and properties of a public class with the first line of what they say."""
    if not inspect.isclass(public) or issubclass(public, Exception):
        return {}
    own = {
        name: getattr(member, "fget", None) or member
        for name, member in vars(public).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, property))
    }
    said = {name: (inspect.getdoc(member) or "").split("\n")[0] for name, member in own.items()}
    return {name: says for name, says in said.items() if says and not is_dataclass(own[name])}


def described(text: str) -> Iterator[nodes.Node]:
    """Turn a docstring, as ``inspect.getdoc`` gives it, into paragraphs; indented lines stay as they are."""
    for block in re.split(r"\n\s*\n", text):
        lines = block.split("\n")
        if all(line.startswith("    ") for line in lines):
            code = inspect.cleandoc("\n" + block)
            yield nodes.literal_block(code, code, language="none")
        elif all(line.startswith(("- ", "* ", "  ")) for line in lines):
            items = re.split(r"\n(?=[-*] )", block)
            yield nodes.bullet_list("", *(nodes.list_item("", _paragraph(item[2:])) for item in items))
        else:
            yield _paragraph(block)


def _paragraph(text: str) -> nodes.paragraph:
    """Return one paragraph in which double backquotes are code."""
    paragraph = nodes.paragraph()
    words = re.sub(r"::$", ":", " ".join(text.split()))
    for place, part in enumerate(_CODE.split(words)):
        if part:
            paragraph += nodes.literal(part, part) if place % 2 else nodes.Text(part)
    return paragraph


def _item(name: str, says: str) -> nodes.list_item:
    """Return one entry of a list: a name as code, and what it is."""
    paragraph = _paragraph(says)
    paragraph.insert(0, [nodes.literal(name, name), nodes.Text(": ")])
    return nodes.list_item("", paragraph)
