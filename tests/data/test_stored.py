from __future__ import annotations

import numpy as np

from narrows.data.stored import Stored


def test_an_array_in_memory_is_stored_too() -> None:
    stored = Stored(np.zeros((3, 4)), "a")
    assert stored.shape == (3, 4)
    assert stored.axes is None
