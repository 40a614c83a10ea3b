from __future__ import annotations

import math

import torch
from torch import Tensor

from narrows.core.records import Batch, Domain, Pose
from narrows.model.build import Objective, build
from narrows.model.poses.geometry import Size, in_image
from tests.model.poses.test_geometry import blobs

SIZE = Size(17, 17)


def copies(angles: Tensor) -> Tensor:
    """One image without symmetry, turned by each angle, `(n, 1, 17, 17)`."""
    n = len(angles)
    image = blobs(17, ((-3, 2), (3, 3), (1, -4))).float().expand(n, -1, -1, -1) / 3
    return in_image(image, Pose(angles, torch.zeros(n, 2), torch.ones(n)), SIZE).clamp(0, 1)


def model() -> Objective:
    torch.manual_seed(0)
    spec = {
        "encoder": {"name": "mlp", "widths": [64]},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
        "pose": {"name": "found"},
    }
    return build(spec, Domain((1, 17, 17)))


def test_an_image_and_its_turned_copy_have_the_same_code_after_a_short_training() -> None:
    """And angles that differ by the turn; their reconstructions lie as they do."""
    objective = model()
    optimizer = torch.optim.Adam(objective.parameters(), 3e-3)
    angles = torch.rand(64) * 2 * math.pi
    x = copies(angles)
    objective.train()
    for _ in range(150):
        optimizer.zero_grad()
        objective(Batch(x)).total.backward()
        optimizer.step()
    objective.eval()
    with torch.no_grad():
        new = torch.rand(40) * 2 * math.pi
        batch = Batch(copies(new))
        found = torch.deg2rad(objective.model.poses(batch)[:, 0])
        agreement = torch.polar(torch.ones(40), found - new).mean().abs()
        z, spread = objective.model.encode(batch), objective.model.encode(Batch(x)).abs().max()
        error = (objective.model.reconstruct(batch) - batch.x).square().mean() / batch.x.var()
    assert agreement > 0.99
    assert (z - z.mean(0)).abs().max() < 0.2 * spread
    assert error < 0.1


def test_the_upright_image_is_zero_beyond_the_disc_and_has_the_same_code() -> None:
    encoder = model().model.posed
    assert encoder is not None
    upright = encoder.upright(Batch(torch.rand(3, 1, 17, 17) + 1)).x
    assert upright.shape[2:] == encoder.found.frame
    assert (upright[..., 0, :] == 0).all()
    assert (upright[..., 8, :].max(-1).values > 1).all()


def test_a_clean_pass_of_the_model_does_not_try_poses() -> None:
    """In evaluation the pose is that of the highest score: the same each time."""
    objective = model().eval()
    batch = Batch(copies(torch.rand(5)))
    assert objective(batch).total == objective(batch).total
