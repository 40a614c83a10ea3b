"""What every bottleneck of the table promises."""

from __future__ import annotations

import pytest
import torch

from narrows.core.errors import InputError
from narrows.core.records import Features
from narrows.model.bottlenecks import BOTTLENECKS, Bottleneck

pytestmark = pytest.mark.parametrize("name", BOTTLENECKS)


def made(name: str) -> Bottleneck:
    torch.manual_seed(0)
    return BOTTLENECKS[name]((7,), 4)


def test_codes_and_costs_have_a_value_for_each_example(name: str) -> None:
    bottleneck, features = made(name), Features(torch.randn(5, 7))
    for sample in (True, False):
        code = bottleneck(features, {}, sample=sample)
        assert code.z.shape == (len(code.z), 5, *bottleneck.code_shape)
        for cost in code.costs.values():
            assert cost.value.shape == (len(code.z), 5)
            assert cost.value.isfinite().all()
        if bottleneck.choices:
            assert code.index is not None
            assert 0 <= code.index.min() <= code.index.max() < bottleneck.choices


def test_encoding_is_without_chance_and_draws_only_where_codes_are_distributions(name: str) -> None:
    bottleneck, features = made(name).eval(), Features(torch.randn(5, 7))
    z = bottleneck.encode(features, {})
    assert torch.equal(z, bottleneck.encode(features, {}))
    drawn = [bottleneck(features, {}, sample=True).z[0] for _ in range(2)]
    chance = name in ("gaussian", "mixture", "binary", "uniform")
    assert torch.equal(*drawn) != chance
    if not chance and name != "rounded":  # `encode` leaves out its rounding.
        assert torch.equal(drawn[0], z)


def test_codes_said_to_lie_between_0_and_1_do(name: str) -> None:
    bottleneck = made(name)
    z = bottleneck.encode(Features(100 * torch.randn(50, 7)), {})
    assert (z.min() >= 0 and z.max() <= 1) == bottleneck.unit_interval


def test_a_prior_has_the_shape_of_codes_and_comes_back_with_its_seed(name: str) -> None:
    bottleneck = made(name)
    z = bottleneck.prior(6, torch.Generator().manual_seed(1))
    assert (z is None) == (name in ("plain", "topk", "quantized", "rounded"))
    if z is not None:
        assert z.shape == (6, *bottleneck.code_shape)
        again = bottleneck.prior(6, torch.Generator().manual_seed(1))
        assert again is not None
        assert torch.equal(z, again)


def test_distributions_tell_their_variance(name: str) -> None:
    bottleneck, features = made(name), Features(torch.randn(5, 7))
    if not bottleneck.probabilistic:
        with pytest.raises(NotImplementedError):
            bottleneck.uncertainty(features)
        return
    found = bottleneck.uncertainty(features)
    h = Features(features.h[:1].expand(20_000, 7))
    drawn = bottleneck(h, {}, sample=True).z[0]
    torch.testing.assert_close(drawn.var(0), found[0], rtol=0.05, atol=0.01)


def test_the_progress_of_the_training_is_no_weight(name: str) -> None:
    bottleneck = made(name)
    assert float(bottleneck.progress) == 1
    assert "progress" not in bottleneck.state_dict()


def test_a_code_without_dimensions_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="at least 1"):
        BOTTLENECKS[name]((7,), 0)
