"""The two directions of a convolution: from large images to small ones, and from small ones to large ones.

A convolution takes images `large (n, channels, height, width)` to `small` ones, with about 1/stride of their
height and width, by a `kernel (small channels, large channels, rows, columns)`. A transposed one takes
`small` to `large`. The gradient of either is the other one.

Torch's kernels compute many channels of the large images at a time, and are slow where they have one or two;
there a product of matrices is faster.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

Pair = tuple[int, int]

THIN = 2
"""Large images of so many channels, or fewer, are a product of matrices, 1.8 to 5 times as fast."""


class Geometry(NamedTuple):
    """Where a kernel lies on the large images, along each axis: at `stride · i - padding + dilation · k`."""

    stride: Pair
    padding: Pair
    dilation: Pair

    def sides(self, small: Tensor, kernel: Tensor, rest: Pair = (0, 0)) -> Pair:
        """Height and width of the large images, with a `rest` beyond the last place of the kernel."""
        axes = zip(small.shape[2:], kernel.shape[2:], rest, *self, strict=True)
        height, width = ((n - 1) * s - 2 * p + d * (k - 1) + 1 + r for n, k, r, s, p, d in axes)
        return height, width

    def rest(self, small: Tensor, kernel: Tensor, large: Tensor) -> Pair:
        """Rows and columns of `large` beyond the last place of the kernel; the "output padding"."""
        least = self.sides(small, kernel)
        return large.shape[2] - least[0], large.shape[3] - least[1]


def to_large(small: Tensor, kernel: Tensor, bias: Tensor | None, geometry: Geometry, rest: Pair) -> Tensor:
    """The transposed convolution of `small`, which has channels last."""
    stride, padding, dilation = geometry
    if kernel.shape[1] <= THIN:
        return to_thin(small, kernel, bias, geometry, rest)
    return functional.conv_transpose2d(small, kernel, bias, stride, padding, rest, 1, dilation)


def to_thin(small: Tensor, kernel: Tensor, bias: Tensor | None, geometry: Geometry, rest: Pair) -> Tensor:
    """As `to_large`, to few channels: all products with places of the kernel, and their sums.

    Returns:
        Images with channels first. In 16 bits each product is rounded before it is added.
    """
    products = kernel.permute(2, 3, 1, 0).flatten(0, 2) @ small.permute(0, 2, 3, 1).flatten(0, 2).t()
    found = products.to(torch.promote_types(products.dtype, torch.float32))
    found = found.view(*kernel.shape[2:], kernel.shape[1], len(small), *small.shape[2:])
    axes = zip((-2, -1), geometry.sides(small, kernel, rest), *geometry, strict=True)
    for axis, size, *where in axes:
        found = spread(found, axis, size, *where)
    found = found if bias is None else found + bias.view(-1, 1, 1, 1)
    return found.transpose(0, 1).to(small.dtype, memory_format=torch.contiguous_format)


def spread(values: Tensor, axis: int, size: int, stride: int, padding: int, dilation: int) -> Tensor:
    """The sums of `values (k, …)` on an `axis` of `size`: `i` goes to `stride · i - padding + dilation · k`.

    >>> spread(torch.tensor([[1, 2], [3, 4], [5, 6]]), -1, 4, 2, 1, 1)
    tensor([3, 7, 4, 6])
    """
    shape = list(values.shape[1:])
    shape[axis] = size
    found = values.new_zeros(shape)
    lines = found.transpose(axis, -1)
    for k, each in enumerate(values):
        start = dilation * k - padding
        first, end = max(0, -(start // stride)), min(values.shape[axis], -((start - size) // stride))
        if first < end:
            part = each.transpose(axis, -1)[..., first:end]
            lines[..., start + stride * first : start + stride * end : stride] += part
    return found
