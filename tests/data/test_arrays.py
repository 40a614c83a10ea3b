"""Arrays in files, and their axes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.arrays import doubt
from narrows.data.images.files import read_whole
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.sources import on_disk

RNG = np.random.default_rng(0)


def saved(shape: tuple[int, ...]) -> NDArray[np.float32]:
    values = RNG.random(shape).astype("f4")
    np.save("a.npy", values)
    return values


@pytest.mark.parametrize("channels", [3, 5, 8])
def test_channels_first_are_recognised(channels: int) -> None:
    values = saved((10, channels, 16, 16))
    data = read("a.npy")
    assert (data.schema.axes, data.schema.model_shape) == ("CHW", (channels, 16, 16))
    np.testing.assert_array_equal(data.array, values)
    assert f"NCHW: 10 examples, {channels} channels, height 16, width 16" in data.notes[0]
    assert len(data.warnings) == (channels > 4)


def test_axes_that_may_be_others_are_doubted_and_those_that_were_told_are_not() -> None:
    saved((12, 12, 16, 16))
    assert "a scan of patterns is YX|KyKx" in read("a.npy").warnings[0]
    told = read("a.npy", Reading(axes="NNYX"))
    assert (len(told), told.schema.shape, told.warnings) == (144, (16, 16), ())
    assert doubt((40, 40, 60), "NHW")
    assert doubt((40, 50, 3), "NHW")
    assert "one image with 3 channels is CYX" in doubt((3, 60, 50), "NHW")[0]
    np.save("planes.npy", np.zeros((3, 60, 50), np.float32))
    assert "CYX" in read("planes.npy", Reading(patch=16)).warnings[0]
    assert not read("planes.npy", Reading(patch=16, axes="CYX")).warnings
    assert not doubt((40, 28, 28), "NHW")
    assert not doubt((40, 28, 28, 3), "NHWC")


def test_the_pixels_of_a_cube_are_rows_of_a_table() -> None:
    values = saved((6, 7, 9))
    data = read("a.npy", Reading(axes="YXF"))
    assert data.schema.kind == "table"
    np.testing.assert_array_equal(data.array, values.reshape(42, 9))
    assert len(read("a.npy", Reading(axes="YXC"))) == 1


def test_more_axes_than_images_have_ask_for_letters() -> None:
    values = saved((2, 3, 4, 16, 16))
    with pytest.raises(
        InputError, match=r"2x3x4x16x16; say which axis is which .* --axes TZCYX \(in Python axes='TZCYX'\)"
    ):
        read("a.npy")
    np.testing.assert_array_equal(read("a.npy", Reading(axes="TZCYX")).array, values.reshape(6, 4, 16, 16))


def test_contradictions_are_refused() -> None:
    saved((6, 7, 9))
    with pytest.raises(InputError, match="axes YXF are those of table, but wanted is images"):
        read("a.npy", Reading("images", axes="YXF"))
    with pytest.raises(InputError, match="axes NCHW are 4"):
        read("a.npy", Reading(axes="NCHW"))


def test_a_model_keeps_its_axes_and_takes_arrays_with_fewer() -> None:
    saved((2, 5, 16, 16))
    like = read("a.npy", Reading(axes="TZYX")).schema
    assert len(read("a.npy", Reading(axes="TZYX", like=like))) == 10
    saved((4, 16, 16))
    assert len(read("a.npy", Reading(axes="TZYX", like=like))) == 4
    # The channels of a model are where they were, whatever the lengths of the axes suggest.
    first = read("a.npy", Reading(axes="YXC")).schema
    saved((1, 4, 16, 16))
    assert read("a.npy", Reading(like=first)).schema.axes == "HWC"


def test_patches_are_cut_of_height_and_width() -> None:
    values = saved((2, 3, 16, 24))
    data = read("a.npy", Reading(patch=8))
    assert data.schema.shape == (8, 8, 3)
    np.testing.assert_array_equal(data.array[0], values[0, :, :8, :8].transpose(1, 2, 0))
    values = saved((16, 24, 6))
    assert read("a.npy", Reading(patch=8, axes="YXC")).schema.shape == (8, 8, 6)


def test_labels_of_a_scan_keep_their_places() -> None:
    np.savez("a.npz", X=RNG.random((3, 4, 8, 8)), y=np.arange(12).reshape(3, 4))
    labels = read("a.npz", Reading(axes="NNYX")).labels
    assert labels is not None
    assert labels.tolist() == list(range(12))
    assert read("a.npz").labels is None


def test_nan_in_an_array_of_images_is_filled_and_the_image_named() -> None:
    values = saved((5, 4, 4))
    values[2, 1, 3] = np.nan
    np.save("a.npy", values)
    data = read("a.npy")
    assert np.isfinite(data.array).all()
    assert "NaN in 1 of 5 images (up to 6.2 % of the pixels of one): image 2" in data.warnings[0]


def test_large_arrays_in_any_order_stay_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    values = saved((6, 5, 16, 16))
    monkeypatch.setattr(on_disk, "LARGE", 100)
    told = read("a.npy", Reading(axes="NCYX"))
    assert (told.source.in_memory, told.schema.axes) == (False, "CHW")
    moved = read("a.npy", Reading(axes="NZYX"))
    assert not moved.source.in_memory
    np.testing.assert_array_equal(moved.source.all(), values.reshape(30, 16, 16))


def test_whole_images_have_the_axes_of_the_model() -> None:
    values = saved((2, 3, 16, 24))
    images = read_whole("a.npy", Reading(axes="TZYX"))
    assert (images.n, images.one) == (6, False)
    np.testing.assert_array_equal(next(iter(images.each)).pixels, values[0, 0])
    one = saved((16, 24, 6))
    images = read_whole("a.npy", Reading(axes="YXC"))
    assert (images.n, images.one) == (1, True)
    np.testing.assert_array_equal(next(iter(images.each)).pixels, one)
