from __future__ import annotations

import numpy as np
import pytest

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.readers import as_data
from narrows.data.scan_axes import parse_scan_axes
from narrows.data.scan_reading import read_scan
from narrows.data.sources import InMemory
from narrows.data.sources.on_disk import OnDisk
from narrows.data.stored import Stored
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.maps.maps import measure

AXES = parse_scan_axes("YX|E")


def two_phases() -> np.ndarray:
    """A scan of 14 x 16 spectra: a peak on the left half, another one on the right."""
    left, right = (np.exp(-((np.arange(24) - at) ** 2) / 8) for at in (6, 17))
    cube = np.where(np.arange(16)[:, None] < 8, left, right)[None] + np.zeros((14, 1, 1))
    return (cube + np.random.default_rng(0).normal(0, 0.05, cube.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def fitted() -> tuple[Run, Data]:
    data = read_scan(InMemory(two_phases()), AXES, "phases")
    return fit(data, latent_dim=2, overrides={"training": {"epochs": 4}}), data


def test_phases_are_clusters_at_their_places(fitted: tuple[Run, Data]) -> None:
    made = measure(*fitted, count=2)
    found = made.arrays["cluster"]
    assert (found[:, :8] == found[0, 0]).all()
    assert (found[:, 8:] == 1 - found[0, 0]).all()
    peaks = made.means.argmax(axis=1)
    assert {int(peaks[found[0, 0]]), int(peaks[found[0, 15]])} == {6, 17}
    assert sum(made.sizes) == 14 * 16


def test_maps_are_what_the_run_says_of_each_place(fitted: tuple[Run, Data]) -> None:
    run, data = fitted
    made = measure(run, data, scored=False)
    assert {*made.arrays} == {"z0", "z1", "error", "cluster"}
    assert made.arrays["z1"] == pytest.approx(run.encode(data.source)[:, 1].reshape(14, 16))
    wrong = (run.reconstruct_scaled(data.source) - run.scaled(data.source)) ** 2
    assert made.arrays["error"].ravel() == pytest.approx(wrong.mean(axis=1), rel=1e-4)


def test_a_scan_on_disk_has_the_same_maps(fitted: tuple[Run, Data]) -> None:
    run, data = fitted
    chunked = OnDisk(Stored(two_phases(), "phases", chunks=(4, 4, 24)))
    other = measure(run, read_scan(chunked, AXES, "phases"), count=2)
    mine = measure(run, data, count=2)
    for name, values in mine.arrays.items():
        assert other.arrays[name] == pytest.approx(values, rel=1e-4, abs=1e-6)
    assert other.means == pytest.approx(mine.means)


def test_data_without_places_have_no_maps(fitted: tuple[Run, Data]) -> None:
    flat = as_data(two_phases().reshape(-1, 24), "spectra", "rows")
    with pytest.raises(InputError, match="rows is no scan"):
        measure(fitted[0], flat)


def test_found_poses_are_maps() -> None:
    patterns = np.random.default_rng(0).random((6, 7, 8, 8)).astype(np.float32)
    data = read_scan(InMemory(patterns), parse_scan_axes("YX|KyKx"), "patterns")
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 1}, "pose": "found"})
    made = measure(run, data, count=2, scored=False)
    assert {*made.arrays} == {"z0", "z1", "angle", "error", "cluster"}
    assert made.arrays["angle"] == pytest.approx(run.poses(data.source)["angle"].reshape(6, 7))
