"""Brightness in 8 bits and in floats from 0 to 1."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import DTypeLike
from PIL import Image

from narrows import Autoencoder, Denoiser
from narrows.core.errors import InputError
from narrows.data.images.brightness import converted, factor
from narrows.data.schema import Array
from narrows.runs.folder import save_run
from narrows.runs.run import Run
from tests.commands import narrows
from tests.samples import DIGITS

BYTES = np.rint(DIGITS[:300] * (255 / 16)).astype(np.uint8)
FLOATS = (BYTES / 255).astype(np.float32)


@pytest.fixture(scope="module")
def of_bytes() -> Run:
    return Autoencoder(4, recipe="denoising", epochs=3).fit(BYTES).run_


@pytest.fixture(scope="module")
def of_floats() -> Run:
    return Autoencoder(4, recipe="denoising", epochs=3).fit(FLOATS).run_


def test_types_and_their_factors(of_bytes: Run, of_floats: Run) -> None:
    def of(run: Run, *types: DTypeLike) -> list[float]:
        return [factor(np.dtype(each), run.scaling) for each in types]

    assert of(of_bytes, "u1", "f4", "f8") == [1, 255, 255]
    assert of(of_floats, "f4", "f8", "u1") == [1, 1, 1 / 255]
    with pytest.raises(InputError, match="are of uint16, but the model was fitted to float32"):
        factor(np.dtype("u2"), of_floats.scaling)


def test_floats_beyond_one_are_on_another_scale(of_bytes: Run) -> None:
    noisy = FLOATS + np.random.default_rng(0).normal(0, 0.5, FLOATS.shape)
    np.testing.assert_allclose(converted(noisy, of_bytes.scaling), 255 * noisy)
    with pytest.raises(
        InputError, match=r"values up to 255, but a model of uint8 takes floats .* divide them by"
    ):
        of_bytes.encode(BYTES.astype(np.float32))


def test_8_bits_of_a_model_of_other_floats_are_refused() -> None:
    run = Autoencoder(4, epochs=1).fit(DIGITS[:100].astype(np.float32)).run_  # from 0 to 16
    with pytest.raises(InputError, match="another brightness"):
        run.encode(BYTES)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_model_of_8_bits_takes_floats_and_gives_floats(of_bytes: Run, dtype: type) -> None:
    given = (BYTES / 255).astype(dtype)
    np.testing.assert_allclose(of_bytes.encode(given), of_bytes.encode(BYTES), atol=1e-4)
    made = of_bytes.reconstruct(given)
    assert made.dtype == dtype
    assert 0 <= made.min() < made.max() <= 1
    assert np.abs(255 * made - of_bytes.reconstruct(BYTES)).max() < 0.51  # those are rounded


def test_a_model_of_floats_takes_8_bits_and_gives_8_bits(of_floats: Run) -> None:
    made = of_floats.reconstruct(BYTES)
    assert made.dtype == np.uint8
    assert np.abs(made - 255 * of_floats.reconstruct(FLOATS)).max() < 0.51


def test_a_fit_takes_one_unit() -> None:
    with pytest.raises(InputError, match="another brightness"):
        Denoiser(Autoencoder(4, epochs=1)).fit(FLOATS, BYTES)


def test_estimators_denoise_and_restore_floats() -> None:
    noise = np.random.default_rng(0).normal(0, 60, BYTES.shape)
    noisy = np.clip(BYTES + noise, 0, 255).astype(np.uint8)
    ae = Autoencoder(4, recipe="denoising", epochs=1).fit(BYTES)
    for use in (ae.restore, Denoiser(Autoencoder(4, epochs=1)).fit(BYTES).transform):
        made = use((noisy / 255).astype(np.float32))
        assert made.dtype == np.float32
        assert np.abs(255 * made - use(noisy)).max() < 0.51


@pytest.mark.parametrize("verb", ["denoise", "restore"])
def test_verbs_write_floats_of_floats(
    verb: str, of_bytes: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_run(of_bytes, tmp_path / "run")
    noisy = np.clip(FLOATS[:6] + np.random.default_rng(0).normal(0, 0.2, (6, 8, 8)), 0, 1).astype(np.float32)
    np.save("noisy.npy", noisy)
    np.save("clean.npy", BYTES[:6])
    words = ("--reference", "clean.npy", "-o", "made.npy")
    out = narrows(capsys, verb, tmp_path / "run", "noisy.npy", *words)[0]
    assert "dB" in out
    made: Array = np.load("made.npy")
    assert (made.dtype, made.shape) == (np.float32, (6, 8, 8))
    assert made.max() <= 1
    Path("tif").mkdir()
    for i, image in enumerate(noisy):
        Image.fromarray(image).save(f"tif/{i}.tif")
    narrows(capsys, verb, tmp_path / "run", "tif", "-o", "out")
    first = np.asarray(Image.open("out/0.tif"))
    assert first.dtype == np.float32
    np.testing.assert_allclose(first, made[0], atol=1e-5)


def test_the_other_verbs_take_floats(
    of_bytes: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_run(of_bytes, tmp_path / "run")
    np.save("x.npy", FLOATS[:40])
    for words in (
        ("encode", "-o", "c.npy"),
        ("reconstruct", "-o", "r.npy"),
        ("reconstruct", "-o", "r.png"),
        ("anomalies", "-o", "s.csv"),
    ):
        assert "elsewhere" not in narrows(capsys, words[0], tmp_path / "run", "x.npy", *words[1:])[1]
    assert np.load("r.npy").dtype == np.float32
    narrows(capsys, "interpolate", tmp_path / "run", "x.npy", 0, 1, "-o", "p.png")
    narrows(capsys, "arithmetic", tmp_path / "run", "x.npy", "--add", 0, 1, "-o", "a.png")
