"""Networks of the user: any module with the input and output of an encoder or a decoder."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError, show
from narrows.core.records import Context, Features
from narrows.model.networks.base import Decoder, Encoder

OWN = "own"
"""The name of such a network in a spec; the module is passed separately."""

Own = Mapping[str, nn.Module]
"""The user's modules by their role: "encoder", "decoder" or both."""


class OwnEncoder(Encoder):
    """A copy of `module`, which maps `(batch, *shape)` to features `(batch, …)` of any shape."""

    def __init__(self, module: nn.Module, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.module = copy.deepcopy(module).to("cpu", torch.float32)
        self.out_shape = output_shape(self.module, shape, "encoder")

    def forward(self, x: Tensor, context: Context) -> Features:
        return Features(self.module(x))


class OwnDecoder(Decoder):
    """A copy of `module`, which maps codes `(batch, *code)` to `(batch, *outputs)`."""

    def __init__(self, module: nn.Module, shape: tuple[int, ...], outputs: tuple[int, ...]) -> None:
        super().__init__()
        self.module = copy.deepcopy(module).to("cpu", torch.float32)
        out = output_shape(self.module, shape, "decoder")
        if out != outputs:
            raise InputError(
                f"The decoder of your own makes examples of shape {show(out)} of codes of shape "
                f"{show(shape)}, but the loss wants {show(outputs)}."
            )

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        return self.module(z)


def output_shape(module: nn.Module, shape: tuple[int, ...], half: str) -> tuple[int, ...]:
    """The shape of the output of `module` for one example of `shape`, by a trial with zeros.

    Raises:
        InputError: when it fails, or its output is no tensor with one row per example.
    """
    training = module.training
    try:
        with torch.no_grad(), torch.device("cpu"):  # also within `count_weights`, on the meta device
            out = module.eval()(torch.zeros(2, *shape))
    except Exception as error:  # the user's module may raise anything
        first = str(error).strip().splitlines()[:1] or [type(error).__name__]
        raise InputError(
            f"The {half} of your own cannot take a batch of shape {show((2, *shape))}: {first[0]}."
        ) from error
    finally:
        module.train(training)
    if not isinstance(out, Tensor) or out.dim() < 2 or len(out) != 2:
        what = f"a tensor of shape {show(tuple(out.shape))}" if isinstance(out, Tensor) else type(out)
        raise InputError(
            f"The {half} of your own made {what} of a batch of 2 examples; wanted is a tensor with one row "
            f"for each."
        )
    return tuple(out.shape[1:])
