from __future__ import annotations

import torch
from torch import Tensor

from narrows.core.records import Pose
from narrows.model.poses.found import Proposals
from narrows.model.poses.search import search


def proposals(scores: Tensor) -> Proposals:
    """The angle of each copy is its number."""
    n, k = scores.shape
    angles = torch.arange(k, dtype=torch.float32).expand(n, k)
    return Proposals(scores, angles, torch.zeros(n, k, 2), torch.ones(n, k))


def distance(pose: Pose) -> Tensor:
    """A cost that is least at an angle of 3."""
    return (pose.angle - 3).abs()


def test_the_best_of_the_tried_poses_is_taken() -> None:
    torch.manual_seed(0)
    scores = torch.zeros(200, 6)
    scores[:, 0] = 1
    found = search(proposals(scores), distance)
    assert (found.pose.angle == 3).float().mean() > 0.3
    assert (distance(found.pose) <= 3).all()


def test_scores_learn_which_pose_costs_least() -> None:
    torch.manual_seed(0)
    scores = torch.zeros(20, 6, requires_grad=True)
    optimizer = torch.optim.Adam([scores], 0.1)
    for _ in range(150):
        optimizer.zero_grad()
        search(proposals(scores), distance).cost.sum().backward()
        optimizer.step()
    assert (scores.argmax(1) == 3).all()


def test_equal_costs_are_no_division_by_zero() -> None:
    found = search(proposals(torch.zeros(4, 2)), lambda pose: torch.ones(4))
    assert found.cost.isfinite().all()
