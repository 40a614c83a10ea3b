"""Strided convolutions for images of any height, width and number of channels.

Each layer halves height and width, rounding up, until the longer side is at most 7, as in
28×28 → 14×14 → 7×7. The decoder has the same sizes in reverse order, so that odd sizes are exact.
"""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Batch, Context, Features
from narrows.core.registry import within
from narrows.model.networks.base import ACTIVATIONS, Activation, Decoder, Encoder

Size = tuple[int, int]


class ConvEncoder(Encoder):
    """Convolutions k3 s2 p1, each with an activation, then a dense layer.

    Args:
        channels: of the first layer; each further layer has twice as many, up to 8 times.
        depth: number of convolutions; None halves until the longer side is at most 7.
        hidden: units of the dense layer after the convolutions; 0 for none, and spatial features.
        activation: after each layer.
        linear: whether there is a linear path from the values to the code, too, and another one back.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        channels: int = 32,
        depth: int | None = None,
        hidden: int = 256,
        activation: Activation = "silu",
        linear: bool = False,
    ) -> None:
        super().__init__()
        act = ACTIVATIONS[activation]
        self.unit_interval = activation == "sigmoid"
        sizes, widths = plan(shape, channels, depth)
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, stride=2, padding=1), act()) for a, b in pairwise(widths)
        )
        self.out_shape = (widths[-1], *sizes[-1])
        if within("hidden", hidden, 0):
            dense = nn.Sequential(nn.Flatten(), nn.Linear(prod(self.out_shape), hidden), act())
            self.layers.append(dense)
            self.out_shape = (hidden,)
        self.linear = linear
        self.centre = nn.Parameter(torch.zeros(shape)) if linear else None
        if linear:
            self.out_shape = (prod(shape) + prod(self.out_shape),)

    def forward(self, x: Tensor, context: Context) -> Features:
        hidden = []
        h = x
        for layer in self.layers:
            h = layer(h)
            hidden.append(h)
        if self.centre is not None:
            h = torch.cat([(x - self.centre).flatten(1), h.flatten(1)], dim=1)
        return Features(h, tuple(hidden))

    def begin(self, batch: Batch) -> Tensor:
        assert self.centre is not None
        self.centre.copy_(batch.x.mean(0))
        return (batch.x - self.centre).flatten(1)


class ConvDecoder(Decoder):
    """A dense layer from the code to a small map; then each layer doubles height and width.

    Args:
        channels: as for the encoder.
        depth: as for the encoder.
        hidden: as for the encoder: units of a dense layer between code and map; 0 for none.
        activation: after each layer but the last.
        upsample: "transposed", a strided transposed convolution; or "nearest", nearest-neighbour
            interpolation followed by a convolution, which has no checkerboard artifacts (Odena et al.
            2016, "Deconvolution and checkerboard artifacts").
        linear: as for the encoder.
    """

    def __init__(
        self,
        code_shape: tuple[int, ...],
        shape: tuple[int, ...],
        *,
        channels: int = 32,
        depth: int | None = None,
        hidden: int = 256,
        activation: Activation = "silu",
        upsample: Literal["transposed", "nearest"] = "transposed",
        linear: bool = False,
    ) -> None:
        super().__init__()
        self.shape = shape
        self.linear = nn.Linear(prod(code_shape), prod(shape)) if linear else None
        act = ACTIVATIONS[activation]
        sizes, widths = plan(shape, channels, depth)
        inner = (widths[-1], *sizes[-1])
        dense = (prod(code_shape), hidden, prod(inner)) if hidden else (prod(code_shape), prod(inner))
        self.spread = nn.Sequential(*(nn.Sequential(nn.Linear(a, b), act()) for a, b in pairwise(dense)))
        self.inner = inner
        steps = list(zip(pairwise(reversed(widths)), pairwise(reversed(sizes)), strict=True))
        self.layers = nn.ModuleList(enlarge(a, b, m, n, upsample) for (a, b), (m, n) in steps)
        self.act = act()

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        h = self.spread(z.flatten(1)).unflatten(1, self.inner)
        for layer in self.layers[:-1]:
            h = self.act(layer(h))
        y: Tensor = self.layers[-1](h)
        return y if self.linear is None else y + self.linear(z.flatten(1)).unflatten(1, self.shape)

    def begin(self, weight: Tensor, bias: Tensor) -> None:
        if self.linear is None:
            return
        self.linear.weight.copy_(weight)
        self.linear.bias.copy_(bias)
        for parameter in self.layers[-1].parameters():
            nn.init.zeros_(parameter)


class ResizeConv(nn.Module):
    """Nearest-neighbour interpolation to `size`, then a convolution k3."""

    def __init__(self, a: int, b: int, size: Size) -> None:
        super().__init__()
        self.size = size
        self.conv = nn.Conv2d(a, b, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(functional.interpolate(x, self.size))


def plan(shape: tuple[int, ...], channels: int, depth: int | None) -> tuple[list[Size], list[int]]:
    """The sizes and numbers of channels of the image and after each layer.

    >>> plan((1, 28, 28), 32, None)
    ([(28, 28), (14, 14), (7, 7)], [1, 32, 64])
    >>> plan((3, 7, 5), 32, 2)
    ([(7, 5), (4, 3), (2, 2)], [3, 32, 64])
    """
    if len(shape) != 3:
        raise InputError(f"The network 'conv' is for images, not for data of shape {shape}; use 'mlp'.")
    within("channels", channels, 1)
    within("depth", 1 if depth is None else depth, 1, 12)
    sizes = [(shape[1], shape[2])]
    while len(sizes) < 2 or (max(sizes[-1]) > 7 if depth is None else len(sizes) <= depth):
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    return sizes, [shape[0], *(channels * 2 ** min(i, 3) for i in range(len(sizes) - 1))]


def enlarge(a: int, b: int, size: Size, wanted: Size, upsample: str) -> nn.Module:
    """A layer from `a` channels of `size` to `b` channels of exactly `wanted`."""
    if upsample == "nearest":
        return ResizeConv(a, b, wanted)
    # A transposed convolution k3 s2 p1 gives 2·size - 1; its output padding, 0 or 1, adds the rest.
    rest = (wanted[0] - 2 * size[0] + 1, wanted[1] - 2 * size[1] + 1)
    return nn.ConvTranspose2d(a, b, 3, stride=2, padding=1, output_padding=rest)
