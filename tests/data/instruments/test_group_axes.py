"""What groups without a file say; `test_hdf5` and `test_zarr` have whole files."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from narrows.data.instruments.group_axes import Alone, described, steps


def array(*shape: int, **attributes: Any) -> Any:
    return SimpleNamespace(shape=shape, attrs=attributes, dims=())


def test_a_group_without_a_convention_says_nothing() -> None:
    assert described(Alone(), array(5, 4)) is None
    group = Alone()
    group.attrs = {"emd_group_type": 1}
    assert described(group, array(5, 4)) is None
    group.attrs = {"signal": "data", "axes": ["y"]}
    assert described(group, array(5, 4)) is None


def test_sizes_of_elements_are_of_the_last_axes() -> None:
    found = described(Alone(), array(7, 6, 5, 4, element_size_um=[3.0, 2.0, 1.0]))
    assert found is not None
    assert [(axis.name, axis.scale) for axis in found] == [("", 1.0), ("z", 3.0), ("y", 2.0), ("x", 1.0)]
    flat = described(Alone(), array(5, 4, element_size_um=[3.0, 2.0, 1.0]))
    assert flat is not None
    assert [axis.scale for axis in flat] == [2.0, 1.0]


def test_names_of_dimensions_as_xarray_writes_them() -> None:
    found = described(Alone(), array(5, 4, _ARRAY_DIMENSIONS=["time", "x"]))
    assert found is not None
    assert [axis.name for axis in found] == ["time", "x"]


def test_steps_of_all_values_or_of_two() -> None:
    whole, two, words = (np.array(each) for each in ([0.0, 2.0, 4.0], [0.0, 2.0], ["a", "b", "c"]))
    assert steps(whole, 3, "x", "nm").scale == steps(two, 3, "x", "nm").scale == 2.0
    assert steps(two, 3, "x", "nm").size == 3
    assert steps(words, 3, "x", "nm").scale == 1.0
