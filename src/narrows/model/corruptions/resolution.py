"""Resolution removed from images."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from torch import Tensor
from torch.nn import functional

from narrows.core.records import Domain
from narrows.core.registry import within
from narrows.model.corruptions.base import Corruption, check_images


class Downsample(Corruption):
    """Reduces the resolution of images, and enlarges them again by bicubic interpolation.

    Small images are enlarged before the encoder, so that input and output have one shape (Dong et al.).

    Args:
        factor: height and width are divided by it, and rounded up.
    """

    reference = (
        "Dong, Loy, He & Tang 2014. Learning a deep convolutional network for image super-resolution. ECCV."
    )
    damages = True

    same_size = False

    def __init__(self, domain: Domain, *, factor: int = 2) -> None:
        super().__init__()
        check_images("downsample", domain)
        self.factor = int(within("factor", factor, 2, 16))
        self.size = domain.shape[1:]

    def corrupt(self, x: Tensor) -> Tensor:
        return enlarged(self.reduced(x), x.shape[2:])

    def reduced(self, x: Tensor) -> Tensor:
        """The small images, by bicubic interpolation with antialiasing."""
        return functional.interpolate(x, self.small(x.shape[2:]), mode="bicubic", antialias=True)

    def small(self, size: Sequence[int]) -> list[int]:
        """Height and width of the small images for images of `size`."""
        return [ceil(side / self.factor) for side in size]

    def present(self, damaged: Tensor, came: Tensor) -> Tensor:
        """Small images are enlarged to the size of the training images if that fits, else by the factor."""
        height, width = damaged.shape[2:]
        fits = [height, width] == self.small(self.size)
        return enlarged(damaged, self.size if fits else (self.factor * height, self.factor * width))

    def agree(self, restored: Tensor, seen: Tensor) -> Tensor:
        """Iterative back-projection (Irani & Peleg 1991): its small version approaches that of `seen`."""
        for _ in range(BACK_PROJECTIONS):
            restored = restored + seen - self.corrupt(restored)
        return restored


def enlarged(small: Tensor, size: Sequence[int]) -> Tensor:
    """Small images enlarged to the height and width of `size`, bicubic."""
    return functional.interpolate(small, tuple(size), mode="bicubic")


BACK_PROJECTIONS = 5
"""The number of iterations of back-projection."""
