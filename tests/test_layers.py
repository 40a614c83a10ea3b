"""A module imports only from lines above its own. `*` stands for all others of a package: parts, side by side."""

from __future__ import annotations

import ast
from pathlib import Path

import narrows

LAYERS = """
errors
memory
records
registry
checkpoint
variance
data.columns
data.blocks
data.patches
data.kinds
data.examples
data.scaling
data.split
data.pictures
data.tables
data.datasets
data.readers
data.whole
data.writers
data.summary
corruptions
networks.base networks.* networks
bottlenecks.base bottlenecks.* bottlenecks
losses
penalties
migration
outputs
model
recipes
rows
stages
train
softmax
density
run
neighbours
views
conformal
reference
outliers
export
yardsticks
verdict
surrogate
symptoms
attribution
copies
fitting
heads
labels
doctor.findings
doctor.data
doctor.runs
doctor
progress
tasks.sample
tasks.space
tasks.interpolate
tasks.arithmetic
tasks.grid
tasks.compare
tasks.probe
quality
filters
classical
tasks.denoise
tasks.restore
tasks.anomalies
report.composition
report.card
report.figures
report.findings
report.code
report.pages
report.live
report
report.comparison
report.probe
report.anomalies
estimators
denoiser
classifier
detector
reproduce.lab
reproduce.drawings
reproduce.tables
reproduce.cross_entropy
reproduce.small_image
reproduce.variational
reproduce.gradients
reproduce.generation
reproduce.stability
reproduce.latent
reproduce.classification
reproduce.trials
reproduce.detail
reproduce.depth
reproduce.capacity
reproduce.dimensions
reproduce.manifolds
reproduce.spiral
reproduce.geometry
reproduce.pelz
reproduce.yip
reproduce.csci
reproduce.clusters
reproduce.sharif
reproduce
cli.common
cli.*
cli
"""

ROOT = Path(narrows.__file__).parent


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def expanded(word: str) -> list[str]:
    """The modules that a word of the layers stands for."""
    if not word.endswith(".*"):
        return [word]
    found = {name_of(file) for file in (ROOT / word[:-2]).glob("*.py")}
    return sorted(found - set(LAYERS.split()))


ORDER = {module: i for i, word in enumerate(LAYERS.split()) for module in expanded(word)}


def imported(file: Path) -> set[str]:
    """Modules of this package that `file` imports, also inside its functions."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
        if isinstance(node, ast.ImportFrom):
            # `from narrows.report import figures` imports the module narrows.report.figures.
            inner = [f"{node.module}.{name}" for name in names]
            names = [name if name.removeprefix("narrows.") in ORDER else str(node.module) for name in inner]
        found.update(name.removeprefix("narrows.") for name in names if name.startswith("narrows."))
    return found


def test_every_module_has_its_line() -> None:
    empty = {"__init__", "data", "tasks"}
    assert {name_of(file) for file in ROOT.rglob("*.py")} - empty == ORDER.keys()


def test_imports_point_upwards() -> None:
    below = [
        f"{module} imports {other}"
        for module, file in ((name_of(file), file) for file in ROOT.rglob("*.py"))
        for other in imported(file)
        if module in ORDER and ORDER[other] >= ORDER[module]
    ]
    assert below == []


def test_recipes_import_nothing_of_the_package() -> None:
    assert imported(ROOT / "recipes.py") == set()
