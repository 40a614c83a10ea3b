"""Hidden pixels that a model predicts from the others: denoising is learned without a clean image.

Where the noise of a pixel is independent of that of the others, the best prediction of the noisy pixel from
them is also the best prediction of the clean one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain, Seen
from narrows.core.registry import within
from narrows.model.corruptions.base import Corruption, check_images

MOST_HIDDEN = 0.25
"""The share of the pixels that is hidden at the most, so that the others tell what they are."""


class BlindSpot(Corruption):
    """Replaces random pixels by their neighbours; only these enter the loss, and the target is the example.

    A replaced pixel is hidden in all channels. No value of a hidden pixel stands for another one, so that the
    encoder sees none of them. Structured noise: with `rows` or `columns` the neighbours whose noise is alike
    are hidden, too, and do not count (Broaddus et al. 2020, "Removing structured noise with self-supervised
    blind-spot networks", ISBI).

    Args:
        share: the probability that a pixel counts; pixels that count are evenly spread. With `rows` and
            `columns` it is so small that a quarter of the pixels is hidden at the most.
        replacement: the mean, the median or a random one of the visible pixels in a window around a pixel.
        window: side of the window, an odd number of pixels.
        rows: how many pixels to the left and right of a pixel that counts are hidden, too.
        columns: how many pixels above and below it are hidden, too.
    """

    adjective = "partly hidden"
    damages = True
    blind = True
    reference = (
        "Krull, Buchholz & Jug 2019. Noise2Void: learning denoising from single noisy images. CVPR; with the "
        "sampling of Höck, Buchholz, Brachmann, Jug & Freytag 2022. N2V2: fixing Noise2Void checkerboard "
        "artifacts with modified sampling strategies and a tweaked network architecture. ECCV workshops."
    )

    def __init__(
        self,
        domain: Domain,
        *,
        share: float = 0.1,
        replacement: Literal["mean", "median", "random"] = "mean",
        window: int = 3,
        rows: int = 0,
        columns: int = 0,
    ) -> None:
        super().__init__()
        check_images("blind-spot", domain)
        self.replacement = REPLACEMENTS[replacement]
        self.window = int(within("window", window, 3, 15))
        self.rows, self.columns = int(within("rows", rows, 0, 64)), int(within("columns", columns, 0, 64))
        most = MOST_HIDDEN / (1 + 2 * self.rows + 2 * self.columns)
        self.share = min(within("share", share, 1e-4, MOST_HIDDEN), most)
        if window % 2 == 0:
            raise InputError(f"The option 'window' is {window}, but must be odd, to have a centre.")

    def forward(self, batch: Batch) -> Seen:
        x = batch.x if batch.given is None else batch.given
        counted = spread_spots(x, self.share)
        hidden = lengthened(counted, self.rows, self.columns)
        observed = batch.observed()
        visible = observed & ~hidden
        seen = torch.where(hidden, self.replaced(x, visible), x)
        return Seen(torch.where(observed, seen, 0.0), batch.x, observed & counted)

    def corrupt(self, x: Tensor) -> Tensor:
        return self(Batch(x)).x

    def replaced(self, x: Tensor, visible: Tensor) -> Tensor:
        """What stands for each pixel of `x (batch, channels, height, width)` that is not `visible`.

        Where no pixel of the window is visible, it is the mean of those of the example.
        """
        known = visible.to(x.dtype)
        values, weights = (neighbours(each, self.window) for each in (x * known, known))
        mean = (x * known).sum((2, 3), keepdim=True) / known.sum((2, 3), keepdim=True).clamp(min=1)
        return torch.where(weights.any(dim=2), self.replacement(values, weights), mean)


def spread_spots(x: Tensor, share: float) -> Tensor:
    """True at a random `share` of the pixels of images `x`, `(batch, 1, height, width)`.

    Images are divided into squares, and at most one pixel of each is drawn, every one with the same
    probability.
    """
    height, width = x.shape[2:]
    side = int(share**-0.5)
    squares = len(x), 1, -(-height // side), -(-width // side)
    drawn = (torch.rand(squares, device=x.device) / share).long()
    places = torch.arange(side**2, device=x.device).reshape(side, side).repeat(squares[2:])
    each = drawn.repeat_interleave(side, dim=2).repeat_interleave(side, dim=3)
    return (each == places)[..., :height, :width]


def lengthened(spots: Tensor, rows: int, columns: int) -> Tensor:
    """`spots (batch, 1, height, width)`, `rows` longer to the left and right, `columns` up and down."""
    size = spots.to(torch.float32)
    along_rows = functional.max_pool2d(size, (1, 2 * rows + 1), 1, (0, rows))
    along_columns = functional.max_pool2d(size, (2 * columns + 1, 1), 1, (columns, 0))
    return (along_rows + along_columns) > 0


def neighbours(x: Tensor, window: int) -> Tensor:
    """The pixels around each, `(batch, channels, window² - 1, height, width)`; 0 beyond the edges."""
    around = functional.unfold(x, window, padding=window // 2)
    around = around.reshape(*x.shape[:2], window**2, *x.shape[2:])
    centre = window**2 // 2
    return torch.cat([around[:, :, :centre], around[:, :, centre + 1 :]], dim=2)


def mean(values: Tensor, weights: Tensor) -> Tensor:
    """The mean along the axis 2 of those `values` whose weight is 1, not 0."""
    return (values * weights).sum(dim=2) / weights.sum(dim=2).clamp(min=1)


def median(values: Tensor, weights: Tensor) -> Tensor:
    """The median along the axis 2 of those `values` whose weight is 1, not 0."""
    ordered = torch.where(weights > 0, values, torch.inf).sort(dim=2).values
    n = weights.sum(dim=2, keepdim=True).long()
    ends = (((n + shift) // 2).clamp(0, values.shape[2] - 1) for shift in (-1, 0))
    low, high = (ordered.gather(2, end).squeeze(2) for end in ends)
    return (low + high) / 2


def random(values: Tensor, weights: Tensor) -> Tensor:
    """One along the axis 2 of those `values` whose weight is 1, not 0, the same for all channels."""
    draw = 1 - torch.rand_like(values[:, :1])
    return values.gather(2, (draw * weights).argmax(dim=2, keepdim=True)).squeeze(2)


Replacement = Callable[[Tensor, Tensor], Tensor]

REPLACEMENTS: dict[str, Replacement] = {"mean": mean, "median": median, "random": random}
"""By name, the functions of `neighbours` and their weights to what stands for a pixel."""
