"""Micrographs of a lattice: their noise, their columns and their defects are what they say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, maximum_filter

from narrows.core.errors import InputError
from narrows.data.crystals import DOPANT, HOST, STRUCTURES, VACANCY
from narrows.data.lattice import lattice
from narrows.data.readers import read
from narrows.data.reading import Reading
from narrows.data.windows import covering


@pytest.mark.parametrize("dose", [0.5, 5.0, 200.0])
def test_counts_are_poisson_distributed_around_the_clean_image(dose: float) -> None:
    made = lattice(n=4, size=128, dose=dose, jitter=0, flicker=0)
    residual = (made.noisy - made.clean.astype(float)) / np.sqrt(made.clean)
    n = residual.size
    assert abs(residual.mean()) < 4 / np.sqrt(n)
    # The variance of the variance of a standardised Poisson variable is (2 + 1/λ) / n.
    assert abs(residual.var() - 1) < 4 * np.sqrt((2 + (1 / made.clean).mean()) / n)
    neighbours = (residual[:, :, 1:] * residual[:, :, :-1]).mean()
    assert abs(neighbours) < 4 / np.sqrt(n)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_the_mean_of_the_clean_image_is_the_dose(structure: str) -> None:
    made = lattice(n=3, size=256, structure=structure, dose=7, vacancies=0, dopants=0)
    assert made.clean.mean() == pytest.approx(7, rel=0.02)


@pytest.mark.parametrize("structure", STRUCTURES)
def test_columns_are_on_peaks_and_vacancies_on_none(structure: str) -> None:
    made = lattice(size=256, structure=structure, vacancies=0.05, dopants=0.05, background=0.2, seed=1)
    clean, places, types = made.clean[0], made.positions[0], made.types[0]
    inside = ((places > 3) & (places < 252)).all(axis=1)
    places, types = places[inside], types[inside]
    peaks = np.argwhere(maximum_filter(clean, 5) == clean)
    peaks = peaks[clean[tuple(peaks.T)] > 0.5 * np.median(clean[tuple(np.rint(places).astype(int).T)])]
    distances = np.linalg.norm(places[:, None] - peaks, axis=2).min(axis=1)
    assert distances[types != VACANCY].max() < 0.9
    assert distances[types == VACANCY].min() > 3


def test_columns_are_as_far_apart_as_the_spacing_says() -> None:
    for structure, known in STRUCTURES.items():
        made = lattice(size=200, structure=structure, spacing=20, drift=0)
        places = made.positions[0]
        distances = np.linalg.norm(places[:, None] - places, axis=2)
        np.fill_diagonal(distances, np.inf)
        assert np.median(distances.min(axis=1)) == pytest.approx(20 * known.nearest, rel=0.05)


def test_the_lattice_is_turned_by_the_tilt() -> None:
    for tilt in (0.0, 17.0):
        made = lattice(size=256, structure="square", tilt=tilt, drift=0)
        places = made.positions[0]
        steps = (places[:, None] - places).reshape(-1, 2)
        near = steps[np.isclose(np.linalg.norm(steps, axis=1), 16, atol=2)]
        angles = np.angle((near[:, 1] + 1j * near[:, 0]) ** 4) / 4
        assert np.rad2deg(angles).mean() == pytest.approx(tilt, abs=0.5)
        assert made.tilts.tolist() == [tilt]


def test_as_many_columns_are_defects_as_their_shares_say() -> None:
    made = lattice(n=10, size=256, vacancies=0.04, dopants=0.02)
    types = np.concatenate(made.types)
    for number, share in ((VACANCY, 0.04), (DOPANT, 0.02), (HOST, 0.94)):
        assert abs((types == number).mean() - share) < 4 * np.sqrt(share * (1 - share) / len(types))
    assert len(made.defects(3)) == (made.types[3] != HOST).sum()
    assert not len(lattice(size=64, vacancies=0, dopants=0).defects(0))


def test_dopants_are_brighter_than_the_columns_of_their_sublattice() -> None:
    made = lattice(size=512, dopants=0.05, vacancies=0)
    at = np.rint(made.positions[0]).astype(int)
    height = made.clean[0][tuple(at.T)]
    for sublattice in (0, 1):
        mine = made.sublattices[0] == sublattice
        host, dopant = (height[mine & (made.types[0] == number)] for number in (HOST, DOPANT))
        assert 1.25 < np.median(dopant) / np.median(host) < 1.7


def test_frames_show_one_lattice_that_drifts() -> None:
    made = lattice(n=4, size=128, frames=True, drift=3, seed=2)
    assert (made.offsets[0] == 0).all()
    assert np.allclose(np.diff(made.offsets, axis=0), made.offsets[1])
    first, last = made.positions[0], made.positions[3]
    moved = np.linalg.norm(last[:, None] - first - made.offsets[3], axis=2).min(axis=1)
    assert np.quantile(moved, 0.8) < 0.5
    others = lattice(n=2, size=128, drift=3, seed=2)
    assert (others.offsets == 0).all()
    assert others.tilts[0] != others.tilts[1]


def test_drift_shears_an_image_by_its_own_amount() -> None:
    # From the first line to the last one the lattice moves by the drift of one image.
    still, moved = (lattice(n=2, size=256, structure="square", drift=d, tilt=0, frames=True) for d in (0, 6))
    drift = moved.offsets[1]
    for line in (40.0, 200.0):
        near = still.positions[0][np.abs(still.positions[0][:, 0] - line).argmin()]
        expected = near + drift * (near[0] + drift[0] * near[0] / 256) / 256
        assert np.linalg.norm(moved.positions[0] - expected, axis=1).min() < 0.05 * 16


def test_jitter_moves_lines_and_flicker_changes_their_brightness() -> None:
    how = {"size": 256, "dose": 2000.0, "tilt": 20.0, "seed": 5}
    plain = lattice(**how, jitter=0, flicker=0)  # type: ignore[arg-type]
    flickering = lattice(**how, jitter=0, flicker=0.2)  # type: ignore[arg-type]
    lines = flickering.noisy[0].sum(axis=1) / plain.clean[0].sum(axis=1)
    assert lines.std() == pytest.approx(0.2, rel=0.2)
    shaken = lattice(**how, jitter=1.0, flicker=0)  # type: ignore[arg-type]
    assert (shaken.clean == plain.clean).all()
    slope = np.gradient(plain.clean[0], axis=1)
    shifts = ((shaken.noisy[0] - plain.clean[0]) * slope).sum(axis=1) / (slope**2).sum(axis=1)
    assert 0.5 < shifts.std() < 1.2


def test_the_background_is_smooth_and_has_its_share() -> None:
    made = lattice(size=128, background=1.0, dose=10)
    assert made.clean.mean() == pytest.approx(10, rel=0.01)
    assert np.abs(made.clean[0] - gaussian_filter(made.clean[0], 1)).max() < 0.1
    dark = lattice(size=128, background=0.0, structure="square", spacing=24)
    assert np.quantile(dark.clean, 0.1) < 0.01 * dark.clean.max()


def test_a_seed_draws_the_same_images_of_any_number_again() -> None:
    two, four = lattice(n=2, size=64, seed=3), lattice(n=4, size=64, seed=3)
    assert (two.noisy == four.noisy[:2]).all()
    assert (two.positions[1] == four.positions[1]).all()
    assert (lattice(size=64, seed=4).noisy != two.noisy[:1]).any()
    assert (two.noisy[0] != two.noisy[1]).any()


def test_bright_pixels_end_at_the_largest_count() -> None:
    assert lattice(size=32, dose=20_000, spacing=32, structure="square").noisy.max() == 2**16 - 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"structure": "cubic"}, "No structure is called 'cubic'"),
        ({"dose": -1}, "'dose' is -1"),
        ({"vacancies": 0.7, "dopants": 0.7}, "add up to 1.4"),
        ({"size": 4}, "'size' is 4"),
        ({"n": 0}, "'n' is 0"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        lattice(**options)  # type: ignore[arg-type]


def test_images_are_written_with_the_truth_and_read_again(tmp_path: Path) -> None:
    made = lattice(n=3, size=64, vacancies=0.1)
    made.write(tmp_path / "made")
    noisy, clean = read(tmp_path / "made" / "noisy"), read(tmp_path / "made" / "clean")
    assert (noisy.array == made.noisy).all()
    assert noisy.array.dtype == np.uint16
    assert (clean.array == made.clean).all()
    table = np.genfromtxt(tmp_path / "made" / "columns.csv", delimiter=",", dtype=None, names=True)
    assert (table["type"] == "vacancy").sum() == (np.concatenate(made.types) == VACANCY).sum()
    assert table["image"][0] == "lattice-0.tif"
    assert np.allclose(np.column_stack([table["y"], table["x"]]), np.concatenate(made.positions), atol=5e-4)


def test_patches_are_labelled_by_the_defects_in_them() -> None:
    made = lattice(n=2, size=128, vacancies=0.05, dopants=0.05, seed=1)
    patches = covering([(128, 128)] * 2, made.names, (), 32)
    labels = made.labels(patches, 32)
    assert set(labels) == {"host", "vacancy", "dopant", "several"}
    for label, owner, corner in zip(labels, patches.owner, patches.corners, strict=True):
        places, types = made.positions[owner], made.types[owner]
        found = set(types[((places >= corner) & (places <= corner + 31)).all(axis=1)]) - {HOST}
        names = {frozenset(): "host", frozenset({VACANCY}): "vacancy", frozenset({DOPANT}): "dopant"}
        assert label == names.get(frozenset(found), "several")


def test_the_set_is_read_by_its_name_whole_or_in_patches() -> None:
    assert read("lattice").array.shape == (100, 256, 256)
    data = read("lattice", Reading(patch=64))
    assert data.array.shape == (1600, 64, 64)
    assert data.labels is not None
    assert 0.1 < (data.labels != "host").mean() < 0.5
    assert data.groups is not None
    assert len(np.unique(data.groups)) == 100
