from __future__ import annotations

import pytest
import torch
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence

from narrows.core.errors import InputError
from narrows.core.records import Batch, Domain, Features
from narrows.data.readers import as_data
from narrows.fitting.fit import fit
from narrows.model.bottlenecks.binary import Binary
from narrows.model.bottlenecks.gaussian import Gaussian
from narrows.model.bottlenecks.plain import Plain
from narrows.model.bottlenecks.quantized import Quantized
from narrows.model.bottlenecks.topk import TopK
from narrows.model.build import build
from narrows.model.log_variance import bounded
from tests.conftest import curve


def code_of(bottleneck: Gaussian, sample: bool = True):  # type: ignore[no-untyped-def]
    torch.manual_seed(3)
    return bottleneck(Features(torch.randn(5, 7)), {}, sample=sample)


def test_the_divergence_is_that_of_torch() -> None:
    bottleneck = Gaussian((7,), 4)
    code = code_of(bottleneck)
    torch.manual_seed(3)
    mean, log_var, _ = bottleneck.posterior(Features(torch.randn(5, 7)))
    expected = kl_divergence(Normal(mean, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(code.costs["kl"].value[0], expected)


def test_codes_are_drawn_from_the_posterior_and_the_mean_is_taken_otherwise() -> None:
    bottleneck = Gaussian((7,), 4)
    h = torch.randn(1, 7).expand(20_000, 7)
    mean, log_var, _ = bottleneck.posterior(Features(h))
    z = bottleneck(Features(h), {}, sample=True).z[0]
    torch.testing.assert_close(z.mean(0), mean[0], atol=0.03, rtol=0)
    torch.testing.assert_close(z.std(0), (log_var[0] / 2).exp(), atol=0.03, rtol=0)
    assert torch.equal(bottleneck(Features(h), {}, sample=False).z[0], mean)


def test_gradients_pass_through_the_draw() -> None:
    """K2: with respect to mean and log-variance they match finite differences."""
    eps = torch.randn(3, 2, dtype=torch.double)

    def drawn(mean: torch.Tensor, log_var: torch.Tensor) -> torch.Tensor:
        return (mean + torch.exp(bounded(log_var) / 2) * eps).square().sum()

    inputs = (torch.randn(3, 2, dtype=torch.double, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(drawn, tuple(inputs))


def test_warm_up_grows_to_beta_in_training_and_is_beta_in_evaluation() -> None:
    bottleneck = Gaussian((7,), 4, beta=4.0, warm_up=0.5)
    weights = []
    for done in (0.0, 0.25, 0.5, 1.0):
        bottleneck.progress.fill_(done)
        weights.append(float(code_of(bottleneck).costs["kl"].weight))
    assert weights == [0, 2, 4, 4]
    bottleneck.progress.fill_(0.0)
    assert code_of(bottleneck.eval()).costs["kl"].weight == 4


def test_free_bits_are_a_floor_per_dimension() -> None:
    bottleneck = Gaussian((7,), 4, free_bits=100.0)
    assert torch.equal(code_of(bottleneck).costs["kl"].value, torch.full((1, 5), 400.0))


@pytest.mark.parametrize("size", [1e4, 1e30])
def test_a_log_variance_stays_finite_and_keeps_its_gradient(size: float) -> None:
    bottleneck = Gaussian((1,), 2)
    code = bottleneck(Features(torch.tensor([[size], [-size]])), {}, sample=True)
    log_var = bottleneck.posterior(Features(torch.tensor([[size], [-size]])))[1]
    assert log_var.abs().max() <= 14
    assert log_var.exp().isfinite().all()
    assert code.z.isfinite().all()
    near = torch.tensor([20.0], requires_grad=True)
    bounded(near).backward()
    assert near.grad is not None
    assert near.grad > 0


def test_a_vae_of_clean_data_is_sure_of_its_codes_and_uses_both_signs() -> None:
    run = fit(as_data(curve(600)), recipe="vae", latent_dim=2, overrides={"training": {"epochs": 100}})
    x = torch.as_tensor(run.scaled(curve(600)))
    mean, log_var, _ = run.model.bottleneck.posterior(run.model.encoder(x, {}))  # type: ignore[operator]
    sigma = (log_var / 2).exp().mean(0)
    used = sigma.argmin()
    assert sigma[used] < 0.2
    assert mean[:, used].min() < -0.5
    assert mean[:, used].max() > 0.5


def test_a_code_has_at_least_one_dimension() -> None:
    spec = {
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 0},
        "loss": {"name": "squared"},
    }
    with pytest.raises(InputError, match="at least 1"):
        build(spec, Domain((4,)))


def test_l1_is_the_sum_of_absolute_codes() -> None:
    spec = {
        "encoder": {"name": "mlp"},
        "bottleneck": {"name": "plain", "latent_dim": 3},
        "loss": {"name": "squared"},
        "penalties": [{"name": "l1", "weight": 0.5}],
    }
    costs = build(spec, Domain((4,)))(Batch(torch.randn(6, 4)))
    expected = costs.trace.code.z[0].abs().sum(1)
    assert torch.equal(costs.parts["l1"].value[0], expected)
    total = costs.parts["reconstruction"].value[0] + 0.5 * expected
    torch.testing.assert_close(costs.total, total.mean())


def test_topk_keeps_the_largest_and_nothing_else() -> None:
    torch.manual_seed(0)
    bottleneck, h = TopK((7,), 8, k=3), torch.randn(20, 7)
    code = bottleneck(Features(h), {}, sample=True)
    whole = bottleneck.project(h)
    assert ((code.z[0] != 0).sum(1) == 3).all()
    kept = code.z[0] != 0
    assert torch.equal(code.z[0][kept], whole[kept])
    smallest_kept = whole.abs().where(kept, torch.inf).amin(1)
    assert (smallest_kept >= whole.abs().where(~kept, 0).amax(1)).all()
    assert TopK((7,), 8).k == 2
    with pytest.raises(InputError, match="between 1 and 8"):
        TopK((7,), 8, k=9)


def test_a_full_covariance_has_the_divergence_and_the_spread_of_torch() -> None:
    torch.manual_seed(2)
    bottleneck = Gaussian((7,), 3, covariance="full").double()
    h = torch.randn(1, 7, dtype=torch.double)
    mean, log_var, below = bottleneck.posterior(Features(h))
    factor = below + torch.diag_embed((log_var / 2).exp())
    assert below.abs().sum() > 0
    assert torch.equal(below, below.tril(-1))
    code = bottleneck(Features(h.expand(200_000, 7)), {}, sample=True)
    theirs = kl_divergence(
        MultivariateNormal(mean, scale_tril=factor),
        MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double()),
    )
    torch.testing.assert_close(code.costs["kl"].value[0, :1], theirs)
    torch.testing.assert_close(code.z[0].T.cov(), (factor @ factor.mT)[0], atol=0.02, rtol=0.02)


def test_a_sigmoid_code_lies_between_0_and_1_and_features_can_be_the_code() -> None:
    features = Features(10 * torch.randn(5, 2, 3, 3))
    z = Plain((2, 3, 3), 4, activation="sigmoid")(features, {}, sample=False).z[0]
    assert z.shape == (5, 4)
    assert 0 <= z.min() < z.max() <= 1
    same = Plain((2, 3, 3), 18, project="none")(features, {}, sample=False).z[0]
    assert torch.equal(same, features.h)
    placed = Plain((2, 3, 3), 4, project="conv", kernel=2)
    assert placed.code_shape == (4, 2, 2)
    assert placed(features, {}, sample=False).z[0].shape == (5, 4, 2, 2)
    whole = Plain((2, 3, 3), 4, project="conv")
    assert whole.code_shape == (4, 1, 1)  # the kernel of 7 is cut to the map


def test_a_convolution_needs_features_in_an_image() -> None:
    with pytest.raises(InputError, match="features that lie in an image, not of shape 7"):
        Plain((7,), 4, project="conv")


def quantized(**options: float) -> Quantized:
    torch.manual_seed(0)
    return Quantized((6,), 4, entries=5, width=2, **options)  # type: ignore[arg-type]


def test_words_are_the_nearest_entries() -> None:
    bottleneck, h = quantized().eval(), torch.randn(50, 6)
    code = bottleneck(Features(h), {}, sample=False)
    said = bottleneck.project(h).reshape(50, 2, 2)
    distances = torch.cdist(said, bottleneck.codebook.expand(50, 5, 2))
    assert code.index is not None
    assert torch.equal(code.index, distances.argmin(2))
    torch.testing.assert_close(code.z[0], bottleneck.codebook[code.index].flatten(1))
    expected = 1.25 * distances.min(2).values.square().sum(1)
    torch.testing.assert_close(code.costs["quantization"].value[0], expected)


def test_gradients_pass_the_choice_of_words_and_each_term_moves_its_side() -> None:
    bottleneck = quantized(commitment=0.5).eval()
    h = torch.randn(8, 6)
    code = bottleneck(Features(h), {}, sample=True)
    weights = torch.randn(4)
    (through,) = torch.autograd.grad((code.z[0] @ weights).sum(), bottleneck.project.bias, retain_graph=True)
    torch.testing.assert_close(through, 8 * weights)
    cost = code.costs["quantization"].value.sum()
    book, bias = torch.autograd.grad(cost, [bottleneck.codebook, bottleneck.project.bias])
    assert code.index is not None
    said = bottleneck.project(h).reshape(8, 2, 2)
    gap = (said - bottleneck.codebook[code.index]).detach()
    torch.testing.assert_close(bias, 0.5 * 2 * gap.sum(0).flatten())
    by_hand = torch.zeros(5, 2).index_add(0, code.index.flatten(), -2 * gap.flatten(0, 1))
    torch.testing.assert_close(book, by_hand)


def test_entries_that_are_never_chosen_are_replaced_by_words_that_occur() -> None:
    bottleneck = quantized().train()
    with torch.no_grad():
        bottleneck.codebook[1:] += 1000  # far from anything that is ever said
    h = torch.randn(64, 6)
    for _ in range(500):
        bottleneck(Features(h), {}, sample=True)
    used = bottleneck(Features(h), {}, sample=False).index
    assert used is not None
    assert len(used.unique()) == 5
    before = bottleneck.codebook.clone(), bottleneck.used.clone()
    bottleneck.eval()(Features(h + 100), {}, sample=True)
    assert torch.equal(bottleneck.codebook, before[0])  # evaluation never trains
    assert torch.equal(bottleneck.used, before[1])


def test_words_divide_a_code() -> None:
    assert [Quantized((6,), d).width for d in (1, 2, 3, 8, 9, 10)] == [1, 2, 3, 4, 3, 2]
    with pytest.raises(InputError, match="A code of 5 numbers has no words of 2 numbers each"):
        Quantized((6,), 5, width=2)


def test_a_binary_code_is_bits_at_the_cost_of_torchs_divergence() -> None:
    torch.manual_seed(0)
    bottleneck, h = Binary((6,), 3), 3 * torch.randn(20_000, 6)
    p = torch.sigmoid(bottleneck.project(h))
    likelier = bottleneck(Features(h), {}, sample=False)
    assert torch.equal(likelier.z[0], (p > 0.5).float())
    theirs = kl_divergence(Bernoulli(p), Bernoulli(torch.full_like(p, 0.5))).sum(1)
    torch.testing.assert_close(likelier.costs["kl"].value[0], theirs, atol=1e-5, rtol=1e-4)
    drawn = bottleneck(Features(h[:1].expand(20_000, 6)), {}, sample=True).z[0]
    assert set(drawn.unique().tolist()) <= {0.0, 1.0}
    torch.testing.assert_close(drawn.mean(0), p[0], atol=0.02, rtol=0)


def test_gradients_pass_a_bit_as_if_it_were_its_probability() -> None:
    bottleneck, h = Binary((6,), 3), torch.randn(8, 6)
    weights = torch.randn(3)
    (bits,) = torch.autograd.grad(
        (bottleneck(Features(h), {}, sample=True).z[0] @ weights).sum(), bottleneck.project.weight
    )
    (mean,) = torch.autograd.grad(
        (torch.sigmoid(bottleneck.project(h)) @ weights).sum(), bottleneck.project.weight
    )
    torch.testing.assert_close(bits, mean)
