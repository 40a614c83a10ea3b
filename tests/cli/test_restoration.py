from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.model.recipes import RESTORATIONS
from narrows.tasks.restoration import restore
from narrows.tasks.restoration.baselines import BASELINES, available
from narrows.tasks.restoration.restore import Restorer
from tests.commands import as_json, narrows
from tests.samples import landscapes

SMALL = [
    "--set",
    "encoder.widths=[12,12]",
    "--set",
    "encoder.blocks=1",
    "--set",
    "training.batch_size=8",
    "--set",
    "training.learning_rate=0.003",
    "--quiet",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("restore")
    np.save(path / "x.npy", landscapes())
    return path


def fitted(folder: Path, capsys: pytest.CaptureFixture[str], recipe: str, epochs: int = 2) -> Path:
    run = folder / recipe
    if not run.exists():
        narrows(capsys, "fit", folder / "x.npy", "--recipe", recipe, "--epochs", epochs, "--out", run, *SMALL)
    return run


@pytest.mark.parametrize("recipe", RESTORATIONS)
def test_every_restoration_is_fitted_and_judged(
    recipe: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = fitted(folder, capsys, recipe, 30 if recipe == "colouring" else 2)
    assert "narrows restore . DATA" in (run / "README.md").read_text()
    found = as_json(capsys, "restore", run, folder / "x.npy", "-o", tmp_path / "y.npy", "--damage")
    assert found["yardsticks"].keys() == BASELINES[RESTORATIONS[recipe]["spec"]["corruption"]["name"]].keys()
    assert all(value > 5 for value in (found["psnr"], found["damaged_psnr"], *found["yardsticks"].values()))
    assert 0 < found["ssim"] < 1
    assert np.load(tmp_path / "y.npy").shape == landscapes().shape
    assert Image.open(found["strip"]).height > 4 * 56
    again = as_json(capsys, "restore", run, folder / "x.npy", "-o", tmp_path / "z.npy", "--damage")
    assert again["psnr"] == found["psnr"]


def test_grey_images_are_coloured_and_keep_their_luminance(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = fitted(folder, capsys, "colouring", 30)
    for i, image in enumerate(landscapes()[:4]):
        Image.fromarray(image).convert("L").save(tmp_path / f"{i}.png")
        Image.fromarray(image).save(tmp_path / f"colour-{i}.png")
    narrows(capsys, "restore", run, tmp_path / "[0-9].png", "-o", tmp_path / "back")
    assert sorted(file.name for file in (tmp_path / "back").iterdir()) == ["0.png", "1.png", "2.png", "3.png"]
    coloured = Image.open(tmp_path / "back/2.png")
    assert coloured.mode == "RGB"
    left = np.asarray(coloured.convert("L"), dtype=int) - np.asarray(Image.open(tmp_path / "2.png"))
    inside = ((np.asarray(coloured) > 0) & (np.asarray(coloured) < 255)).all(axis=-1)
    assert inside.mean() > 0.2
    assert np.abs(left[inside]).max() <= 1
    found = as_json(
        capsys, "restore", run, tmp_path / "[0-9].png", "-o", tmp_path / "again",
        "--reference", tmp_path / "colour-*.png",
    )  # fmt: skip
    # Here the colour follows from the luminance, so that it can be learned; a mean cannot tell it.
    assert found["psnr"] > found["yardsticks"]["channel means"] + 3


def test_small_images_of_any_size_come_back_twice_as_large(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = fitted(folder, capsys, "super-resolution")
    np.save(tmp_path / "small.npy", landscapes(3, 7)[:, :, :5])
    narrows(capsys, "restore", run, tmp_path / "small.npy", "-o", tmp_path / "large.npy")
    assert np.load(tmp_path / "large.npy").shape == (3, 14, 10, 3)


def test_new_images_are_read_with_the_axes_mode_and_size_of_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = ("--recipe", "inpainting", "--epochs", 1, *SMALL)
    np.save(tmp_path / "chwn.npy", np.moveaxis(landscapes(), 0, -1))  # (height, width, 3, n)
    narrows(capsys, "fit", tmp_path / "chwn.npy", "--axes", "YXCN", "--out", tmp_path / "axes", *small)
    narrows(capsys, "restore", tmp_path / "axes", tmp_path / "chwn.npy", "-o", tmp_path / "y.npy")
    assert np.load(tmp_path / "y.npy").shape == landscapes().shape
    for i, image in enumerate(landscapes(40)):
        Image.fromarray(image).resize((20, 24)).save(tmp_path / f"{i}.png")
    told = ("--mode", "L", "--resize", "16x16")
    narrows(capsys, "fit", tmp_path / "*.png", "--out", tmp_path / "mode", *told, *small)
    narrows(capsys, "restore", tmp_path / "mode", tmp_path / "1.png", "-o", tmp_path / "back")
    assert np.asarray(Image.open(tmp_path / "back/1.png")).shape == (16, 16)
    sharper = ("--recipe", "super-resolution", "--epochs", 1, *SMALL)
    narrows(capsys, "fit", tmp_path / "*.png", "--out", tmp_path / "large", *told, *sharper)
    Image.fromarray(landscapes(1)[0]).resize((8, 8)).save(tmp_path / "small.png")
    narrows(capsys, "restore", tmp_path / "large", tmp_path / "small.png", "-o", tmp_path / "back")
    assert np.asarray(Image.open(tmp_path / "back/small.png")).shape == (16, 16)


def test_what_was_not_hidden_comes_back_as_it_was(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ae = Autoencoder.load(fitted(folder, capsys, "inpainting"))
    X = np.maximum(landscapes()[:5], 1)
    holes = X.copy()
    holes[:, 3:6, 4:9] = 0
    Y = ae.restore(holes)
    assert (Y.shape, Y.dtype) == (X.shape, X.dtype)
    outside = (holes > 0).all(axis=-1)
    assert (Y[outside] == X[outside]).all()
    assert (Y[:, 3:6, 4:9] != 0).any()


def test_what_cannot_be_restored_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Autoencoder(2, training={"epochs": 1}).fit(landscapes(40, 6))
    with pytest.raises(InputError, match="not trained with a corruption"):
        plain.restore(landscapes(2, 6))
    table = Autoencoder(2, corruption="mask", training={"epochs": 1}).fit(np.eye(40, 5))
    with pytest.raises(InputError, match="not trained on images"):
        table.restore(np.ones((3, 5)))
    run = fitted(folder, capsys, "inpainting")
    ae = Autoencoder.load(run)
    with pytest.raises(InputError, match=r"float64 .* divide them by 255"):
        ae.restore(landscapes().astype(np.float64))
    with pytest.raises(InputError, match="1 channels"):
        ae.restore(landscapes()[..., 0])
    np.save(folder / "few.npy", landscapes(3))
    words = ("restore", run, folder / "few.npy", "-o", folder / "out.npy", "--reference", folder / "x.npy")
    assert "120 images for the 3" in narrows(capsys, *words, code=2)[1]
    assert "--damage" in narrows(capsys, *words, "--damage", code=2)[1]

    def lacking() -> Any:
        raise InputError("needs the extra 'yardsticks'")

    monkeypatch.setattr("narrows.tasks.restoration.baselines.skimage_restoration", lacking)
    assert available("mask") == ({}, "needs the extra 'yardsticks'")
    assert available("grey")[0].keys() == {"channel means"}
    assert Restorer(ae.run_).note
    assert restore.SHOWN > 1
