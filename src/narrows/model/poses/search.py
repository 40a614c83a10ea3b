"""The search for the pose in training: some are tried, and scores learn which the model reconstructs best.

The angle alone, learned by its gradient, stays at the nearest of several optima. Tried poses are far from
each other, and in the end images that look alike lie alike, because the model reconstructs those best that it
has seen most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from narrows.core.records import Pose
from narrows.model.poses.found import Proposals

TRIED = 3
"""Poses of an image in each step."""

SHARPNESS = 2.0
"""The inverse temperature of the scores, in standard deviations of the costs of an image's poses."""


class Search(NamedTuple):
    """The best pose of each image, and the cost `(n,)` by which scores learn which it is."""

    pose: Pose
    cost: Tensor


def search(proposals: Proposals, cost: Callable[[Pose], Tensor]) -> Search:
    """Try some of the proposed poses of each image.

    Args:
        proposals: for `n` images.
        cost: what the model costs for each image with a pose, `(n,)`.
    """
    copies = proposals.drawn(min(TRIED, proposals.scores.shape[1]))
    with torch.no_grad():
        costs = torch.stack([cost(proposals.by(each)) for each in copies.unbind(dim=1)], dim=1)
    spread = costs.std(dim=1).mean().clamp(min=torch.finfo(costs.dtype).tiny)
    wanted = (-costs * (SHARPNESS / spread)).softmax(dim=1)
    scores = proposals.scores.gather(1, copies).log_softmax(dim=1)
    best = copies.gather(1, costs.argmin(dim=1, keepdim=True))[:, 0]
    return Search(proposals.by(best), -(wanted * scores).sum(dim=1))
