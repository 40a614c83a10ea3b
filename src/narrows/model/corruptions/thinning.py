"""Counts parted in two: denoising of counts is learned without a clean example."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.core.records import Batch, Domain, Seen
from narrows.core.registry import within
from narrows.model.corruptions.noise import Noise, counted, one_for_each


class Thinned(Noise):
    """Sees some of the counts of each value, drawn at random, and is compared with the others.

    The two parts of a Poisson distributed count are independent, so that the best prediction of one from the
    other is that of the clean example. Both are divided by their share, and all values count. For counts
    alone: a value is `offset` plus `gain` for each count, with no noise of a read-out.

    Args:
        share: of the counts that are seen.
        share_low: if given, the share is drawn from [share_low, share] for each example.
        gain: what a count adds to a value, in the unit of the data.
        offset: the value of no counts, in the unit of the data.
    """

    adjective = "thinned"
    damages = True
    blind = True
    reference = (
        "Monroy, Bacca & Tachella 2025. Generalized recorrupted-to-recorrupted: self-supervised learning "
        "beyond Gaussian noise. CVPR."
    )

    def __init__(
        self,
        domain: Domain,
        *,
        share: float = 0.9,
        share_low: float | None = 0.5,
        gain: float = 1.0,
        offset: float = 0.0,
    ) -> None:
        super().__init__()
        self.share = within("share", share, 0.01, 0.99)
        self.share_low = share if share_low is None else within("share_low", share_low, 0.01, share)
        found = counted(domain, "thinned", "blind-spot")
        self.one = found.unit * within("gain", gain, 1e-9)
        self.zero = found.zero + found.unit * offset

    def forward(self, batch: Batch) -> Seen:
        x = batch.x if batch.given is None else batch.given
        share = self.share - (self.share - self.share_low) * one_for_each(x)
        exact = (x - self.zero) / self.one
        counts = exact.detach().round().clamp(min=0)
        some = torch.binomial(counts, share.expand_as(counts).contiguous())
        # Drawn counts have the derivative of their mean.
        slope = exact - exact.detach()
        some, counts = some + share * slope, counts + slope
        seen, rest = self.values(some / share), self.values((counts - some) / (1 - share))
        target = rest if batch.given is None else batch.x
        return Seen(seen if batch.mask is None else torch.where(batch.mask, seen, 0.0), target, batch.mask)

    def values(self, counts: Tensor) -> Tensor:
        return self.zero + self.one * counts

    def corrupt(self, x: Tensor) -> Tensor:
        return self(Batch(x)).x
