"""Every command and example of the README and the docs is run, and everything there is to choose is documented."""

from __future__ import annotations

import inspect
import re
import runpy
import shlex
import tomllib
from pathlib import Path
from types import FunctionType
from typing import Any

import numpy as np
import pytest
import typer
from PIL import Image
from sklearn.base import BaseEstimator

import narrows as narrows_package
from narrows.cli.verbs import app
from narrows.core.registry import options
from narrows.data.datasets import DATASETS
from narrows.data.formats import FORMATS, FORMS, readable
from narrows.data.kinds import KINDS
from narrows.data.lattice import lattice
from narrows.doctor import data as doctor_data
from narrows.doctor import runs as doctor_runs
from narrows.model.build import list_parts, tables
from narrows.model.recipes import RECIPES
from narrows.training.options import Training
from tests.commands import narrows
from tests.samples import communities, write_edge_list

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> list[str]:
    texts = (page.read_text("utf-8") for page in PAGES)
    return [code for text in texts for code in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)]


def commands() -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("narrows ")]


def brief(words: list[str]) -> list[str]:
    """The same command with two epochs in place of its own number."""
    at = words.index("--epochs") if "--epochs" in words else len(words)
    return [*words[:at], *words[at + 2 :], "--epochs", "2", "--quiet"]


def write_sensors() -> None:
    """A table of two channels every half hour, with the period of a day."""
    steps = np.arange(1500)
    times = np.datetime64("2024-03-01T00:00") + steps * np.timedelta64(30, "m")
    waves = np.sin(2 * np.pi * steps / 48), np.cos(2 * np.pi * steps / 48)
    rows = [f"{when},{a:.4f},{b:.4f}" for when, a, b in zip(times, *waves, strict=True)]
    Path("sensors.csv").write_text("timestamp,load,flow\n" + "\n".join(rows))


@pytest.mark.usefixtures("few_digits", "brief_fine_tuning")
def test_every_command_runs_in_the_order_it_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda page: True)
    rng = np.random.default_rng(0)
    np.savetxt("table.csv", rng.random((60, 3)), delimiter=",", header="a,b,c", comments="")
    np.save("stack.npy", rng.random((40, 6, 6)))
    write_sensors()
    np.savez("citations.npz", **communities(80))  # type: ignore[arg-type]
    np.save("scan.npy", np.sin(np.arange(12) + rng.random((15, 15, 1))))
    write_edge_list(communities(80))
    np.save("frames.npy", lattice(n=5, size=128, frames=True).noisy)
    for name in ("slide", "low", "high"):
        Image.fromarray(rng.integers(0, 256, (200, 260), dtype="u1")).save(f"{name}.tif")
    Path("photos").mkdir()
    for i in range(30):
        Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype="u1")).save(f"photos/{i}.png")
    Path("shards").mkdir()
    for i in range(3):
        np.save(f"shards/{i}.npy", rng.random((40, 4)))
    Path("old").mkdir()
    Image.fromarray(rng.integers(0, 256, (14, 11), dtype="u1")).save("old/grey.png")
    found = commands()
    assert len(found) >= 10
    for words in found:
        narrows(capsys, *(brief(words) if words[0] in ("fit", "compare", "probe") else words))


@pytest.mark.usefixtures("few_digits", "brief_fine_tuning")
def test_every_python_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Training.__init__, "__kwdefaults__", {**Training.__init__.__kwdefaults__, "epochs": 2}
    )
    found = blocks("python")
    assert len(found) >= 5
    for code in found:
        exec(compile(code, "README.md", "exec"), {})


@pytest.mark.usefixtures("few_digits")
@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda file: file.stem)
def test_every_example_runs(
    example: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        Training.__init__, "__kwdefaults__", {**Training.__init__.__kwdefaults__, "epochs": 1}
    )
    runpy.run_path(str(example), run_name="__main__")
    assert "Autoencoder" in capsys.readouterr().out


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        name
        for page in [*PAGES, ROOT / "CONTRIBUTING.md"]
        for code in re.findall(r"^```.*?^```|`[^`\n]+`", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)
        for name in re.findall(r"^`?make ([a-z-]+)", code, re.MULTILINE)
    }
    assert {"demo", "test"} <= named <= targets


def test_links_to_files_lead_somewhere() -> None:
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_files_and_tables_that_contributing_names_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    files = [*(ROOT / "src").rglob("*.py"), *(ROOT / "explorer/src").rglob("*.ts")]
    sources = "\n".join(file.read_text("utf-8") for file in files)
    built = {"src/narrows/explorer/"}  # absent where npm cannot be reached
    for path in set(re.findall(r"`([\w/]+/[\w.]*)`", text)) - built:
        assert (ROOT / path).exists() or (ROOT / "src" / "narrows" / path).exists(), path
    for table in re.findall(r"`([A-Z]{3,})`", text):
        assert re.search(rf"^(export )?(const )?{table}\b.* = ", sources, re.MULTILINE), table


# ── what there is to choose is documented ────────────────────────────────────────────────────────

TABLES = runpy.run_path(str(ROOT / "docs" / "tables.py"))
GENERATED: dict[str, str] = TABLES["pages"]()
DOCS = "\n".join([*(page.read_text("utf-8") for page in PAGES), *GENERATED.values()])
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_every_generated_page_is_shown() -> None:
    for name in GENERATED:
        assert f"generated/{name.removesuffix('.md')}" in DOCS


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_has_a_purpose_and_every_option_a_help(verb: str) -> None:
    page = GENERATED["verbs.md"]
    section = page[page.index(f"### `{verb}`") :].split("\n### ")[0]
    assert COMMANDS[verb].help.split("\n\n")[0] in section
    for option in COMMANDS[verb].params:
        assert option.help, option.name
        assert all(re.search(rf"`.*{name}\b", section) for name in option.opts if name.startswith("-"))


def test_every_verb_is_shown_in_a_command_that_is_run() -> None:
    assert {words[0] for words in commands()} == set(COMMANDS)


@pytest.mark.parametrize("kind", list_parts())
def test_every_part_says_what_it_is_and_what_its_options_mean(kind: str) -> None:
    for name, defaults in list_parts()[kind].items():
        part = tables()[kind][name]
        assert inspect.cleandoc(part.__doc__ or "").split("\n\n")[0] in GENERATED["parts.md"], name
        assert set(defaults) <= TABLES["described"](part).keys(), name


def test_every_setting_of_the_training_is_described() -> None:
    assert set(options(Training)) <= TABLES["described"](Training).keys()
    assert "autoclass:: narrows.training.options.Training" in DOCS


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_documented(name: str) -> None:
    assert f"## `{name}`" in GENERATED["recipes.md"]
    assert RECIPES[name]["formula"] in GENERATED["recipes.md"]
    assert RECIPES[name]["source"] in GENERATED["recipes.md"]


def test_every_format_kind_and_dataset_is_named() -> None:
    assert all(f"`{ending}`" in GENERATED["_formats.md"] for ending in readable(*FORMS) if ending)
    assert all(
        f"| `{name}` | {kind.description()} |" in GENERATED["_kinds.md"] for name, kind in KINDS.items()
    )
    assert all(f"`{name}`" in DOCS for name in DATASETS)


def test_every_extra_for_users_is_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].keys() - {"dev", "docs", "bench"}
    assert {known.extra for known in FORMATS.values()} - {""} <= extras
    assert all(f"`{extra}`" in (ROOT / "README.md").read_text("utf-8") for extra in extras)


def test_every_finding_of_the_doctor_is_explained() -> None:
    checks = {name for table in doctor_data.CHECKS_OF.values() for name in table}
    assert all(f"`{name}`" in (ROOT / "docs/own-data.md").read_text("utf-8") for name in checks)
    of_runs = {*doctor_runs.CHECKS, *doctor_runs.OF_EDGES}
    assert all(f"| {name} |" in (ROOT / "docs/doctor.md").read_text("utf-8") for name in of_runs)


@pytest.mark.parametrize("name", [name for name in narrows_package.__all__ if name[0].isupper()])
def test_every_class_is_documented_with_its_parameters_and_methods(name: str) -> None:
    exported = getattr(narrows_package, name)
    shown = re.search(rf"auto(?:class|exception):: narrows\.{name}\n(?:   :members: (.*))?", DOCS)
    assert shown
    if not issubclass(exported, BaseEstimator):
        return
    parameters = inspect.signature(exported).parameters.values()
    named = {p.name for p in parameters if p.kind is not p.VAR_KEYWORD}
    assert named <= TABLES["described"](exported).keys()
    methods = {key for key, value in vars(exported).items() if isinstance(value, (FunctionType, classmethod))}
    public = {method for method in methods if not method.startswith("_")} - {"get_params", "set_params"}
    assert public <= set(shown[1].split(", "))
