from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.numbers import mean_and_spread
from narrows.tasks.recommendation import bend
from tests.commands import as_json, narrows
from tests.samples import communities


def test_compare_shows_the_curve_and_names_its_knee(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--recipes", "autoencoder,linear", "--latent-dims", "1,2,3", "--epochs", 2, "--quiet")
    found = as_json(capsys, "compare", "iris", *words)
    assert [(row["recipe"], row["latent_dim"]) for row in found["rows"]] == [
        (recipe, d) for recipe in ("autoencoder", "linear") for d in (1, 2, 3)
    ]
    single = as_json(capsys, "fit", "iris", "--latent-dim", 2, "--epochs", 2, "--quiet")["held_out"]
    assert found["rows"][1]["mse"] == single["mse"]
    assert found["rows"][1]["pca_mse"] == single["pca_mse"]
    assert found["knee"] == bend(
        [(r["latent_dim"], r["mse"]) for r in found["rows"] if r["recipe"] == found["best"]]
    )
    page = Path(found["out"]).read_text()
    assert found["sentence"] in page
    assert "<script" not in page


def test_compare_takes_a_graph(capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("g.npz", **communities(80))  # type: ignore[arg-type]
    _, told = narrows(capsys, "compare", "g.npz", "--latent-dims", "2,4", "--epochs", 2, "--out", "c.html")
    assert "autoencoder 2: AUC " in told
    assert "1 - AUC on held-out edges" in Path("c.html").read_text()


def test_compare_with_seeds_shows_means_and_spread(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--latent-dims", "2", "--epochs", 2, "--seeds", 2, "--seed", 1, "--quiet", "--out", "c.html")
    found = as_json(capsys, "compare", "iris", *words)
    (row,), page = found["rows"], Path("c.html").read_text()
    assert (found["seeds"], [fit["seed"] for fit in row["fits"]]) == ([1, 2], [1, 2])
    assert "with 2 seeds (1 to 2)" in page
    assert f"<td>{mean_and_spread([fit['mse'] for fit in row['fits']])}</td>" in page
