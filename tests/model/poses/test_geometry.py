from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from narrows.core.records import Pose
from narrows.model.poses.geometry import Size, centre, disc, in_image, turned, upright


def blobs(side: int = 33, at: tuple[tuple[float, float], ...] = ((-5, 3), (4, 6), (2, -7))) -> Tensor:
    """One smooth image `(1, 1, side, side)` without symmetry: blobs of different heights."""
    axis = torch.arange(side, dtype=torch.float64) - (side - 1) / 2
    peaks = [
        (i + 1) * torch.exp(-((axis[:, None] - y) ** 2 + (axis - x) ** 2) / 8) for i, (y, x) in enumerate(at)
    ]
    return torch.stack(peaks).sum(0)[None, None]


def pose(angle: float = 0.0, shift: tuple[float, float] = (0.0, 0.0), scale: float = 1.0) -> Pose:
    given = (torch.tensor([each], dtype=torch.float64) for each in (angle, shift, scale))
    return Pose(*given)


SIZE = Size(33, 33)


def test_a_turn_by_a_quarter_moves_pixels_to_pixels() -> None:
    """From the x axis to the y axis, which points down: clockwise as an image is seen."""
    x = torch.rand(1, 2, 33, 33, dtype=torch.float64)
    made = in_image(x, pose(math.pi / 2), SIZE)
    torch.testing.assert_close(made, x.rot90(-1, (2, 3)))
    torch.testing.assert_close(upright(made, pose(math.pi / 2), SIZE), x)


def test_a_shift_by_whole_pixels_moves_pixels_to_pixels() -> None:
    x = torch.rand(1, 1, 33, 33, dtype=torch.float64)
    made = in_image(x, pose(shift=(2, -3)), SIZE)
    torch.testing.assert_close(made[..., 2:, :-3], x[..., :-2, 3:])


@pytest.mark.parametrize("found", [pose(0.7), pose(shift=(1.5, -0.5)), pose(-2.0, (1, 2), 1.25)])
def test_turning_there_and_back_is_the_identity(found: Pose) -> None:
    """Inside a disc, up to the error of two interpolations.

    Each is at most (|f_xx| + |f_yy|)/8 where pixels are 1 apart, and a blob of variance 4 is curved by a
    quarter of its height along each axis.
    """
    x = blobs()
    back = upright(in_image(x, found, SIZE), found, SIZE)
    inside = disc(SIZE, 20).double()
    assert ((back - x) * inside).abs().max() < 2 * (1 / 4 + 1 / 4) / 8 * x.max()


def test_an_image_of_a_pose_is_that_of_turned_scaled_and_shifted_places() -> None:
    places = ((-4.0, 3.0), (3.0, 5.0))
    made = in_image(blobs(at=places), pose(0.5, (1.0, -2.0)), SIZE)
    at = turned(torch.tensor([[places]], dtype=torch.float64), torch.tensor([0.5]).double())[0, 0]
    moved = tuple((float(y) + 1.0, float(x) - 2.0) for y, x in at)
    assert (made - blobs(at=moved)).abs().max() < 0.1


def test_a_larger_scale_enlarges() -> None:
    made = in_image(blobs(), pose(scale=2.0), SIZE)
    assert made.sum() > 2.5 * blobs().sum()


def test_upright_images_may_have_another_size_and_step() -> None:
    x = blobs()
    wide = upright(x, pose(), Size(47, 47))
    torch.testing.assert_close(centre(wide, SIZE), x)
    coarse = upright(x, pose(), Size(11, 11), step=3)
    torch.testing.assert_close(coarse, x[..., 1::3, 1::3])


def test_a_disc_has_its_area() -> None:
    found = disc(Size(47, 47), 33)
    assert found.sum() == pytest.approx(math.pi * 16.5**2, rel=0.01)
    assert found[0, 23, 23] == 1
    assert found[0, 0, 0] == 0
