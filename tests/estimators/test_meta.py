"""Estimators of an autoencoder that is given: its parameters, its copy, and what is kept of it."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from torch import nn

from narrows import AnomalyDetector, Autoencoder, Denoiser, InputError, PretrainedClassifier
from narrows.estimators.meta import MetaAutoencoder
from tests.golden import HERE
from tests.samples import curve

SHORT = {"epochs": 2}

KINDS = [AnomalyDetector, Denoiser, PretrainedClassifier]


def labels(n: int) -> Any:
    """Of a detector -1 for an anomaly; of a classifier two classes; not used by a denoiser."""
    return np.where(np.arange(n) % 4 == 0, -1, 1)


def fitted(kind: type[MetaAutoencoder], autoencoder: Autoencoder | None, **own: Any) -> Any:
    return kind(autoencoder, **own).fit(curve(80), labels(80))


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_of_the_autoencoder_are_nested(kind: type[MetaAutoencoder]) -> None:
    estimator = kind(Autoencoder(3, bottleneck={"name": "gaussian", "beta": 2.0}))
    assert estimator.get_params()["autoencoder__latent_dim"] == 3
    assert estimator.get_params()["autoencoder__bottleneck__beta"] == 2.0
    estimator.set_params(autoencoder__latent_dim=2, autoencoder__bottleneck__beta=4.0)
    assert estimator.autoencoder.latent_dim == 2
    assert estimator.autoencoder.bottleneck == {"name": "gaussian", "beta": 4.0}
    with pytest.raises(InputError, match="Did you mean 'bottleneck'"):
        estimator.set_params(autoencoder__botleneck__beta=3)
    with pytest.raises(ValueError, match="Invalid parameter 'latent_dimm'"):
        estimator.set_params(autoencoder__latent_dimm=3)


def test_parameters_are_set_where_no_autoencoder_was_given() -> None:
    estimator = Denoiser()
    estimator.set_params(autoencoder__latent_dim=2, autoencoder__training=SHORT)
    assert isinstance(estimator.autoencoder, Autoencoder)
    found = estimator.fit(curve(80))
    assert found.autoencoder_.latent_dim == 2
    assert found.run_.config["recipe"] == "denoising"
    assert estimator.set_params(autoencoder=None).autoencoder is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_given_autoencoder_is_copied_and_not_changed(kind: type[MetaAutoencoder]) -> None:
    given = Autoencoder(2, training={"epochs": 2, "batch_size": 32})
    before = repr(given.get_params())
    estimator = fitted(kind, given)
    assert estimator.autoencoder is given
    assert estimator.autoencoder_ is not given
    assert repr(given.get_params()) == before
    with pytest.raises(NotFittedError):
        given.transform(curve(3))
    assert estimator.autoencoder_.transform(curve(3)).shape == (3, 2)


def test_an_autoencoder_that_is_fitted_stays_fitted_to_its_own_data() -> None:
    given = Autoencoder(2, training=SHORT).fit(curve(100, columns=4))
    codes = given.transform(curve(9, columns=4))
    assert fitted(AnomalyDetector, given).n_features_in_ == 6
    np.testing.assert_array_equal(given.transform(curve(9, columns=4)), codes)


def test_what_an_estimator_adds_to_its_run_is_not_in_the_autoencoders() -> None:
    detector = fitted(AnomalyDetector, Autoencoder(2, training=SHORT), contamination=0.1)
    assert detector.run_.config["contamination"] == 0.1
    assert "contamination" not in detector.autoencoder_.run_.config
    classifier = fitted(PretrainedClassifier, Autoencoder(2, training=SHORT), method="probe")
    assert classifier.run_.evidence.classifier is not None
    assert classifier.autoencoder_.run_.evidence.classifier is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_clone_has_the_parameters_and_nothing_that_was_learned(kind: type[MetaAutoencoder]) -> None:
    estimator = fitted(kind, Autoencoder(2, training=SHORT))
    copy = clone(estimator)
    assert repr(copy.get_params()) == repr(estimator.get_params())
    assert copy.autoencoder is not estimator.autoencoder
    assert not hasattr(copy, "run_")
    assert not hasattr(copy, "n_features_in_")


@pytest.mark.parametrize(("kind", "scoring"), [*zip(KINDS, ["roc_auc", None, None], strict=True)])
def test_a_search_over_parameters_of_the_autoencoder(kind: Any, scoring: str | None) -> None:
    grid = {"autoencoder__latent_dim": [1, 2], "autoencoder__bottleneck__beta": [0.1, 4.0]}
    estimator = kind(Autoencoder(recipe="vae", training=SHORT))
    search = GridSearchCV(estimator, grid, cv=2, scoring=scoring, error_score="raise")
    search.fit(curve(120), labels(120))
    assert len(search.cv_results_["params"]) == 4
    best, spec = search.best_params_, search.best_estimator_.run_.config["spec"]
    assert spec["bottleneck"]["latent_dim"] == best["autoencoder__latent_dim"]
    assert spec["bottleneck"]["beta"] == best["autoencoder__bottleneck__beta"]
    assert estimator.autoencoder.latent_dim is None


@pytest.mark.parametrize(
    ("kind", "recipe"), [*zip(KINDS, ["autoencoder", "denoising", "mixture-vae"], strict=True)]
)
def test_the_recipe_is_that_of_the_use_unless_one_is_given(kind: Any, recipe: str) -> None:
    assert fitted(kind, Autoencoder(training=SHORT)).run_.config["recipe"] == recipe
    assert fitted(kind, Autoencoder(recipe="vae", training=SHORT)).run_.config["recipe"] == "vae"
    assert Autoencoder(training=SHORT).fit(curve(60)).run_.config["recipe"] == "autoencoder"


@pytest.mark.parametrize("wrong", [4, "vae", Autoencoder, Denoiser()])
def test_what_is_no_autoencoder_is_refused(wrong: Any) -> None:
    with pytest.raises(InputError, match=r"must be an Autoencoder; write AnomalyDetector\(Autoencoder"):
        AnomalyDetector(wrong).fit(curve(60))


def test_names_of_columns_are_those_of_the_data() -> None:
    frame = pandas.DataFrame(curve(80), columns=list("abcdef"))
    denoiser = Denoiser(Autoencoder(2, training=SHORT)).set_output(transform="pandas").fit(frame)
    assert list(denoiser.feature_names_in_) == list("abcdef")
    assert list(denoiser.get_feature_names_out()) == list("abcdef")
    assert list(denoiser.transform(frame).columns) == list("abcdef")
    assert denoiser.n_features_in_ == 6
    with pytest.raises(ValueError, match="feature names"):
        denoiser.transform(frame[list("fedcba")])
    assert not hasattr(Denoiser(Autoencoder(2, training=SHORT)).fit(curve(60)), "feature_names_in_")


@pytest.mark.parametrize("kind", KINDS)
def test_a_pickle_gives_the_same(kind: type[MetaAutoencoder]) -> None:
    estimator = fitted(kind, Autoencoder(2, training=SHORT))
    again = pickle.loads(pickle.dumps(estimator))
    use = "transform" if kind is Denoiser else "predict"
    np.testing.assert_array_equal(getattr(again, use)(curve(9)), getattr(estimator, use)(curve(9)))
    assert again.verdict_ == estimator.verdict_


@pytest.mark.parametrize("kind", KINDS)
def test_a_warm_start_goes_on_with_the_copy(kind: type[MetaAutoencoder]) -> None:
    how = {"epochs": 15, "keep": "last"}
    estimator = fitted(kind, Autoencoder(2, recipe="autoencoder", training=how, warm_start=True))
    first, last = (estimator.run_.history[i]["train"]["total"] for i in (0, -1))
    begun = estimator.fit(curve(80), labels(80)).run_.history[0]["train"]["total"]
    assert abs(begun - last) < 0.2 * (first - last)
    estimator.autoencoder.warm_start = False
    assert estimator.fit(curve(80), labels(80)).run_.history[0]["train"]["total"] == pytest.approx(first)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_saved_is_loaded(kind: type[MetaAutoencoder], tmp_path: Path) -> None:
    estimator = fitted(kind, Autoencoder(2, training=SHORT))
    again = kind.load(estimator.save(tmp_path / "run"))
    use = "transform" if kind is Denoiser else "predict"
    np.testing.assert_array_equal(getattr(again, use)(curve(9)), getattr(estimator, use)(curve(9)))
    assert again.autoencoder.get_params()["latent_dim"] == 2
    assert not hasattr(again.autoencoder, "run_")
    refitted = clone(again).fit(curve(80), labels(80))
    np.testing.assert_array_equal(getattr(refitted, use)(curve(9)), getattr(estimator, use)(curve(9)))


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_released_run_is_loaded_as_any_estimator_that_it_can_be(version: str) -> None:
    folder = HERE / version / "vae"
    autoencoder, denoiser = Autoencoder.load(folder), Denoiser.load(folder)
    x = np.random.default_rng(0).random((7, *autoencoder.run_.schema.shape))
    np.testing.assert_array_equal(denoiser.transform(x), autoencoder.reconstruct(x))
    assert denoiser.get_params()["autoencoder__bottleneck__name"] == "gaussian"
    with pytest.raises(InputError, match="holds an autoencoder and no classifier"):
        PretrainedClassifier.load(folder)
    with pytest.raises(InputError, match="keeps no rows to compare others with"):
        AnomalyDetector.load(folder)


def test_modules_that_were_given_are_given_again_to_load(tmp_path: Path) -> None:
    given = nn.Linear(6, 4)
    before = given.weight.detach().clone()
    detector = fitted(AnomalyDetector, Autoencoder(2, encoder=given, decoder="mlp", training=SHORT))
    assert (given.weight == before).all()
    folder = detector.save(tmp_path / "run")
    with pytest.raises(InputError, match="wants an encoder of your own"):
        AnomalyDetector.load(folder)
    again = AnomalyDetector.load(folder, encoder=nn.Linear(6, 4))
    np.testing.assert_array_equal(again.score_samples(curve(9)), detector.score_samples(curve(9)))


def test_a_denoiser_of_patches_transforms_images_of_other_sizes_whatever_its_network(tmp_path: Path) -> None:
    images = np.random.default_rng(0).random((6, 20, 24))
    denoiser = Denoiser(Autoencoder(4, recipe="autoencoder", training=SHORT), patch=8).fit(images)
    found = denoiser.transform(images[:2, :13])
    assert found.shape == (2, 13, 24)
    again = Denoiser.load(denoiser.save(tmp_path / "run"))
    assert again.patch == 8
    np.testing.assert_array_equal(again.transform(images[:2, :13]), found)
    assert again.score(images) == denoiser.score(images)


def test_a_denoisers_score_is_the_variance_that_comes_back_after_the_corruption() -> None:
    x = curve(200)
    how = {"epochs": 30}
    noise = {"name": "gaussian", "std": 0.3}
    denoiser = Denoiser(Autoencoder(1, corruption=noise, training=how)).fit(x)
    run = denoiser.run_
    left = ((run.restored(x) - run.scaled(x)) ** 2).sum()
    spread = ((run.scaled(x) - run.scaled(x).mean(axis=0)) ** 2).sum()
    assert denoiser.score(x) == pytest.approx(1 - left / spread)
    assert 0.5 < denoiser.score(x) < denoiser.autoencoder_.score(x)
