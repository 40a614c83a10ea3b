"""PSNR, SSIM and the methods without learning, on cases whose answer is known; and what is restored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from narrows import Autoencoder, InputError
from narrows.model.corruptions import CORRUPTIONS, LUMINANCE
from narrows.model.recipes import RESTORATIONS
from narrows.tasks.restoration import restore
from narrows.tasks.restoration.baselines import CLASSICAL, Known, available, biharmonic, channel_means
from narrows.tasks.restoration.image_quality import psnr, ssim
from narrows.tasks.restoration.restore import Restorer
from tests.commands import as_json, narrows

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


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("shape", [(40, 33), (28, 28), (25, 30, 3)])
def test_psnr_and_ssim_are_scikit_images(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    wanted = rng.random(shape)
    found = wanted + 0.1 * rng.standard_normal(shape)
    assert psnr(found, wanted, 2.0) == pytest.approx(peak_signal_noise_ratio(wanted, found, data_range=2.0))
    settings = {"gaussian_weights": True, "use_sample_covariance": False, "data_range": 2.0}
    channels = -1 if len(shape) == 3 else None
    expected = structural_similarity(found, wanted, channel_axis=channels, **settings)
    assert ssim(found, wanted, 2.0) == pytest.approx(expected, abs=1e-9)


def test_equal_images_are_as_close_as_can_be(rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (9, 9), dtype=np.uint8)
    assert psnr(image, image, 255) == float("inf")
    assert ssim(image, image, 255) == pytest.approx(1)
    dark, bright = np.zeros((3, 3), np.uint8), np.full((3, 3), 255, np.uint8)
    assert psnr(dark, bright, 255) == 0  # and no byte runs over
    assert ssim(dark, bright, 255) < 0.001


def test_every_method_undoes_a_corruption_that_there_is() -> None:
    assert CLASSICAL.keys() <= CORRUPTIONS.keys()


def test_channel_means_are_right_on_average(rng: np.random.Generator) -> None:
    train = rng.random((50, 3, 6, 6)) * np.array([1, 0.5, 0.2])[:, None, None]
    seen = np.tensordot(train, LUMINANCE, (1, 0))[:, None].repeat(3, axis=1)
    means = train.mean(axis=(0, 2, 3))
    tinted = channel_means(seen, Known(train, means))
    np.testing.assert_allclose(tinted.mean(axis=(0, 2, 3)), means)
    np.testing.assert_allclose(np.tensordot(tinted, LUMINANCE, (1, 0)), seen[:, 0])
    assert ((tinted - train) ** 2).mean() < ((seen - train) ** 2).mean()
    pair = channel_means(np.full((1, 2, 2, 2), 0.5), Known(train, np.array([0.2, 0.6])))
    np.testing.assert_allclose(pair[0, :, 0, 0], [0.3, 0.7])


def test_biharmonic_inpainting_fills_a_plane_exactly_and_leaves_the_rest() -> None:
    plane = 0.2 + 0.02 * np.arange(14)[:, None] + 0.03 * np.arange(12)
    wanted = np.stack([np.stack([plane, 1 - plane])] * 2)
    seen = wanted.copy()
    seen[0, :, 5:8, 4:7] = 0
    filled = biharmonic(seen, Known(wanted, np.zeros(2)))
    np.testing.assert_allclose(filled, wanted, atol=1e-6)
    assert torch.equal(torch.as_tensor(filled[1]), torch.as_tensor(wanted[1]))


def landscapes(n: int = 120, side: int = 12) -> Any:
    """Images `(n, side, side, 3)` of slopes, blue where they are dark and red where they are bright."""
    rng = np.random.default_rng(1)
    across = np.linspace(0, 1, side)
    slope, shift = rng.uniform(-1, 1, (2, n, 1, 1)), rng.uniform(0, 1, (n, 1, 1))
    grey = np.clip(shift + slope[0] * across[:, None] + slope[1] * across, 0, 1)
    return np.rint(255 * np.stack([grey**0.5, grey, 1 - 0.8 * grey], axis=-1)).astype(np.uint8)


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
    assert found["yardsticks"].keys() == CLASSICAL[RESTORATIONS[recipe]["spec"]["corruption"]["name"]].keys()
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


def test_a_hole_is_black_where_no_image_ever_was() -> None:
    """Images of 16 bits need not reach down to 0, and 0 is then far outside of the model's scale."""
    X = 5000 + 10 * landscapes(80, 8)[..., 0].astype(np.uint16)
    how = {"name": "mask", "form": "rectangle", "share": 0.2}
    ae = Autoencoder(4, corruption=how, training={"epochs": 30}).fit(X)
    holes = X[:10].copy()
    holes[:, 2:5, 3:6] = 0
    Y = ae.restore(holes)
    outside = holes > 0
    assert (Y[outside] == X[:10][outside]).all()
    wrong = np.abs(Y.astype(float) - X[:10])[:, 2:5, 3:6].mean()
    assert wrong < 0.7 * np.abs(X[:10].astype(float) - X.min())[:, 2:5, 3:6].mean()


def test_a_network_of_one_size_restores_patches_of_larger_images() -> None:
    X = landscapes(60, 8)[..., 0]
    ae = Autoencoder(6, corruption={"name": "mask", "share": 0.3}, training={"epochs": 2}).fit(X)
    whole = landscapes(2, 19)[..., 0]
    assert ae.restore(whole).shape == (2, 19, 19)
    with pytest.raises(InputError, match=r"encoder\.name=unet"):
        ae.restore(whole[:, :5])


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
    with pytest.raises(InputError, match="float64"):
        ae.restore(landscapes() / 255)
    with pytest.raises(InputError, match="1 channels"):
        ae.restore(landscapes()[..., 0])
    np.save(folder / "few.npy", landscapes(3))
    words = ("restore", run, folder / "few.npy", "-o", folder / "out.npy", "--reference", folder / "x.npy")
    assert "120 images for the 3" in narrows(capsys, *words, code=2)[1]
    assert "--damage" in narrows(capsys, *words, "--damage", code=2)[1]

    def lacking() -> Any:
        raise InputError("needs the extra 'yardsticks'")

    monkeypatch.setattr("narrows.tasks.restoration.baselines.restoration", lacking)
    assert available("mask") == ({}, "needs the extra 'yardsticks'")
    assert available("grey")[0].keys() == {"channel means"}
    assert Restorer(ae.run_).note
    assert restore.SHOWN > 1
