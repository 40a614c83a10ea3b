"""Fully connected layers, for tables and for images small enough to be read as one row."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from torch import Tensor, nn

from narrows.networks.base import ACTIVATIONS, Activation, Decoder, Encoder
from narrows.records import Context, Features
from narrows.registry import within


class MlpEncoder(Encoder):
    """values → widths[0] → … → widths[-1], an activation after each layer.

    Args:
        widths: units of each hidden layer, from the data inwards.
        activation: what follows each layer.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        widths: tuple[int, ...] = (512, 256),
        activation: Activation = "silu",
    ) -> None:
        super().__init__()
        self.layers = stack((prod(shape), *widths), activation)
        self.out_shape = (widths[-1] if widths else prod(shape),)

    def forward(self, x: Tensor, context: Context) -> Features:
        h = x.flatten(1)
        hidden = []
        for layer in self.layers:
            h = layer(h)
            hidden.append(h)
        return Features(h, tuple(hidden))


class MlpDecoder(Decoder):
    """code → widths[-1] → … → widths[0] → values: the encoder's layers backwards.

    Args:
        widths: units of each hidden layer, from the data inwards, as for the encoder.
        activation: what follows each layer but the last.
    """

    def __init__(
        self,
        code_shape: tuple[int, ...],
        shape: tuple[int, ...],
        *,
        widths: tuple[int, ...] = (512, 256),
        activation: Activation = "silu",
    ) -> None:
        super().__init__()
        self.shape = shape
        sizes = (prod(code_shape), *reversed(widths))
        self.layers = stack(sizes, activation)
        self.out = nn.Linear(sizes[-1], prod(shape))

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        h = z.flatten(1)
        for layer in self.layers:
            h = layer(h)
        return self.out(h).unflatten(1, self.shape)


def stack(sizes: tuple[int, ...], activation: Activation) -> nn.ModuleList:
    """Dense layers from each size to the next, an activation after each."""
    for size in sizes:
        within("widths", size, 1)
    act = ACTIVATIONS[activation]
    return nn.ModuleList(nn.Sequential(nn.Linear(a, b), act()) for a, b in pairwise(sizes))
