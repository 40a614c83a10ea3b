from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.pairs import as_pairs
from narrows.data.readers import as_data
from narrows.data.sources.on_disk import OnDisk
from narrows.data.stored import Stored
from tests.samples import shapes


def test_pairs_have_to_fit_into_memory_and_are_no_graphs() -> None:
    images = as_data(shapes(8, 8, 6).astype(np.float32))
    stored = Stored(images.array, "frames", None, None)
    with pytest.raises(InputError, match="too large for memory"):
        as_pairs(replace(images, source=OnDisk(stored)), images)


def test_targets_are_the_examples_and_noisy_ones_come_beside_them() -> None:
    clean = as_data(shapes(8, 8, 6).astype(np.float32), name="clean")
    noisy = as_data(clean.array + 1, name="noisy", labels=np.arange(6))
    found = as_pairs(noisy, clean)
    assert found.noisy is not None
    np.testing.assert_array_equal(found.noisy, found.array + 1)
    assert (found.name, found.labels is noisy.labels) == ("noisy", True)
    np.testing.assert_array_equal(found.rows(np.array([4, 2])).noisy, noisy.array[[4, 2]])
