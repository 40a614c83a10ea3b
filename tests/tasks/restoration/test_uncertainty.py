"""How much a denoised image depends on how the noisy one was turned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from narrows.runs.folder import save_run
from narrows.runs.run import Run
from narrows.tasks.restoration.denoise import denoise
from narrows.tasks.restoration.uncertainty import orientations, spread
from tests.commands import as_json, narrows
from tests.samples import shapes


def test_each_orientation_is_undone() -> None:
    x = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    turned = orientations(x)
    assert len({each.tobytes() + bytes(each.shape) for each, _ in turned}) == 8
    for each, back in turned:
        np.testing.assert_array_equal(back(each), x)


def test_the_spread_is_that_of_the_turned_images(denoiser: Run) -> None:
    image = (255 * shapes(40, 37)[0]).astype(np.uint8)
    found = spread(denoiser, image)
    assert found.std.shape == found.mean.shape == (1, 40, 37)
    made = [denoise(denoiser, np.rot90(image[:, ::-1] if m else image, q)) for m in (0, 1) for q in range(4)]
    back = [np.rot90(each, -(i % 4))[:, :: -1 if i > 3 else 1] for i, each in enumerate(made)]
    np.testing.assert_allclose(found.mean[0].clip(0, 255), np.mean(back, axis=0), atol=1)
    assert np.abs(found.std[0] - np.std(back, axis=0)).mean() < 0.4  # those are rounded
    assert found.std.max() > 0


def test_it_is_written(denoiser: Run, capsys: pytest.CaptureFixture[str]) -> None:
    save_run(denoiser, Path("run"))
    np.save("noisy.npy", (255 * shapes(40, 36, 2)).astype(np.uint8))
    found = as_json(capsys, "denoise", "run", "noisy.npy", "-o", "clean.npy", "--uncertainty", "spread.npy")
    record = found["uncertainty"]
    assert np.load("spread.npy").shape == (2, 40, 36)
    assert 0 < record["mean"] < record["most"] < 1
    assert record["out"] == "spread.npy"
    with Path("a.png").open("wb") as file:
        Image.fromarray(np.load("noisy.npy")[0]).save(file)
    narrows(capsys, "denoise", "run", "a.png", "-o", "clean.png", "--uncertainty", "spread.tif")
    assert np.asarray(Image.open("spread.tif")).shape == (40, 36)
