"""Noise taken away: no seam anywhere, every type as it came, and figures that are scikit-image's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.export import export_onnx
from narrows.tasks.generation.sample import sample
from narrows.tasks.restoration.denoise import denoise, residual
from narrows.tasks.restoration.image_quality import psnr
from tests.samples import SMALL, patches, shapes
from tests.stopping import Stopped, run_in


def test_the_residual_of_white_noise_is_white_and_that_of_a_blur_is_not() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((1, 90, 80))
    white = residual(x + 0.1 * rng.standard_normal(x.shape) + 0.01, x)
    assert white["mean"] == pytest.approx(0.01, abs=0.005)
    assert white["whiteness"] > 0.95
    smooth = shapes(90, 80)
    assert residual(x + smooth, x)["whiteness"] < 0.2
    assert residual(x, x) == {"mean": 0.0, "whiteness": 1.0}


def test_a_short_training_takes_noise_away() -> None:
    """Blind to how loud it is, from patches, on an image of another size than any it has seen."""
    how = {"encoder": {"widths": [16], "blocks": 2}, "training": {"epochs": 30, "learning_rate": 3e-3}}
    found = fit(patches(np.float32), recipe="denoising", overrides=how)
    wanted = shapes(101, 77, 1)[0].astype(np.float32)
    for std, gain in ((0.05, 2), (0.15, 5)):
        noisy = wanted + (std * np.random.default_rng(1).standard_normal(wanted.shape)).astype(np.float32)
        assert psnr(denoise(found, noisy), wanted, 1.0) > psnr(noisy, wanted, 1.0) + gain


def test_a_model_with_skips_says_that_it_decodes_no_codes(denoiser: Run, tmp_path: Path) -> None:
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


def test_a_u_net_goes_on_where_it_stopped() -> None:
    """Its weights lie in memory with the channels last, in files with the channels first."""
    values = (255 * shapes(40, 36, 40)).astype(np.uint8)
    how: dict[str, Any] = {"recipe": "denoising", "overrides": SMALL}
    run_in(Path("whole"), values, **how)
    with pytest.raises(Stopped):
        run_in(Path("cut"), values, stop=2, **how)
    run_in(Path("cut"), values, **how)
    for name in ("model.safetensors", "evidence.safetensors"):
        assert (Path("whole") / name).read_bytes() == (Path("cut") / name).read_bytes()
