"""Images turned, scaled and shifted, by bilinear interpolation.

Places are (y, x) in pixels from the middle of an image. Beyond the edge of an image its outermost pixels are
repeated.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from narrows.core.records import Pose


class Size(NamedTuple):
    """Height and width of an image in pixels."""

    height: int
    width: int


def upright(images: Tensor, pose: Pose, size: Size, step: float = 1.0) -> Tensor:
    """The upright images `(n, channels, *size)` of `images (n, channels, h, w)`.

    Args:
        images: each lies as its `pose` says.
        pose: of `n` images.
        size: of the upright images.
        step: the distance of their pixels, in those of the images.
    """
    at = turned(step * places(images, size), pose.angle) * pose.scale[:, None, None, None]
    return sampled(images, at + pose.shift[:, None, None])


def in_image(upright: Tensor, pose: Pose, size: Size) -> Tensor:
    """The images `(n, channels, *size)` that lie as `pose` says, of `upright (n, channels, h, w)` ones."""
    at = places(upright, size) - pose.shift[:, None, None]
    return sampled(upright, turned(at, -pose.angle) / pose.scale[:, None, None, None])


def places(like: Tensor, size: Size) -> Tensor:
    """The place of each pixel of an image, `(1, *size, 2)`, in the type of `like`."""
    axes = [torch.arange(n, device=like.device, dtype=like.dtype) - (n - 1) / 2 for n in size]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)[None]


def turned(at: Tensor, angle: Tensor) -> Tensor:
    """Places `(n, h, w, 2)` turned about the middle by `angle (n,)`, from the x axis to the y axis."""
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    y, x = at[..., 0], at[..., 1]
    return torch.stack([x * sin + y * cos, x * cos - y * sin], dim=-1)


def sampled(images: Tensor, at: Tensor) -> Tensor:
    """The values `(n, channels, h, w)` of `images (n, channels, …)` at places `at (n, h, w, 2)`."""
    height, width = images.shape[-2:]
    grid = torch.stack([at[..., 1] * (2 / width), at[..., 0] * (2 / height)], dim=-1)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)


def disc(size: Size, diameter: float, step: float = 1.0) -> Tensor:
    """1 within a disc in the middle of an image of `size`, 0 outside, with an edge one pixel wide.

    Args:
        size: of the image.
        diameter: of the disc, in pixels of the image that it was sampled from.
        step: the distance of the pixels, in these.
    """
    radius = (step * places(torch.zeros(()), size)).square().sum(dim=-1).sqrt()
    return ((diameter / 2 - radius) / step + 0.5).clamp(0, 1)


def centre(images: Tensor, size: Size) -> Tensor:
    """The middle `(n, channels, *size)` of `images (n, channels, h, w)`, which are no smaller."""
    top, left = ((n - m) // 2 for n, m in zip(images.shape[-2:], size, strict=True))
    return images[..., top : top + size.height, left : left + size.width]
