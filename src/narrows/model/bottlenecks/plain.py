"""A code without a prior: only its number of dimensions is limited."""

from __future__ import annotations

from math import prod
from typing import Literal

from torch import nn

from narrows.core.errors import InputError, show
from narrows.core.records import Code, Context, Features
from narrows.core.registry import within
from narrows.model.bottlenecks.base import Bottleneck


class Plain(Bottleneck):
    """z = W h + b: an affine map from the features to the code, without costs.

    Args:
        project: "linear", a dense layer; "conv", a convolution to a spatial code of latent_dim channels;
            "none", the features are the code.
        kernel: side of the convolution's kernel, at most the features' height and width.
        activation: "sigmoid", for values of the code between 0 and 1.
    """

    reference = (
        "Hinton & Salakhutdinov 2006. Reducing the dimensionality of data with neural networks. Science 313."
    )

    def __init__(
        self,
        in_shape: tuple[int, ...],
        latent_dim: int,
        *,
        project: Literal["linear", "conv", "none"] = "linear",
        kernel: int = 7,
        activation: Literal["identity", "sigmoid"] = "identity",
    ) -> None:
        super().__init__(in_shape, latent_dim)
        self.unit_interval = activation == "sigmoid"
        self.activation = nn.Sigmoid() if self.unit_interval else nn.Identity()
        if project == "linear":
            self.code_shape: tuple[int, ...] = (latent_dim,)
            self.project: nn.Module = nn.Linear(prod(in_shape), latent_dim)
        elif project == "none":
            self.code_shape, self.project = in_shape, nn.Identity()
            if latent_dim != prod(in_shape):
                raise InputError(
                    f"The code is the encoder's {prod(in_shape)} features, so latent_dim cannot be "
                    f"{latent_dim}; leave it out, or set bottleneck.project=linear."
                )
        else:
            within("kernel", kernel, 1)
            self.code_shape, self.project = convolution(in_shape, latent_dim, kernel)

    def forward(self, features: Features, context: Context, *, sample: bool) -> Code:
        h = features.h.flatten(1) if len(self.code_shape) == 1 else features.h
        return Code(self.activation(self.project(h))[None])


def convolution(in_shape: tuple[int, ...], channels: int, kernel: int) -> tuple[tuple[int, ...], nn.Module]:
    """The shape of its output, and a convolution without padding for features of `in_shape`."""
    if len(in_shape) != 3:
        raise InputError(
            f"A convolution takes features (channels, height, width), not of shape {show(in_shape)}; set "
            f"bottleneck.project=linear."
        )
    height, width = (min(kernel, side) for side in in_shape[1:])
    out = (in_shape[1] - height + 1, in_shape[2] - width + 1)
    return (channels, *out), nn.Conv2d(in_shape[0], channels, (height, width))
