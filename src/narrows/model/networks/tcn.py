"""Dilated convolutions for sequences of any length.

They work on pieces of a few time steps; each block convolves at a distance twice that of the block before it.
Then the cosine transform takes the lowest frequencies of each channel, and a dense layer mixes them. Beside
them is a linear path from the values to the code, and another one back, which begin at the principal
components.
"""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.records import Batch, Context, Features
from narrows.core.registry import within
from narrows.model.networks.base import Decoder, Encoder
from narrows.model.networks.time_axis import Centre, check_time, cosines, inside

PIECES = 16
"""Pieces of a sequence, at least, where it has so many time steps."""


class TcnEncoder(Encoder):
    """Dilated convolutions, the lowest frequencies of their channels, a dense layer; beside them the values.

    Args:
        width: channels of each block.
        blocks: their number.
        waves: frequencies that are kept of each channel, at most as many as there are pieces.
        hidden: units of the dense layer after them.
        stride: time steps of a piece; None takes as many as leave 16 to 31 pieces.
    """

    reference = (
        "Bai, Kolter & Koltun 2018. An empirical evaluation of generic convolutional and recurrent networks "
        "for sequence modeling. arXiv:1803.01271."
    )
    linear = True
    basis: Tensor

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        width: int = 32,
        blocks: int = 2,
        waves: int = 16,
        hidden: int = 128,
        stride: int | None = None,
    ) -> None:
        super().__init__()
        self.stride, pieces = check(shape, width, blocks, waves, hidden, stride)
        self.centre = Centre(shape)
        self.head = nn.Linear(shape[0] * self.stride, width)
        self.blocks = nn.ModuleList(Block(width, 2**i) for i in range(blocks))
        self.register_buffer("basis", cosines(min(waves, pieces), pieces), persistent=False)
        self.dense = nn.Sequential(nn.Linear(width * len(self.basis), hidden), nn.SiLU())
        self.out_shape = (prod(shape) + hidden,)

    def forward(self, x: Tensor, context: Context) -> Features:
        there = inside(x, context)
        values = self.centre(x, there)
        fill = -x.shape[-1] % self.stride
        x = functional.pad(x if there is None else x * there, (0, fill))
        if there is not None:
            there = functional.pad(there, (0, fill))[:, 0, :: self.stride, None]
        h = self.head(torch.unflatten(x, 2, (-1, self.stride)).movedim(1, 2).flatten(2))
        hidden = []
        for block in self.blocks:
            h = block(h, there)
            hidden.append(h)
        h = h if there is None else h * there
        basis = self.basis[:, : h.shape[1]].to(h.dtype)
        pooled = (basis @ h).flatten(1) * (2 / self.basis.shape[1])
        return Features(torch.cat([values, self.dense(pooled)], dim=1), tuple(hidden))

    def begin(self, batch: Batch) -> Tensor:
        return self.centre.begin(batch)


class TcnDecoder(Decoder):
    """A dense layer, a few frequencies of each channel, dilated convolutions; plus a linear map.

    Args:
        width: as for the encoder.
        blocks: as for the encoder.
        waves: as for the encoder.
        hidden: as for the encoder, before the frequencies.
        stride: as for the encoder.
    """

    basis: Tensor

    def __init__(
        self,
        code_shape: tuple[int, ...],
        shape: tuple[int, ...],
        *,
        width: int = 32,
        blocks: int = 2,
        waves: int = 16,
        hidden: int = 128,
        stride: int | None = None,
    ) -> None:
        super().__init__()
        stride, pieces = check(shape, width, blocks, waves, hidden, stride)
        self.register_buffer("basis", cosines(min(waves, pieces), pieces), persistent=False)
        self.inner, self.shape = (len(self.basis), width), shape
        self.linear = nn.Linear(prod(code_shape), prod(shape))
        self.spread = nn.Sequential(
            nn.Linear(prod(code_shape), hidden), nn.SiLU(), nn.Linear(hidden, prod(self.inner))
        )
        self.blocks = nn.ModuleList(Block(width, 2**i) for i in reversed(range(blocks)))
        self.out = nn.Linear(width, shape[0] * stride, bias=False)

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        z = z.flatten(1)
        h = self.basis.T.to(z.dtype) @ self.spread(z).unflatten(1, self.inner)
        for block in self.blocks:
            h = block(h)
        pieces = self.out(h).unflatten(2, (self.shape[0], -1)).movedim(2, 1).flatten(2)
        return self.linear(z).unflatten(1, self.shape) + pieces[:, :, : self.shape[1]]

    def begin(self, weight: Tensor, bias: Tensor) -> None:
        self.linear.weight.copy_(weight)
        self.linear.bias.copy_(bias)
        self.out.weight.zero_()


class Block(nn.Module):
    """h + W₂ silu(W₁ silu(h)), W₁ a convolution k3 with a dilation and W₂ one k1; 0 beyond both ends.

    `h (batch, time, width)`. For so few channels, a product with three shifted copies is faster than torch's
    convolution.
    """

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.near = nn.Linear(3 * width, width)
        self.mix = nn.Linear(width, width)

    def forward(self, h: Tensor, there: Tensor | None = None) -> Tensor:
        seen = functional.silu(h) if there is None else functional.silu(h) * there
        steps, by = h.shape[1], self.dilation
        wide = functional.pad(seen, (0, 0, by, by))
        around = torch.cat([wide[:, :steps], seen, wide[:, 2 * by :]], dim=2)
        return h + self.mix(functional.silu(self.near(around)))


def check(
    shape: tuple[int, ...], width: int, blocks: int, waves: int, hidden: int, stride: int | None
) -> tuple[int, int]:
    """The numbers of time steps of a piece and of pieces; impossible sizes are refused."""
    check_time("tcn", shape)
    for name, value, most in (("width", width, 4096), ("blocks", blocks, 24), ("hidden", hidden, 65536)):
        within(name, value, 1, most)
    within("waves", waves, 1)
    stride = max(1, shape[1] // PIECES) if stride is None else int(within("stride", stride, 1, shape[1]))
    return stride, -(-shape[1] // stride)
