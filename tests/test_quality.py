"""Floors of trained quality on real data, with fixed seeds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from narrows import Autoencoder
from narrows.data.datasets import load
from narrows.data.split import split
from narrows.fitting.fit import fit
from tests.samples import curve


def test_digits_stay_well_below_pca() -> None:
    found = fit(load("digits"), latent_dim=8).metrics["held_out"]
    assert found["mse"] < 0.5 * found["pca_mse"]


def test_a_linear_autoencoder_is_pca() -> None:
    """Its error is PCA's and its decoder spans PCA's subspace (Baldi & Hornik 1989)."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6000, 3)) @ rng.standard_normal((3, 8)) + 0.3 * rng.standard_normal((6000, 8))
    ae = Autoencoder(3, recipe="linear").fit(x)
    found = ae.run_.metrics["held_out"]
    assert found["mse"] == pytest.approx(found["pca_mse"], rel=0.01)
    learned = ae.run_.scaled(x[split(len(x), seed=0).train])
    axes = PCA(3).fit(learned).components_.T
    spanned = ae.run_.model.decoder.project.weight.detach().numpy()
    assert np.degrees(subspace_angles(axes, spanned).max()) < 1


def test_a_curved_line_needs_one_number_where_pca_needs_more() -> None:
    found = fit(as_data_of(curve(1500)), latent_dim=1).metrics["held_out"]
    assert found["mse"] < 0.3 * found["pca_mse"]


def as_data_of(values: np.ndarray):  # type: ignore[no-untyped-def, type-arg]
    from narrows.data.readers import as_data

    return as_data(values)


def test_negative_values_reconstruct() -> None:
    x = -5 - 3 * curve(800)
    ae = Autoencoder(2, training={"epochs": 60}).fit(x)
    assert ae.score(x) > 0.9
    assert ae.reconstruct(x).max() < 0


def test_a_wider_code_is_better_and_a_vae_generates_in_range() -> None:
    X = load_digits().images
    scores = [Autoencoder(d, training={"epochs": 12}).fit(X).score(X) for d in (1, 4, 16)]
    assert scores == sorted(scores)
    drawn = Autoencoder(4, recipe="vae", training={"epochs": 10}).fit(X).sample(20)
    assert drawn.shape == (20, 8, 8)
    assert drawn.min() >= 0
    assert drawn.max() <= 16
    assert torch.as_tensor(drawn).std(0).mean() > 0.5
