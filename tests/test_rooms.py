"""A module imports only modules that do not, in turn, import it."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import narrows

ROOT = Path(narrows.__file__).parent


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(file): file for file in sorted(ROOT.rglob("*.py"))}


def imported(file: Path) -> set[str]:
    """Modules of this package that `file` imports, also inside its functions."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        if isinstance(node, ast.ImportFrom):
            # `from narrows.report import figures` imports the module narrows.report.figures.
            inner = [f"{node.module}.{name}" for name in names]
            names = [name if name.removeprefix("narrows.") in MODULES else str(node.module) for name in inner]
        found.update(name.removeprefix("narrows.") for name in names if name.startswith("narrows."))
    return found


def test_no_imports_in_a_circle() -> None:
    TopologicalSorter({name: imported(file) for name, file in MODULES.items()}).prepare()


def test_recipes_import_nothing_of_the_package() -> None:
    assert imported(ROOT / "model/recipes.py") == set()
