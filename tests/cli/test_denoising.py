from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from narrows.evaluation.filters import FILTERS
from narrows.evaluation.image_quality import psnr
from narrows.fitting.fit import fit
from narrows.runs.folder import save_run
from narrows.runs.run import Run
from narrows.tasks.restoration.denoise import denoise
from tests.commands import as_json, narrows
from tests.samples import SMALL, patches, shapes


@pytest.mark.parametrize(
    ("dtype", "ending", "channels"),
    [
        (np.uint8, "png", 1),
        (np.uint8, "png", 3),
        (np.uint16, "png", 1),
        (np.uint16, "tif", 1),
        (np.float32, "tif", 1),
    ],
)
def test_every_type_comes_back_as_it_came(
    dtype: Any, ending: str, channels: int, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted = fit(patches(dtype, channels), recipe="denoising", overrides=SMALL)
    save_run(fitted, Path("run"))
    Path("noisy").mkdir()
    for i, size in enumerate(((65, 43), (30, 90))):
        image = shapes(*size, 1, channels)[0]
        image = image if np.dtype(dtype).kind == "f" else image * np.iinfo(dtype).max
        Image.fromarray(image.astype(dtype)).save(f"noisy/{i}.{ending}")
    found = as_json(capsys, "denoise", "run", "noisy", "-o", "clean")
    assert found["n"] == 2
    assert {"mean", "whiteness", "sentences"} < set(found["residual"])
    for file in Path("noisy").iterdir():
        with Image.open(file) as before, Image.open(Path("clean") / file.name) as after:
            assert (before.size, before.mode) == (after.size, after.mode)
    narrows(capsys, "denoise", "run", f"noisy/0.{ending}", "-o", f"one.{ending}")
    with Image.open(f"one.{ending}") as one, Image.open(f"clean/0.{ending}") as two:
        assert np.array_equal(np.asarray(one), np.asarray(two))


def test_arrays_come_back_as_arrays(denoiser: Run, capsys: pytest.CaptureFixture[str]) -> None:
    save_run(denoiser, Path("run"))
    stack = (255 * shapes(50, 40, 5)).astype(np.uint8)
    for name, array in (("stack", stack), ("single", stack[0]), ("stack-of-one", stack[:1])):
        np.save(f"{name}.npy", array)
        narrows(capsys, "denoise", "run", f"{name}.npy", "-o", f"{name}-clean.npy")
        found = np.load(f"{name}-clean.npy")
        assert (found.shape, found.dtype) == (array.shape, array.dtype)
        assert np.array_equal(found.reshape(-1, 50, 40)[0], denoise(denoiser, stack[0]))
    narrows(capsys, "denoise", "run", "stack.npy", "-o", "folder")
    assert len(list(Path("folder").iterdir())) == 5


def test_with_a_reference_it_stands_beside_the_filters(
    denoiser: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("skimage")
    save_run(denoiser, Path("run"))
    clean = (255 * shapes(50, 40, 2)).astype(np.uint8)
    noise = 20 * np.random.default_rng(0).standard_normal(clean.shape)
    noisy = np.rint(clean + noise).clip(0, 255).astype(np.uint8)
    np.save("clean.npy", clean)
    np.save("noisy.npy", noisy)
    found = as_json(capsys, "denoise", "run", "noisy.npy", "-o", "out.npy", "--reference", "clean.npy")
    assert set(found["yardsticks"]) == set(FILTERS)
    expected = [psnr(a, b, 255.0) for a, b in zip(np.load("out.npy"), clean, strict=True)]
    assert found["psnr"] == pytest.approx(np.mean(expected), abs=1e-3)
    assert found["noisy_psnr"] == pytest.approx(
        np.mean([psnr(a, b, 255.0) for a, b in zip(noisy, clean, strict=True)])
    )
    assert (
        "this model"
        in narrows(capsys, "denoise", "run", "noisy.npy", "-o", "o.npy", "--reference", "clean.npy")[0]
    )
    perfect = as_json(capsys, "denoise", "run", "out.npy", "-o", "o.npy", "--reference", "out.npy")
    assert perfect["noisy_psnr"] is None


def test_without_scikit_image_its_filters_are_named(
    denoiser: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "skimage", None)
    save_run(denoiser, Path("run"))
    np.save("clean.npy", (255 * shapes(50, 40, 1)).astype(np.uint8))
    out, err = narrows(capsys, "denoise", "run", "clean.npy", "-o", "o.npy", "--reference", "clean.npy")
    assert "pip install 'narrows[yardsticks]'" in err
    assert "median" in out


def test_what_cannot_be_denoised_is_one_sentence(denoiser: Run, capsys: pytest.CaptureFixture[str]) -> None:
    save_run(denoiser, Path("run"))
    np.save("deep.npy", (65535 * shapes(50, 40)).astype(np.uint16))
    np.save("colours.npy", (255 * shapes(50, 40, 2, 3)).astype(np.uint8))
    np.save("two.npy", (255 * shapes(50, 40, 2)).astype(np.uint8))
    np.save("other.npy", (255 * shapes(51, 40, 2)).astype(np.uint8))

    def said(*words: str) -> str:
        return narrows(capsys, "denoise", "run", *words, "-o", "o.npy", code=2)[1]

    assert "are of uint16, but the model was fitted to uint8" in said("deep.npy")
    assert "fitted to images of 1 channel" in said("colours.npy")
    assert "deep.npy holds 1 images for the 2 of two.npy" in said("two.npy", "--reference", "deep.npy")
    assert "no reference for one of" in said("two.npy", "--reference", "other.npy")
    assert (
        "cannot be written to 'o.csv'"
        in narrows(capsys, "denoise", "run", "two.npy", "-o", "o.csv", code=2)[1]
    )


def test_images_of_another_mode_or_with_gaps_are_read_like_those_of_the_training(
    denoiser: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    save_run(denoiser, Path("run"))
    Path("noisy").mkdir()
    image = (255 * shapes(50, 40, 1)[0]).astype(np.uint8)
    Image.fromarray(image).save("noisy/0.png")
    Image.fromarray(image).convert("RGB").save("noisy/1.png")
    Image.fromarray(image).save("noisy/2.gif")
    _, err = narrows(capsys, "denoise", "run", "noisy", "-o", "clean")
    assert "1 image (2.gif)" in err
    assert "Converted to L: 1 RGB (1.png)" in err
    with Image.open("clean/0.png") as grey, Image.open("clean/1.png") as colour:
        np.testing.assert_array_equal(np.asarray(grey), np.asarray(colour))


def test_what_was_lost_of_whole_images_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    fitted = fit(patches(np.float32, 1), recipe="denoising", overrides=SMALL)
    save_run(fitted, Path("run"))
    image = shapes(50, 40, 1)[0].astype(np.float32)
    image[:3] = np.nan
    np.save("noisy.npy", image)
    _, err = narrows(capsys, "denoise", "run", "noisy.npy", "-o", "clean.npy")
    assert "NaN in 1 of 1 images (up to 6 % of the pixels of one): noisy" in err
    assert np.isfinite(np.load("clean.npy")).all()


def test_images_of_few_counts_lose_by_rounding(capsys: pytest.CaptureFixture[str]) -> None:
    counts = np.random.default_rng(0).poisson(1.0 + shapes(32, 32, 40, 1).reshape(40, 32, 32))
    small = ["--set", "encoder.widths=[4]", "--set", "encoder.blocks=1", "--set", "training.learning_rate=0"]
    how = ["--patch", 16, "--recipe", "denoising", "--epochs", 1, *small]
    for dtype, said in (("uint16", True), ("float32", False)):
        np.save("counts.npy", counts.astype(dtype))
        narrows(capsys, "fit", "counts.npy", *how, "--out", dtype)
        _, warned = narrows(capsys, "denoise", dtype, "counts.npy", "-o", f"{dtype}-clean.npy")
        assert ("rounded to whole numbers, an error of 0.29" in warned) == said
