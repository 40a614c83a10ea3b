from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from narrows.core.errors import InputError
from narrows.data.calibration import Axis, check_axes

SIZES = st.integers(1, 50)


@given(SIZES, st.integers(1, 5), st.floats(0.01, 10), st.floats(-5, 5))
def test_an_axis_of_binned_places_has_their_mean_values(
    size: int, step: int, scale: float, offset: float
) -> None:
    axis = Axis("E", size * step, scale, offset, "eV")
    assert axis.every(step).values == pytest.approx(axis.values.reshape(size, step).mean(axis=1))


def test_a_part_of_an_axis_keeps_its_values() -> None:
    axis = Axis("E", 10, 0.5, 100.0, "eV")
    assert axis.part(2, 6).values.tolist() == axis.values[2:6].tolist()
    assert axis.place_of(101.0) == 2


def test_axes_are_alike_if_their_scale_and_unit_are() -> None:
    axis = Axis("X", 10, 0.1, unit="nm")
    assert axis.like(Axis("X", 20, 0.1 + 1e-12, 5.0, "nm"))
    assert not axis.like(Axis("X", 10, 0.1, unit="um"))
    assert not axis.like(Axis("X", 10, 0.2, unit="nm"))


def test_an_axis_survives_json() -> None:
    axis = Axis("Kx", 64, 0.02, -0.64, "1/nm")
    assert Axis.from_json(axis.to_json()) == axis


def test_axes_of_another_shape_are_refused() -> None:
    check_axes([Axis("Y", 3), Axis("X", 4)], (3, 4), "scan")
    with pytest.raises(InputError, match="scan has the shape 3x5, but its axes YX say 3x4"):
        check_axes([Axis("Y", 3), Axis("X", 4)], (3, 5), "scan")
