from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from torch.utils.data import TensorDataset

from narrows import Autoencoder, Denoiser
from narrows.core.errors import InputError
from narrows.tasks.restoration.denoise import denoise
from tests.samples import SMALL, shapes


def test_the_estimator_takes_images_of_any_size() -> None:
    learned = shapes(70, 64, 24).astype(np.float32)
    found = Denoiser(Autoencoder(encoder=SMALL["encoder"], training={"epochs": 2}), patch=32).fit(learned)
    others = shapes(45, 90, 3).astype(np.float32)
    clean = found.transform(others)
    assert (clean.shape, clean.dtype) == (others.shape, others.dtype)
    assert np.array_equal(clean[0], denoise(found.run_, others[0]))
    assert not hasattr(found, "inverse_transform")
    found.save("run")
    assert np.array_equal(Denoiser.load("run").transform(others), clean)


def mirrored_pairs(n: int) -> tuple[Any, Any]:
    """Images behind a mirror, and brighter, which no corruption here does; and the same images without."""
    clean = shapes(16, 16, n).astype(np.float32)
    return clean[:, :, ::-1] + 0.5 * clean.max(), clean


TRAINED = Autoencoder(8, training={"epochs": 40})


def test_pairs_teach_what_no_corruption_knows() -> None:
    noisy, clean = mirrored_pairs(300)
    found = Denoiser(TRAINED).fit(noisy, clean)
    others, wanted = mirrored_pairs(60)
    error = float(((found.transform(others) - wanted) ** 2).mean())
    assert error < 0.3 * float(wanted.var())
    assert found.score(others, wanted) == pytest.approx(1 - error / float(wanted.var()), abs=0.02)
    assert found.run_.config["pairs"]
    assert found.run_.config["spec"]["corruption"] == {"name": "none"}
    with pytest.raises(InputError, match=r"fitted to pairs.* score\(noisy, clean\)"):
        found.score(wanted)


def test_the_verdict_on_pairs_is_against_the_best_filter_and_the_noisy_input() -> None:
    rng = np.random.default_rng(0)
    clean = rng.normal(size=(400, 6)) @ rng.normal(size=(6, 6))
    fitted = Denoiser(TRAINED).fit(clean + 1e-4 * rng.normal(size=clean.shape), clean)
    assert fitted.verdict_.startswith("Does not beat the")
    held_out = fitted.run_.metrics["held_out"]
    assert held_out["yardstick"] in ("the noisy input", "the best linear filter")
    assert held_out["yardstick_mse"] < 1e-6
    images = shapes(12, 12, 200).astype(np.float32)
    spots = images.copy()
    spots[rng.random(images.shape) < 0.03] = 5 * images.max()
    yardstick = Denoiser(TRAINED).fit(spots, images).run_.metrics["held_out"]["yardstick"]
    assert yardstick.startswith("a median filter")


def test_pairs_of_patches_and_of_a_saved_run() -> None:
    clean = shapes(70, 64, 24).astype(np.float32)
    noisy = clean + np.random.default_rng(0).normal(0, 0.1, clean.shape).astype(np.float32)
    small = Autoencoder(encoder=SMALL["encoder"], training={"epochs": 2})
    found = Denoiser(small, patch=32).fit(noisy, clean)
    found.save("run")
    assert np.array_equal(Denoiser.load("run").transform(noisy[:2]), found.transform(noisy[:2]))
    assert "noisy as they came" in Path("run/README.md").read_text()


def test_pairs_of_data_frames() -> None:
    rng = np.random.default_rng(0)
    clean = pd.DataFrame(rng.normal(size=(200, 2)), columns=["a", "b"]).assign(c=lambda f: f.a + f.b)
    found = Denoiser(Autoencoder(2, training={"epochs": 2})).fit(clean + 1, clean)
    assert list(found.transform(clean + 1).columns) == ["a", "b", "c"]


def test_pairs_come_as_a_data_set_or_as_lists_of_pictures() -> None:
    clean = (255 * shapes(8, 8, 60)).astype(np.uint8)
    noisy = 255 - clean
    fitted = Denoiser(Autoencoder(2, training={"epochs": 1})).fit(noisy, clean)
    dataset = TensorDataset(torch.as_tensor(noisy), torch.as_tensor(clean))
    pictures = [[Image.fromarray(image) for image in images] for images in (noisy, clean)]
    for given in ((dataset,), pictures):
        found = Denoiser(Autoencoder(2, training={"epochs": 1})).fit(*given)
        assert found.run_.metrics == fitted.run_.metrics
        assert (
            Autoencoder(2, recipe="denoising", training={"epochs": 1}).fit(*given).run_.metrics
            == found.run_.metrics
        )


def test_examples_that_are_no_pairs_are_refused() -> None:
    clean = np.random.default_rng(0).random((40, 6, 5))
    with pytest.raises(InputError, match=r"noisy examples are 40x6x5 and the clean ones 39x6x5"):
        Denoiser().fit(clean, clean[1:])
    with pytest.raises(InputError, match="nothing to learn"):
        Denoiser().fit(clean, clean.copy())
