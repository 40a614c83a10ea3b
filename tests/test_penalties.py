"""The mathematics of each penalty."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from narrows.penalties import L1, Contractive, Mmd
from narrows.records import Code, Features, Pass


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


def test_the_discrepancy_is_zero_on_average_for_normal_codes_and_grows_with_the_distance() -> None:
    torch.manual_seed(0)

    def mean(shift: float, spread: float, times: int = 200) -> tuple[float, float]:
        zs = (shift + spread * torch.randn(64, 3) for _ in range(times))
        found = torch.stack([Mmd()(a_pass(z, z), lambda x: x) for z in zs])
        return float(found.mean()), float(found.std()) / times**0.5

    same, error = mean(0.0, 1.0)
    assert abs(same) < 4 * error
    assert mean(0.5, 1.0)[0] > 10 * error
    assert mean(2.0, 1.0)[0] > mean(0.5, 1.0)[0]
    assert mean(0.0, 0.2)[0] > 10 * error
