from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.data.sources.joined import Joined
from narrows.data.sources.npy import stored_npy
from narrows.data.sources.on_disk import OnDisk

pytestmark = pytest.mark.usefixtures("small_blocks")

VALUES = np.arange(700 * 6.0).reshape(700, 6)


def joined() -> Joined:
    sources = []
    for i, part in enumerate((VALUES[:300], VALUES[300:301], VALUES[301:])):
        np.save(f"{i}.npy", part)
        sources.append(OnDisk(stored_npy(Path(f"{i}.npy"))))
    return Joined(sources)


def test_examples_are_numbered_through_all_files() -> None:
    source = joined()
    assert len(source) == 700
    np.testing.assert_array_equal(source.take(range(290, 310)), VALUES[290:310])
    index = np.random.default_rng(0).integers(0, 700, 90)
    np.testing.assert_array_equal(source.take(index), VALUES[index])
    np.testing.assert_array_equal(source.all(), VALUES)


def test_blocks_are_those_of_the_files() -> None:
    source = joined()
    assert len(source.blocks()) == sum(len(part.blocks()) for part in source.sources)
    np.testing.assert_array_equal(np.concatenate([piece for _, piece in source.pieces()]), VALUES)
    assert source.times_read == 1


def test_what_is_read_together_is_in_one_file() -> None:
    source = joined()
    index = np.random.default_rng(0).permutation(700)[:50]
    places = list(source.together(index))
    assert sorted(np.concatenate(places).tolist()) == list(range(50))
    for some in places:
        assert len({*np.searchsorted(source.begins, index[some], side="right").tolist()}) == 1
