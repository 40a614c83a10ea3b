from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from narrows.data.calibration import Axis
from narrows.data.scan import Scan
from narrows.report.scan_maps import drawn, pixel_ratio, round_length, write_maps
from narrows.tasks.maps.maps import Maps

RNG = np.random.default_rng(0)


@given(st.floats(1e-6, 1e9))
def test_a_scale_bar_has_a_round_length_of_at_least_half_its_room(most: float) -> None:
    length = round_length(most)
    assert most * 0.39 < length <= most * (1 + 1e-9)
    assert f"{length:.0e}"[0] in "125"


def test_places_are_as_high_as_they_are() -> None:
    y, x = Axis("Y", 3, 2.0, unit="nm"), Axis("X", 4, 0.5, unit="nm")
    assert pixel_ratio((y, x)) == 4
    assert pixel_ratio((y, Axis("X", 4))) == 1
    assert pixel_ratio((x,)) == 1


@pytest.mark.parametrize(
    ("shape", "signal", "maps"), [((6, 8), (5,), 5), ((2, 6, 8), (7, 5), 10), ((9,), (5,), 5)]
)
def test_each_map_and_mean_is_a_picture(
    shape: tuple[int, ...], signal: tuple[int, ...], maps: int, tmp_path: Path
) -> None:
    n = int(np.prod(shape))
    places = tuple(
        Axis(letter, size, 0.5, unit="nm") for letter, size in zip("TYX"[-len(shape) :], shape, strict=True)
    )
    scan = Scan(places, tuple(Axis(f"S{i}", size) for i, size in enumerate(signal)))
    clusters = np.arange(n) % 2
    means, poses = RNG.random((2, *signal)), {"angle": RNG.uniform(-180, 180, n)}
    made = Maps(scan, RNG.normal(size=(n, 2)), RNG.random(n), None, clusters, means, poses)
    written = write_maps(made, tmp_path)
    assert len(written) == maps + 2
    for file in written:
        with Image.open(file) as picture:
            assert min(picture.size) > 50


def test_the_colours_of_angles_are_cyclic() -> None:
    scan = Scan((Axis("Y", 2), Axis("X", 3)), (Axis("E", 5),))
    made = Maps(scan, RNG.normal(size=(6, 1)), RNG.random(6), None, np.zeros(6, int), RNG.random((1, 5)))
    picture = drawn(made, "angle", RNG.uniform(-20, 20, (2, 3))).axes[0].images[0]
    assert picture.get_clim() == (-180, 180)
    np.testing.assert_allclose(picture.to_rgba(-180.0), picture.to_rgba(180.0), atol=0.02)
