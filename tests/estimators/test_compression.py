"""Compressed files of an estimator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows import Autoencoder

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
