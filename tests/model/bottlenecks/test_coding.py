"""Codes on bins of equal mass, under normal distributions."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from narrows.model.bottlenecks.coding import BITS, Bins, Normals, quantiles, uniform
from narrows.tasks.compression.coder import Coder

pytest.importorskip("constriction")
RNG = np.random.default_rng(0)


def test_bins_have_equal_mass_and_their_codes_lie_in_them() -> None:
    bins = Bins(2.0)
    numbers = np.arange(1, 2**BITS - 1)
    assert (bins.alphabet.edges(numbers) < bins.middle(numbers)).all()
    assert (bins.middle(numbers) < bins.alphabet.edges(numbers + 1)).all()
    z = 2 * RNG.standard_normal(200_000)
    found = np.searchsorted(bins.alphabet.edges(np.arange(1, 2**BITS)), z)
    assert np.bincount(found >> (BITS - 3)) / len(z) == pytest.approx(1 / 8, abs=0.005)


def test_the_places_of_bins_are_those_that_files_were_written_with() -> None:
    assert hashlib.sha256(quantiles().astype("<f8").tobytes()).hexdigest()[:16] == "bd19deb088f5f0e2"


@pytest.mark.parametrize("full", [False, True])
def test_popped_codes_follow_their_distribution(full: bool) -> None:
    n, mean = 20_000, np.array([0.5, -1.0])
    whitening = np.array([[2.0, 0.0], [1.5, 4.0]]) if full else np.array([2.0, 4.0])
    words = RNG.integers(1, 2**32, 4 * n, dtype=np.uint64).astype(np.uint32)
    coder, normals = (
        Coder(words),
        Normals(Bins(), np.tile(mean, (n, 1)), np.tile(whitening, (n, *[1] * whitening.ndim))),
    )
    numbers = normals.pop(coder)
    z = Bins().middle(numbers)
    wanted = np.linalg.inv(whitening) @ np.linalg.inv(whitening).T if full else np.diag(whitening**-2.0)
    assert z.mean(axis=0) == pytest.approx(mean, abs=0.02)
    assert np.cov(z.T) == pytest.approx(wanted, abs=0.01)
    normals.push(numbers, coder)
    assert (coder.words == words).all()


def test_the_prior_takes_the_bits_of_a_bin() -> None:
    coder = Coder()
    coder.push(RNG.integers(0, 2**BITS, 1000), uniform(1000))
    assert coder.bits == pytest.approx(1000 * BITS, abs=64)
