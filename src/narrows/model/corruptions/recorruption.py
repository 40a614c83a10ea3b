"""More noise on noisy examples, whose noise is known: denoising is learned without a clean example."""

from __future__ import annotations

import torch
from torch import Tensor

from narrows.core.records import Batch, Domain, Seen
from narrows.core.registry import within
from narrows.model.corruptions.noise import Noise


class Recorrupted(Noise):
    """Sees x + α·z and is compared with x - z/α, z normal noise like that of the noisy x.

    The noise of both is independent, so that the best prediction of one from the other is that of the clean
    example. All values count. For independent normal noise of a known standard deviation only.

    Args:
        std: standard deviation of the noise of the examples, on the model's scale.
        alpha: how much noise is added; with less the input is cleaner, and the target noisier.
    """

    adjective = "noisier"
    damages = True
    blind = True
    reference = (
        "Pang, Zheng, Quan & Ji 2021. Recorrupted-to-recorrupted: unsupervised deep learning for image "
        "denoising. CVPR."
    )

    def __init__(self, domain: Domain, *, std: float = 0.1, alpha: float = 0.5) -> None:
        super().__init__()
        self.std = within("std", std, 0)
        self.alpha = within("alpha", alpha, 0.01, 100)

    def forward(self, batch: Batch) -> Seen:
        x = batch.x if batch.given is None else batch.given
        z = self.std * torch.randn_like(x)
        seen = x + self.alpha * z
        target = x - z / self.alpha if batch.given is None else batch.x
        return Seen(seen if batch.mask is None else torch.where(batch.mask, seen, 0.0), target, batch.mask)

    def corrupt(self, x: Tensor) -> Tensor:
        return self(Batch(x)).x
