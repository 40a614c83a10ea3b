"""Networks that come from outside: any module that takes what an encoder or a decoder is given."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from narrows.core.errors import InputError, show
from narrows.core.records import Context, Features
from narrows.model.networks.base import Decoder, Encoder

OWN = "own"
"""What a spec calls such a network; the module itself is given beside the spec."""

Own = Mapping[str, nn.Module]
"""Networks from outside by what they are for: "encoder", "decoder" or both."""


class OwnEncoder(Encoder):
    """A copy of `module`, which maps `(batch, *shape)` to features `(batch, …)` of any shape."""

    def __init__(self, module: nn.Module, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.module = copy.deepcopy(module).to("cpu", torch.float32)
        self.out_shape = tried(self.module, shape, "encoder")

    def forward(self, x: Tensor, context: Context) -> Features:
        return Features(self.module(x))


class OwnDecoder(Decoder):
    """A copy of `module`, which maps codes `(batch, *code)` to `(batch, *outputs)`."""

    def __init__(self, module: nn.Module, shape: tuple[int, ...], outputs: tuple[int, ...]) -> None:
        super().__init__()
        self.module = copy.deepcopy(module).to("cpu", torch.float32)
        found = tried(self.module, shape, "decoder")
        if found != outputs:
            raise InputError(
                f"The decoder of your own makes examples of shape {show(found)} of codes of shape "
                f"{show(shape)}, but the loss wants {show(outputs)}."
            )

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        return self.module(z)


def tried(module: nn.Module, shape: tuple[int, ...], half: str) -> tuple[int, ...]:
    """The shape of what `module` makes of one example of `shape`.

    Raises:
        InputError: when it makes nothing of it, or not one row for each example.
    """
    training = module.training
    try:
        with torch.no_grad(), torch.device("cpu"):  # also while a model is measured that is never made
            found = module.eval()(torch.zeros(2, *shape))
    except Exception as error:  # whatever a stranger's module raises
        first = str(error).strip().splitlines()[:1] or [type(error).__name__]
        raise InputError(
            f"The {half} of your own cannot take a batch of shape {show((2, *shape))}: {first[0]}."
        ) from error
    finally:
        module.train(training)
    if not isinstance(found, Tensor) or found.dim() < 2 or len(found) != 2:
        what = f"a tensor of shape {show(tuple(found.shape))}" if isinstance(found, Tensor) else type(found)
        raise InputError(
            f"The {half} of your own made {what} of a batch of 2 examples; wanted is a tensor with one row "
            f"for each."
        )
    return tuple(found.shape[1:])
