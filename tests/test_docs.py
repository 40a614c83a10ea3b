"""Every command and every example of the README and the docs is run."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.commands import narrows

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(language: str) -> list[str]:
    texts = (page.read_text("utf-8") for page in PAGES)
    return [code for text in texts for code in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)]


def commands() -> list[list[str]]:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("narrows ")]


def test_every_command_runs_in_the_order_it_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda page: True)
    rng = np.random.default_rng(0)
    np.savetxt("table.csv", rng.random((60, 3)), delimiter=",", header="a,b,c", comments="")
    np.save("stack.npy", rng.random((40, 6, 6)))
    Image.fromarray(rng.integers(0, 256, (200, 260), dtype="u1")).save("slide.tif")
    Path("photos").mkdir()
    for i in range(30):
        Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype="u1")).save(f"photos/{i}.png")
    Path("old").mkdir()
    Image.fromarray(rng.integers(0, 256, (14, 11), dtype="u1")).save("old/grey.png")
    found = commands()
    assert len(found) >= 10
    for words in found:
        narrows(
            capsys, *words, *(["--epochs", "2", "--quiet"] if words[0] in ("fit", "compare", "probe") else [])
        )


def test_every_python_example_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    from narrows.training.loop import Training

    monkeypatch.setattr(
        Training.__init__, "__kwdefaults__", {**Training.__init__.__kwdefaults__, "epochs": 2}
    )
    for code in blocks("python"):
        exec(compile(code, "README.md", "exec"), {})


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.py")), ids=lambda file: file.stem)
def test_every_example_runs(
    example: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from narrows.training.loop import Training

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
        for name in re.findall(r"`?make ([a-z-]+)", page.read_text("utf-8"))
    }
    assert {"demo", "test"} <= named
    assert named - {"test"} <= targets | {"needs"}


def test_links_to_files_lead_somewhere() -> None:
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
        for link in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_files_and_tables_that_contributing_names_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    sources = "\n".join(file.read_text("utf-8") for file in (ROOT / "src").rglob("*.py"))
    for path in re.findall(r"`([\w/]+/[\w.]*)`", text):
        assert (ROOT / path).exists() or (ROOT / "src" / "narrows" / path).exists(), path
    for table in re.findall(r"`([A-Z]{3,})`", text):
        assert re.search(rf"^{table}\b.* = ", sources, re.MULTILINE), table
