from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.model.networks.tcn import TcnDecoder, TcnEncoder, blocks_for, reach
from narrows.model.networks.time_axis import cosines


@pytest.mark.parametrize("steps", [1, 2, 9, 40])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_number_of_steps_and_channels_comes_back(steps: int, channels: int) -> None:
    encoder, decoder = TcnEncoder((channels, steps), width=5), TcnDecoder((2,), (channels, steps), width=5)
    features = encoder(torch.randn(4, channels, steps), {})
    assert features.h.shape == (4, *encoder.out_shape) == (4, 5 * min(16, steps))
    assert decoder(torch.randn(4, 2), (), {}).shape == (4, channels, steps)


@pytest.mark.parametrize("blocks", [1, 2, 4])
def test_the_field_of_a_step_is_what_the_dilations_add_up_to(blocks: int) -> None:
    torch.manual_seed(0)
    encoder = TcnEncoder((1, 41), width=3, blocks=blocks)

    def last(x: Tensor) -> Tensor:
        return encoder(x, {}).hidden[-1][0, :, 20].sum()

    slope = torch.autograd.functional.jacobian(last, torch.randn(1, 1, 41))
    assert isinstance(slope, Tensor)
    seen = slope[0, 0].abs().nonzero()[:, 0]
    assert (int(seen.min()), int(seen.max())) == (20 - reach(blocks), 20 + reach(blocks))


@pytest.mark.parametrize("steps", [1, 2, 3, 24, 150])
def test_as_many_blocks_as_reach_over_the_whole_sequence(steps: int) -> None:
    assert reach(blocks_for(steps)) >= steps - 1
    assert blocks_for(steps) == 1 or reach(blocks_for(steps) - 1) < steps - 1


def test_the_cosines_are_orthogonal_and_their_inverse_gives_slow_sequences_back() -> None:
    basis = cosines(5, 20)
    torch.testing.assert_close(basis @ basis.T / 10, torch.diag(torch.tensor([2.0, 1, 1, 1, 1])))


def test_padding_changes_no_feature() -> None:
    torch.manual_seed(0)
    encoder = TcnEncoder((2, 9), width=4)
    x = torch.randn(3, 2, 9)
    lengths = {"lengths": torch.tensor([9, 6, 1])}
    inside = torch.arange(9) < lengths["lengths"][:, None, None]
    first, second = (encoder(torch.where(inside, x, value), lengths).h for value in (0.0, 7.0))
    torch.testing.assert_close(first, second, rtol=0, atol=1e-6)
    torch.testing.assert_close(first[:1], encoder(x[:1], {}).h)


def test_blocks_and_frequencies_can_be_chosen() -> None:
    encoder = TcnEncoder((1, 30), width=4, blocks=2, waves=3)
    assert (len(encoder.blocks), encoder.out_shape) == (2, (12,))
    assert not [m for m in encoder.modules() if isinstance(m, nn.BatchNorm1d)]


def test_data_without_time_are_refused() -> None:
    for shape in ((9,), (1, 8, 8)):
        with pytest.raises(InputError, match="'tcn' is for sequences, not for data of shape"):
            TcnEncoder(shape)
        with pytest.raises(InputError, match="use 'mlp'"):
            TcnDecoder((2,), shape)
