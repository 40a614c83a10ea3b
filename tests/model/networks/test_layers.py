from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from narrows.core.errors import InputError
from narrows.model.networks.layers import Layer, LayersDecoder, LayersEncoder, spread_shape


def test_layers_are_read_as_written() -> None:
    encoder = LayersEncoder(
        (3, 9, 9), down="conv 4 k3 s2 p1, batchnorm, relu, maxpool k2 s2, flatten, linear 7, tanh"
    )
    kinds = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.MaxPool2d, nn.Flatten, nn.Linear, nn.Tanh]
    assert [type(layer) for layer in encoder.layers] == kinds
    features = encoder(torch.randn(2, 3, 9, 9), {})
    assert features.h.shape == (2, 7)
    assert [h.shape for h in features.hidden] == [(2, 4, 5, 5), (2, 7)]


@settings(max_examples=40, deadline=None)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    up=st.sampled_from(
        [
            "spread 4, transposed 3 k3 s2 p1 o1, relu, transposed * k3 s2 p1 o1",
            "spread 4, upsample s2, conv * k3 p1",
            "spread 2, transposed 3 k5 s3 p1, relu, transposed * k2 s2 p1",
            "linear 9, relu, linear *",
        ]
    ),
)
def test_layers_give_any_size_back(height: int, width: int, up: str) -> None:
    decoder = LayersDecoder((3,), (2, height, width), up=up)
    assert decoder(torch.randn(2, 3), (), {}).shape == (2, 2, height, width)


def test_what_is_spread_is_the_smallest_map_that_grows_large_enough() -> None:
    decoder = LayersDecoder(
        (3,), (1, 28, 20), up="spread 8, transposed 4 k3 s2 p1 o1, transposed * k3 s2 p1 o1"
    )
    assert decoder.layers[0](torch.randn(1, 3)).shape == (1, 8, 7, 5)


@pytest.mark.parametrize(
    ("down", "message"),
    [
        ("convolution 16", "No layer is called 'convolution'"),
        ("conv", "has no number of channels, as in 'conv 16'"),
        ("conv 16 q3", "has a setting 'q3'; known: k3, s2, p1, o1"),
        ("linear 4, conv 3 k3", "The layer 'conv' is for images, not for values of shape 4"),
        ("spread 4", "'spread' is for decoders of images"),
        ("conv 4 k0", "has a setting 'k0'"),
    ],
)
def test_layers_that_cannot_be_are_refused_in_a_sentence(down: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        LayersEncoder((1, 8, 8), down=down)


def test_a_decoder_has_to_end_in_the_datas_shape() -> None:
    with pytest.raises(InputError, match=r"give 5, not 1x8x8; end them with '\*'"):
        LayersDecoder((3,), (1, 8, 8), up="linear 5")


@pytest.mark.parametrize("wanted", [(5,), (1, 5), (1, 5, 5, 5)])
def test_spreading_onto_other_than_images_is_refused(wanted: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="'spread' is for decoders of images"):
        spread_shape(Layer("spread", width=4), (), wanted)
