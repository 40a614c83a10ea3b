"""What every network is: an encoder that makes features, a decoder that makes values again."""

from __future__ import annotations

from typing import Literal, NamedTuple

from torch import Tensor, nn

from narrows.records import Context, Features

Activation = Literal["relu", "silu", "gelu", "elu", "tanh", "sigmoid"]

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "elu": nn.ELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


class Encoder(nn.Module):
    """Built from the shape of one example; `out_shape` is that of the features it finds.

    `unit_interval` says that what its hidden layers give lies between 0 and 1.
    """

    reference = ""
    out_shape: tuple[int, ...]
    unit_interval = False

    def forward(self, x: Tensor, context: Context) -> Features:
        """`x (batch, *shape)` to `h (batch, *out_shape)`."""
        raise NotImplementedError


class Decoder(nn.Module):
    """Built from the shape of a code and the shape of its output.

    Its options mirror the encoder's: what both constructors take and a spec does not give to the
    decoder is copied from the encoder. `tied` says that its weights are to be the encoder's.
    """

    tied = False

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        """`z (batch, *code)` to `y (batch, *outputs)`."""
        raise NotImplementedError


class Network(NamedTuple):
    """An encoder and the decoder that mirrors it."""

    encoder: type[Encoder]
    decoder: type[Decoder]
