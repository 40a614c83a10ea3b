"""The two directions of a convolution: from large images to small ones, and from small ones to large ones.

A convolution takes images `large (n, channels, height, width)` to `small` ones, with about 1/stride of their
height and width, by a `kernel (small channels, large channels, rows, columns)`. A transposed one takes
`small` to `large`. The gradient of either is the other one.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

Pair = tuple[int, int]

THIN = 3
"""Large images of so many channels, or fewer, are faster as one product of matrices: torch's kernels compute
many channels of the output at a time."""


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
    """As `to_large`, to few channels: one product of matrices for each place of the kernel, and their sums.

    Returns:
        Images with channels first. In 16 bits each product is rounded before it is added.
    """
    n, channels = len(small), kernel.shape[1]
    products = kernel.permute(1, 2, 3, 0).flatten(0, 2) @ small.permute(0, 2, 3, 1).flatten(0, 2).t()
    planes = products.to(torch.promote_types(products.dtype, torch.float32))
    planes = planes.view(*kernel.shape[1:], n, *small.shape[2:])
    sides = geometry.sides(small, kernel, rest)
    large = products.new_empty(n, channels, *sides)
    axes = zip(sides, small.shape[2:], kernel.shape[2:], *geometry, strict=True)
    for (i, down), (j, across) in product(*(phases(*axis) for axis in axes)):
        part = large[:, :, i, j].transpose(0, 1)
        total = planes.new_zeros(part.shape)
        for v, h in product(down, across):
            total[..., v.into, h.into] += planes[:, v.k, h.k, :, v.of, h.of]
        part.copy_(total if bias is None else total + bias.view(-1, 1, 1, 1))
    return large


class Shift(NamedTuple):
    """Which part `of` the small images goes `into` which part of a phase of the large, by place `k`."""

    k: int
    of: slice
    into: slice


def phases(size: int, side: int, k: int, s: int, p: int, d: int) -> list[tuple[slice, list[Shift]]]:
    """The places of an axis of `size` in steps of the stride `s`, from each of its first places on.

    With each are the parts of an axis of `side` that it gets from the places of a kernel of `k`, with padding
    `p` and dilation `d`.

    >>> phases(4, 2, 1, 2, 0, 1)
    [(slice(0, None, 2), [Shift(k=0, of=slice(0, 2, None), into=slice(0, 2, None))]), (slice(1, None, 2), [])]
    """
    return [
        (slice(first, None, s), list(shifts(len(range(first, size, s)), side, k, s, p + first, d)))
        for first in range(min(s, size))
    ]


def shifts(places: int, side: int, k: int, s: int, p: int, d: int) -> Iterator[Shift]:
    """The shifts to the `places` of one phase: place `m` of the kernel moves by (d · m - p) / s."""
    for m in range(k):
        move, other = divmod(d * m - p, s)
        first, end = max(0, move), min(places, side + move)
        if not other and first < end:
            yield Shift(m, slice(first - move, end - move), slice(first, end))
