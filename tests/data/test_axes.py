"""Letters of axes, and arrays arranged by them."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.axes import arrange, explain, parse_axes

SIZES = {"N": 3, "T": 2, "Z": 5, "H": 6, "Y": 6, "W": 7, "X": 7, "C": 4, "F": 9}


@pytest.mark.parametrize(
    ("letters", "shape", "axes", "single"),
    [
        ("NHW", (3, 6, 7), "HW", False),
        ("NCHW", (3, 4, 6, 7), "CHW", False),
        ("NHWC", (3, 6, 7, 4), "HWC", False),
        ("ZYX", (5, 6, 7), "HW", False),
        ("YXC", (1, 6, 7, 4), "HWC", True),
        ("CYX", (1, 4, 6, 7), "CHW", True),
        ("YX", (1, 6, 7), "HW", True),
        ("XYZ", (5, 6, 7), "HW", False),
        ("YXZC", (5, 6, 7, 4), "HWC", False),
        ("TZCYX", (10, 4, 6, 7), "CHW", False),
        ("TCZYX", (10, 4, 6, 7), "CHW", False),
        ("YXF", (42, 9), "F", False),
        ("FN", (3, 9), "F", False),
    ],
)
def test_every_value_goes_where_its_letters_say(
    letters: str, shape: tuple[int, ...], axes: str, single: bool
) -> None:
    values = np.random.default_rng(0).random([SIZES[letter] for letter in letters])
    found = arrange(values, parse_axes(letters))
    assert (found.values.shape, found.axes, found.single) == (shape, axes, single)
    names = {"H": "Y", "W": "X"}
    inner = "".join(names.get(a, a) if names.get(a, a) in letters else a for a in axes)
    outer = "".join(letter for letter in letters if letter not in inner)
    wanted = np.einsum(f"{letters.lower()}->{(outer + inner).lower()}", values)
    np.testing.assert_array_equal(found.values, wanted.reshape(shape))


def test_channels_can_be_put_last() -> None:
    values = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(arrange(values, "CYX", "HWC").values[0], values.transpose(1, 2, 0))


@pytest.mark.parametrize("text", ["", "N", "NC", "NH", "HH", "NHWW", "NHWCS", "YXFC2", "N,H,W", "NHWÄ", "FF"])
def test_letters_that_describe_no_examples_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="The axes are a letter for each axis"):
        parse_axes(text)


def test_another_number_of_axes_is_refused() -> None:
    with pytest.raises(
        InputError,
        match=r"axes NHW are 3, but the array has the shape 2x3x4x5; give a letter for each of its 4",
    ):
        arrange(np.zeros((2, 3, 4, 5)), "NHW")


def test_every_axis_is_explained() -> None:
    text = explain((2, 5, 4, 6, 7), "TZCYX")
    assert text == "TZCYX: 2 examples (T), 5 examples (Z), 4 channels, height 6, width 7"
    assert explain((6, 7, 9), "YXF") == "YXF: 6 examples (Y), 7 examples (X), 9 columns"
