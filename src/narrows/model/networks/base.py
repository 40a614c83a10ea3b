"""The interface of a network: an encoder from values to features, a decoder from codes to values."""

from __future__ import annotations

from typing import Literal, NamedTuple

from torch import Tensor, nn

from narrows.core.records import Batch, Context, Features

Activation = Literal["relu", "silu", "gelu", "elu", "tanh", "sigmoid"]

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


class Field(NamedTuple):
    """The receptive field of an encoder with its decoder, for images of any size.

    Attributes:
        stride: the network is equivariant to shifts of the input by multiples of this number of pixels.
        radius: an output pixel depends on no pixel more than this number of rows or columns away.
    """

    stride: int
    radius: int


class Encoder(nn.Module):
    """Built from the shape of one example.

    Attributes:
        out_shape: of the features of one example.
        unit_interval: whether the activations of hidden layers lie between 0 and 1.
        skips: whether it has skip connections to the decoder.
        field: the receptive field, of an encoder of images of any size; else None.
        grows: the receptive field, where an image of more pixels has features at more places; else None.
        linear: whether its first features are linear in the values: a linear path to the code.
        mixes: whether the features of an example depend on other examples.
    """

    reference = ""
    out_shape: tuple[int, ...]
    unit_interval = False
    skips = False
    field: Field | None = None
    grows: Field | None = None
    linear = False
    mixes = False

    def forward(self, x: Tensor, context: Context) -> Features:
        """Features `h (batch, *out_shape)` of `x (batch, *shape)`."""
        raise NotImplementedError

    def begin(self, batch: Batch) -> Tensor:
        """Centre the linear path on training examples, if it can; their features on it, `(batch, values)`."""
        raise NotImplementedError


class Decoder(nn.Module):
    """Built from the shape of a code and the shape of its output.

    Options that the constructors of encoder and decoder share, and a spec gives to the encoder only,
    are the same for both.

    Attributes:
        tied: whether its weights are the encoder's, transposed.
        field: as the encoder's, for spatial codes.
        grows: the receptive field, where a code at more places gives an image of more pixels; else None.
    """

    reference = ""
    tied = False
    field: Field | None = None
    grows: Field | None = None

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        """Outputs `y (batch, *outputs)` of codes `z (batch, *code)`."""
        raise NotImplementedError

    def grown(self, z: Tensor) -> Tensor:
        """Images of a code `z (batch, channels, down, across)` at any number of places, of one that grows.

        They have all pixels of each place.
        """
        raise NotImplementedError

    def begin(self, weight: Tensor, bias: Tensor) -> None:
        """Begin with the outputs `weight @ z + bias`, `(values,)`, of a decoder that has a linear path."""


class Network(NamedTuple):
    """An encoder and the decoder that mirrors it.

    `linked` says whether they are for the nodes of a graph; the encoder is then built from a `Domain`.
    `slotted` says whether they are for examples that are graphs; both are then built from a `Domain`.
    """

    encoder: type[Encoder]
    decoder: type[Decoder]
    linked: bool = False
    slotted: bool = False
