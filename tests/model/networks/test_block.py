"""Blocks: the transform begins as that of cosines, and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.fft import dctn

from narrows.core.errors import InputError
from narrows.model.networks.block import BlockDecoder, BlockEncoder, cosines


def test_coefficients_are_those_of_the_cosine_transform_by_frequency() -> None:
    block = np.random.default_rng(0).random((4, 4))
    found = cosines(1, 4) @ block.ravel()
    wanted = dctn(block, norm="ortho")
    assert found[0] == pytest.approx(wanted[0, 0])
    assert sorted(found) == pytest.approx(sorted(wanted.ravel()))
    assert set(np.round(found[1:3], 9)) == set(np.round((wanted[0, 1], wanted[1, 0]), 9))


@pytest.mark.parametrize(("channels", "side"), [(1, 4), (3, 4), (1, 8)])
def test_the_transform_is_orthonormal(channels: int, side: int) -> None:
    rows = cosines(channels, side)
    np.testing.assert_allclose(rows @ rows.T, np.eye(channels * side**2), atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 13, 10), (1, 64, 40)])
def test_without_its_convolutions_the_decoder_gives_the_image_back(shape: tuple[int, ...]) -> None:
    encoder, x = BlockEncoder(shape), torch.rand(2, *shape)
    decoder = BlockDecoder(encoder.out_shape, shape)
    for half in (encoder, decoder):
        for parameter in half.between[-1].parameters():
            torch.nn.init.zeros_(parameter)
    torch.testing.assert_close(decoder(encoder(x, {}).h, (), {}), x, rtol=1e-4, atol=1e-5)


def test_a_block_becomes_as_many_coefficients() -> None:
    assert BlockEncoder((1, 28, 28)).out_shape == (16, 7, 7)
    assert BlockEncoder((3, 64, 30)).out_shape == (48, 16, 8)
    assert BlockEncoder((1, 64, 64), side=16).out_shape == (256, 4, 4)
    with pytest.raises(InputError, match="is for images"):
        BlockEncoder((9,))
