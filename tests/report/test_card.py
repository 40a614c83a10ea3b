from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pandas
import pytest

from narrows import Autoencoder
from narrows.runs.folder import load_run
from tests.commands import narrows
from tests.samples import curve


def test_the_card_introduces_the_folder(tmp_path: Path) -> None:
    folder = Autoencoder(latent_dim=2, training={"epochs": 2}).fit(curve(120)).save(tmp_path / "run")
    text = (folder / "README.md").read_text("utf-8")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    for wanted in (
        config["data"]["sha256"],
        "What it is not for",
        "PCA with as many components",
        "narrows encode",
    ):
        assert wanted in text


@pytest.mark.parametrize("kind", ["images", "table", "words"])
def test_the_commands_of_the_card_work_inside_the_folder(
    kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    table = pandas.DataFrame(
        {"a": rng.random(60), "b": np.array(["yes", "no", "maybe"])[rng.integers(0, 3, 60)]}
    )
    if kind == "images":
        np.save("data.npy", rng.integers(0, 255, (60, 6, 5), dtype="u1"))
    else:
        (table if kind == "words" else table[["a"]].assign(c=table["a"] ** 2)).to_csv("data.csv", index=False)
    data = next(tmp_path.glob("data.*"))
    narrows(capsys, "fit", data, "--epochs", "1", "--out", "run", "--latent-dim", "1")
    commands = re.findall(r"`narrows ([^`]*)`", Path("run/README.md").read_text("utf-8"))
    assert len(commands) == 3
    monkeypatch.chdir("run")
    for command in commands:
        words = [str(data) if word == "DATA" else word for word in shlex.split(command)]
        narrows(capsys, *words)
    load_run(Path())
