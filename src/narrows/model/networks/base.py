"""What every network is: an encoder that makes features, a decoder that makes values again."""

from __future__ import annotations

from typing import Literal, NamedTuple

from torch import Tensor, nn

from narrows.core.records import Context, Features

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
    """How an encoder with its decoder sees images of any size.

    An input moved by a multiple of `stride` pixels moves the output and changes nothing else in it; no
    value of the output depends on a pixel more than `reach` rows or columns away.
    """

    stride: int
    reach: int


class Encoder(nn.Module):
    """Built from the shape of one example; `out_shape` is that of the features it finds.

    `unit_interval` says that what its hidden layers give lies between 0 and 1, `skips` that the decoder
    is given more than the code. `field` is that of an encoder which takes images of any size.
    """

    reference = ""
    out_shape: tuple[int, ...]
    unit_interval = False
    skips = False
    field: Field | None = None

    def forward(self, x: Tensor, context: Context) -> Features:
        """`x (batch, *shape)` to `h (batch, *out_shape)`."""
        raise NotImplementedError


class Decoder(nn.Module):
    """Built from the shape of a code and the shape of its output.

    Its options mirror the encoder's: what both constructors take and a spec does not give to the
    decoder is copied from the encoder. `tied` says that its weights are to be the encoder's. `field` is
    as the encoder's, for codes that kept their place in the image.
    """

    tied = False
    field: Field | None = None

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        """`z (batch, *code)` to `y (batch, *outputs)`."""
        raise NotImplementedError


class Network(NamedTuple):
    """An encoder and the decoder that mirrors it."""

    encoder: type[Encoder]
    decoder: type[Decoder]
