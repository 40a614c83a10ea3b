"""A network written down layer by layer, as papers and lectures do.

    conv 16 k3 s2 p1, relu, conv 32 k3 s2 p1, relu, flatten, linear 128, relu

Each layer is a word, the number of its channels or units, and its settings: `k` the kernel's side, `s`
the stride, `p` the padding, `o` the output padding. `*` stands for as many channels or units as the
data have, and ends a decoder. A kernel larger than what it slides over is cut to that, so that what
is written for large images takes small ones too.
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
    """One layer as it was written; `width` is None where the word takes none."""

    word: str
    width: int | None = None
    k: int = 1
    s: int = 1
    p: int = 0
    o: int = 0

    def grown(self, side: int) -> int:
        """The side of its output where that of its input is `side`."""
        if self.word == "transposed":
            return (side - 1) * self.s - 2 * self.p + self.k + self.o
        if self.word == "upsample":
            return side * self.s
        k = min(self.k, side + 2 * self.p)
        return (side + 2 * self.p - k) // self.s + 1

    def kernel(self, shape: Shape) -> tuple[int, int]:
        """Its kernel, cut to an input of `shape`."""
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
    return nn.BatchNorm1d(shape[0]) if len(shape) == 1 else nn.BatchNorm2d(shape[0])


def maxpool(layer: Layer, shape: Shape) -> nn.Module:
    return nn.MaxPool2d(layer.kernel(shape), layer.s, layer.p)


def upsample(layer: Layer, shape: Shape) -> nn.Module:
    return nn.Upsample(scale_factor=layer.s)


WORDS: dict[str, Callable[[Layer, Shape], nn.Module]] = {
    "conv": conv,
    "transposed": transposed,
    "linear": linear,
    "batchnorm": batchnorm,
    "maxpool": maxpool,
    "upsample": upsample,
    "flatten": lambda layer, shape: nn.Flatten(),
    **{name: lambda layer, shape, act=act: act() for name, act in ACTIVATIONS.items()},  # type: ignore[misc]
}
"""What can be written: from a layer and the shape of its input to the module."""

WIDE = ("conv", "transposed", "linear", "spread")
"""Words that take a number of channels or units."""

SPATIAL = ("conv", "transposed", "maxpool", "upsample")
"""Words that are for images."""


class LayersEncoder(Encoder):
    """The layers of `down`, one after the other.

    Args:
        down: the layers as text; "spread" and "transposed" belong into a decoder.
    """

    def __init__(self, shape: Shape, *, down: str = "linear 64, relu") -> None:
        super().__init__()
        layers = parse(down)
        self.layers, self.out_shape = assemble(layers, shape)
        acts = [layer.word for layer in layers if layer.word in ACTIVATIONS]
        self.unit_interval = bool(acts) and set(acts) == {"sigmoid"}
        self.acts = [layer.word in ACTIVATIONS for layer in layers]

    def forward(self, x: Tensor, context: Context) -> Features:
        hidden = []
        for layer, act in zip(self.layers, self.acts, strict=True):
            x = layer(x)
            if act:
                hidden.append(x)
        return Features(x, tuple(hidden))


class LayersDecoder(Decoder):
    """The layers of `up`, one after the other; the output is cut, or enlarged, to the data's size.

    Args:
        up: the layers as text. "spread 64" is a dense layer onto 64 channels of just that height and
            width from which the layers after it grow to the data's.
    """

    def __init__(self, code_shape: Shape, shape: Shape, *, up: str = "linear 64, relu, linear *") -> None:
        super().__init__()
        self.shape = shape
        layers = [settled(layer, shape) for layer in parse(up)]
        self.layers, found = assemble(layers, code_shape, shape)
        fits = prod(found) == prod(shape) if len(found) == 1 else found[0] == shape[0]
        if not fits:
            raise InputError(f"The layers {up!r} give {show(found)}, not {show(shape)}; end them with '*'.")

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
    """The layers that `text` writes down; a width of `*` is 0.

    >>> parse("conv 16 k3 s2 p1, relu")
    [Layer(word='conv', width=16, k=3, s=2, p=1, o=0), Layer(word='relu', width=None, k=1, s=1, p=0, o=0)]
    """
    return [one_layer(part.split()) for part in text.split(",") if part.strip()]


def one_layer(words: Sequence[str]) -> Layer:
    word, *rest = words
    lookup("layer", {**WORDS, "spread": None}, word)
    wide = word in WIDE
    if wide and not (rest and re.fullmatch(r"[1-9]\d{0,6}|\*", rest[0])):
        raise InputError(f"The layer {' '.join(words)!r} has no number of channels, as in '{word} 16'.")
    width = int(rest[0].replace("*", "0")) if wide else None
    settings = {}
    for setting in rest[wide:]:
        if not re.fullmatch(r"[ks][1-9]\d{0,3}|[po]\d{1,4}", setting):
            raise InputError(
                f"The layer {' '.join(words)!r} has a setting {setting!r}; known: k3, s2, p1, o1."
            )
        settings[setting[0]] = int(setting[1:])
    return Layer(word, width, **settings)


def settled(layer: Layer, shape: Shape) -> Layer:
    """`layer` with the data's number of channels or values in the place of `*`."""
    if layer.width != 0:
        return layer
    width = prod(shape) if layer.word == "linear" else shape[0]
    return Layer(layer.word, width, layer.k, layer.s, layer.p, layer.o)


def assemble(layers: Sequence[Layer], shape: Shape, wanted: Shape = ()) -> tuple[nn.ModuleList, Shape]:
    """The modules of `layers` for an input of `shape`, and the shape of their output.

    `wanted` is the output that a decoder's "spread" prepares for.
    """
    modules = nn.ModuleList()
    for i, layer in enumerate(layers):
        if layer.word in SPATIAL and len(shape) != 3:
            raise InputError(
                f"The layer {layer.word!r} is for images, not for values of shape {show(shape)}."
            )
        if layer.word == "spread":
            inner = spread(layer, layers[i + 1 :], wanted)
            modules.append(
                nn.Sequential(nn.Flatten(), nn.Linear(prod(shape), prod(inner)), nn.Unflatten(1, inner))
            )
            shape = inner
        else:
            after = shape_after(layer, shape)
            modules.append(WORDS[layer.word](layer, shape))
            shape = after
    return modules, shape


def spread(layer: Layer, after: Sequence[Layer], wanted: Shape) -> Shape:
    """The smallest map from which the layers `after` it grow to `wanted`."""
    if len(wanted) != 3:
        raise InputError("The layer 'spread' is for decoders of images.")
    return (layer.width or 0, *(side_before(after, side) for side in wanted[1:]))


def side_before(layers: Sequence[Layer], wanted: int) -> int:
    """The smallest side that the layers let grow to at least `wanted`.

    >>> side_before(parse("transposed 16 k3 s2, transposed 8 k3 s2 p1 o1, transposed * k3 s2 p1 o1"), 28)
    3
    """
    for side in range(1, wanted + 1):
        grown = side
        for layer in layers:
            grown = layer.grown(grown)
        if grown >= wanted:
            return side
    return wanted


def shape_after(layer: Layer, shape: Shape) -> Shape:
    """The shape of the output of `layer`, "spread" excepted."""
    if layer.word == "linear":
        return (layer.width or 0,)
    if layer.word == "flatten":
        return (prod(shape),)
    if layer.word not in SPATIAL:
        return shape
    found = (layer.width or shape[0], *(layer.grown(side) for side in shape[1:]))
    if min(found) < 1:
        raise InputError(f"The layer {layer.word!r} leaves nothing of an input of shape {show(shape)}.")
    return found
