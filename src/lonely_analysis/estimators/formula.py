"""Model formulas, read by a grammar and never run as Python.

A *formula* is ``outcome ~ term + term``; a *term* is a product of *factors*; a factor is one variable, or one
function of variables::

    terms   = product { "+" product }            a + b
    product = interaction { "*" interaction }    a * b  means  a + b + a:b
    interaction = factor { ":" factor }          a:b    the product only
    factor  = name | "C(" name [", ref=" value] ")" | "spline(" name [", df=" number] ")"
            | "log(" arithmetic ")" | "I(" arithmetic ")" | "(" terms ")" | "1"

*Arithmetic* is ``+ - * / **``, numbers, column names and ``log``. A column whose name is not a plain word
stands in backticks. Every model keeps its intercept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lonely_analysis.errors import DataError
from lonely_analysis.estimators.arithmetic import Tree, columns_of, spell, written
from lonely_analysis.estimators.terms import DEFAULT_SPLINE_DF, Factor, Formula, Term
from lonely_analysis.estimators.tokens import Token, tokens

# Far above any model on a page, and low enough that a hostile text costs nothing.
_LONGEST = 2000
_DEEPEST = 20
_MOST_TERMS = 200

_FUNCTIONS = ("C", "spline", "log", "I")


def parse(text: str, *, outcome: bool = True) -> Formula:
    """Parse ``"y ~ a + b"``, or ``"a + b"`` with ``outcome=False`` (as the Cox model takes it).

    Raises ``DataError`` that names the place and what may stand there.
    """
    if not isinstance(text, str):
        raise DataError(f"a formula is a text such as 'lonely ~ age + sex', not {type(text).__name__}")
    if len(text) > _LONGEST:
        raise DataError(f"the formula has {len(text)} characters; {_LONGEST} are allowed")
    return _Parser(text).formula(outcome)


def with_adjustment(terms: str, adjust: str | None) -> str:
    """Return a formula, or its right side, with what is held equal added: ``adjust="age + C(sex)"``."""
    return terms if adjust is None else f"{terms} + {adjust}"


class _Parser:
    """Recursive descent over the tokens of one formula; a method for each line of the grammar."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.at = 0
        self.depth = 0

    def formula(self, with_outcome: bool) -> Formula:
        response = self.outcome() if with_outcome else None
        terms = self.sum()
        if self.token[0] == "~":
            self.fail("one '~' at most: an outcome stands before it, and here only covariates are asked for")
        if self.token[0] != "end":
            self.fail("expected '+', '*', ':' or the end")
        # Main effects first, as in R; the sort is stable.
        return Formula(" ".join(self.text.split()), response, tuple(sorted(terms, key=len)))

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def accept(self, *kinds: str) -> str | None:
        kind = self.token[0]
        if kind not in kinds:
            return None
        self.at += 1
        return kind

    def expect(self, kind: str, why: str) -> Any:
        kind_here, value, _ = self.token
        if kind_here != kind:
            self.fail(why)
        self.at += 1
        return value

    def fail(self, why: str) -> None:
        kind, value, position = self.token
        found = "the end" if kind == "end" else repr(value)
        raise DataError(f"formula {self.text!r}, character {position + 1}: {why}; found {found}")

    def deeper(self, rule: Callable[[], Any]) -> Any:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail(f"nested more than {_DEEPEST} deep")
        inner = rule()
        self.depth -= 1
        return inner

    def nested(self, rule: Callable[[], Any]) -> Any:
        inner = self.deeper(rule)
        self.expect(")", "expected ')'")
        return inner

    def outcome(self) -> Factor:
        terms = self.interaction()
        self.expect("~", "expected 'outcome ~ covariates'")
        if len(terms) != 1 or len(terms[0]) != 1 or terms[0][0].kind not in ("plain", "arithmetic"):
            raise DataError(f"formula {self.text!r}: the outcome is one column, log(column) or I(arithmetic)")
        return terms[0][0]

    def sum(self) -> list[Term]:
        terms = self.product()
        while self.accept("+"):
            terms = _union(terms, self.product())
            self.check_size(terms)
        if self.token[0] == "-":
            self.fail("terms cannot be taken away, and every model keeps its intercept")
        return terms

    def product(self) -> list[Term]:
        terms = self.interaction()
        while self.accept("*"):
            right = self.interaction()
            terms = _union(_union(terms, right), self.cross(terms, right))
        return terms

    def interaction(self) -> list[Term]:
        terms = self.factor()
        while self.accept(":"):
            terms = self.cross(terms, self.factor())
        return terms

    def cross(self, left: list[Term], right: list[Term]) -> list[Term]:
        crossed = _union([], [tuple(dict.fromkeys((*a, *b))) for a in left for b in right])
        self.check_size(crossed)
        return crossed

    def check_size(self, terms: list[Term]) -> None:
        if len(terms) > _MOST_TERMS:
            raise DataError(f"formula {self.text[:60]!r}…: more than {_MOST_TERMS} terms")

    def factor(self) -> list[Term]:
        kind, value, _ = self.token
        if self.accept("("):
            return self.nested(self.sum)
        if kind == "number":
            if value != 1:
                self.fail("a number among the terms can only be 1, the intercept, which is always there")
            self.at += 1
            return []
        name = self.expect(
            kind if kind in ("name", "quoted") else "name", "expected a column, a function or '('"
        )
        if kind == "name" and self.accept("("):
            return [(self.function(name),)]
        return [(Factor(written(name), "plain", (name,)),)]

    def function(self, name: str) -> Factor:
        if name not in _FUNCTIONS:
            raise DataError(
                f"formula {self.text!r}: there is no function {name!r}. Formulas know "
                f"{', '.join(_FUNCTIONS)}; compute other columns in the data first"
            )
        rule = {"C": self.categories, "spline": self.spline}.get(name, lambda: self.computed(name))
        return self.nested(rule)

    def column(self) -> str:
        kind = "quoted" if self.token[0] == "quoted" else "name"
        return self.expect(kind, "expected the name of a column")

    def option(self, name: str) -> Any:
        """Read ``, name=value`` where it stands, else return ``None``."""
        if not self.accept(","):
            return None
        if self.expect("name", f"expected {name}=…") != name:
            self.at -= 1
            self.fail(f"expected {name}=…")
        self.expect("=", "expected '='")
        if self.token[0] not in ("number", "text", "name"):
            self.fail("expected a number or a quoted text")
        value = self.token[1]
        self.at += 1
        return {"True": True, "False": False}.get(value, value) if isinstance(value, str) else value

    def categories(self) -> Factor:
        name = self.column()
        return Factor(f"C({written(name)})", "categories", (name,), ref=self.option("ref"))

    def spline(self) -> Factor:
        name = self.column()
        df = self.option("df")
        df = DEFAULT_SPLINE_DF if df is None else df
        if df not in (2, 3, 4, 5, 6):
            raise DataError(f"formula {self.text!r}: a spline takes df from 2 to 6, not {df!r}")
        return Factor(f"spline({written(name)}, df={df})", "spline", (name,), df=int(df))

    def computed(self, function: str) -> Factor:
        tree = self.additive()
        tree = ("log", tree) if function == "log" else tree
        if not columns_of(tree):
            self.fail(f"{function}() needs a column")
        label = spell(tree) if function == "log" else f"I({spell(tree)})"
        return Factor(label, "arithmetic", columns_of(tree), tree=tree)

    def additive(self) -> Tree:
        return self.chain(self.multiplicative, "+", "-")

    def multiplicative(self) -> Tree:
        return self.chain(self.signed, "*", "/")

    def chain(self, rule: Callable[[], Tree], *marks: str) -> Tree:
        tree = rule()
        while mark := self.accept(*marks):
            tree = (mark, tree, rule())
        return tree

    def signed(self) -> Tree:
        if self.accept("-"):
            return ("neg", self.deeper(self.signed))
        base = self.operand()
        return ("**", base, self.deeper(self.signed)) if self.accept("**", "^") else base

    def operand(self) -> Tree:
        kind, value, _ = self.token
        if self.accept("("):
            return self.nested(self.additive)
        if kind == "number":
            self.at += 1
            return ("number", float(value))
        name = self.column()
        if kind == "name" and self.accept("("):
            if name != "log":
                raise DataError(f"formula {self.text!r}: arithmetic knows only log(), not {name!r}")
            return ("log", self.nested(self.additive))
        return ("column", name)


def _union(left: list[Term], right: list[Term]) -> list[Term]:
    """Join two lists of terms; ``a:b`` and ``b:a`` are one term."""
    return list({frozenset(term): term for term in (*reversed(right), *reversed(left))}.values())[::-1]
