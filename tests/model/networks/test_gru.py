from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain
from narrows.model.build import build
from narrows.model.networks.gru import GruDecoder, GruEncoder, backwards


def sines(n: int, steps: int) -> Tensor:
    """Sines of a random phase."""
    return torch.sin(6.28 * torch.rand(n, 1) + torch.linspace(0, 6.28, steps))[:, None]


@pytest.mark.parametrize("steps", [1, 2, 9])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_number_of_steps_and_channels_comes_back(steps: int, channels: int) -> None:
    encoder, decoder = GruEncoder((channels, steps), width=5), GruDecoder((2,), (channels, steps), width=5)
    features = encoder(torch.randn(4, channels, steps), {})
    assert features.h.shape == (4, *encoder.out_shape) == (4, channels * steps + 10)
    assert decoder(torch.randn(4, 2), (), {}).shape == (4, channels, steps)


def test_the_encoder_is_torchs_bidirectional_unit_at_both_ends() -> None:
    torch.manual_seed(0)
    x, encoder = torch.randn(3, 2, 7), GruEncoder((2, 7), width=4, linear=False)
    both = nn.GRU(2, 4, batch_first=True, bidirectional=True)
    weights = {f"{name}_l0": value for name, value in encoder.forwards.state_dict().items()}
    weights |= {f"{name}_l0_reverse": value for name, value in encoder.backwards.state_dict().items()}
    both.load_state_dict(weights)
    _, ends = both(x.movedim(1, 2))
    torch.testing.assert_close(encoder(x, {}).h, torch.cat([*ends], dim=1))


def test_sequences_are_read_backwards_from_their_end() -> None:
    x = torch.arange(5.0)[None, :, None].repeat(2, 1, 1)
    found = backwards(x, torch.tensor([5, 3]))
    assert found[..., 0].tolist() == [[4, 3, 2, 1, 0], [2, 1, 0, 3, 4]]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_padding_changes_no_feature(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    encoder = GruEncoder((2, 40), width=4).to(dtype)
    assert encoder.centre is not None
    nn.init.normal_(encoder.centre.mean)
    lengths = torch.tensor([23, 22, 9, 1])
    inside = torch.arange(40) < lengths[:, None, None]
    x = torch.randn(4, 2, 40, dtype=dtype)
    long, other = (encoder(torch.where(inside, x, v), {"lengths": lengths}).h for v in (0.0, 7.0))
    assert torch.equal(long, other)
    short = encoder(x[:, :, :23], {"lengths": lengths}).h
    torch.testing.assert_close(short, long, rtol=0, atol=1e-6)
    for row, length in enumerate(lengths.tolist()):
        alone = encoder(x[row : row + 1, :, :length], {}).h
        torch.testing.assert_close(alone, long[row : row + 1], rtol=0, atol=1e-6)


def test_every_step_of_the_output_depends_on_the_code_and_on_nothing_else() -> None:
    torch.manual_seed(0)
    decoder = GruDecoder((2,), (1, 8), width=4, linear=False)
    z = torch.randn(1, 2)
    slopes = torch.autograd.functional.jacobian(lambda z: decoder(z, (), {})[0, 0], z)
    assert isinstance(slopes, Tensor)
    assert (slopes.abs().sum(dim=(1, 2)) > 0).all()


def test_a_family_of_sines_is_reconstructed_far_better_than_by_the_mean() -> None:
    torch.manual_seed(0)
    spec = {
        "encoder": {"name": "gru", "width": 16, "linear": False},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared"},
    }
    objective = build(spec, Domain((1, 12), -1.0, 1.0))
    optimizer = torch.optim.Adam(objective.parameters(), 2e-2)
    for _ in range(120):
        optimizer.zero_grad()
        objective(Batch(sines(32, 12))).total.backward()
        optimizer.step()
    x = sines(200, 12)
    with torch.no_grad():
        error = (objective.eval().model.reconstruct(Batch(x)) - x).square().mean()
    assert error < 0.1 * (x - x.mean(dim=0)).square().mean()


def test_data_without_time_are_refused() -> None:
    for shape in ((9,), (1, 8, 8)):
        with pytest.raises(InputError, match="'gru' is for sequences, not for data of shape"):
            GruEncoder(shape)
        with pytest.raises(InputError, match="use 'mlp'"):
            GruDecoder((2,), shape)
