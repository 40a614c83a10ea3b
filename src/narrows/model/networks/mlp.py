"""Fully connected layers, for tables and small images."""

from __future__ import annotations

from itertools import pairwise
from math import prod
from typing import Literal

from torch import Tensor, nn

from narrows.core.records import Context, Features
from narrows.core.registry import within
from narrows.model.networks.base import ACTIVATIONS, Activation, Decoder, Encoder

Norm = Literal["none", "batch"]


class MlpEncoder(Encoder):
    """values → widths[0] → … → widths[-1], an activation after each layer.

    Args:
        widths: units of each hidden layer, from the data inwards.
        activation: after each layer.
        norm: "batch", batch normalisation before each activation (Ioffe & Szegedy 2015).
        residual: whether a layer is added to its input where the widths are equal (He et al. 2016).
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        widths: tuple[int, ...] = (512, 256),
        activation: Activation = "silu",
        norm: Norm = "none",
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.layers = stack((prod(shape), *widths), activation, norm, residual)
        self.unit_interval = activation == "sigmoid" and not residual
        self.out_shape = (widths[-1] if widths else prod(shape),)

    def forward(self, x: Tensor, context: Context) -> Features:
        h = x.flatten(1)
        hidden = []
        for layer in self.layers:
            h = layer(h)
            hidden.append(h)
        return Features(h, tuple(hidden))


class MlpDecoder(Decoder):
    """code → widths[-1] → … → widths[0] → values: the encoder's layers in reverse order.

    Args:
        widths: units of each hidden layer, from the data inwards, as for the encoder.
        activation: after each layer but the last.
        norm: as for the encoder.
        residual: as for the encoder.
        tied: whether the weights are the encoder's, transposed.
    """

    def __init__(
        self,
        code_shape: tuple[int, ...],
        shape: tuple[int, ...],
        *,
        widths: tuple[int, ...] = (512, 256),
        activation: Activation = "silu",
        norm: Norm = "none",
        residual: bool = False,
        tied: bool = False,
    ) -> None:
        super().__init__()
        self.shape, self.tied = shape, tied
        sizes = (prod(code_shape), *reversed(widths))
        self.layers = stack(sizes, activation, norm, residual)
        self.out = nn.Linear(sizes[-1], prod(shape))

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        h = z.flatten(1)
        for layer in self.layers:
            h = layer(h)
        return self.out(h).unflatten(1, self.shape)


class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)


def stack(sizes: tuple[int, ...], activation: Activation, norm: Norm, residual: bool) -> nn.ModuleList:
    """Dense layers from each size to the next, an activation after each."""
    for size in sizes:
        within("widths", size, 1)
    layers = nn.ModuleList()
    for a, b in pairwise(sizes):
        between = [nn.BatchNorm1d(b)] if norm == "batch" else []
        layer = nn.Sequential(nn.Linear(a, b), *between, ACTIVATIONS[activation]())
        layers.append(Residual(layer) if residual and a == b else layer)
    return layers
