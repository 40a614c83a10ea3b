"""Denoised images, and what is measured of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.kinds import describe
from narrows.data.readers import as_data
from narrows.evaluation.image_quality import psnr
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.export import export_onnx
from narrows.tasks.generation.sample import sample
from narrows.tasks.restoration.denoise import DenoisingQuality, denoise
from tests.samples import SMALL, patches, shapes
from tests.stopping import Stopped, run_in


def test_a_short_training_removes_noise() -> None:
    """Of unknown standard deviation, trained on patches, on an image of another size."""
    how = {"encoder": {"widths": [16], "blocks": 2}, "training": {"epochs": 30, "learning_rate": 3e-3}}
    found = fit(patches(np.float32), recipe="denoising", overrides=how)
    wanted = shapes(101, 77, 1)[0].astype(np.float32)
    for std, gain in ((0.05, 2), (0.15, 5)):
        noisy = wanted + (std * np.random.default_rng(1).standard_normal(wanted.shape)).astype(np.float32)
        assert psnr(denoise(found, noisy), wanted, 1.0) > psnr(noisy, wanted, 1.0) + gain


def test_a_model_with_skips_refuses_to_decode_codes(denoiser: Run, tmp_path: Path) -> None:
    codes = denoiser.encode(patches(np.uint8).array[:2])
    for use in (
        lambda: denoiser.decode(codes),
        lambda: sample(denoiser, 2),
        lambda: export_onnx(denoiser, tmp_path / "onnx"),
    ):
        with pytest.raises(InputError, match="a code alone gives no data"):
            use()
    assert not (tmp_path / "onnx").exists()


def test_a_dense_run_denoises_images_of_its_size(digits_run: Run) -> None:
    images = np.random.default_rng(0).uniform(0, 16, (3, 8, 8))
    np.testing.assert_allclose(denoise(digits_run, images[1]), digits_run.reconstruct(images)[1], atol=1e-9)
    with pytest.raises(InputError, match="shape 9x8"):
        denoise(digits_run, np.zeros((9, 8)))


def test_a_stopped_training_of_a_u_net_is_resumed_bit_equal() -> None:
    """Its weights are stored with channels last in memory and channels first in files."""
    values = (255 * shapes(40, 36, 40)).astype(np.uint8)
    how: dict[str, Any] = {"recipe": "denoising", "overrides": SMALL}
    run_in(Path("whole"), values, **how)
    with pytest.raises(Stopped):
        run_in(Path("cut"), values, stop=2, **how)
    run_in(Path("cut"), values, **how)
    for name in ("model.safetensors", "evidence.safetensors"):
        assert (Path("whole") / name).read_bytes() == (Path("cut") / name).read_bytes()


def test_data_without_two_axes_of_space_are_refused() -> None:
    run: Any = SimpleNamespace(schema=describe(np.zeros((4, 6))))
    with pytest.raises(InputError, match="fitted to rows; use reconstruct"):
        denoise(run, np.zeros(6))


def test_quality_is_measured_on_the_range_of_the_training_data(denoiser: Run) -> None:
    clean = (255 * shapes(40, 36)[0]).astype(np.uint8)
    noisy = clean ^ 8
    quality = DenoisingQuality(denoiser, compare=True)
    quality.add(noisy, clean, clean)
    quality.add(clean, noisy, clean)
    record = quality.record()
    assert record["psnr"] is None
    assert quality.rows[1]["psnr"] == pytest.approx(psnr(noisy, clean, 255.0), abs=1e-4)
    assert quality.rows[0]["noisy_psnr"] == quality.rows[1]["psnr"]
    assert record["ssim"] == np.mean([1.0, quality.rows[1]["ssim"]])
    assert record["yardsticks"].keys() == quality.filters.keys()


def test_without_a_reference_the_residual_of_all_images_is_described(denoiser: Run) -> None:
    quality = DenoisingQuality(denoiser, compare=False)
    noise = np.random.default_rng(0).integers(0, 50, (2, 40, 36), dtype=np.uint8)
    for noisy in noise:
        quality.add(noisy, np.zeros_like(noisy))
    record = quality.record()["residual"]
    assert record["mean"] == pytest.approx(noise.mean() / 255)
    assert record["whiteness"] > 0.9
    assert record["sentences"][0].startswith("The residual is white")


def test_an_image_brighter_than_the_training_data_is_not_cut() -> None:
    """Nor is one of the training, even though its noisy outputs overshoot."""
    dim = (40 + 100 * shapes(40, 36, 40)).astype(np.uint16)
    run = fit(as_data(dim), recipe="denoising", overrides=SMALL)
    bright = (3 * dim[0]).astype(np.uint16)
    high = int(run.scaling.ceiling)
    assert denoise(run, bright).max() > 1.5 * high
    assert run.reconstruct(bright[None]).max() > 1.5 * high
    loud = (high * shapes(40, 36)[0]).round().astype(np.uint16)
    assert denoise(run, loud).max() > high
    assert denoise(run, 0 * loud).min() >= 0
    output = run.reconstruct_scaled(loud[None]).reshape(40, 36)
    wanted = run.scaling.inverse(torch.as_tensor(output)).clamp(0, 65535).round()
    np.testing.assert_array_equal(denoise(run, loud), wanted.numpy().astype(np.uint16))
