from __future__ import annotations

import pytest
import torch
from torch.distributions import Bernoulli, Normal, Poisson
from torch.nn import functional

from narrows.core.errors import InputError
from narrows.core.records import Batch, Code, Domain, Features, ModelColumn, Pass
from narrows.core.registry import make, options
from narrows.model import losses
from narrows.model.build import build

DOMAIN = Domain((3, 2), 0.0, 1.0)


torch.manual_seed(0)


Y, X = torch.randn(1, 5, 3, 2), torch.rand(5, 3, 2)


def cost(
    loss: losses.Loss, y: torch.Tensor, x: torch.Tensor, mask: torch.Tensor | None = None
) -> torch.Tensor:
    return loss(Pass(x, x, mask, {}, Features(x), Code(y), y))


def summed(each: torch.Tensor) -> torch.Tensor:
    return each.flatten(2).sum(2)


def test_bernoulli_is_the_log_likelihood_of_torch() -> None:
    x = (X > 0.5).float()
    torch.testing.assert_close(cost(losses.Bernoulli(DOMAIN), Y, x), -summed(Bernoulli(logits=Y).log_prob(x)))
    expected = functional.binary_cross_entropy_with_logits(Y[0], X, reduction="none")[None]
    torch.testing.assert_close(cost(losses.Bernoulli(DOMAIN), Y, X), summed(expected))
    assert cost(losses.Bernoulli(DOMAIN), Y * 1e4, X).isfinite().all()


@pytest.mark.parametrize("variance", ["shared", "each", "predicted"])
def test_gaussian_is_the_log_likelihood_of_torch(variance: str) -> None:
    loss = losses.Gaussian(DOMAIN, variance=variance)  # type: ignore[arg-type]
    y = torch.randn(1, 5, 3 * loss.per_value, 2)
    if variance == "predicted":
        mean, raw = y.chunk(2, dim=2)
    else:
        torch.nn.init.normal_(loss.log_var)
        mean, raw = y, loss.log_var
    scale = (losses.bounded(raw) / 2).exp()
    torch.testing.assert_close(cost(loss, y, X), -summed(Normal(mean, scale).log_prob(X)))
    torch.testing.assert_close(loss.mean(y), mean)


def test_gaussian_learns_the_variance_that_the_errors_have() -> None:
    loss = losses.Gaussian(DOMAIN)
    x = 0.3 * torch.randn(2000, 3, 2)
    optimizer = torch.optim.Adam(loss.parameters(), 0.05)
    for _ in range(300):
        optimizer.zero_grad()
        cost(loss, torch.zeros(1, 2000, 3, 2), x).mean().backward()
        optimizer.step()
    assert (losses.bounded(loss.log_var) / 2).exp().item() == pytest.approx(x.std().item(), rel=0.01)


def test_poisson_is_the_log_likelihood_of_torch() -> None:
    counts = torch.randint(0, 9, (5, 3, 2)).float()
    loss = losses.Poisson(Domain((3, 2), 0, 9))
    torch.testing.assert_close(cost(loss, Y, counts), -summed(Poisson(loss.mean(Y)).log_prob(counts)))
    assert cost(loss, torch.full_like(Y, -200.0), counts).isfinite().all()


@pytest.mark.parametrize("link", list(losses.LINKS))
def test_distances_compare_the_linked_output(link: str) -> None:
    made = losses.LINKS[link](Y)
    torch.testing.assert_close(cost(losses.Squared(DOMAIN, link=link), Y, X), summed((made - X) ** 2))  # type: ignore[arg-type]
    torch.testing.assert_close(cost(losses.Absolute(DOMAIN, link=link), Y, X), summed((made - X).abs()))  # type: ignore[arg-type]


def test_only_observed_values_count() -> None:
    mask = torch.rand(5, 3, 2) > 0.5
    expected = (((Y - X) ** 2) * mask).flatten(2).sum(2)
    torch.testing.assert_close(cost(losses.Squared(DOMAIN), Y, X, mask), expected)


def test_several_samples_keep_their_axis() -> None:
    y = torch.randn(4, 5, 3, 2)
    assert cost(losses.Squared(DOMAIN), y, X).shape == (4, 5)


def test_likelihoods_refuse_values_they_are_not_for() -> None:
    with pytest.raises(InputError, match=r"\[0, 1\]"):
        losses.Bernoulli(Domain((3,), -1, 1))
    with pytest.raises(InputError, match="counts"):
        losses.Poisson(Domain((3,), -1, 1))


WEIGHTED = [name for name, loss in losses.LOSSES.items() if "weight" in options(loss)]


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_loss_is_weighed_per_example_or_per_value(name: str) -> None:
    assert losses.LOSSES[name](DOMAIN).weight == 1
    assert losses.LOSSES[name](DOMAIN, weight=4.0).weight == 4
    assert losses.LOSSES[name](DOMAIN, weight=3.0, per="value").weight == pytest.approx(0.5)


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


@pytest.mark.parametrize("name", list(losses.LOSSES))
def test_every_loss_has_one_that_replaces_it_on_real_values(name: str) -> None:
    """Only a squared distance stays one: what it costs beside other terms depends on the values' unit."""
    part = losses.on_reals({"name": name})
    assert part == {"name": "squared" if name == "squared" else "gaussian"}
    loss = make("loss", losses.LOSSES, part, REALS)
    torch.testing.assert_close(loss.mean(-30 * Y), -30 * Y)
    assert cost(loss, -30 * Y, 40 * X).isfinite().all()


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_loss_keeps_its_weight_on_real_values(name: str) -> None:
    part = losses.on_reals({"name": name, "weight": 300.0, "per": "value"})
    assert make("loss", losses.LOSSES, part, REALS).weight == pytest.approx(50)


def test_a_variance_is_kept_on_real_values_and_a_link_is_not() -> None:
    part = {"name": "gaussian", "variance": "predicted", "link": "sigmoid"}
    assert losses.on_reals(part) == {"name": "gaussian", "variance": "predicted"}


def a_pass(x: torch.Tensor, y: torch.Tensor, mask: torch.Tensor | None = None) -> Pass:
    return Pass(x, x, mask, {}, Features(x), Code(y), y)


def test_the_mixed_loss_is_the_sum_of_its_columns() -> None:
    torch.manual_seed(0)
    domain = Domain(
        (7,),
        columns=(
            *[ModelColumn("number", 1)] * 2,
            ModelColumn("boolean", 1),
            ModelColumn("category", 3),
            ModelColumn("category", 1),
        ),
    )
    x = torch.cat(
        [torch.randn(5, 2), torch.ones(5, 1), functional.one_hot(torch.arange(5) % 3), torch.ones(5, 1)], 1
    )
    y = torch.randn(1, 5, 7)
    word = functional.cross_entropy(y[0, :, 3:6], torch.arange(5) % 3, reduction="none")
    yes = functional.binary_cross_entropy_with_logits(y[0, :, 2], x[:, 2], reduction="none")
    expected = ((y[0, :, :2] - x[:, :2]) ** 2).sum(1) + yes + word
    torch.testing.assert_close(losses.Mixed(domain)(a_pass(x, y))[0], expected)
    mean = losses.Mixed(domain).mean(y)
    torch.testing.assert_close(mean[..., 3:6].sum(-1), torch.ones(1, 5))
    kinds = [type(part) for part in losses.Mixed(domain, numbers="gaussian").parts]
    assert kinds[:2] == [losses.Gaussian, losses.Bernoulli]
    assert isinstance(losses.Mixed(domain).parts[0], losses.Squared)


def test_a_missing_cell_costs_nothing() -> None:
    domain = Domain(
        (5,), columns=(ModelColumn("number", 1), ModelColumn("boolean", 1), ModelColumn("category", 3))
    )
    x, y = torch.zeros(1, 5), torch.randn(1, 1, 5)
    mask = torch.tensor([[False, True, False, False, False]])
    only = functional.softplus(y[0, 0, 1])
    torch.testing.assert_close(losses.Mixed(domain)(a_pass(x, y, mask))[0, 0], only)
