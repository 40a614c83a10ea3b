from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Domain, Pose
from narrows.core.registry import make
from narrows.model.poses import POSES
from narrows.model.poses.found import Found, Proposals
from narrows.model.poses.geometry import Size, in_image
from tests.model.poses.test_geometry import blobs

IMAGES = Domain((1, 33, 33))


def found(**options: Any) -> Found:
    torch.manual_seed(0)
    made = make("pose", POSES, {"name": "found", **options}, IMAGES)
    assert isinstance(made, Found)
    return made.double()


def test_the_angle_of_a_turned_image_is_turned_as_far() -> None:
    """Exactly by whole steps between copies, up to the interpolation; for any weights."""
    finder, x = found(shift=True), blobs()
    for step in (1, 5, 9):
        angle = 2 * math.pi * step / 12
        given = Pose(
            torch.tensor([angle]).double(), torch.zeros(1, 2).double(), torch.ones(1, dtype=torch.float64)
        )
        before, after = finder(x), finder(in_image(x, given, Size(33, 33)))
        turned = (after.angle - before.angle - angle + math.pi) % (2 * math.pi) - math.pi
        assert turned.abs().item() < 0.02


def test_the_names_say_what_is_found() -> None:
    assert found().names == ("angle",)
    both = found(shift=True, scale=True)
    assert both.names == ("angle", "shift_x", "shift_y", "scale")
    pose = Pose(torch.tensor([math.pi * 1.5]), torch.tensor([[2.0, -3.0]]), torch.tensor([1.5]))
    torch.testing.assert_close(both.columns(pose), torch.tensor([[-90.0, -3.0, 2.0, 1.5]]))


def test_without_a_turn_the_frame_is_the_image() -> None:
    made = make("pose", POSES, {"name": "found", "turn": False, "shift": True}, Domain((2, 8, 12)))
    assert made.within(Domain((2, 8, 12))).shape == (2, 8, 12)
    pose = made(torch.rand(3, 2, 8, 12))
    assert (pose.angle == 0).all()
    assert (pose.shift.abs() <= torch.tensor([2.0, 3.0])).all()


def test_with_a_turn_the_frame_holds_the_corners() -> None:
    side = found().within(IMAGES).shape[1]
    assert side >= math.hypot(33, 33)
    assert (side - 33) % 2 == 0


def test_different_copies_are_tried() -> None:
    torch.manual_seed(0)
    scores = torch.randn(50, 6)
    none = torch.zeros(50, 6)
    tried = Proposals(scores, none, torch.zeros(50, 6, 2), none).drawn(4)
    assert (tried[:, 0] == scores.argmax(1)).all()
    assert all(len(set(each)) == 4 for each in tried.tolist())


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((6,), {}, "found of images"),
        ((1, 8, 9), {}, "square images, but these are 8x9"),
        ((1, 8, 8), {"turn": False}, "Nothing of a pose"),
        ((1, 8, 8), {"copies": 1}, "between 2 and 360"),
        ((1, 8, 8), {"turns": True}, "Did you mean 'turn'"),
    ],
)
def test_what_cannot_be_found_is_said(shape: tuple[int, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make("pose", POSES, {"name": "found", **options}, Domain(shape))
