from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.kinds.images import ImageSchema

SHAPES = {(6, 7): ("HW", (1, 6, 7)), (6, 7, 3): ("HWC", (3, 6, 7)), (3, 6, 7): ("CHW", (3, 6, 7))}


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float32", "float64", "bool"])
@pytest.mark.parametrize("shape", SHAPES)
def test_channels_come_first_for_the_model_and_go_back(shape: tuple[int, ...], dtype: str) -> None:
    values = (7 * np.random.default_rng(0).random((5, *shape))).astype(dtype)
    schema = ImageSchema.of(shape, dtype)
    assert (schema.axes, schema.model_shape) == SHAPES[shape]
    arranged = schema.arrange(values)
    assert (arranged.shape, arranged.dtype) == ((5, *schema.model_shape), values.dtype)
    if schema.axes == "HWC":
        np.testing.assert_array_equal(arranged[2, 1], values[2, :, :, 1])
    np.testing.assert_array_equal(schema.from_model(torch.from_numpy(arranged)).numpy(), values)


def test_read_only_images_are_not_changed() -> None:
    values = np.arange(24.0).reshape(2, 3, 4)
    values.flags.writeable = False
    arranged = ImageSchema.of((3, 4), "float64").arrange(values)
    arranged[:] = 0
    assert values.sum() == sum(range(24))


def test_amounts_of_the_channels_of_a_pixel_are_added_up() -> None:
    amounts = np.arange(24.0).reshape(1, 24)
    schema = ImageSchema.of((3, 4, 2), "float32")
    np.testing.assert_array_equal(schema.by_part(amounts)[0], amounts.reshape(2, 3, 4).sum(axis=0))


def test_whole_numbers_of_another_type_are_refused() -> None:
    schema = ImageSchema.of((3, 4), "uint8")
    schema.check(np.zeros((1, 3, 4), np.uint8))
    with pytest.raises(InputError, match="images are of uint16, but the model was fitted to uint8"):
        schema.check(np.zeros((1, 3, 4), np.uint16))
    schema.check(np.zeros((1, 3, 4), np.float32))  # brightness from 0 to 1
    assert "another brightness" in schema.other_unit(np.dtype(np.float32))
    assert schema.other_unit(np.dtype(np.uint8)) == ""
    ImageSchema.of((3, 4), "float32").check(np.zeros((1, 3, 4), np.float64))


def test_another_shape_is_refused_with_the_names_of_the_axes() -> None:
    schema = ImageSchema.of((8, 16, 24), "float32")
    with pytest.raises(InputError, match=r"to examples of shape 8x16x24 \(channels x height x width\)\."):
        schema.check(np.zeros((1, 16, 24, 8), np.float32))


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((16, 16, 4), "HWC"),
        ((3, 16, 4), "HWC"),
        ((5, 16, 16), "CHW"),
        ((20, 16, 16), "CHW"),
        ((9, 9, 103), "HWC"),
        ((6, 33, 47), "CHW"),
        ((33, 47, 6), "HWC"),
        ((8, 8, 8), "HWC"),
    ],
)
def test_channels_are_what_leaves_a_square_or_the_shorter_end(shape: tuple[int, ...], axes: str) -> None:
    assert ImageSchema.of(shape, "float32").axes == axes


def test_a_stored_schema_may_have_its_channels_at_either_end() -> None:
    record = {**ImageSchema.of((5, 16, 16), "float32").to_json(), "axes": "HWC"}
    assert ImageSchema.from_json(record).model_shape == (16, 5, 16)
    with pytest.raises(InputError, match="do not match the shape"):
        ImageSchema.from_json({**record, "axes": "HW"})
