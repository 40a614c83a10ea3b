from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.data.lattice import lattice
from narrows.data.readers import as_data
from narrows.data.split import split
from narrows.data.windows import cut
from narrows.fitting.fit import fit
from narrows.training.batches import Rows
from narrows.training.history import Epoch
from narrows.training.meter import evaluate
from tests.samples import curve


def test_the_same_seed_gives_the_same_run_and_leaves_the_generator_alone() -> None:
    data = as_data(curve(120))
    torch.manual_seed(5)
    before = torch.get_rng_state()
    runs = [
        fit(data, recipe="denoising-vae", overrides={"training": {"epochs": 3}}, seed=s) for s in (1, 1, 2)
    ]
    assert torch.equal(torch.get_rng_state(), before)
    first, second, other = (torch.cat([v.flatten() for v in run.weights.values()]) for run in runs)
    assert torch.equal(first, second)
    assert not torch.equal(first, other)


def test_the_best_weights_are_kept_and_training_stops_early() -> None:
    data = as_data(np.random.default_rng(0).standard_normal((60, 8)))
    run = fit(
        data, latent_dim=7, overrides={"training": {"epochs": 80, "patience": 5, "schedule": "constant"}}
    )
    totals = [epoch["validation"]["total"] for epoch in run.history]
    best = int(np.argmin(totals))
    assert len(totals) == best + 1 + 5
    parts = split(60, seed=0)
    rows = Rows(data.array[parts.validation], run.scaling)
    assert evaluate(run.objective, rows)["total"] == pytest.approx(totals[best], rel=1e-6)


def test_an_interruption_keeps_the_best_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(epoch: Epoch) -> None:
        if epoch.number == 3:
            raise KeyboardInterrupt

    data = as_data(curve(120))
    run = fit(data, overrides={"training": {"epochs": 50}}, on_epoch=interrupt)
    assert len(run.history) == 3
    assert run.interrupted
    assert run.metrics["held_out"]["mse"] > 0
    monkeypatch.setattr(
        "narrows.training.loop.train", lambda *_: interrupt(Epoch(3, 9, "whole", {}, {}, 0, False, 0, 0))
    )
    with pytest.raises(KeyboardInterrupt):
        fit(data)


def test_only_images_can_be_flipped_and_rotated() -> None:
    with pytest.raises(InputError, match="Only images can be flipped"):
        fit(as_data(np.random.default_rng(0).random((50, 3))), overrides={"training": {"turns": True}})


def test_an_interrupted_verdict_leaves_the_trained_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    X = np.random.default_rng(0).normal(size=(60, 4))
    ae = Autoencoder(2, training={"epochs": 2})
    whole = ae.fit(X).reconstruct(X)
    monkeypatch.setattr("narrows.fitting.fit.assess", interrupted)
    with pytest.warns(UserWarning, match="interrupted before the verdict"):
        ae.fit(X)
    assert np.array_equal(ae.reconstruct(X), whole)
    assert ae.verdict_ == ae.run_.unfinished
    with pytest.raises(InputError, match="interrupted before the verdict"):
        ae.save("a")
    with pytest.raises(KeyboardInterrupt):
        fit(as_data(X))


def test_a_linear_path_begins_at_the_principal_components_of_some_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before the first step the error is that of PCA; here the learning rate is too small to change it."""
    rng = np.random.default_rng(0)
    x = np.sin(6 * rng.random((120, 1, 1)) + np.arange(10)[:, None]) + 0.1 * rng.standard_normal((120, 10, 1))
    training = {"epochs": 1, "learning_rate": 1e-9}
    errors = {}
    for most in (2**23, 400):
        monkeypatch.setattr("narrows.fitting.fit.BEGIN", most)
        run = fit(as_data(x, kind="sequences"), latent_dim=2, overrides={"training": training})
        errors[most] = run.metrics["held_out"]["mse"] / run.metrics["held_out"]["pca_mse"]
    assert errors[2**23] == pytest.approx(1, abs=1e-3)
    assert errors[2**23] != errors[400] == pytest.approx(1, abs=0.2)


def test_empty_patches_are_drawn_less_often_and_that_is_said() -> None:
    images = lattice(n=12, size=64, spacing=8, seed=1).noisy
    images[:, :, 16:] = np.random.default_rng(0).poisson(3, (12, 64, 48))
    pieces, patches = cut(list(images), [str(i) for i in range(12)], (), 16)
    data = replace(as_data(pieces), patches=patches, groups=patches.owner)
    how = {"epochs": 1, "batch_size": 4}
    run, all_taken = (
        fit(data, overrides={"training": {**how, "balanced": balanced}}) for balanced in (True, False)
    )
    said = [sentence for sentence in run.config["why"] if "empty, constant or saturated" in sentence]
    # Of 12 images 8 are trained on, with 16 patches each.
    assert said == [
        "96 of 128 training patches are empty, constant or saturated; an epoch takes 13 of them "
        "(training.balanced=false takes all)."
    ]
    assert not any("saturated" in sentence for sentence in all_taken.config["why"])


def test_the_engine_is_measured_on_the_rows_of_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("narrows.fitting.fit")
    seen: dict[str, Any] = {}
    choose, learn = module.choose_engine, module.learn
    monkeypatch.setattr(
        module, "choose_engine", lambda *of: choose(*of[:2], seen.setdefault("a", of[2]), of[3])
    )
    monkeypatch.setattr(
        module, "learn", lambda run, rows, *of, **how: learn(run, seen.setdefault("b", rows), *of, **how)
    )
    fit(as_data(np.random.default_rng(0).normal(size=(60, 5))), overrides={"training": {"epochs": 1}})
    assert seen["a"] is seen["b"]
    assert len(seen["a"]) == 36
