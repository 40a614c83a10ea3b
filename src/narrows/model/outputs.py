"""What a model makes of its decoder's output, before the loss reads it."""

from __future__ import annotations

from torch import Tensor, nn


class Output(nn.Module):
    """Maps the decoder's `y (samples, batch, …)` and what was `seen (batch, …)` to the model's output.

    `residual` says that what was seen goes into it.
    """

    residual = False

    def forward(self, y: Tensor, seen: Tensor) -> Tensor:
        raise NotImplementedError


class Direct(Output):
    """The decoder's output as it is."""

    def forward(self, y: Tensor, seen: Tensor) -> Tensor:
        return y


class Residual(Output):
    """What was seen, and the decoder's correction of it: of noisy data, minus the noise.

    It is how denoisers are trained since Zhang et al. 2017, "Beyond a Gaussian denoiser", IEEE Trans. Image
    Process. 26: noise is easier to find than an image is to make.
    """

    residual = True

    def forward(self, y: Tensor, seen: Tensor) -> Tensor:
        return y + seen


OUTPUTS: dict[str, type[Output]] = {"direct": Direct, "residual": Residual}
