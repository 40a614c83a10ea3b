"""What every network of the table promises."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from narrows.core.errors import InputError
from narrows.core.registry import options
from narrows.model.networks import NETWORKS
from narrows.model.networks.base import ACTIVATIONS

SHAPES = [(9,), (1, 8, 8), (3, 13, 10)]

OF_ARRAYS = [name for name, each in NETWORKS.items() if not (each.linked or each.slotted)]
"""Those that are not for graphs alone."""


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", OF_ARRAYS)
def test_features_have_the_shape_that_was_said_and_values_come_back(
    name: str, shape: tuple[int, ...]
) -> None:
    if name in ("block", "conv", "unet") and len(shape) == 1:
        with pytest.raises(InputError, match="is for images"):
            NETWORKS[name].encoder(shape)
        return
    if name in ("gru", "tcn"):
        with pytest.raises(InputError, match="is for sequences"):
            NETWORKS[name].encoder(shape)
        return
    encoder = NETWORKS[name].encoder(shape)
    features = encoder(torch.randn(4, *shape), {})
    assert features.h.shape == (4, *encoder.out_shape)
    assert bool(features.skips) == encoder.skips
    decoder = NETWORKS[name].decoder(encoder.out_shape, shape)
    assert decoder(features.h, features.skips, {}).shape == (4, *shape)


@pytest.mark.parametrize(
    "name", [n for n, each in NETWORKS.items() if "activation" in options(each.encoder) and not each.linked]
)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_hidden_layers_said_to_lie_between_0_and_1_do(name: str, activation: str) -> None:
    encoder = NETWORKS[name].encoder((1, 8, 8), activation=activation)
    assert [m for m in encoder.modules() if isinstance(m, ACTIVATIONS[activation])]
    hidden = encoder(30 * torch.randn(20, 1, 8, 8), {}).hidden
    inside = all(h.min() >= 0 and h.max() <= 1 for h in hidden)
    assert not encoder.unit_interval or (hidden and inside)
    assert encoder.unit_interval == (activation == "sigmoid" and name in ("mlp", "conv"))


@pytest.mark.parametrize("name", OF_ARRAYS)
def test_a_decoder_takes_the_options_of_its_encoder(name: str) -> None:
    """So that what is given to the encoder can be mirrored."""
    encoder, decoder = (set(options(half)) for half in (NETWORKS[name].encoder, NETWORKS[name].decoder))
    assert encoder - decoder <= {"down", "norm", "fold"}, encoder - decoder


def test_activations_are_torchs() -> None:
    x = torch.linspace(-3, 3, 13)
    for name, made in ACTIVATIONS.items():
        torch.testing.assert_close(made()(x), getattr(nn.functional, name)(x))
