from __future__ import annotations

import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from narrows.core.errors import InputError
from narrows.data.datasets import load
from narrows.data.kinds import describe
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.few_labels.classifiers import (
    Classifier,
    FineTuned,
    LinearProbe,
    max_shift,
    probabilities,
    scaled_values,
    shifted,
    store_classifier,
    stored_classifier,
)

RNG = np.random.default_rng(0)


def test_a_linear_probe_gives_the_probabilities_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    for classes in (2, 3):
        codes, y = RNG.standard_normal((90, 4)), np.arange(90) % classes
        scale = codes.std(axis=0).mean()
        theirs = LogisticRegression(max_iter=1000).fit(codes / scale, y).predict_proba(codes / scale)
        np.testing.assert_allclose(LinearProbe.fit(codes, y).probabilities(codes), theirs, rtol=1e-9)


def test_images_are_shifted_down_and_right_each_by_its_own_number_of_pixels() -> None:
    x = torch.arange(18.0).reshape(2, 1, 3, 3)
    found = shifted(x, torch.tensor([1, 0]), torch.tensor([0, -1]))
    assert found[0, 0].tolist() == [[0, 1, 2], [0, 1, 2], [3, 4, 5]]
    assert found[1, 0].tolist() == [[10, 11, 11], [13, 14, 14], [16, 17, 17]]


@pytest.mark.parametrize(("shape", "pixels"), [((28, 28), 2), ((56, 15, 3), 1), ((8, 8), 0), ((400,), 0)])
def test_only_larger_images_are_shifted(shape: tuple[int, ...], pixels: int) -> None:
    run: Any = SimpleNamespace(schema=describe(np.zeros((2, *shape))))
    assert max_shift(run) == pixels


def test_probabilities_of_larger_images_are_means_over_nine_shifts() -> None:
    images = RNG.random((4, 14, 14), np.float32)
    small = {"encoder": {"widths": [8]}, "training": {"epochs": 1}}
    run = fit(as_data(RNG.random((40, 14, 14), np.float32)), latent_dim=2, overrides=small)
    network = Classifier(copy.deepcopy(run.model.encoder), 3).eval()
    x = torch.as_tensor(run.scaled(images)).reshape(-1, 1, 14, 14)
    steps = [torch.full((4,), i) for i in (-1, 0, 1)]
    with torch.no_grad():
        views = [network(shifted(x, down, right)).softmax(1) for down in steps for right in steps]
    expected = torch.stack(views).mean(0).numpy()
    np.testing.assert_allclose(probabilities(run, network, images), expected, rtol=1e-5)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_stored_linear_probe_comes_back(digits_run: Run, classes: int) -> None:
    run, names = replace(digits_run), np.array(["ant", "bee", "cat"][:classes])
    probe = LinearProbe.fit(RNG.standard_normal((30, 4)), np.arange(30) % classes)
    store_classifier(run, names, probe)
    again, found = stored_classifier(run, "run")
    codes = RNG.standard_normal((5, 4))
    assert again.tolist() == names.tolist()
    assert isinstance(found, LinearProbe)
    np.testing.assert_array_equal(found.probabilities(codes), probe.probabilities(codes))


def test_a_stored_network_comes_back_and_no_other(digits_run: Run) -> None:
    run, names = replace(digits_run), np.array([3, 5])
    network = Classifier(copy.deepcopy(run.model.encoder), 2)
    with pytest.raises(InputError, match="and no classifier"):
        stored_classifier(run, "run")
    store_classifier(run, names, FineTuned(network))
    found = stored_classifier(run, "run")[1]
    assert isinstance(found, FineTuned)
    assert found.linear is None
    state = found.network.state_dict()
    assert all(torch.equal(value, network.state_dict()[name]) for name, value in state.items())
    store_classifier(run, np.array([3, 5, 7]), FineTuned(network))
    with pytest.raises(InputError):
        stored_classifier(run, "run")
    store_classifier(run, names[:1], None)
    assert stored_classifier(run, "run")[1] is None


def test_a_network_is_averaged_with_a_regression_by_its_weight_and_both_come_back(digits_run: Run) -> None:
    run, names = replace(digits_run), np.array([3, 5])
    network = Classifier(copy.deepcopy(run.model.encoder), 2).eval()
    values = load("digits").array[:40]
    linear = LinearProbe.fit(scaled_values(run, values), np.arange(40) % 2)
    both = FineTuned(network, linear, 0.25)
    expected = 0.75 * probabilities(run, network, values)
    expected = expected + 0.25 * linear.probabilities(scaled_values(run, values))
    np.testing.assert_allclose(both.probabilities(run, values), expected)
    store_classifier(run, names, both)
    found = stored_classifier(run, "run")[1]
    assert isinstance(found, FineTuned)
    np.testing.assert_array_equal(found.probabilities(run, values), both.probabilities(run, values))
