"""Blocks of pixels become coefficients: a transform that begins as that of cosines, and convolutions.

An image of 28×28 in blocks of 4×4 becomes 16 coefficients at 7×7 places. Before training this is the
transform of JPEG, so that a code begins with few large coefficients, and the error of a rounded code is that
of its coefficients.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
import torch
from scipy.fft import dct
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Context, Features
from narrows.core.registry import within
from narrows.model.networks.base import ACTIVATIONS, Activation, Decoder, Encoder, Field
from narrows.model.networks.unet import padded

Array = np.ndarray[Any, np.dtype[np.float64]]

FAINT = 0.1
"""The convolutions begin with outputs of this size, relative to those of usual weights."""


class BlockEncoder(Encoder):
    """The coefficients `(channels · side², blocks down, blocks across)` of an image, low frequencies first.

    Args:
        side: of a block in pixels.
        hidden: channels of the convolutions between blocks.
        blocks: residual layers among them.
        activation: after each convolution but the last.
    """

    reference = "Ahmed, Natarajan & Rao 1974. Discrete cosine transform. IEEE Trans. Computers 23."

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        side: int = 4,
        hidden: int = 64,
        blocks: int = 2,
        activation: Activation = "silu",
    ) -> None:
        super().__init__()
        self.side = checked_side(shape, side)
        count = shape[0] * self.side**2
        self.out_shape = (count, *places(shape, self.side))
        self.grows = field(self.side, blocks)
        self.transform = nn.Conv2d(count, count, 1)
        set_weights(self.transform, cosines(shape[0], self.side))
        self.between = between(count, hidden, blocks, activation)

    def forward(self, x: Tensor, context: Context) -> Features:
        values = functional.pixel_unshuffle(padded(x, self.side), self.side)
        return Features(self.transform(values) + self.between(values))


class BlockDecoder(Decoder):
    """The inverse: an image from its coefficients.

    Args:
        side: as for the encoder.
        hidden: as for the encoder.
        blocks: as for the encoder.
        activation: as for the encoder.
    """

    def __init__(
        self,
        code_shape: tuple[int, ...],
        shape: tuple[int, ...],
        *,
        side: int = 4,
        hidden: int = 64,
        blocks: int = 2,
        activation: Activation = "silu",
    ) -> None:
        super().__init__()
        self.shape, self.side = shape, checked_side(shape, side)
        count = shape[0] * self.side**2
        inner = (count, *places(shape, self.side))
        self.spread: nn.Module = nn.Identity()
        self.grows = field(self.side, blocks) if code_shape == inner else None
        if code_shape != inner:
            dense = nn.Linear(prod(code_shape), prod(inner))
            self.spread = nn.Sequential(nn.Flatten(), dense, nn.Unflatten(1, inner))
        self.transform = nn.Conv2d(count, count, 1)
        set_weights(self.transform, cosines(shape[0], self.side).T)
        self.between = between(count, hidden, blocks, activation)

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        return self.grown(self.spread(z))[:, :, : self.shape[1], : self.shape[2]]

    def grown(self, z: Tensor) -> Tensor:
        return functional.pixel_shuffle(self.transform(z) + self.between(z), self.side)


class Residual(nn.Module):
    """h + a(W h), a convolution k3."""

    def __init__(self, width: int, activation: Activation) -> None:
        super().__init__()
        self.inner = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), ACTIVATIONS[activation]())

    def forward(self, h: Tensor) -> Tensor:
        return h + self.inner(h)


def between(count: int, hidden: int, blocks: int, activation: Activation) -> nn.Sequential:
    """Convolutions k3 from `count` to `count` channels, whose output begins near 0."""
    within("hidden", hidden, 1)
    within("blocks", blocks, 0, 100)
    first, last = (nn.Conv2d(a, b, 3, padding=1) for a, b in ((count, hidden), (hidden, count)))
    for parameter in last.parameters():
        parameter.data.mul_(FAINT)
    inner = (Residual(hidden, activation) for _ in range(blocks))
    return nn.Sequential(first, ACTIVATIONS[activation](), *inner, last)


def field(side: int, blocks: int) -> Field:
    """How far `between` makes a block depend on others, in pixels."""
    return Field(side, (blocks + 2) * side)


def checked_side(shape: tuple[int, ...], side: int) -> int:
    """The side of a block, for images of `shape`."""
    if len(shape) != 3:
        raise InputError(f"The network 'block' is for images, not for data of shape {shape}; use 'mlp'.")
    return int(within("side", side, 1, 64))


def places(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    """How many blocks an image has, down and across.

    >>> places((1, 28, 30), 8)
    (4, 4)
    """
    return -(-shape[1] // side), -(-shape[2] // side)


@torch.no_grad()
def set_weights(transform: nn.Conv2d, rows: Array) -> None:
    """Let a convolution k1 be the product with `rows (a, b)`."""
    transform.weight.copy_(torch.as_tensor(rows)[:, :, None, None])
    if transform.bias is not None:
        transform.bias.zero_()


def cosines(channels: int, side: int) -> Array:
    """The cosine transform of a block, `(coefficients, values)`, orthonormal, low frequencies first.

    The values are in the order of `pixel_unshuffle`: channel by channel, row by row.
    """
    line = dct(np.eye(side), norm="ortho", axis=0)
    frequency = np.arange(side)
    order = np.argsort((frequency[:, None] + frequency).ravel(), kind="stable")
    plane = np.kron(line, line)[order]
    return np.einsum("ki,cd->kcdi", plane, np.eye(channels)).reshape(channels * side**2, -1)
