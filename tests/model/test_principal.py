from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from narrows.core.records import Batch, Domain, ModelColumn
from narrows.evaluation.pca import Pca
from narrows.model.bottlenecks import BOTTLENECKS
from narrows.model.build import Model, build
from narrows.model.principal import begin, least_squares, logistic


def correlated(n: int, channels: int = 2, steps: int = 9) -> Tensor:
    """Sequences whose values are mixtures of each other, with a mean of their own."""
    torch.manual_seed(0)
    size = channels * steps
    return (torch.randn(n, size) @ torch.randn(size, size) + torch.randn(size)).unflatten(
        1, (channels, steps)
    )


def model(
    bottleneck: str = "plain", loss: str = "squared", latent_dim: int = 3, network: str = "tcn"
) -> Model:
    spec = {
        "encoder": {"name": network},
        "bottleneck": {"name": bottleneck, "latent_dim": latent_dim},
        "loss": {"name": loss},
    }
    return build(spec, Domain((2, 9), 0.0, 1.0)).model.eval()


def pca_of(x: Tensor, fitted: Tensor, dimensions: int) -> Tensor:
    pca = Pca.fit(fitted.flatten(1).numpy(), dimensions)
    return torch.as_tensor(pca.reconstruct(x.flatten(1).numpy())).view_as(x)


@pytest.mark.parametrize("network", ["gru", "tcn"])
@pytest.mark.parametrize("latent_dim", [1, 3, 17])
def test_before_training_the_reconstruction_is_that_of_pca(latent_dim: int, network: str) -> None:
    x, other = correlated(100), correlated(150)[100:]
    made = model(latent_dim=latent_dim, network=network)
    begin(made, Batch(x))
    with torch.no_grad():
        found = made.reconstruct(Batch(other))
    torch.testing.assert_close(found, pca_of(other, x, latent_dim), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("latent_dim", [1, 3, 17])
def test_convolutions_begin_at_pca_with_a_linear_path(latent_dim: int) -> None:
    x, other = (each.reshape(-1, 1, 6, 3) for each in (correlated(100), correlated(150)[100:]))
    spec = {
        "encoder": {"name": "conv", "linear": True},
        "bottleneck": {"name": "plain", "latent_dim": latent_dim},
        "loss": {"name": "squared"},
    }
    made = build(spec, Domain((1, 6, 3), 0.0, 1.0)).model.eval()
    begin(made, Batch(x))
    with torch.no_grad():
        found = made.reconstruct(Batch(other))
    torch.testing.assert_close(found, pca_of(other, x, latent_dim), rtol=1e-3, atol=1e-3)


def test_a_bernoulli_loss_begins_near_pca() -> None:
    x = torch.sigmoid(correlated(300) / 4)[:, None]
    spec = {
        "encoder": {"name": "conv", "linear": True},
        "bottleneck": {"name": "plain", "latent_dim": 4},
        "loss": {"name": "bernoulli"},
    }
    made = build(spec, Domain((1, 2, 9), 0.0, 1.0)).model.eval()
    begin(made, Batch(x))
    with torch.no_grad():
        ours = (made.reconstruct(Batch(x)) - x).square().mean()
    assert ours < 1.2 * (pca_of(x, x, 4) - x).square().mean()


def test_codes_are_scaled_principal_components_without_correlation() -> None:
    x, made = correlated(200), model()
    begin(made, Batch(x))
    with torch.no_grad():
        z = made.encode(Batch(x))
    spread = z.std(0, correction=0)
    torch.testing.assert_close(spread.mean(), torch.tensor(1.0), rtol=1e-3, atol=0)
    torch.testing.assert_close(torch.corrcoef(z.T), torch.eye(3), rtol=0, atol=1e-3)


def test_steps_that_are_missing_or_beyond_the_end_count_as_the_mean() -> None:
    """As the PCA of the verdict has it."""
    x = correlated(100)
    lengths = torch.randint(4, 10, (100,))
    mask = (torch.arange(9) < lengths[:, None, None]).expand(x.shape)
    made = model()
    begin(made, Batch(torch.where(mask, x, 0.0), mask, {"lengths": lengths}))
    with torch.no_grad():
        found = made.reconstruct(Batch(torch.where(mask, x, 0.0), mask, {"lengths": lengths}))
    holes = torch.where(mask, x, torch.nan)
    torch.testing.assert_close(found, pca_of(holes, holes, 3), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("bottleneck", BOTTLENECKS)
def test_every_bottleneck_begins_with_a_smaller_error_than_at_random(bottleneck: str) -> None:
    x = correlated(100)
    x = (x - x.mean()) / x.std()
    made = model(bottleneck, latent_dim=4)
    with torch.no_grad():
        before = (made.reconstruct(Batch(x)) - x).square().mean()
        begin(made, Batch(x))
        assert (made.reconstruct(Batch(x)) - x).square().mean() < 0.9 * before


@pytest.mark.parametrize("loss", ["poisson"])
def test_of_losses_with_other_outputs_only_the_codes_begin_there(loss: str) -> None:
    x, made = correlated(100).sigmoid(), model(loss=loss)
    decoder = {name: value.clone() for name, value in made.decoder.state_dict().items()}
    begin(made, Batch(x))
    assert all(torch.equal(value, decoder[name]) for name, value in made.decoder.state_dict().items())
    with torch.no_grad():
        assert made.encode(Batch(x)).abs().max() > 0.1


def test_networks_without_a_linear_path_stay_as_they_are() -> None:
    made = model(network="mlp")
    before = {name: value.clone() for name, value in made.state_dict().items()}
    begin(made, Batch(correlated(50)))
    assert all(torch.equal(value, before[name]) for name, value in made.state_dict().items())


@pytest.mark.parametrize("n", [1, 2])
def test_fewer_examples_than_codes_are_enough(n: int) -> None:
    made, x = model(), correlated(n)
    begin(made, Batch(x))
    with torch.no_grad():
        torch.testing.assert_close(made.reconstruct(Batch(x)), x, rtol=1e-3, atol=1e-3)


def test_the_affine_map_is_the_one_of_least_squares() -> None:
    z, x = np.random.default_rng(0).standard_normal((2, 40, 2))
    weight, bias = least_squares(torch.tensor(z), torch.tensor(x))
    expected = np.linalg.lstsq(np.column_stack([z, np.ones(40)]), x, rcond=None)[0]
    np.testing.assert_allclose(np.vstack([weight.T, bias]), expected, atol=1e-12)


def test_values_of_0_and_1_begin_at_a_logistic_regression() -> None:
    torch.manual_seed(0)
    z = torch.randn(4000, 2, dtype=torch.float64)
    slopes = torch.tensor([[1.5, 0.0], [0.0, -2.0]], dtype=torch.float64)
    x = (torch.rand(4000, 2) < torch.sigmoid(z @ slopes.T + torch.tensor([0.5, -1.0]))).double()
    weight, bias = logistic(z, x, torch.ones_like(x))
    torch.testing.assert_close(weight, slopes, rtol=0, atol=0.2)
    torch.testing.assert_close(bias, torch.tensor([0.5, -1.0], dtype=torch.float64), rtol=0, atol=0.15)
    observed = torch.ones_like(x)
    observed[2000:, 0] = 0
    fewer, _ = logistic(z, x, observed)
    half, _ = logistic(z[:2000], x[:2000], torch.ones(2000, 2))
    torch.testing.assert_close(fewer[0], half[0])


def test_graphs_begin_with_less_error_than_principal_components() -> None:
    torch.manual_seed(0)
    columns = (ModelColumn("number", 8), ModelColumn("boolean", 10))
    domain = Domain((18,), columns=columns, slots=(4, 2))
    spec = {
        "encoder": {"name": "gin", "structure": 0},
        "bottleneck": {"name": "plain", "latent_dim": 2},
        "loss": {"name": "mixed"},
    }
    made = build(spec, domain).model.eval()
    x = torch.randn(500, 2) @ torch.randn(2, 18)
    x[:, 8:] = (x[:, 8:] > 0).float()
    x[:, 8:12] = 1
    begin(made, Batch(x[:400]))
    with torch.no_grad():
        found = made.reconstruct(Batch(x[400:]))
    pca = pca_of(x[400:], x[:400], 2)
    torch.testing.assert_close(found[:, :8], pca[:, :8], rtol=1e-3, atol=1e-3)
    assert ((found - x[400:]) ** 2).sum() < ((pca - x[400:]) ** 2).sum()
