from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from narrows.training.convolutions import Geometry, spread, to_large, to_thin


@pytest.mark.parametrize("channels", [1, 3, 5])
@pytest.mark.parametrize(
    ("kernel", "geometry", "rest"),
    [
        ((3, 3), Geometry((2, 2), (1, 1), (1, 1)), (1, 1)),
        ((4, 4), Geometry((2, 2), (1, 1), (1, 1)), (0, 0)),
        ((5, 2), Geometry((3, 1), (2, 0), (1, 2)), (1, 0)),
        ((1, 1), Geometry((2, 2), (0, 0), (1, 1)), (1, 1)),
        ((3, 3), Geometry((1, 1), (4, 4), (3, 3)), (0, 0)),
    ],
)
def test_to_large_is_torchs_transposed_convolution(
    channels: int, kernel: tuple[int, int], geometry: Geometry, rest: tuple[int, int]
) -> None:
    torch.manual_seed(0)
    small = torch.randn(2, 4, 7, 6, dtype=torch.float64).to(memory_format=torch.channels_last)
    weights = torch.randn(4, channels, *kernel, dtype=torch.float64)
    bias = torch.randn(channels, dtype=torch.float64)
    stride, padding, dilation = geometry
    wanted = functional.conv_transpose2d(small, weights, bias, stride, padding, rest, 1, dilation)
    for form in (to_large, to_thin):
        torch.testing.assert_close(form(small, weights, bias, geometry, rest), wanted)
    assert geometry.sides(small, weights, rest) == tuple(wanted.shape[2:])
    assert geometry.rest(small, weights, wanted) == rest


def test_an_image_that_padding_cuts_away_is_empty_of_products() -> None:
    small, weights = torch.ones(1, 2, 1, 1), torch.ones(2, 1, 3, 3)
    geometry = Geometry((4, 4), (1, 1), (1, 1))
    wanted = functional.conv_transpose2d(small, weights, None, 4, 1, 3)
    assert torch.equal(to_thin(small, weights, None, geometry, (3, 3)), wanted)


def test_what_leaves_the_image_is_left_out() -> None:
    values = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert spread(values, -1, 5, 2, 0, 1).tolist() == [1, 3, 7, 4, 6]
    assert spread(values, -1, 3, 2, 1, 1).tolist() == [3, 7, 4]
    assert spread(values, -1, 1, 4, 3, 1).tolist() == [0]
