from __future__ import annotations

import numpy as np
import pytest

from narrows import Autoencoder, Denoiser
from narrows.core.errors import InputError
from tests.signals import PATTERNS, SPECTRA, as_signal


def test_a_signal_is_fitted_and_encoded_as_its_spectra() -> None:
    signal = as_signal(SPECTRA)
    fitted = Autoencoder(latent_dim=2, epochs=1).fit(signal)
    assert fitted.run_.schema.kind == "spectra"
    codes = fitted.transform(signal)
    np.testing.assert_allclose(codes, fitted.transform(SPECTRA.reshape(-1, 20)), atol=1e-5)


def test_pairs_of_signals() -> None:
    noisy, clean = as_signal(PATTERNS), as_signal(PATTERNS // 2)
    made = Denoiser(Autoencoder(latent_dim=2, epochs=1)).fit(noisy, clean)
    assert made.run_.config["pairs"]
    with pytest.raises(InputError, match="are equal"):
        Denoiser().fit(noisy, noisy)
