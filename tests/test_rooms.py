"""The package is what CONTRIBUTING says: rooms that import only from rooms above them."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import narrows

ROOT = Path(narrows.__file__).parent
CONTRIBUTING = Path(__file__).parent.parent / "CONTRIBUTING.md"
ROOMS = re.findall(r"^\| `([\w.]+)/?` \|", CONTRIBUTING.read_text("utf-8"), re.MULTILINE)


def name_of(file: Path) -> str:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {name_of(file): file for file in sorted(ROOT.rglob("*.py"))}


def imported(file: Path) -> set[str]:
    """Modules of this package that `file` imports, also inside its functions."""
    nodes = list(ast.walk(ast.parse(file.read_text("utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom):
            # `from narrows.report import figures` imports the module narrows.report.figures.
            names |= {
                name if name.removeprefix("narrows.") in MODULES else str(node.module)
                for name in (f"{node.module}.{alias.name}" for alias in node.names)
            }
    own = {"narrows.__init__" if name == "narrows" else name for name in names}
    return {name.removeprefix("narrows.") for name in own if name.startswith("narrows.")}


IMPORTS = {name: imported(file) for name, file in MODULES.items()}


def room(module: str) -> str:
    """The row of the table that `module` belongs to."""
    top = module.split(".")[0]
    return top if (ROOT / top).is_dir() else f"{top}.py"


def test_every_room_is_in_the_table() -> None:
    assert len(set(ROOMS)) == len(ROOMS)
    assert {room(module) for module in MODULES} == set(ROOMS)


def test_a_room_imports_only_from_rooms_above_it() -> None:
    upwards = [
        f"{module} imports {other}"
        for module, others in IMPORTS.items()
        for other in others
        if ROOMS.index(room(other)) > ROOMS.index(room(module))
    ]
    assert upwards == []


def test_no_imports_in_a_circle() -> None:
    TopologicalSorter(IMPORTS).prepare()


def test_recipes_import_nothing_but_recipes() -> None:
    assert IMPORTS["model.recipes"] == {"model.lecture_recipes"}
    assert IMPORTS["model.lecture_recipes"] == set()
