from __future__ import annotations

import pytest
import torch

from narrows.core.records import Domain
from narrows.model.corruptions import Downsample


@pytest.mark.parametrize(("size", "factor"), [((24, 20), 2), ((25, 15), 2), ((48, 37), 4)])
def test_small_images_are_what_enlarged_ones_become(size: tuple[int, int], factor: int) -> None:
    down = Downsample(Domain((1, *size)), factor=factor)
    axis = torch.linspace(0, 2, size[0])[:, None] + torch.linspace(0, 1, size[1])
    x = (0.5 + 0.4 * torch.sin(axis)).expand(3, 1, *size)
    small = down.reduced(x)
    assert small.shape[2:] == (-(-size[0] // factor), -(-size[1] // factor))
    assert torch.equal(down.present(small, small), down.corrupt(x))
    assert down.present(small[:, :, 1:, 2:], small).shape[2:] == (
        factor * (small.shape[2] - 1),
        factor * (small.shape[3] - 2),
    )
    inner = slice(2 * factor, -2 * factor)  # at the edge there is less to interpolate from
    assert ((down.corrupt(x) - x)[..., inner, inner]).abs().max() < 0.02
    assert torch.allclose(down.corrupt(torch.full_like(x, 0.3)), torch.tensor(0.3))


def test_an_enlarged_image_comes_to_agree_with_the_small_one() -> None:
    down = Downsample(Domain((1, 24, 24)), factor=2)
    x = torch.rand(4, 1, 24, 24, generator=torch.Generator().manual_seed(1))
    seen, guess = down.corrupt(x), torch.full_like(x, 0.5)
    before = (down.corrupt(guess) - seen).square().mean()
    agreed = down.agree(guess, seen)
    assert (down.corrupt(agreed) - seen).square().mean() < 0.01 * before
    assert torch.allclose(down.agree(x, seen), x, atol=1e-5)
