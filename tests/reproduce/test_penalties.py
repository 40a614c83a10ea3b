from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.core.records import Batch
from narrows.reproduce.lab import Entry, Lab, held_out_images
from narrows.reproduce.penalties import RHO, Y3, Y4, activations, jacobian_norm, jacobians, off_target


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


def test_activations_are_means_between_0_and_1(lab: Lab) -> None:
    hidden, code = activations(lab, lab.fit("y4"))
    assert 0 < hidden < 1
    assert code == pytest.approx(float(lab.fit("y4").encode(lab.digits.held_out.array).mean()))


def test_the_norm_is_the_root_of_the_mean_square(lab: Lab) -> None:
    run, x = lab.fit("y3"), held_out_images(lab.digits)[:4]
    squares = [jacobian_norm(run, image[None]) ** 2 for image in x]
    assert jacobian_norm(run, x) ** 2 == pytest.approx(np.mean(squares), rel=1e-5)


def test_the_deviation_is_that_of_the_layer_farther_from_the_target(lab: Lab) -> None:
    run = lab.fit("y4")
    farther = max(abs(mean - RHO) for mean in activations(lab, run))
    assert off_target(lab, run) == pytest.approx(farther / RHO)


@pytest.mark.parametrize("entry", [Y3, Y4], ids=lambda entry: entry.id)
def test_each_has_numbers_and_a_sentence(entry: Entry, lab: Lab) -> None:
    finding = entry.measure(lab)
    assert finding.checks
    assert "nan" not in finding.sentence.lower()
    assert np.isfinite(list(finding.measured.values())).all()
