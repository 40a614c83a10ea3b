from __future__ import annotations

from typing import Literal

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.model.networks.conv import ConvDecoder, ConvEncoder


@settings(max_examples=40, deadline=None)
@given(
    channels=st.integers(1, 4),
    height=st.integers(1, 50),
    width=st.integers(1, 50),
    upsample=st.sampled_from(["transposed", "nearest"]),
    hidden=st.sampled_from([0, 8]),
)
def test_conv_gives_any_size_back(
    channels: int, height: int, width: int, upsample: Literal["transposed", "nearest"], hidden: int
) -> None:
    shape = (channels, height, width)
    encoder = ConvEncoder(shape, channels=2, hidden=hidden)
    features = encoder(torch.randn(2, *shape), {})
    assert features.h.shape[1:] == encoder.out_shape
    decoder = ConvDecoder((3,), shape, channels=2, hidden=hidden, upsample=upsample)
    assert decoder(torch.randn(2, 3), (), {}).shape == (2, *shape)


def test_depth_can_be_chosen() -> None:
    encoder = ConvEncoder((1, 28, 28), depth=4, hidden=0)
    assert encoder.out_shape == (256, 2, 2)


def test_upsampling_uses_no_transposed_convolution() -> None:
    decoder = ConvDecoder((3,), (1, 28, 28), upsample="nearest")
    assert not [m for m in decoder.modules() if isinstance(m, torch.nn.ConvTranspose2d)]
