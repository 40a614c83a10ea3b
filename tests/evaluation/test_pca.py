from __future__ import annotations

import numpy as np
import pandas
import pytest
from sklearn.decomposition import PCA

from narrows.data.datasets import load
from narrows.data.split import split
from narrows.evaluation.errors import errors
from narrows.evaluation.pca import Pca, has_room
from narrows.fitting.fit import fit
from tests.samples import curve, mixed, of_frame


def test_the_yardstick_is_pca_on_one_hot_columns() -> None:
    """PCA by scikit-learn on columns made by hand gives the verdict's number."""
    frame = mixed(300)
    data = of_frame(frame)
    run = fit(data, latent_dim=2, overrides={"training": {"epochs": 1}})
    parts = np.random.default_rng(0).permutation(300)
    numbers = frame[["a", "b"]].to_numpy(dtype=float)
    sizes = run.metrics["held_out"]["n"]
    train, held_out = parts[: 300 - 2 * sizes], parts[300 - sizes :]
    standard = (numbers - numbers[train].mean(0)) / numbers[train].std(0)
    wide = np.column_stack([standard, frame["c"], pandas.get_dummies(frame[["d", "e"]])]).astype(float)
    pca = PCA(2).fit(wide[train])
    residual = wide[held_out] - pca.inverse_transform(pca.transform(wide[held_out]))
    assert run.metrics["held_out"]["pca_mse"] == pytest.approx((residual**2).sum() / (5 * sizes), rel=1e-4)


def test_principal_components_block_by_block_are_those_of_the_whole() -> None:
    x = curve(500).astype(np.float32) + 3
    x[np.random.default_rng(1).random(x.shape) < 0.1] = np.nan
    whole = Pca.fit(x, 3)
    pieces = Pca.fit_blocks(np.array_split(x, 7), 3, np.nanmean(x, axis=0))
    np.testing.assert_allclose(pieces.reconstruct(x), whole.reconstruct(x), atol=1e-4)


def test_pca_is_that_of_scikit_learn_on_the_same_rows_and_scale() -> None:
    data = load("digits")
    run = fit(data, latent_dim=8, overrides={"training": {"epochs": 1}})
    parts = split(len(data), seed=0)
    x = data.array.reshape(len(data), -1) / 16
    pca = PCA(8).fit(x[parts.train])
    back = pca.inverse_transform(pca.transform(x[parts.held_out]))
    found = run.metrics["held_out"]
    assert found["pca_mse"] == pytest.approx(((back - x[parts.held_out]) ** 2).mean(), rel=1e-4)
    assert found["mse"] == pytest.approx(
        ((run.reconstruct(data.array[parts.held_out]) / 16 - data.array[parts.held_out] / 16) ** 2).mean(),
        rel=1e-4,
    )
    assert found["n"] == len(parts.held_out)


def test_missing_cells_are_filled_with_means_and_not_scored() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((50, 5))
    x[rng.random(x.shape) < 0.2] = np.nan
    found = errors(x, Pca.fit(x, 5).reconstruct(x))
    assert found.values.sum() == (~np.isnan(x)).sum()
    assert found.mse < 1e-20


def test_components_found_in_passes_are_those_of_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample they begin at has other components, and the variances hardly fall from one to the next."""
    rng = np.random.default_rng(0)
    scales = np.linspace(5, 1, 60)
    x = (rng.normal(size=(900, 60)) * scales @ np.linalg.qr(rng.normal(size=(60, 60)))[0] + 3).astype(
        np.float32
    )
    x[rng.random(x.shape) < 0.05] = np.nan
    passes = []

    def blocks() -> list[np.ndarray]:
        passes.append(1)
        return np.split(x, [7, 300, 301, 640])

    found = Pca.fit_passes(blocks, 3, np.nanmean(x[:50], axis=0), x[:50])
    whole, sampled = Pca.fit(x, 3), Pca.fit(x[:50], 3)
    exact, of_sample = (errors(x, each.reconstruct(x)).mse for each in (whole, sampled))
    assert errors(x, found.reconstruct(x)).mse == pytest.approx(exact, rel=0.003)
    assert of_sample > 1.02 * exact
    assert 2 < len(passes) <= 6
    np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(3), atol=1e-8)


def test_passes_end_at_the_exact_components_where_there_are_no_more() -> None:
    x = curve(300).astype(np.float32)
    found, whole = Pca.fit_passes(lambda: np.split(x, [100]), 2, np.zeros(x.shape[1]), x[:20]), Pca.fit(x, 2)
    np.testing.assert_allclose(found.reconstruct(x), whole.reconstruct(x), atol=1e-3)
    np.testing.assert_allclose(found.mean, x.mean(axis=0), atol=1e-5)
    few = Pca.fit_passes(lambda: [x[:1]], 2, np.zeros(x.shape[1]), x[:1])
    np.testing.assert_allclose(few.reconstruct(x[:1]), x[:1], atol=1e-4)
    assert has_room(160_000, 8)
    assert not has_room(2048**2, 8)
