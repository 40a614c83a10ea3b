from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from narrows.core.processes import together
from narrows.data.shared_writing import SHARED, write_shares
from tests.ranks import by_processes, inside

VALUES = np.random.default_rng(0).standard_normal((101, 3)).astype("f4")
BLOCKS = [range(40), np.array([41, 40]), range(42, 90), range(90, 101)]


def write(target: Path) -> None:
    mine = BLOCKS[together().share(len(BLOCKS))]
    pieces = [(rows, VALUES[np.asarray(rows)]) for rows in mine]
    write_shares(pieces, VALUES.shape, VALUES.dtype, target, together())


def read(target: Path) -> np.ndarray:
    if target.suffix == ".npy":
        return np.load(target)
    import zarr

    return np.asarray(zarr.open_group(target, mode="r")["0"])


@pytest.mark.parametrize("name", SHARED)
@pytest.mark.parametrize("size", [2, 3])
def test_each_process_writes_its_rows(name: str, size: int) -> None:
    target = Path(f"new/codes.{name}")
    ended = by_processes(inside, write, target, size=size)
    assert [(each.code, each.err) for each in ended] == [(0, "")] * size
    np.testing.assert_array_equal(read(target), VALUES)
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def unseen(target: Path) -> None:
    if not together().first:
        Path.exists = lambda self: False  # type: ignore[assignment]
    write(target)


@pytest.mark.parametrize("name", SHARED)
def test_a_folder_that_one_machine_lacks_is_named(name: str) -> None:
    ended = by_processes(inside, unseen, Path(f"codes.{name}"))
    assert [each.err for each in ended][1].startswith("InputError: Process 1 does not see ")
    assert all(each.code for each in ended)
    assert not list(Path().iterdir())
