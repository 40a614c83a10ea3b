from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from narrows.core.records import Batch, Domain
from narrows.core.registry import make, options
from narrows.model.build import build
from narrows.model.losses import LOSSES, on_reals
from tests.model.losses.passes import DOMAIN, X, Y, cost

WEIGHTED = [name for name, loss in LOSSES.items() if "weight" in options(loss)]


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_loss_is_weighed_per_example_or_per_value(name: str) -> None:
    assert LOSSES[name](DOMAIN).weight == 1
    assert LOSSES[name](DOMAIN, weight=4.0).weight == 4
    assert LOSSES[name](DOMAIN, weight=3.0, per="value").weight == pytest.approx(0.5)


def test_a_loss_per_value_is_torchs_mean() -> None:
    spec = {
        "encoder": {"name": "linear"},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "squared", "per": "value"},
    }
    objective = build(spec, DOMAIN)
    costs = objective(Batch(X))
    expected = functional.mse_loss(objective.model.reconstruct(Batch(X)), X)
    torch.testing.assert_close(costs.total, expected)
    torch.testing.assert_close(costs.parts["reconstruction"].value.mean(), 6 * expected)


REALS = Domain((3, 2), -40.0, 40.0)


@pytest.mark.parametrize("name", list(LOSSES))
def test_every_loss_has_one_that_replaces_it_on_real_values(name: str) -> None:
    """Only a squared distance stays one: what it costs beside other terms depends on the values' unit."""
    part = on_reals({"name": name})
    assert part == {"name": "squared" if name == "squared" else "gaussian"}
    loss = make("loss", LOSSES, part, REALS)
    torch.testing.assert_close(loss.mean(-30 * Y), -30 * Y)
    assert cost(loss, -30 * Y, 40 * X).isfinite().all()


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_loss_keeps_its_weight_on_real_values(name: str) -> None:
    part = on_reals({"name": name, "weight": 300.0, "per": "value"})
    assert make("loss", LOSSES, part, REALS).weight == pytest.approx(50)


def test_a_variance_is_kept_on_real_values_and_a_link_is_not() -> None:
    part = {"name": "gaussian", "variance": "predicted", "link": "sigmoid"}
    assert on_reals(part) == {"name": "gaussian", "variance": "predicted"}
