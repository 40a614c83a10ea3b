"""A network described layer by layer in text.

    conv 16 k3 s2 p1, relu, conv 32 k3 s2 p1, relu, flatten, linear 128, relu

A layer has a name, a number of channels or units, and settings: `k` the kernel's side, `s` the stride,
`p` the padding, `o` the output padding. `*` stands for the number of channels or values of the data, in
the last layer of a decoder. A kernel is at most as large as its padded input, so that a text for large
images also builds networks for small ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError, show
from narrows.core.records import Context, Features
from narrows.core.registry import lookup
from narrows.model.networks.base import ACTIVATIONS, Decoder, Encoder

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a text; `width` is None for layers without a number of channels or units."""

    name: str
    width: int | None = None
    k: int = 1
    s: int = 1
    p: int = 0
    o: int = 0

    def output_side(self, side: int) -> int:
        """The side of its output for an input of side `side`."""
        if self.name == "transposed":
            return (side - 1) * self.s - 2 * self.p + self.k + self.o
        if self.name == "upsample":
            return side * self.s
        k = min(self.k, side + 2 * self.p)
        return (side + 2 * self.p - k) // self.s + 1

    def kernel(self, shape: Shape) -> tuple[int, int]:
        """The size of its kernel for an input of `shape`."""
        height, width = (min(self.k, side + 2 * self.p) for side in shape[1:])
        return height, width


def conv(layer: Layer, shape: Shape) -> nn.Module:
    return nn.Conv2d(shape[0], layer.width or 0, layer.kernel(shape), layer.s, layer.p)


def transposed(layer: Layer, shape: Shape) -> nn.Module:
    return nn.ConvTranspose2d(shape[0], layer.width or 0, layer.k, layer.s, layer.p, layer.o)


def linear(layer: Layer, shape: Shape) -> nn.Module:
    dense = nn.Linear(prod(shape), layer.width or 0)
    return dense if len(shape) == 1 else nn.Sequential(nn.Flatten(), dense)


def batchnorm(layer: Layer, shape: Shape) -> nn.Module:
    return nn.BatchNorm2d(shape[0]) if len(shape) == 3 else nn.BatchNorm1d(shape[0])


def maxpool(layer: Layer, shape: Shape) -> nn.Module:
    return nn.MaxPool2d(layer.kernel(shape), layer.s, layer.p)


def upsample(layer: Layer, shape: Shape) -> nn.Module:
    return nn.Upsample(scale_factor=layer.s)


LAYERS: dict[str, Callable[[Layer, Shape], nn.Module]] = {
    "conv": conv,
    "transposed": transposed,
    "linear": linear,
    "batchnorm": batchnorm,
    "maxpool": maxpool,
    "upsample": upsample,
    "flatten": lambda layer, shape: nn.Flatten(),
    **{name: lambda layer, shape, act=act: act() for name, act in ACTIVATIONS.items()},  # type: ignore[misc]
}
"""By name, the function from a layer and the shape of its input to the module."""

WITH_WIDTH = ("conv", "transposed", "linear", "spread")
"""Layers that have a number of channels or units."""

SPATIAL = ("conv", "transposed", "maxpool", "upsample")
"""Layers for images only."""


class LayersEncoder(Encoder):
    """The layers of `down`, one after the other.

    Args:
        down: the layers as text; "spread" is for decoders only.
    """

    def __init__(self, shape: Shape, *, down: str = "linear 64, relu") -> None:
        super().__init__()
        layers = parse(down)
        self.layers, self.out_shape = assemble(layers, shape)
        acts = [layer.name for layer in layers if layer.name in ACTIVATIONS]
        self.unit_interval = bool(acts) and set(acts) == {"sigmoid"}
        self.acts = [layer.name in ACTIVATIONS for layer in layers]

    def forward(self, x: Tensor, context: Context) -> Features:
        hidden = []
        for layer, act in zip(self.layers, self.acts, strict=True):
            x = layer(x)
            if act:
                hidden.append(x)
        return Features(x, tuple(hidden))


class LayersDecoder(Decoder):
    """The layers of `up`, one after the other; the output is cropped or enlarged to the data's size.

    Args:
        up: the layers as text. "spread 64" is a dense layer to 64 channels of the smallest height and
            width from which the following layers reach those of the data.
    """

    def __init__(self, code_shape: Shape, shape: Shape, *, up: str = "linear 64, relu, linear *") -> None:
        super().__init__()
        self.shape = shape
        layers = [with_width(layer, shape) for layer in parse(up)]
        self.layers, out = assemble(layers, code_shape, shape)
        fits = prod(out) == prod(shape) if len(out) == 1 else out[0] == shape[0]
        if not fits:
            raise InputError(f"The layers {up!r} give {show(out)}, not {show(shape)}; end them with '*'.")

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        for layer in self.layers:
            z = layer(z)
        if z.dim() == 2:
            return torch.unflatten(z, 1, self.shape)
        height, width = self.shape[1:]
        if z.shape[2] < height or z.shape[3] < width:
            return functional.interpolate(z, (height, width), mode="bilinear")
        return z[:, :, :height, :width]


def parse(text: str) -> list[Layer]:
    """The layers of `text`; a width of `*` is 0.

    >>> parse("conv 16 k3 s2 p1, relu")
    [Layer(name='conv', width=16, k=3, s=2, p=1, o=0), Layer(name='relu', width=None, k=1, s=1, p=0, o=0)]
    """
    return [one_layer(part.split()) for part in text.split(",") if part.strip()]


def one_layer(words: Sequence[str]) -> Layer:
    """The layer that `words`, its name and settings, describe."""
    name, *rest = words
    lookup("layer", {**LAYERS, "spread": None}, name)
    wide = name in WITH_WIDTH
    if wide and not (rest and re.fullmatch(r"[1-9]\d{0,6}|\*", rest[0])):
        raise InputError(f"The layer {' '.join(words)!r} has no number of channels, as in '{name} 16'.")
    width = int(rest[0].replace("*", "0")) if wide else None
    settings = {}
    for setting in rest[wide:]:
        if not re.fullmatch(r"[ks][1-9]\d{0,3}|[po]\d{1,4}", setting):
            raise InputError(
                f"The layer {' '.join(words)!r} has a setting {setting!r}; known: k3, s2, p1, o1."
            )
        settings[setting[0]] = int(setting[1:])
    return Layer(name, width, **settings)


def with_width(layer: Layer, shape: Shape) -> Layer:
    """`layer` with the number of channels or values of `shape` in place of `*`."""
    if layer.width != 0:
        return layer
    width = prod(shape) if layer.name == "linear" else shape[0]
    return Layer(layer.name, width, layer.k, layer.s, layer.p, layer.o)


def assemble(layers: Sequence[Layer], shape: Shape, wanted: Shape = ()) -> tuple[nn.ModuleList, Shape]:
    """The modules of `layers` for an input of `shape`, and the shape of their output.

    `wanted` is the shape of the output of a decoder, which "spread" needs.
    """
    modules = nn.ModuleList()
    for i, layer in enumerate(layers):
        if layer.name in SPATIAL and len(shape) != 3:
            raise InputError(
                f"The layer {layer.name!r} is for images, not for values of shape {show(shape)}."
            )
        if layer.name == "spread":
            inner = spread_shape(layer, layers[i + 1 :], wanted)
            modules.append(
                nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), prod(inner)), nn.Unflatten(1, inner))
            )
            shape = inner
        else:
            after = shape_after(layer, shape)
            modules.append(LAYERS[layer.name](layer, shape))
            shape = after
    return modules, shape


def spread_shape(layer: Layer, after: Sequence[Layer], wanted: Shape) -> Shape:
    """The smallest output of "spread" from which the layers `after` it reach the size of `wanted`."""
    if len(wanted) != 3:
        raise InputError("The layer 'spread' is for decoders of images.")
    return (layer.width or 0, *(side_before(after, side) for side in wanted[1:]))


def side_before(layers: Sequence[Layer], wanted: int) -> int:
    """The smallest side of an input for which the output of `layers` has at least the side `wanted`.

    >>> side_before(parse("transposed 16 k3 s2, transposed 8 k3 s2 p1 o1, transposed * k3 s2 p1 o1"), 28)
    3
    """
    for side in range(1, wanted + 1):
        out = side
        for layer in layers:
            out = layer.output_side(out)
        if out >= wanted:
            return side
    return wanted


def shape_after(layer: Layer, shape: Shape) -> Shape:
    """The shape of the output of `layer`, which is not "spread"."""
    if layer.name == "linear":
        return (layer.width or 0,)
    if layer.name == "flatten":
        return (prod(shape),)
    if layer.name not in SPATIAL:
        return shape
    out = (layer.width or shape[0], *(layer.output_side(side) for side in shape[1:]))
    if min(out) < 1:
        raise InputError(f"The layer {layer.name!r} leaves nothing of an input of shape {show(shape)}.")
    return out
