"""Compressed files of an estimator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows import Autoencoder
from narrows.core.errors import InputError

pytest.importorskip("constriction")
RNG = np.random.default_rng(0)
IMAGES = np.clip(np.cumsum(RNG.normal(0, 9, (60, 8, 7)), axis=2) + 128, 0, 255).astype(np.uint8)


def test_an_estimator_compresses_and_decompresses(tmp_path: Path) -> None:
    ae = Autoencoder(recipe="lossless", epochs=1, random_state=0).fit(IMAGES)
    record = ae.compress(IMAGES, tmp_path / "x.nrw")
    assert record["bytes"] == (tmp_path / "x.nrw").stat().st_size
    assert np.array_equal(ae.decompress(tmp_path / "x.nrw"), IMAGES)


def test_flat_images_come_back_flat(tmp_path: Path) -> None:
    flat = IMAGES.reshape(60, -1)
    ae = Autoencoder(recipe="lossless", epochs=1, image_shape=(8, 7), random_state=0).fit(flat)
    ae.compress(flat, tmp_path / "x.nrw")
    assert np.array_equal(ae.decompress(tmp_path / "x.nrw"), flat)


@pytest.fixture(scope="module")
def rounding() -> Autoencoder:
    """A short fit that compresses with a loss."""
    return Autoencoder(recipe="compression", epochs=5, random_state=0).fit(IMAGES)


def test_an_estimator_compresses_with_a_loss(rounding: Autoencoder, tmp_path: Path) -> None:
    record = rounding.compress(IMAGES, tmp_path / "x.nrw", psnr=30)
    found = rounding.decompress(tmp_path / "x.nrw")
    assert (found.shape, found.dtype) == (IMAGES.shape, IMAGES.dtype)
    error = np.mean((found.astype(float) - IMAGES) ** 2)
    assert 10 * np.log10(255**2 / error) == pytest.approx(record["psnr"], abs=0.01)
    assert record["psnr"] >= 30


def test_an_estimator_compresses_to_a_number_of_bits_or_by_a_step(
    rounding: Autoencoder, tmp_path: Path
) -> None:
    many = np.tile(IMAGES, (10, 1, 1))  # beside which the header is small
    bits = [rounding.compress(many, tmp_path / "x.nrw", bits=b)["bits_per_value"] for b in (3, 2)]
    assert bits == pytest.approx([3, 2], abs=0.2)
    psnr = [rounding.compress(IMAGES, tmp_path / "x.nrw", quality=q)["psnr"] for q in (36, 26)]
    assert psnr[0] > psnr[1] + 3


def test_an_estimator_refuses_two_wishes_and_none(rounding: Autoencoder, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Give one of psnr, bits and quality"):
        rounding.compress(IMAGES, tmp_path / "x.nrw", psnr=30, bits=1)
    with pytest.raises(InputError, match="say how much may be lost"):
        rounding.compress(IMAGES, tmp_path / "x.nrw")
    assert not (tmp_path / "x.nrw").exists()


def test_an_estimator_compresses_a_list_of_images_of_several_sizes(
    rounding: Autoencoder, tmp_path: Path
) -> None:
    images = [np.hstack(list(IMAGES[:5])), np.vstack(list(IMAGES[5:9])), np.hstack(list(IMAGES[9:14]))]
    record = rounding.compress(images, tmp_path / "x.nrw", psnr=30)
    found = rounding.decompress(tmp_path / "x.nrw")
    assert [(each.shape, each.dtype) for each in found] == [(each.shape, each.dtype) for each in images]
    errors = [(a.astype(float) - b).ravel() ** 2 for a, b in zip(found, images, strict=True)]
    error = np.mean(np.concatenate(errors))
    assert 10 * np.log10(255**2 / error) == pytest.approx(record["psnr"], abs=0.01)
    assert record["n"] == 3


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_data_frame_comes_back_with_what_the_model_does_not_have(library: str, tmp_path: Path) -> None:
    frames = pytest.importorskip(library)
    columns = {
        "note": [f"row {i}" for i in range(60)],
        "colour": ["red" if i % 3 else "blue" for i in range(60)],
        "size": [i / 4 for i in range(60)],
    }
    estimator = Autoencoder(recipe="lossless", epochs=1, random_state=0)
    with pytest.warns(UserWarning, match="'note'"):
        estimator.fit(frames.DataFrame(columns))
    others = frames.DataFrame({**columns, "colour": ["green", *columns["colour"][1:]]})
    with pytest.warns(UserWarning, match="'green'"):
        record = estimator.compress(others, tmp_path / "x.nrw")
    assert record["value_bytes"] < record["bytes"] == (tmp_path / "x.nrw").stat().st_size
    found = estimator.decompress(tmp_path / "x.nrw")
    assert type(found) is type(others)
    assert found.equals(others)
