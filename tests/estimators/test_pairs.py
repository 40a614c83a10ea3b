from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline

from narrows import Autoencoder, Denoiser
from narrows.core.errors import InputError
from narrows.data.lattice import lattice
from narrows.estimators.pairs import is_paired
from tests.samples import shapes

FEW = Autoencoder(2, training={"epochs": 1})


def error(made: Any, wanted: Any) -> float:
    return float(((made - wanted) ** 2).mean())


def test_targets_of_an_autoencoder_are_learned_and_judged_by() -> None:
    clean, others = shapes(12, 12, 400).astype(np.float32), shapes(12, 12, 50).astype(np.float32)
    there, back = clean[:, ::-1], others[:, ::-1]
    taught = Autoencoder(16, training={"epochs": 25}).fit(there, clean)
    alone = Autoencoder(16, training={"epochs": 25}).fit(there)
    assert error(taught.reconstruct(back), others) < 0.5 * error(alone.reconstruct(back), others)
    assert taught.run_.config["pairs"]
    assert "pairs" not in alone.run_.config
    assert taught.score(back, others) == pytest.approx(
        1 - error(taught.reconstruct(back), others) / float(others.var()), abs=0.02
    )
    with pytest.raises(InputError, match=r"This Autoencoder was fitted to pairs.* score\(noisy, clean\)"):
        taught.score(back)


def test_the_same_as_target_is_no_pair() -> None:
    X = np.random.default_rng(0).random((60, 5))
    assert (
        Autoencoder(2, epochs=1).fit(X, X.copy()).run_.metrics == Autoencoder(2, epochs=1).fit(X).run_.metrics
    )


def test_labels_are_no_targets() -> None:
    X = np.random.default_rng(0).random((60, 5))
    fitted = Autoencoder(2, epochs=1).fit(X, np.arange(60) % 3)
    assert "pairs" not in fitted.run_.config
    assert [is_paired(X, y) for y in (None, X[:, 0], X[:, :1], X[:, :2], X, list(X))] == [False] * 4 + [
        True
    ] * 2
    assert is_paired(np.zeros((4, 5, 6)), np.zeros((4, 6, 5)))  # refused, not ignored
    with pytest.raises(InputError, match="y holds 59 labels for 60 examples; wanted is one for each"):
        Autoencoder(2, epochs=1).fit(X, np.arange(59))


def test_several_numbers_for_each_row_are_said_to_be_unused() -> None:
    X = np.random.default_rng(0).random((60, 5))
    with pytest.warns(UserWarning, match="y of the shape 60x2 is not used"):
        make_pipeline(Autoencoder(2, epochs=1), LinearRegression()).fit(X, X[:, :2])


def test_targets_of_another_shape_are_refused() -> None:
    clean = np.random.default_rng(0).random((40, 6, 5))
    with pytest.raises(InputError, match="noisy examples are 40x6x5 and the clean ones 40x5x6"):
        Autoencoder(2).fit(clean + 0.1, clean.transpose(0, 2, 1))
    frame = pd.DataFrame(clean[:, 0], columns=list("abcde"))
    with pytest.raises(InputError, match="give both as arrays or as data frames"):
        Denoiser(Autoencoder(2)).fit(frame + 0.1, frame.to_numpy())


def test_an_estimator_is_fitted_again_without_its_pairs() -> None:
    X = np.random.default_rng(0).random((60, 5))
    once = Autoencoder(2, epochs=1).fit(X + 0.1, X)
    assert once.fit(X[:, :4]).n_features_in_ == 4
    assert "pairs" not in once.run_.config
    assert once.fit(X + 0.1, X).run_.config["pairs"]


def test_labels_of_images_are_those_of_their_patches() -> None:
    images = shapes(32, 32, 24).astype(np.float32)
    small = Autoencoder(2, recipe="autoencoder", training={"epochs": 1})
    fitted = Denoiser(small, patch=16).fit(images, np.arange(24) % 2)
    labels = fitted.run_.evidence.labels
    assert labels is not None
    assert set(labels.tolist()) <= {0, 1}


def test_pairs_of_windows_of_recordings() -> None:
    steps = np.arange(600)
    clean = np.sin(steps / 5)[:, None]
    noisy = clean + 0.3 * np.random.default_rng(0).normal(size=clean.shape)
    how = {"kind": "sequences", "window": 20, "training": {"epochs": 2}}
    fitted = Denoiser(Autoencoder(2, **how)).fit(noisy, clean)
    assert fitted.run_.config["pairs"]
    assert fitted.transform(noisy).shape == noisy.shape


def test_frames_are_denoised_without_a_clean_one() -> None:
    made = lattice(n=12, size=64, dose=3, drift=2, frames=True, seed=1)
    small = Autoencoder(recipe="noise2noise", encoder={"widths": [16], "blocks": 3}, training={"epochs": 12})
    fitted = Denoiser(small, patch=16).fit(made.noisy.astype(np.float32))
    assert fitted.run_.config["exchanged"]
    restored = fitted.transform(made.noisy.astype(np.float32))
    assert error(restored, made.clean) < 0.5 * error(made.noisy, made.clean)
    again = Autoencoder(recipe="noise2noise", encoder={"widths": [4], "blocks": 1}, training={"epochs": 1})
    assert again.fit(made.noisy.repeat(4, axis=0)[:40]).run_.config["exchanged"]
    with pytest.raises(InputError, match="Frames of a movie are images in order, but X is read as table"):
        Autoencoder(recipe="noise2noise").fit(made.noisy[0])
