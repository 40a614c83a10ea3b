"""A test file is called after the module that it tests, and every module has one.

`narrows/data/split.py` is tested by `tests/data/test_split.py`, what stands in `narrows/report/__init__.py`
by `tests/report/test_report.py`. Tests of several modules together lie in `tests/` itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import narrows

SOURCE = Path(narrows.__file__).parent
TESTS = Path(__file__).parent


def has_code(file: Path) -> bool:
    """Whether a module defines functions or classes; tables alone are tested where they are used."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    return any(isinstance(node, kinds) for node in ast.parse(file.read_text("utf-8")).body)


def expected(module: Path) -> Path:
    """The test file of a module; that of a package's own code is called after the package."""
    name = module.parent.name if module.stem == "__init__" else module.stem
    return TESTS / module.relative_to(SOURCE).parent / f"test_{name}.py"


MODULES = sorted(SOURCE.rglob("*.py"))
TOP = {SOURCE / "__init__.py", SOURCE / "__main__.py"}
"""These are tested by `test_api.py` and `cli/test_verbs.py`."""


def named(files: Iterable[Path]) -> list[str]:
    return sorted(str(file.relative_to(TESTS)) for file in files)


def test_every_module_has_a_test_file() -> None:
    wanted = {expected(file) for file in MODULES if has_code(file) and file not in TOP}
    assert named(file for file in wanted if not file.is_file()) == []


def test_every_test_file_in_a_room_has_its_module() -> None:
    known = {expected(file) for file in MODULES}
    assert named({file for file in TESTS.rglob("test_*.py") if file.parent != TESTS} - known) == []


def test_every_test_file_holds_a_test() -> None:
    for file in TESTS.rglob("test_*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        assert any(
            isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in tree.body
        ), file
