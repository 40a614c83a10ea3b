from __future__ import annotations

import json
from pathlib import Path

from narrows import Autoencoder
from tests.samples import curve


def test_the_card_introduces_the_folder(tmp_path: Path) -> None:
    folder = Autoencoder(latent_dim=2, training={"epochs": 2}).fit(curve(120)).save(tmp_path / "run")
    text = (folder / "README.md").read_text("utf-8")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    for wanted in (
        config["data"]["sha256"],
        "What it is not for",
        "PCA with as many numbers",
        "narrows encode",
    ):
        assert wanted in text
