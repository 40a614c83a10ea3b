"""NaN in images that stay on disk is filled as in those in memory."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.schema import Array
from narrows.data.sources import on_disk
from narrows.fitting.fit import fit
from tests.samples import shapes

pytestmark = pytest.mark.usefixtures("small_blocks")


@pytest.fixture
def images() -> Array:
    values = shapes(12, 10, 60).astype(np.float32)
    values[3, :2], values[7, 4, 5] = np.nan, np.nan
    np.save("x.npy", values)
    return values


def test_both_fill_the_same_pixels_and_fit(images: Array, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "LARGE", 1)
    large = read("x.npy")
    assert not large.source.in_memory
    assert "NaN is filled with the nearest pixel" in " ".join(large.notes)
    monkeypatch.setattr(on_disk, "LARGE", 2**40)
    small = read("x.npy")
    assert "NaN in 2 of 60 images" in " ".join(small.warnings)
    np.testing.assert_array_equal(large.source.all(), small.array)
    np.testing.assert_array_equal(large.source.take(np.array([7, 0])), small.array[[7, 0]])
    found = [fit(each, latent_dim=2, overrides={"training": {"epochs": 1}}) for each in (large, small)]
    errors = [run.metrics["held_out"]["pca_mse"] for run in found]
    assert errors[0] == pytest.approx(errors[1], rel=1e-4)


def test_whole_numbers_and_tables_are_read_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "LARGE", 1)
    np.save("table.npy", np.array([[1.0, np.nan], [2.0, 3.0]] * 30))
    assert np.isnan(read("table.npy").source.all()).sum() == 30
    np.save("bytes.npy", np.zeros((60, 5, 4), np.uint8))
    assert "NaN" not in " ".join(read("bytes.npy").notes)


def test_an_image_without_pixels_is_named(images: Array, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "LARGE", 1)
    images[41] = np.nan
    np.save("x.npy", images)
    with pytest.raises(InputError, match="All pixels of image 41 of x, or of one of its channels, are NaN"):
        fit(read("x.npy"), latent_dim=2)


def test_patches_on_disk_have_no_gaps(images: Array, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_disk, "LARGE", 1)
    found = read("x.npy", Reading(patch=5))
    assert not found.source.in_memory
    assert np.isfinite(found.source.all()).all()
