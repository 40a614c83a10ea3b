from __future__ import annotations

import numpy as np

from narrows.reproduce.photographs import SIDE, photographs, pieces


def test_pieces_begin_every_stride_pixels() -> None:
    image = np.arange(70 * 100 * 3).reshape(70, 100, 3)
    found = pieces(image, 16)
    assert found.shape == (3 * 5, SIDE, SIDE, 3)
    np.testing.assert_array_equal(found[6], image[16:48, 16:48])


def test_no_pixel_is_trained_on_and_tested() -> None:
    data = photographs(SIDE)
    assert data.schema.shape == (SIDE, SIDE, 3)
    train = {piece.tobytes() for piece in data.array}
    assert not train & {piece.tobytes() for piece in data.held_out.array}
    assert len(data) == 2 * 13 * 13
    assert len(data.held_out) == 2 * 13 * 7
