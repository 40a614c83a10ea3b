"""The structure of patches: that of the image below the noise, and which patches have none."""

from __future__ import annotations

import numpy as np
import pytest

from narrows.data.images.structure import plain, structure
from narrows.data.lattice import lattice
from narrows.data.windows import cut


def waves(n: int, amplitude: float) -> np.ndarray:
    """Images `(n, 1, 64, 64)` of slow waves with the variance `amplitude`² / 2."""
    y, x = np.mgrid[:64, :64]
    phase = np.random.default_rng(0).uniform(0, 6, (n, 1, 1, 1))
    return 10 + amplitude * np.sin(x * np.pi / 16 + y * np.pi / 32 + phase)


@pytest.mark.parametrize("std", [0.0, 1.0, 4.0])
def test_structure_is_the_variance_without_noise(std: float) -> None:
    noise = std * np.random.default_rng(1).standard_normal((200, 1, 64, 64))
    found = structure(waves(200, 2.0) + noise)
    assert found[:, 0].mean() == pytest.approx(2.0, rel=0.05)
    alone = structure(noise)
    assert abs(alone[:, 0].mean()) < 0.01 * max(std**2, 1e-9)
    assert alone[:, 0].std() == pytest.approx(alone[:, 1].mean(), rel=0.2)


def test_structure_is_that_of_all_channels_and_any_number_of_images() -> None:
    grey = waves(5, 2.0)
    found = structure(np.concatenate([grey, 0 * grey], axis=1))
    np.testing.assert_allclose(found[:, 0], structure(grey)[:, 0] / 2, rtol=1e-5)
    assert structure(grey[:0]).shape == (0, 2)


def test_empty_constant_and_saturated_patches_are_plain() -> None:
    rng = np.random.default_rng(0)
    usual = waves(20, 2.0) + rng.standard_normal((20, 1, 64, 64))
    empty, constant = 10 + rng.standard_normal((5, 1, 64, 64)), np.full((5, 1, 64, 64), 7.0)
    saturated = np.minimum(waves(5, 2.0) + rng.standard_normal((5, 1, 64, 64)) + 3, 12)
    found = plain(structure(np.concatenate([usual, empty, constant, saturated])))
    assert found.tolist() == 20 * [False] + 15 * [True]


def test_patches_of_two_values_are_not_saturated() -> None:
    binary = (waves(10, 2.0) > 9.5).astype(np.uint8)
    assert (binary.mean(axis=(1, 2, 3)) > 0.5).all()
    assert not plain(structure(binary)).any()


@pytest.mark.parametrize("dose", [0.3, 3.0, 30.0])
def test_vacuum_beside_a_lattice_is_plain_at_any_dose(dose: float) -> None:
    clean = lattice(n=2, size=256, dose=dose, seed=5).clean
    clean[:, :, 128:] = 0.1 * dose
    counts = np.random.default_rng(0).poisson(clean)
    patches, where = cut(list(counts), ["a", "b"], (), 64)
    assert (plain(structure(patches[:, None])) == (where.corners[:, 1] >= 128)).all()


def test_patches_whose_structure_drowns_in_noise_are_not_plain() -> None:
    noisy = waves(50, 0.3) + 3 * np.random.default_rng(0).standard_normal((50, 1, 64, 64))
    assert not plain(structure(noisy)).any()
    same = np.ones((9, 1, 8, 8))
    assert not plain(structure(same)).any()
