"""Poses that are found by a small network, which looks at turned copies of an image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, hypot, log, pi, prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from narrows.core.errors import InputError, show
from narrows.core.records import Domain, Pose
from narrows.core.registry import within
from narrows.model.poses.base import Poses
from narrows.model.poses.geometry import Size, centre, disc, in_image, turned, upright

SEEN = 24
"""The longer side, at most, of the copies that the network looks at, in pixels."""

WIDTHS = (128, 64)
"""Of the network."""

REACH = 0.75
"""How far an angle may lie from that of its copy, in angles between copies; beyond a half they overlap."""

MOST_SHIFT, MOST_SCALE = 0.25, 2.0
"""The largest shift, in sides of the image, and the largest scale; the smallest is its inverse."""

UNIFORM = 0.1
"""The share of the tried copies that are drawn without regard to their scores."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """A pose by each copy of each image.

    Attributes:
        scores: `(n, copies)`; the best copy has the highest.
        angle: `(n, copies)`; as of `Pose`, as all that follow.
        shift: `(n, copies, 2)`.
        scale: `(n, copies)`.
    """

    scores: Tensor
    angle: Tensor
    shift: Tensor
    scale: Tensor

    def by(self, copy: Tensor) -> Pose:
        """The pose of each image by one of its copies, `copy (n,)`."""
        at = copy[:, None]
        shift = self.shift.gather(1, at[..., None].expand(-1, -1, 2))
        return Pose(self.angle.gather(1, at)[:, 0], shift[:, 0], self.scale.gather(1, at)[:, 0])

    def drawn(self, tries: int) -> Tensor:
        """Different copies `(n, tries)`: the best, and others by chance, likelier with a high score."""
        best = self.scores.argmax(dim=1, keepdim=True)
        likely = self.scores.detach().softmax(dim=1) * (1 - UNIFORM) + UNIFORM / self.scores.shape[1]
        others = likely.scatter(1, best, 0.0).multinomial(tries - 1)
        return torch.cat([best, others], dim=1)


class Found(Poses):
    """Finds how each image lies, turns it upright for the encoder, and turns the output back.

    The network sees copies of an image, each turned by the next part of a full turn, and gives each a score
    and a small correction. The copy of the highest score is upright, so that an image and the same turned
    have the same code. In training, some copies are tried, and the scores learn which of them the model
    reconstructs best. An angle that is found is relative to an upright that the training chooses, and
    ambiguous where an image is symmetric. Of images that are turned, encoder and network see the largest disc
    in the middle; the corners are predicted.

    Args:
        turn: whether the angle is found; for square images.
        shift: whether the shift is found, up to a quarter of the image.
        scale: whether the scale is found, from a half to twice the size.
        copies: the number of turned copies.
    """

    reference = (
        "Bepler, Zhong, Kelley, Brignole & Berger 2019. Explicitly disentangling image content from "
        "translation and rotation with spatial-VAE. NeurIPS."
    )

    disc: Tensor
    seen: Tensor

    def __init__(
        self,
        domain: Domain,
        *,
        turn: bool = True,
        shift: bool = False,
        scale: bool = False,
        copies: int = 12,
    ) -> None:
        super().__init__()
        self.size = check_size(domain, turn=turn)
        self.turns, self.shifts, self.scales = turn, shift, scale
        named = (("angle", turn), ("shift_x", shift), ("shift_y", shift), ("scale", scale))
        self.names = tuple(name for name, wanted in named if wanted)
        if not self.names:
            raise InputError("Nothing of a pose is to be found; set pose.turn, pose.shift or pose.scale.")
        self.copies = int(within("copies", copies, 2, 360)) if turn else 1
        margin = ceil((hypot(*self.size) - self.size.height) / 2) if turn else 0
        self.frame = Size(*(side + 2 * margin for side in self.size))
        self.step = ceil(max(self.size) / SEEN)
        self.small = Size(*(max(2, round(side / self.step)) for side in self.size))
        diameter = self.size.width if turn else hypot(*self.frame) + 2 * self.step
        self.register_buffer("disc", disc(self.frame, diameter), persistent=False)
        self.register_buffer("seen", disc(self.small, diameter, self.step), persistent=False)
        self.network = layers(domain.shape[0] * prod(self.small), len(self.names))

    def within(self, domain: Domain) -> Domain:
        return replace(domain, shape=(domain.shape[0], *self.frame))

    def forward(self, x: Tensor) -> Pose:
        """The pose of each image `x (n, channels, *size)`."""
        proposals = self.propose(x)
        return proposals.by(proposals.scores.argmax(dim=1))

    def propose(self, x: Tensor) -> Proposals:
        """The poses of images `x (n, channels, *size)` by each of their copies."""
        n, k = x.shape[0], self.copies
        smooth = functional.avg_pool2d(x, self.step, 1, self.step // 2, count_include_pad=False)
        angles = torch.arange(k, device=x.device, dtype=x.dtype).repeat(n) * (2 * pi / k)
        pose = Pose(angles, x.new_zeros(n * k, 2), torch.ones_like(angles))
        copies = upright(smooth.repeat_interleave(k, dim=0), pose, self.small, self.step) * self.seen
        given = self.network(copies)
        angle, shift, scale = self.corrected(angles, given[:, 1:].tanh())
        return Proposals(given[:, 0].view(n, k), angle.view(n, k), shift.view(n, k, 2), scale.view(n, k))

    def corrected(self, angles: Tensor, by: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Angle, shift and scale of copies, turned by `angles (n,)`, after corrections `by (n, names)`."""
        found = dict(zip(self.names, by.unbind(dim=1), strict=True))
        none = torch.zeros_like(angles)
        sides = by.new_tensor(self.size) * MOST_SHIFT
        shift = torch.stack([found.get("shift_y", none), found.get("shift_x", none)], dim=1) * sides
        return (
            angles + found.get("angle", none) * (REACH * 2 * pi / self.copies),
            turned(shift[:, None, None], angles)[:, 0, 0],
            (found.get("scale", none) * log(MOST_SCALE)).exp(),
        )

    def upright(self, x: Tensor, pose: Pose) -> Tensor:
        """The upright images `(n, channels, *frame)` of `x (n, channels, *size)`; 0 beyond the disc."""
        return upright(x, pose, self.frame) * self.disc

    def in_image(self, y: Tensor, pose: Pose) -> Tensor:
        """Outputs `y (n, channels, *frame)` for upright images, as the images lie, `(n, channels, *size)`."""
        return in_image(y, pose, self.size)

    def centre(self, y: Tensor) -> Tensor:
        """The middle `(n, channels, *size)` of upright outputs `(n, channels, *frame)`."""
        return centre(y, self.size)

    def columns(self, pose: Pose) -> Tensor:
        """The numbers of poses, `(n, names)`: an angle in degrees from -180 to 180, shifts in pixels."""
        degrees = torch.remainder(torch.rad2deg(pose.angle) + 180, 360) - 180
        found = {"angle": degrees, "shift_x": pose.shift[:, 1], "shift_y": pose.shift[:, 0]}
        found["scale"] = pose.scale
        return torch.stack([found[name] for name in self.names], dim=1)


def check_size(domain: Domain, *, turn: bool) -> Size:
    """Height and width of images whose pose can be found."""
    if len(domain.shape) != 3:
        raise InputError(
            f"The pose is found of images, not of data of shape {show(domain.shape)}; leave it out."
        )
    size = Size(*domain.shape[1:])
    if turn and size.height != size.width:
        raise InputError(
            f"The turn is found of square images, but these are {show(size)}; cut squares with --patch, or "
            f"set pose.turn=false."
        )
    return size


def layers(values: int, numbers: int) -> nn.Sequential:
    """A network from a copy of so many `values` to its score and `numbers`, which begin near 0."""
    widths = (values, *WIDTHS)
    dense = [(nn.Linear(a, b), nn.SiLU()) for a, b in zip(widths, WIDTHS, strict=False)]
    last = nn.Linear(WIDTHS[-1], 1 + numbers)
    with torch.no_grad():
        last.weight[1:] *= 0.1
        last.bias[1:] = 0
    return nn.Sequential(nn.Flatten(), *(layer for pair in dense for layer in pair), last)
