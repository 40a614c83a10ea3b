"""Features of a pixel from those before it: the same for one pixel as for all."""

from __future__ import annotations

import pytest
import torch

from narrows.model.losses.causal import Causal, before


def made(channels: int = 1, radius: int = 2) -> Causal:
    torch.manual_seed(0)
    causal = Causal(channels=channels, radius=radius, features=3, hidden=8, blocks=1, outputs=4).double()
    for block in causal.blocks:
        torch.nn.init.normal_(block.second.weight)
    return causal


@pytest.mark.parametrize(("channels", "radius"), [(1, 1), (1, 3), (3, 2)])
def test_one_group_at_a_time_gives_the_same(channels: int, radius: int) -> None:
    causal, shape = made(channels, radius), (channels, 6, 5)
    x, y = torch.rand(2, *shape).double(), torch.randn(2, 3 * channels, 6, 5).double()
    whole = causal(y[None], x)[0].flatten(1, 3)
    known = torch.zeros_like(x)  # values that are not decoded yet are 0
    for places in causal.groups(shape):
        assert torch.allclose(causal.at(y, known, places), whole[:, places])
        known.flatten(1)[:, places] = x.flatten(1)[:, places]


def test_groups_are_fewer_than_pixels() -> None:
    groups = list(made(radius=3).groups((1, 28, 28)))
    assert len(groups) == 28 + 4 * 27
    assert torch.cat(groups).sort().values.tolist() == list(range(784))


def test_channels_of_a_pixel_are_in_their_order() -> None:
    mask = before(3, 3, 2, 3)
    assert mask[:, :, -1, 1].tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert mask[:, :, 0].all()
    assert not mask[:, :, -1, 2:].any()


def test_examples_whose_values_are_not_seen_get_what_the_decoder_says() -> None:
    causal, y = made(), torch.randn(1, 2, 3, 6, 5).double()
    x = torch.rand(2, 1, 6, 5).double()
    x[1] = torch.nan
    assert torch.allclose(causal(y, x)[:, 1], causal(y, None)[:, 1])
    assert not torch.allclose(causal(y, x)[:, 0], causal(y, None)[:, 0])
