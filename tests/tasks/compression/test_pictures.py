"""Images come back under their names, in their mode, with their axes."""

from __future__ import annotations

import json

import numpy as np

from narrows.data.calibration import Axis
from narrows.data.images.files import Images, Whole
from narrows.tasks.compression.pictures import images_of, told_of

AXES = (Axis("Y", 6, 0.5, unit="nm"), Axis("X", 4, 0.5, unit="nm"))


def test_a_header_has_what_images_need_beside_their_pixels() -> None:
    small, large = np.zeros((3, 2), np.uint8), np.ones((6, 4), np.uint8)
    each = [Whole("a.png", small, "L", (6, 4)), Whole("b.png", large, "L", (6, 4))]
    told = json.loads(json.dumps(told_of(Images(2, True, False, each, {}, (), AXES), each)))
    found = images_of([small, large], told["images"], told["ids"])
    assert found.axes == AXES
    assert (found.n, found.files, found.one) == (2, True, False)
    assert [(one.name, one.mode, one.size) for one in found.each] == [
        ("a.png", "L", (6, 4)),
        ("b.png", "L", (6, 4)),
    ]


def test_what_is_usual_takes_no_room_and_one_size_can_be_an_array() -> None:
    pixels = np.zeros((2, 5, 4))
    each = [Whole(name, one, "", (5, 4)) for name, one in zip("ab", pixels, strict=True)]
    told = told_of(Images(2, True, False, each, {}), each)
    assert told == {"ids": ["a", "b"], "images": {"files": True, "one": False}}
    found = images_of(pixels, told["images"], told["ids"])
    assert not found.files
    assert [one.size for one in found.each] == [(5, 4), (5, 4)]
