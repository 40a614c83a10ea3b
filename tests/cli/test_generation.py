from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.data.images.pictures import read_picture
from tests.commands import as_json, narrows


def test_reconstruct_sample_and_interpolate(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    narrows(capsys, "reconstruct", digits_folder, "digits", "-o", "r.npy")
    assert np.load("r.npy").shape == (1797, 8, 8)
    found = as_json(capsys, "sample", digits_folder, "-n", 9, "-o", "s.npy")
    assert "no prior" in found["note"]
    first = np.load("s.npy")
    narrows(capsys, "sample", digits_folder, "-n", 9, "-o", "s2.npy")
    assert (np.load("s2.npy") == first).all()
    narrows(capsys, "sample", digits_folder, "-n", 9, "-o", "s3.npy", "--seed", 1)
    assert not (np.load("s3.npy") == first).all()
    narrows(capsys, "sample", digits_folder, "-n", 9, "-o", "s.png")
    assert read_picture(Path("s.png")).pixels.shape[1] > 100
    narrows(capsys, "interpolate", digits_folder, "digits", 0, 5, "-o", "i.npy", "--steps", 5)
    path = np.load("i.npy")
    ends = np.load("r.npy")[[0, 5]]
    np.testing.assert_allclose(path[[0, -1]], ends, atol=1e-4)
    narrows(capsys, "interpolate", digits_folder, "digits", 0, 5, "-o", "i.png")
    height, width, _ = read_picture(Path("i.png")).pixels.shape
    assert width > 5 * height


def test_examples_that_are_not_there(digits_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message = narrows(capsys, "interpolate", digits_folder, "digits", 0, 1797, "-o", "a.png", code=2)[1]
    assert "no example 1797" in message
    assert "between 1 and" in narrows(capsys, "sample", digits_folder, "-n", 0, "-o", "a.png", code=2)[1]
    assert "shape 4" in narrows(capsys, "encode", digits_folder, "iris", "-o", "a.csv", code=2)[1]


def test_the_verbs(vae_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = narrows(
        capsys,
        "interpolate",
        vae_folder,
        "digits",
        3,
        9,
        "-o",
        tmp_path / "i.png",
        "--table",
        tmp_path / "i.csv",
    )[0]
    assert "linear: " in out
    assert "spherical: " in out
    with (tmp_path / "i.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == [str(i) for i in range(10)] * 2
    assert {row["way"] for row in rows} == {"linear", "spherical"}
    assert all(0 <= float(row["emptiness"]) <= 1 for row in rows)
    arcs = {}
    for flag in ([], ["--spherical"]):
        narrows(capsys, "interpolate", vae_folder, "digits", 3, 9, "-o", tmp_path / "i.npy", *flag)
        arcs[bool(flag)] = np.load(tmp_path / "i.npy")
    assert arcs[True].shape == arcs[False].shape == (10, 8, 8)
    assert not np.allclose(arcs[True], arcs[False])
    sums = []
    for words in (["--add", 0, 2, "--subtract", 1], ["--add", 0, "--add", 2, "--subtract", 1]):
        found = as_json(capsys, "arithmetic", vae_folder, "digits", *words, "-o", tmp_path / "a.npy")
        assert (found["add"], found["subtract"]) == ([0, 2], [1])
        sums.append(np.load(tmp_path / "a.npy"))
    assert (sums[0] == sums[1]).all()
    narrows(
        capsys,
        "arithmetic",
        vae_folder,
        "digits",
        "--add",
        0,
        2,
        "-o",
        tmp_path / "a.png",
        "--subtract",
        1,
        3,
    )
    assert Image.open(tmp_path / "a.png").height > 3 * 56
    note = as_json(
        capsys, "grid", vae_folder, "-o", tmp_path / "g.png", "--side", 6, "--table", tmp_path / "g.csv"
    )["note"]
    assert "vary most" in note
    assert len((tmp_path / "g.csv").read_text().splitlines()) == 37
    narrows(capsys, "grid", vae_folder, "-o", tmp_path / "g.npy", "--side", 6, "--dims", "0,1")
    assert np.load(tmp_path / "g.npy").shape == (36, 8, 8)
    epochs = as_json(capsys, "sample", vae_folder, "-n", 7, "--by-epoch", "-o", tmp_path / "e.npy")["epochs"]
    assert np.load(tmp_path / "e.npy").shape == (len(epochs), 7, 8, 8)
    narrows(capsys, "sample", vae_folder, "-n", 7, "--by-epoch", "-o", tmp_path / "e.png")


def test_alpha_names_the_places_on_a_path(vae_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends = (vae_folder, "digits", 3, 9)
    found = as_json(capsys, "interpolate", *ends, "--alpha", "0,0.25,1", "-o", "a.npy")
    assert (found["steps"], found["alphas"]) == (3, [0, 0.25, 1])
    assert "α = 0.25 from" in narrows(capsys, "interpolate", *ends, "--alpha", "0.25", "-o", "b.npy")[0]
    np.testing.assert_allclose(np.load("b.npy")[0], np.load("a.npy")[1], atol=1e-4)
    narrows(capsys, "interpolate", *ends, "--steps", 5, "-o", "c.npy")
    np.testing.assert_allclose(np.load("c.npy")[[0, 1, 4]], np.load("a.npy"), atol=1e-4)
    for words, message in (
        (("--alpha", "0.5", "--steps", 4), "--alpha says which places"),
        (("--alpha", "1.5"), "numbers from 0 to 1"),
        (("--alpha", "half"), "numbers from 0 to 1"),
        (("--steps", 0), "'steps'"),
    ):
        assert message in narrows(capsys, "interpolate", *ends, *words, "-o", "d.npy", code=2)[1]


def test_what_the_verbs_cannot_do_is_said(vae_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words, message in (
        (("arithmetic", vae_folder, "digits", "--add", 5000, "-o", "a.npy"), "no example 5000"),
        (("grid", vae_folder, "-o", "g.png", "--dims", "0"), "two latent dimensions"),
        (("grid", vae_folder, "-o", "g.png", "--dims", "0,7"), "dimension 7"),
        (("grid", vae_folder, "-o", "g.png", "--side", 1), "'side'"),
        (("sample", vae_folder, "--by-epoch", "-o", "e.csv"), ".png, .npy"),
    ):
        assert message in narrows(capsys, *words, code=2)[1]
    assert not list(Path().glob("*.*"))
