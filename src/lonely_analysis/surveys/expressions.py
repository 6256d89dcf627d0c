"""Domains as text: ``"age >= 20 and country in ['NO', 'SE']"``.

An *expression* is parsed with ``ast`` and never evaluated as Python: comparisons of columns and constants,
``and``, ``or``, ``not``, ``in``, and the bare name of a yes/no column. A missing value makes a comparison
neither true nor false (three-valued logic), and only rows where the whole is true are in the domain, as in
R ``subset``. The same tree is applied to pandas and to any frame that narwhals reads.
"""

from __future__ import annotations

import ast
import operator
import sys
import warnings
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from lonely_analysis.errors import DataError
from lonely_analysis.surveys.design import column_names, require_columns
from lonely_analysis.surveys.leaves import Leaves, NarwhalsLeaves, PandasLeaves, Truth

# Far above any domain on a page, and low enough that a hostile text costs nothing.
_LONGEST = 500
_DEEPEST = 50
# A message shows this much of a condition: unprintable characters take four places each.
_SHOWN = 160

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def domain_rows(frame: pd.DataFrame, where: pd.Series | str | None) -> np.ndarray:
    """Return which rows of a pandas frame are in the domain, as a boolean array; a missing answer is not."""
    if where is None:
        return np.ones(len(frame), dtype=bool)
    if isinstance(where, str):
        return truth_rows(frame, where).true
    return _given_rows(frame, where)


def truth_rows(frame: pd.DataFrame, where: str) -> Truth:
    """Return where a condition is true and where it is false; a row in neither lacks an answer."""
    return _walk(_parse(where, column_names(frame)), PandasLeaves(frame), where)


def domain_expression(frame: Any, where: str | None) -> Any:
    """Return the domain as a narwhals expression without missing values, or None for the whole frame.

    ``frame`` is a narwhals frame; its schema tells which columns can hold NaN.
    """
    if where is None:
        return None
    if not isinstance(where, str):
        raise DataError(
            f"on this frame where= must be an expression such as 'age >= 20', not {type(where).__name__}"
        )
    schema = frame.collect_schema()
    return _walk(_parse(where, schema.names()), NarwhalsLeaves(schema), where).true


def columns_named(where: str, columns: list[str]) -> list[str]:
    """Return the columns that an expression names, so that only these need be read."""
    names = [node.id for node in ast.walk(_parse(where, columns)) if isinstance(node, ast.Name)]
    return list(dict.fromkeys(names))


def _given_rows(frame: pd.DataFrame, where: Any) -> np.ndarray:
    rows = pd.Series(where) if isinstance(where, np.ndarray | list) else where
    if not isinstance(rows, pd.Series) or not pd.api.types.is_bool_dtype(rows.dtype):
        kind = getattr(where, "dtype", type(where).__name__)
        raise DataError(f"where= must be a boolean Series or an expression string, not {kind}")
    if len(rows) != len(frame):
        raise DataError(
            f"where= has {len(rows)} rows and the data {len(frame)}: compute it from the same frame"
        )
    if rows is where and not rows.index.equals(frame.index):
        raise DataError("where= has another index than the data: compute it from the same frame")
    return rows.to_numpy(dtype=bool, na_value=False)


def _parse(text: str, columns: list[str]) -> ast.expr:
    if len(text) > _LONGEST:
        raise DataError(f"where= has {len(text)} characters; {_LONGEST} are allowed")
    try:
        with warnings.catch_warnings():  # Python warns about `1or x`, which is refused or understood below
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise DataError(
            f"cannot read where={_shown(text)}: {error.msg} at character {error.offset}"
        ) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise DataError(f"cannot read where={_shown(text)}: {error or 'nested too deep'}") from None
    if _depth(tree) > _DEEPEST:
        raise DataError(f"cannot read where={_shown(text)}: nested more than {_DEEPEST} deep")
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    if not names:
        raise DataError(f"where={_shown(text)} names no column")
    require_columns(columns, names)
    return tree


def _shown(text: str) -> str:
    quoted = repr(text)
    return quoted if len(quoted) <= _SHOWN else f"{quoted[:_SHOWN]}…"


def _depth(tree: ast.AST) -> int:
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def _walk(node: ast.expr, leaves: Leaves, text: str) -> Truth:
    match node:
        case ast.BoolOp(op=op, values=values):
            truths = [_walk(value, leaves, text) for value in values]
            combine = operator.and_ if isinstance(op, ast.And) else operator.or_
            return reduce(combine, truths)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ~_walk(operand, leaves, text)
        case ast.Compare(left=left, ops=ops, comparators=rights):
            return _comparisons(left, ops, rights, leaves, text)
        case ast.Name(id=name):
            return leaves.compare(operator.eq, leaves.yes_no(name), True, [name])
    raise _unsupported(node, text)


def _comparisons(
    left: ast.expr, ops: list[ast.cmpop], rights: list[ast.expr], leaves: Leaves, text: str
) -> Truth:
    """Read ``20 <= age < 30`` as ``20 <= age and age < 30``."""
    lefts = [left, *rights[:-1]]
    pairs = zip(lefts, ops, rights, strict=True)
    return reduce(operator.and_, [_comparison(a, op, b, leaves, text) for a, op, b in pairs])


def _comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, leaves: Leaves, text: str) -> Truth:
    names = [side.id for side in (left, right) if isinstance(side, ast.Name)]
    if not names:
        raise _unsupported(left, text)
    if isinstance(op, ast.In | ast.NotIn):
        if not isinstance(left, ast.Name) or not isinstance(right, ast.List | ast.Tuple | ast.Set):
            raise DataError(
                f"in where={_shown(text)}: write `column in [value, value]`, with `in` or `not in`"
            )
        truth = leaves.is_in(left.id, [_constant(element, text) for element in right.elts])
        return truth if isinstance(op, ast.In) else ~truth
    if type(op) not in _COMPARE:
        raise _unsupported(right, text)
    sides = [leaves.column(s.id) if isinstance(s, ast.Name) else _constant(s, text) for s in (left, right)]
    return leaves.compare(_COMPARE[type(op)], *sides, names)


def _constant(node: ast.expr, text: str) -> Any:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _constant(node.operand, text)
        if isinstance(value, str):
            raise _unsupported(node, text)
        return -value
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | int | float | str):
        if isinstance(node.value, int) and abs(node.value) > sys.float_info.max:
            raise DataError(
                f"in where={_shown(text)}: a number of {len(str(node.value))} digits is too large"
            )
        return node.value
    raise _unsupported(node, text)


def _unsupported(node: ast.AST, text: str) -> DataError:
    return DataError(
        f"in where={_shown(text)}: {_shown(ast.unparse(node))} is not understood; use comparisons of "
        "columns with constants, and, or, not, in"
    )
