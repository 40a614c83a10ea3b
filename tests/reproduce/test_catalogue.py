from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import narrows.reproduce
from narrows.core.errors import InputError
from narrows.reproduce.catalogue import ENTRIES, choose


def test_entries_are_in_the_order_of_the_lectures_in_any_case_of_letters() -> None:
    assert [entry.id for entry in choose(["k1", "P1", "Y1"])] == ["P1", "Y1", "K1"]
    assert choose([]) == list(ENTRIES)


def test_an_unknown_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="have no entry 'P9'"):
        choose(["P1", "P9"])


MODULES = [path for path in Path(narrows.reproduce.__file__).parent.glob("*.py") if path.stem != "formulas"]
MARKUP = re.compile(r"[\w)|²] - [\w(|½]|\^[\d({]|_[F{]|\b[VE]_")
"""A hyphen for a minus sign, and formulas that are not typeset."""


def texts(node: ast.AST) -> Iterator[str]:
    """The strings and formats of a module, without its docstrings."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.value
        yield from texts(child)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_texts_are_set_as_in_print(path: Path) -> None:
    """Formulas have their own place, and numbers as 1e-05 are written by `tables.number`."""
    for text in texts(ast.parse(path.read_text("utf-8"))):
        assert not MARKUP.search(text)
        assert not re.fullmatch(r"\.\d[eg]", text)


def test_every_statement_is_a_sentence() -> None:
    assert all(re.fullmatch(r"\S.*[.?]", entry.statement) for entry in ENTRIES)
