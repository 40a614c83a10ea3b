from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Domain, Features
from narrows.model.bottlenecks.plain import Plain
from narrows.model.build import build


def test_a_code_has_at_least_one_dimension() -> None:
    spec = {
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 0},
        "loss": {"name": "squared"},
    }
    with pytest.raises(InputError, match="at least 1"):
        build(spec, Domain((4,)))


def test_a_sigmoid_code_lies_between_0_and_1_and_features_can_be_the_code() -> None:
    features = Features(10 * torch.randn(5, 2, 3, 3))
    z = Plain((2, 3, 3), 4, activation="sigmoid")(features, {}, sample=False).z[0]
    assert z.shape == (5, 4)
    assert 0 <= z.min() < z.max() <= 1
    same = Plain((2, 3, 3), 18, project="none")(features, {}, sample=False).z[0]
    assert torch.equal(same, features.h)
    placed = Plain((2, 3, 3), 4, project="conv", kernel=2)
    assert placed.code_shape == (4, 2, 2)
    assert placed(features, {}, sample=False).z[0].shape == (5, 4, 2, 2)
    whole = Plain((2, 3, 3), 4, project="conv")
    assert whole.code_shape == (4, 1, 1)  # the kernel of 7 is cut to the map


def test_a_convolution_needs_features_in_an_image() -> None:
    with pytest.raises(InputError, match=r"takes features \(channels, height, width\), not of shape 7"):
        Plain((7,), 4, project="conv")
