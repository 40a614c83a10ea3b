"""The mathematics of each penalty."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.distributions import Bernoulli, kl_divergence

from narrows.core.errors import InputError
from narrows.core.records import Batch, Code, Domain, Features, Pass
from narrows.model.bottlenecks import BOTTLENECKS, Bottleneck
from narrows.model.bottlenecks.plain import Plain
from narrows.model.build import build
from narrows.model.networks.mlp import MlpEncoder
from narrows.model.penalties import L1, Contractive, Mmd, SparseKl


def a_pass(x: Tensor, z: Tensor) -> Pass:
    return Pass(x, x, None, {}, Features(x), Code(z[None]), x[None])


def encoder(values: int, d: int) -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(values, 9), nn.Tanh(), nn.Linear(9, d)).double()


def exact(encode: nn.Module, x: Tensor) -> Tensor:
    """‖J‖² of each row, from torch's Jacobian."""
    jacobians = [torch.autograd.functional.jacobian(encode, row) for row in x]
    return torch.stack([(j**2).sum() for j in jacobians])


def test_l1_is_the_sum_of_sizes() -> None:
    z = torch.tensor([[1.0, -2.0], [0.0, 3.0]])
    assert L1()(a_pass(z, z), lambda x: x)[0].tolist() == [3.0, 3.0]


def test_the_contractive_penalty_is_the_norm_of_the_jacobian() -> None:
    encode, x = encoder(6, 4), torch.randn(5, 6, dtype=torch.float64)
    found = Contractive()(a_pass(x, encode(x)), encode)
    torch.testing.assert_close(found, exact(encode, x))


def test_its_estimate_for_large_codes_is_unbiased() -> None:
    encode, x = encoder(6, 30), torch.randn(3, 6, dtype=torch.float64)
    torch.manual_seed(1)
    many = Contractive(probes=1000)
    found = torch.stack([many(a_pass(x, encode(x)), encode) for _ in range(20)])
    torch.testing.assert_close(found.mean(0), exact(encode, x), rtol=0.03, atol=0)
    single = Contractive()(a_pass(x, encode(x)), encode)
    assert single.shape == (3,)
    assert (single != exact(encode, x)).all()


def test_the_contractive_penalty_has_the_gradient_of_the_norm() -> None:
    """For a linear encoder ‖J‖² is Σ W², whose gradient is 2 W."""
    encode, x = nn.Linear(5, 3, bias=False).double(), torch.randn(4, 5, dtype=torch.float64)
    Contractive()(a_pass(x, encode(x)), encode).mean().backward()
    torch.testing.assert_close(encode.weight.grad, 2 * encode.weight.detach())


def discrepancy(bottleneck: Bottleneck, z: Tensor) -> Tensor:
    penalty = Mmd()
    penalty.bind(nn.Identity(), bottleneck)  # type: ignore[arg-type]
    return penalty(a_pass(z, z), lambda x: x)


def test_the_discrepancy_is_zero_on_average_for_normal_codes_and_grows_with_the_distance() -> None:
    torch.manual_seed(0)

    def mean(shift: float, spread: float, times: int = 200) -> tuple[float, float]:
        zs = (shift + spread * torch.randn(64, 3) for _ in range(times))
        found = torch.stack([discrepancy(Plain((3,), 3), z) for z in zs])
        return float(found.mean()), float(found.std()) / times**0.5

    same, error = mean(0.0, 1.0)
    assert abs(same) < 4 * error
    assert mean(0.5, 1.0)[0] > 10 * error
    assert mean(2.0, 1.0)[0] > mean(0.5, 1.0)[0]
    assert mean(0.0, 0.2)[0] > 10 * error


PRIORS = [name for name, kind in BOTTLENECKS.items() if kind((8,), 8).prior(1) is not None]


@pytest.mark.parametrize("name", PRIORS)
def test_the_discrepancy_is_from_the_prior_of_the_bottleneck(name: str) -> None:
    """0 on average for samples of it; above 0 for those of another distribution."""
    torch.manual_seed(0)
    bottleneck = BOTTLENECKS[name]((8,), 8)

    def found(shift: float) -> Tensor:
        drawn = (bottleneck.prior(64) for _ in range(100))
        return torch.stack([discrepancy(bottleneck, z + shift) for z in drawn if z is not None])

    same, other = found(0.0), found(-0.5)
    assert abs(float(same.mean())) < 4 * float(same.std()) / 10
    assert float(other.mean()) > 10 * float(other.std()) / 10


def test_codes_between_0_and_1_without_a_prior_are_not_compared_with_a_normal_distribution() -> None:
    with pytest.raises(InputError, match="normal distribution, but these are between 0 and 1; leave"):
        discrepancy(Plain((8,), 8, activation="sigmoid"), torch.zeros(2, 8))


def sparse(form: str, hidden: bool = True) -> tuple[SparseKl, Pass]:
    """The penalty on a hidden layer of 6 sigmoids, if `hidden`, and a code of 4."""
    torch.manual_seed(0)
    x = torch.randn(8, 5)
    first = MlpEncoder((5,), widths=(6,), activation="sigmoid" if hidden else "tanh")
    code = Plain((6,), 4, activation="sigmoid")
    penalty = SparseKl(rho=0.1, form=form)  # type: ignore[arg-type]
    penalty.bind(first, code)
    features = first(x, {})
    return penalty, Pass(x, x, None, {}, features, code(features, {}, sample=False), x[None])


def bits(rho: float, found: Tensor) -> Tensor:
    return kl_divergence(Bernoulli(torch.full_like(found, rho)), Bernoulli(found))


def test_sparsity_of_units_is_their_formula() -> None:
    """Each unit is averaged over the batch, and units are summed."""
    penalty, p = sparse("unit")
    layers = (p.features.hidden[0], p.code.z[0])
    expected = sum(bits(0.1, layer.mean(0)).sum() for layer in layers)
    torch.testing.assert_close(penalty(p, lambda x: x), expected)


def test_sparsity_of_examples_is_their_formula() -> None:
    """Each layer's units are averaged for one example, and layers are summed."""
    penalty, p = sparse("example")
    layers = (p.features.hidden[0], p.code.z[0])
    expected = sum(bits(0.1, layer.mean(1)) for layer in layers)
    torch.testing.assert_close(penalty(p, lambda x: x)[0], expected)


def test_only_layers_between_0_and_1_are_made_sparse() -> None:
    penalty, p = sparse("example", hidden=False)
    torch.testing.assert_close(penalty(p, lambda x: x)[0], bits(0.1, p.code.z[0].mean(1)))


@pytest.mark.parametrize(
    ("penalty", "encoder", "message"),
    [
        ("sparse-kl", {"name": "mlp", "widths": [4]}, "for activations between 0 and 1; set"),
        (
            "contractive",
            {"name": "mlp", "widths": [4], "norm": "batch"},
            "batch normalisation mixes examples",
        ),
    ],
)
def test_a_penalty_refuses_parts_it_does_not_go_with(
    penalty: str, encoder: dict[str, object], message: str
) -> None:
    spec = {"encoder": encoder, "bottleneck": {"name": "plain", "latent_dim": 2}, "loss": {"name": "squared"}}
    with pytest.raises(InputError, match=message):
        build({**spec, "penalties": [{"name": penalty}]}, Domain((5,)))


def test_l1_is_the_sum_of_absolute_codes() -> None:
    spec = {
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 3},
        "loss": {"name": "squared"},
        "penalties": [{"name": "l1", "weight": 0.5}],
    }
    costs, trace = build(spec, Domain((4,))).traced(Batch(torch.randn(6, 4)))
    expected = trace.code.z[0].abs().sum(1)
    assert torch.equal(costs.parts["l1"].value[0], expected)
    total = costs.parts["reconstruction"].value[0] + 0.5 * expected
    torch.testing.assert_close(costs.total, total.mean())
