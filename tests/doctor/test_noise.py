from __future__ import annotations

import numpy as np

from narrows.data.readers import as_data
from narrows.doctor.case import DataCase
from narrows.doctor.noise import check_noise

NOISY = np.random.default_rng(0).normal(100, 5, (12, 64, 64))


def test_the_noise_of_images_is_said() -> None:
    found = check_noise(DataCase(as_data(NOISY)))
    assert found is not None
    assert found.severity == "info"
    assert found.evidence.startswith("The noise has a standard deviation of ")
    assert found.evidence.endswith("Train with --recipe self-supervised, which needs no clean images.")


def test_small_and_constant_images_and_tables_have_no_finding() -> None:
    for values in (NOISY[:, :20, :20], np.full((12, 64, 64), 3.0), NOISY[:, 0]):
        assert check_noise(DataCase(as_data(values))) is None


def test_one_image_is_enough() -> None:
    assert check_noise(DataCase(as_data(NOISY[:1]))) is not None
