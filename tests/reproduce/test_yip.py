from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.records import Batch
from narrows.reproduce.lab import Lab, held_out_images, mse, reconstruct_images
from narrows.reproduce.yip import ENTRIES, activations, jacobians, permuted


def test_the_jacobian_of_a_linear_encoder_is_its_weights(lab: Lab) -> None:
    run = lab.fit("linear", latent_dim=3)
    found = jacobians(run, held_out_images(lab.digits)[:5])
    weight = run.model.bottleneck.project.weight.detach()  # type: ignore[union-attr, operator]
    np.testing.assert_allclose(found, float(weight.square().sum()), rtol=1e-5)


def test_the_jacobian_is_that_of_finite_differences(lab: Lab) -> None:
    run, x = lab.fit("y3"), held_out_images(lab.digits)[:1]
    model, step = run.model.double().eval(), 1e-5
    images = torch.as_tensor(x, dtype=torch.float64)[:, None]
    with torch.no_grad():
        nudged = images + step * torch.eye(784, dtype=torch.float64).reshape(784, 1, 28, 28)
        slopes = (model.encode(Batch(nudged)) - model.encode(Batch(images))) / step
    model.float()
    assert jacobians(run, x)[0] == pytest.approx(float(slopes.square().sum()), rel=1e-3)


def test_pixels_are_shuffled_alike_in_all_images(lab: Lab) -> None:
    order = np.random.default_rng(0).permutation(784)
    mixed = permuted(lab.digits, order)
    for before, after in ((lab.digits, mixed), (lab.digits.held_out, mixed.held_out)):
        flat, found = (part.array.reshape(len(part), -1) for part in (before, after))
        np.testing.assert_array_equal(found, flat[:, order])
    assert mixed.name != lab.digits.name  # so that the lab does not take one for the other


def test_activations_are_means_between_0_and_1(lab: Lab) -> None:
    hidden, code = activations(lab, lab.fit("y4"))
    assert 0 < hidden < 1
    assert code == pytest.approx(float(lab.fit("y4").encode(lab.digits.held_out.array).mean()))


def test_the_numbers_are_errors_on_the_test_images(lab: Lab) -> None:
    finding = next(entry for entry in ENTRIES if entry.id == "Y1").measure(lab)
    x = held_out_images(lab.digits)
    assert finding.measured["test_mse"] == mse(x, reconstruct_images(lab.fit("y1"), x))
    assert finding.yardstick["pca_mse"] == lab.pca(lab.digits, 3)[1]
    assert finding.holds == (finding.measured["test_mse"] <= finding.yardstick["threshold"])


@pytest.mark.parametrize("name", ["Y2", "Y3", "Y4", "Y5"])
def test_each_has_numbers_and_a_sentence(name: str, lab: Lab) -> None:
    finding = next(entry for entry in ENTRIES if entry.id == name).measure(lab)
    assert finding.checks
    assert "nan" not in finding.sentence
    assert finding.measured
    assert np.isfinite(list(finding.measured.values())).all()
