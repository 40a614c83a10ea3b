"""Features of each pixel from the pixels before it, near it, beside what the decoder says of it.

A pixel is predicted from neighbours that were coded before: in the rows above, and to its left; van den Oord,
Kalchbrenner & Kavukcuoglu 2016, "Pixel recurrent neural networks", ICML. A decoder gives the rest, as that of
 Gulrajani et al. 2017, "PixelVAE", ICLR. Here one layer sees the neighbours, and the others see one pixel,
so that pixels on a slanted line do not depend on each other and are decoded together.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

OUTSIDE = -0.5
"""What stands beyond the edges of an image."""


class Causal(nn.Module):
    """From features of each value and the values before it to `outputs` numbers for each value.

    The order is by rows, and in a row from left to right; the channels of a pixel are in their order.

    Args:
        channels: of an image.
        radius: how many rows above and columns to the sides are seen.
        features: numbers that the decoder gives for each value.
        hidden: units of each layer.
        blocks: residual blocks of two layers, each for one pixel.
        outputs: numbers for each value.
    """

    mask: Tensor

    def __init__(
        self, *, channels: int, radius: int, features: int, hidden: int, blocks: int, outputs: int
    ) -> None:
        super().__init__()
        self.channels, self.radius, self.features = channels, radius, features
        size = (channels, channels, radius + 1, 2 * radius + 1)
        self.register_buffer("mask", before(*size), persistent=False)
        seen = channels * (2 * radius + 1) * (radius + 0.5)
        self.neighbours = nn.Parameter(torch.randn(channels, hidden, *size[1:]) * (2 / seen) ** 0.5)
        self.known = nn.Parameter(torch.zeros(channels, hidden))
        self.of_code = nn.Linear(features, hidden)
        self.blocks = nn.ModuleList(Block(hidden) for _ in range(blocks))
        self.head = nn.Linear(hidden, outputs)

    def forward(self, y: Tensor, x: Tensor | None) -> Tensor:
        """Numbers `(samples, batch, channels, height, width, outputs)`.

        Args:
            y: the decoder's output `(samples, batch, features · channels, height, width)`.
            x: the values `(batch, channels, height, width)`, NaN for examples whose values are not seen; None
                when none is.
        """
        h = self.of_code(torch.unflatten(y, 2, (self.features, self.channels)).movedim(2, -1))
        if x is not None:
            seen = ~x.flatten(1).isnan().any(dim=1)
            padded = self.padded(torch.where(seen[:, None, None, None], x, 0.0))
            near = functional.conv2d(padded, self.kernel().flatten(0, 1))
            near = torch.unflatten(near, 1, (self.channels, -1)).movedim(2, -1) + self.known[:, None, None]
            h = h + near * seen[:, None, None, None, None]
        return self.finish(h)

    def kernel(self) -> Tensor:
        """The weights of neighbours, `(channels, hidden, channels, rows, columns)`; 0 for later values."""
        return self.neighbours * self.mask[:, None]

    def padded(self, x: Tensor) -> Tensor:
        """Images with the rows and columns around them that are seen from their edges."""
        r = self.radius
        wide = functional.pad(x, (r, r, r, 0), value=OUTSIDE)
        return wide.contiguous(memory_format=torch.channels_last)

    def finish(self, h: Tensor) -> Tensor:
        for block in self.blocks:
            h = block(h)
        return self.head(torch.relu(h))

    def groups(self, shape: tuple[int, ...]) -> Iterator[Tensor]:
        """Places of values of an image of `shape` that are coded together, in order, flat, `(m,)`.

        Pixel (row, column) belongs to the line column + (radius + 1) · row; all that it sees lies on earlier
        lines.
        """
        channels, height, width = shape
        rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        line = (columns + (self.radius + 1) * rows).flatten()
        by_line = torch.split(line.argsort(stable=True), line.bincount().tolist())
        for pixels in (each for each in by_line if len(each)):
            for channel in range(channels):
                yield channel * height * width + pixels

    def at(self, y: Tensor, x: Tensor, places: Tensor) -> Tensor:
        """`forward` of one sample, at `places (m,)` of a channel only: `(batch, m, outputs)`."""
        height, width = x.shape[2:]
        channel, pixels = int(places[0]) // (height * width), places % (height * width)
        rows, columns = pixels // width, pixels % width
        r, padded = self.radius, self.padded(x)
        down, right = torch.arange(r + 1)[:, None], torch.arange(2 * r + 1)
        patch = padded[:, :, rows[:, None, None] + down, columns[:, None, None] + right]
        flat = patch.movedim(2, 1).flatten(2)
        of_code = torch.unflatten(y, 1, (self.features, self.channels))[:, :, channel].flatten(2)[
            :, :, pixels
        ]
        h = self.of_code(of_code.movedim(1, 2)) + flat @ self.kernel()[channel].flatten(1).T
        return self.finish(h + self.known[channel])


class Block(nn.Module):
    """h + W₂ relu(W₁ relu(h) + b₁) + b₂, of one pixel."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(hidden, hidden), nn.Linear(hidden, hidden)
        nn.init.normal_(self.second.weight, std=1e-2)

    def forward(self, h: Tensor) -> Tensor:
        return h + self.second(torch.relu(self.first(torch.relu(h))))


def before(channels: int, others: int, rows: int, columns: int) -> Tensor:
    """1 for values that are coded before the one in the middle of the last row, `(channels, others, …)`."""
    middle = columns // 2
    mask = torch.ones(channels, others, rows, columns)
    mask[:, :, -1, middle:] = 0
    mask[:, :, -1, middle] = torch.ones(channels, others).tril(-1)
    return mask
