from __future__ import annotations

import numpy as np
import pytest

from narrows import Autoencoder, Denoiser
from narrows.core.errors import InputError
from narrows.tasks.restoration.denoise import denoise
from tests.samples import SMALL, shapes


def test_the_estimator_takes_images_of_any_size() -> None:
    learned = shapes(70, 64, 24).astype(np.float32)
    found = Denoiser(Autoencoder(encoder=SMALL["encoder"], training={"epochs": 2}), patch=32).fit(learned)
    others = shapes(45, 90, 3).astype(np.float32)
    clean = found.transform(others)
    assert (clean.shape, clean.dtype) == (others.shape, others.dtype)
    assert np.array_equal(clean[0], denoise(found.run_, others[0]))
    assert not hasattr(found, "inverse_transform")
    found.save("run")
    assert np.array_equal(Denoiser.load("run").transform(others), clean)


def test_clean_images_beside_noisy_ones_are_refused_with_what_to_write() -> None:
    clean = np.random.default_rng(0).random((40, 6, 5))
    noisy = clean + 0.1
    for pair in ((noisy, clean), (list(noisy), list(clean)), (noisy[:, 0], clean[:, 0])):
        with pytest.raises(InputError, match=r"fitted to clean data alone .* write fit\(clean\)"):
            Denoiser().fit(*pair)
    with pytest.raises(InputError, match=r"reconstructs its own input.* Denoiser\(\)\.fit\(clean\)"):
        Autoencoder().fit(noisy, clean)
    Autoencoder(2, training={"epochs": 1}).fit(clean, clean)
