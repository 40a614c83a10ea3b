from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain, Intensity
from narrows.model.corruptions import Thinned

DOMAIN = Domain((1, 50, 50), intensity=Intensity(zero=-0.1, unit=0.01, mean=0.3))
"""On the model's scale x is 0.01·x - 0.1 of the data, which are 100 and 2 for each count."""

COUNTED = {"gain": 2.0, "offset": 100.0}


def counts(mean: float, n: int = 40) -> torch.Tensor:
    torch.manual_seed(0)
    return 0.01 * (100 + 2 * torch.poisson(torch.full((n, 1, 50, 50), mean))) - 0.1


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_both_parts_have_the_mean_of_all_and_are_independent(share: float) -> None:
    x = counts(5.0)
    seen = Thinned(DOMAIN, share=share, share_low=None, **COUNTED)(Batch(x))
    for part in (seen.x, seen.target):
        assert part.mean().item() == pytest.approx(x.mean().item(), abs=0.003)
    assert torch.corrcoef(torch.stack([seen.x.flatten(), seen.target.flatten()]))[0, 1].abs() < 0.015
    # Some of the counts have the variance of Poisson noise at their share of the dose.
    torch.testing.assert_close(seen.x.var(), torch.tensor(0.02**2 * 5 / share), rtol=0.03, atol=0)
    assert seen.counted is None


def test_both_parts_together_are_what_was_counted() -> None:
    x = counts(5.0)
    seen = Thinned(DOMAIN, share=0.8, share_low=None, **COUNTED)(Batch(x))
    torch.testing.assert_close(0.8 * seen.x + 0.2 * seen.target, x)


def test_each_example_has_a_share_of_its_own() -> None:
    x = counts(50.0, n=400)
    spread = Thinned(DOMAIN, share=0.9, share_low=0.5, **COUNTED)(Batch(x)).x.flatten(1).var(1)
    share = 0.02**2 * 50 / spread
    assert 0.45 < share.min() < 0.56
    assert 0.84 < share.max() < 1.0


def test_the_clean_half_of_pairs_is_the_target() -> None:
    x = counts(5.0)
    seen = Thinned(DOMAIN, **COUNTED)(Batch(x, given=counts(5.0)))
    assert seen.target is x


def test_what_cannot_be_counts_is_refused() -> None:
    with pytest.raises(InputError, match=r"The corruption .thinned. .* set corruption\.name=blind-spot"):
        Thinned(Domain((1, 4, 4), low=-0.5))
