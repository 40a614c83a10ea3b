from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.model.networks.tcn import TcnDecoder, TcnEncoder


@pytest.mark.parametrize("steps", [1, 2, 9, 40])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_number_of_steps_and_channels_comes_back(steps: int, channels: int) -> None:
    encoder, decoder = TcnEncoder((channels, steps), width=5), TcnDecoder((2,), (channels, steps), width=5)
    features = encoder(torch.randn(4, channels, steps), {})
    assert features.h.shape == (4, *encoder.out_shape) == (4, channels * steps + 128)
    assert decoder(torch.randn(4, 2), (), {}).shape == (4, channels, steps)


@pytest.mark.parametrize("blocks", [1, 2, 4])
def test_the_field_of_a_step_is_what_the_dilations_add_up_to(blocks: int) -> None:
    torch.manual_seed(0)
    encoder = TcnEncoder((1, 41), width=3, blocks=blocks, stride=1)

    def last(x: Tensor) -> Tensor:
        return encoder(x, {}).hidden[-1][0, 20].sum()

    slope = torch.autograd.functional.jacobian(last, torch.randn(1, 1, 41))
    assert isinstance(slope, Tensor)
    seen = slope[0, 0].abs().nonzero()[:, 0]
    reach = 2**blocks - 1
    assert (int(seen.min()), int(seen.max())) == (20 - reach, 20 + reach)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_padding_changes_no_feature(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    encoder = TcnEncoder((2, 40), width=4, stride=4).to(dtype)
    torch.nn.init.normal_(encoder.centre.mean)
    x = torch.randn(4, 2, 40, dtype=dtype)
    lengths = torch.tensor([23, 22, 9, 1])
    x = torch.where(torch.arange(40) < lengths[:, None, None], x, 0.0)
    long = encoder(x, {"lengths": lengths}).h
    for steps in (23, 24, 37):
        short = encoder(x[:, :, :steps], {"lengths": lengths}).h
        torch.testing.assert_close(short, long, rtol=0, atol=1e-6)
    for row, length in enumerate(lengths.tolist()):
        alone = encoder(x[row : row + 1, :, :length], {"lengths": lengths[row : row + 1]}).h
        torch.testing.assert_close(alone, long[row : row + 1], rtol=0, atol=1e-6)


def test_sequences_of_full_length_need_no_lengths() -> None:
    encoder, x = TcnEncoder((1, 21), width=3, stride=2), torch.randn(2, 1, 21)
    given = encoder(x, {"lengths": torch.tensor([21, 21])}).h
    torch.testing.assert_close(given, encoder(x, {}).h, rtol=0, atol=1e-6)


def test_what_is_beyond_the_end_is_not_seen() -> None:
    encoder, x = TcnEncoder((1, 21), width=3, stride=2), torch.randn(2, 1, 21)
    lengths = {"lengths": torch.tensor([8, 21])}
    beyond = torch.arange(21) >= lengths["lengths"][:, None, None]
    first, second = (encoder(torch.where(beyond, value, x), lengths).h for value in (0.0, 7.0))
    assert torch.equal(first, second)


def test_blocks_and_frequencies_can_be_chosen() -> None:
    encoder = TcnEncoder((1, 30), width=4, blocks=3, waves=3, hidden=7)
    assert (len(encoder.blocks), encoder.out_shape) == (3, (30 + 7,))
    assert not [m for m in encoder.modules() if isinstance(m, nn.BatchNorm1d)]


def test_data_without_time_are_refused() -> None:
    for shape in ((9,), (1, 8, 8)):
        with pytest.raises(InputError, match="'tcn' is for sequences, not for data of shape"):
            TcnEncoder(shape)
        with pytest.raises(InputError, match="use 'mlp'"):
            TcnDecoder((2,), shape)
