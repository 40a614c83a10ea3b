from __future__ import annotations

import torch

from narrows.core.records import Batch, Domain
from narrows.model.corruptions import Recorrupted


def test_the_noise_of_the_input_is_independent_of_that_of_the_target() -> None:
    torch.manual_seed(0)
    noise = 0.2 * torch.randn(40, 1, 50, 50)
    seen = Recorrupted(Domain((1, 50, 50)), std=0.2, alpha=0.5)(Batch(noise))
    both = torch.stack([seen.x.flatten(), seen.target.flatten()])
    assert torch.corrcoef(both)[0, 1].abs() < 0.015
    expected = 0.2**2 * torch.tensor([1 + 0.5**2, 1 + 1 / 0.5**2])
    torch.testing.assert_close(both.var(dim=1), expected, rtol=0.03, atol=0)
    assert seen.counted is None


def test_what_was_not_observed_is_not_seen_and_does_not_count() -> None:
    x = torch.rand(3, 1, 8, 8)
    mask = torch.rand_like(x) < 0.5
    seen = Recorrupted(Domain((1, 8, 8)))(Batch(x, mask))
    assert seen.counted is mask
    assert not seen.x[~mask].any()
