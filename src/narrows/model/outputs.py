"""The output of a model, from that of its decoder."""

from __future__ import annotations

from torch import Tensor, nn


class Output(nn.Module):
    """Maps the decoder's `y (samples, batch, …)` and the input `seen (batch, …)` to the model's output.

    `residual` says that the input is added.
    """

    residual = False

    def forward(self, y: Tensor, seen: Tensor) -> Tensor:
        raise NotImplementedError


class Direct(Output):
    """The decoder's output, unchanged."""

    def forward(self, y: Tensor, seen: Tensor) -> Tensor:
        return y


class Residual(Output):
    """The input plus the decoder's output, which is a correction: of noisy data the negative noise.

    Denoisers learn the noise more easily than the image: Zhang et al. 2017, "Beyond a Gaussian denoiser",
    IEEE Trans. Image Process. 26.
    """

    residual = True

    def forward(self, y: Tensor, seen: Tensor) -> Tensor:
        return y + seen


OUTPUTS: dict[str, type[Output]] = {"direct": Direct, "residual": Residual}
