"""Dilated convolutions for sequences of any length.

Each block convolves at a distance twice that of the block before it, so that a few reach over the whole.
Between blocks and code is the cosine transform along time: the lowest frequencies of each channel.
"""

from __future__ import annotations

from math import prod

from torch import Tensor, nn
from torch.nn import functional

from narrows.core.records import Context, Features
from narrows.core.registry import within
from narrows.model.networks.base import Decoder, Encoder
from narrows.model.networks.time_axis import check_time, cosines, inside


class TcnEncoder(Encoder):
    """Blocks of dilated convolutions, then the lowest frequencies of their channels.

    Args:
        width: channels of each block.
        blocks: their number; None takes as many as it needs to reach over the whole sequence.
        waves: frequencies that are kept of each channel, at most as many as there are time steps.
    """

    reference = (
        "Bai, Kolter & Koltun 2018. An empirical evaluation of generic convolutional and recurrent networks "
        "for sequence modeling. arXiv:1803.01271."
    )
    basis: Tensor

    def __init__(
        self, shape: tuple[int, ...], *, width: int = 32, blocks: int | None = None, waves: int = 16
    ) -> None:
        super().__init__()
        count = check(shape, width, blocks, waves)
        self.head = nn.Conv1d(shape[0], width, 1)
        self.blocks = nn.ModuleList(Block(width, 2**i) for i in range(count))
        self.register_buffer("basis", cosines(min(waves, shape[1]), shape[1]), persistent=False)
        self.out_shape = (width * len(self.basis),)

    def forward(self, x: Tensor, context: Context) -> Features:
        there = inside(x, context)
        h = self.head(x)
        hidden = []
        for block in self.blocks:
            h = block(h, there)
            hidden.append(h)
        h = h if there is None else h * there
        basis = self.basis.to(h.dtype)
        pooled = (h @ basis.T).flatten(1) * (2 / basis.shape[1])
        return Features(pooled, tuple(hidden))


class TcnDecoder(Decoder):
    """A dense layer from the code to a few frequencies of each channel, then blocks of dilated convolutions.

    Args:
        width: as for the encoder.
        blocks: as for the encoder.
        waves: as for the encoder.
    """

    basis: Tensor

    def __init__(
        self,
        code_shape: tuple[int, ...],
        shape: tuple[int, ...],
        *,
        width: int = 32,
        blocks: int | None = None,
        waves: int = 16,
    ) -> None:
        super().__init__()
        count = check(shape, width, blocks, waves)
        self.register_buffer("basis", cosines(min(waves, shape[1]), shape[1]), persistent=False)
        self.inner = (width, len(self.basis))
        self.spread = nn.Linear(prod(code_shape), prod(self.inner))
        self.blocks = nn.ModuleList(Block(width, 2**i) for i in reversed(range(count)))
        self.out = nn.Conv1d(width, shape[0], 1)

    def forward(self, z: Tensor, skips: tuple[Tensor, ...], context: Context) -> Tensor:
        h = self.spread(z.flatten(1)).unflatten(1, self.inner) @ self.basis.to(z.dtype)
        for block in self.blocks:
            h = block(h)
        return self.out(h)


class Block(nn.Module):
    """h + W₂ silu(W₁ silu(h)), W₁ a convolution k3 with a dilation and W₂ one k1; 0 beyond both ends."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.near = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.mix = nn.Conv1d(width, width, 1)

    def forward(self, h: Tensor, there: Tensor | None = None) -> Tensor:
        seen = functional.silu(h) if there is None else functional.silu(h) * there
        return h + self.mix(functional.silu(self.near(seen)))


def check(shape: tuple[int, ...], width: int, blocks: int | None, waves: int) -> int:
    """The number of blocks; data without an axis of time and impossible sizes are refused."""
    check_time("tcn", shape)
    within("width", width, 1, 4096)
    within("waves", waves, 1)
    return blocks_for(shape[1]) if blocks is None else int(within("blocks", blocks, 1, 24))


def blocks_for(steps: int) -> int:
    """How many blocks reach from one end of a sequence to the other.

    >>> [blocks_for(steps) for steps in (1, 2, 3, 8, 140)]
    [1, 1, 2, 3, 8]
    """
    return max(1, (steps - 1).bit_length())


def reach(blocks: int) -> int:
    """The furthest time step that a step depends on after so many blocks: 1 + 2 + 4 + … steps away.

    >>> reach(1), reach(3)
    (1, 7)
    """
    return int(2**blocks - 1)
