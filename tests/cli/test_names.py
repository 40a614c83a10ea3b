"""Verbs say which files are not called as the images they come from, and take folders of any name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.cli.names import renamed_in, said_of
from tests.commands import as_json, narrows


def test_names_are_said_to_persons_and_machines() -> None:
    assert list(said_of({})) == []
    assert renamed_in({}) == {}
    (line,) = said_of({f"{i}.jpg": f"{i}.jpg.png" for i in range(5)})
    assert "0.jpg as 0.jpg.png" in line
    assert "2 more" in line
    assert renamed_in({"a.jpg": "a.jpg.png"}) == {"renamed": {"a.jpg": "a.jpg.png"}}


def test_results_go_to_a_folder_with_a_dot_without_loss(capsys: pytest.CaptureFixture[str]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 8, 8), dtype="u1")
    np.save("x.npy", pixels)
    narrows(capsys, "fit", "x.npy", "--epochs", 1, "--latent-dim", 2, "--out", "run")
    Path("in").mkdir()
    for name in ("a.jpg", "a.png"):
        Image.fromarray(pixels[0]).save(Path("in", name))
    for out in ("out.v2/", "results.2026", "out.v2"):
        found = as_json(capsys, "reconstruct", "run", "in", "-o", out)
        assert sorted(file.name for file in Path(out).iterdir()) == ["a.jpg.png", "a.png"]
        assert found["renamed"] == {"a.jpg": "a.jpg.png"}
    said = narrows(capsys, "reconstruct", "run", "in", "-o", "again")[0]
    assert "a.jpg as a.jpg.png" in said
    for out in ("a.jpg", "a.gif"):
        assert "wanted is" in as_json(capsys, "reconstruct", "run", "in", "-o", out, code=2)["error"]
    refused = as_json(capsys, "reconstruct", "run", "in", "-o", "new.png/", code=2)["error"]
    assert "leave out the slash" in refused
