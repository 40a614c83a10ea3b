"""The entries about latent spaces: their measures on cases whose answer is known, and what they find."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from narrows.core.records import Batch
from narrows.data.schema import Data
from narrows.reproduce import stability
from narrows.reproduce.generation import against_normal, frechet, like, within_reach
from narrows.reproduce.gradients import drawn, estimated, kl, parameters, reconstruction
from narrows.reproduce.lab import Finding, Lab, flat, trained
from narrows.reproduce.latent import ENTRIES, STEPS, clustered, directions_in_use, jolt, unexplained, walked
from narrows.reproduce.variational import noise_of, posterior, watched
from narrows.runs.run import Run

ENTRY = {entry.id: entry for entry in ENTRIES}


class Brief(Lab):
    """A lab of few digits, in which nothing is trained for more than three epochs."""

    def __init__(self) -> None:
        super().__init__(quick=True)
        data = super().digits
        assert data.test is not None
        self.few = replace(self.some(data, 400), test=self.some(data.test, 120))

    @property
    def digits(self) -> Data:
        return self.few

    def fit(self, *args: Any, **options: Any) -> Run:
        return super().fit(*args, **{**options, "epochs": 3})


@pytest.fixture(scope="module")
def lab() -> Lab:
    return Brief()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def with_moments(mean: Any, covariance: Any, n: int = 50) -> Any:
    """Rows with exactly this mean and sample covariance."""
    x = np.random.default_rng(1).standard_normal((n, len(mean)))
    x -= x.mean(axis=0)
    white = x @ np.linalg.inv(np.linalg.cholesky(np.atleast_2d(np.cov(x, rowvar=False)))).T
    return white @ np.linalg.cholesky(np.asarray(covariance)).T + mean


def test_frechet_is_the_closed_form() -> None:
    first, second = np.array([[2.0, 0.8], [0.8, 1.0]]), np.array([[1.0, -0.3], [-0.3, 3.0]])
    a, b = with_moments([1, 2], first), with_moments([0, -1], second)
    expected = 1 + 9 + np.trace(first + second - 2 * np.real(sqrtm(first @ second)))
    assert frechet(a, b) == pytest.approx(expected, rel=1e-9)
    assert frechet(a, a) == pytest.approx(0, abs=1e-9)
    # In one dimension it is (m₁ - m₂)² + (σ₁ - σ₂)².
    assert frechet(with_moments([3], [[4]]), with_moments([1], [[9]])) == pytest.approx(5)


def test_frechet_bears_features_that_never_vary() -> None:
    a = np.column_stack([with_moments([0], [[1]]), np.zeros(50)])
    assert frechet(a, a + np.array([0, 2])) == pytest.approx(4)


def test_points_are_within_reach_up_to_the_third_neighbour() -> None:
    line = np.arange(10, dtype=np.float32)[:, None]  # at the ends the third neighbour is 3 away
    near_far = np.array([[4.5], [11.9], [12.1], [-3.1]], dtype=np.float32)
    assert within_reach(near_far, line) == 0.5
    assert within_reach(line, line) == 1


def test_a_linear_decoder_changes_evenly_and_a_step_at_once(rng: np.random.Generator) -> None:
    first, second = rng.standard_normal((2, 5, 3))
    weight = rng.standard_normal((3, 7))
    walks = walked(lambda z: z @ weight, first, second)
    assert walks.changes.shape == (5, STEPS)
    assert walks.unevenness == pytest.approx(1)
    first[:, 0], second[:, 0] = -1, 1.1
    assert walked(lambda z: np.sign(z[:, :1]), first, second).unevenness == pytest.approx(STEPS)
    scaled = walked(lambda z: np.tanh(z / 1000), 1000 * first, 1000 * second).unevenness
    assert scaled == pytest.approx(walked(np.tanh, first, second).unevenness)


def test_codes_that_come_back_are_explained(rng: np.random.Generator) -> None:
    z = rng.standard_normal((200, 4)) + 3
    assert unexplained(z, z) == 0
    assert unexplained(z, np.broadcast_to(z.mean(axis=0), z.shape)) == pytest.approx(1)
    assert unexplained(100 * z, 100 * (z + 0.1)) == pytest.approx(unexplained(z, z + 0.1))


def test_a_jolt_is_relative_to_codes_and_images(rng: np.random.Generator) -> None:
    codes = 50 * rng.standard_normal((300, 4)) + 7
    assert jolt(lambda z: z, codes, rng) == pytest.approx(0.1)
    assert jolt(lambda z: 9 * z - 2, codes, rng, step=0.3) == pytest.approx(0.3)


def test_draws_like_codes_have_their_moments(rng: np.random.Generator) -> None:
    codes = with_moments([1, -2], [[2, 0.5], [0.5, 1]])
    found = like(codes, 20_000, rng)
    np.testing.assert_allclose(found.mean(axis=0), [1, -2], atol=0.05)
    np.testing.assert_allclose(np.cov(found, rowvar=False), [[2, 0.5], [0.5, 1]], atol=0.06)


def test_distances_from_the_standard_normal(rng: np.random.Generator) -> None:
    z = rng.standard_normal((20_000, 5))
    found = against_normal(z, rng)
    assert max(found.axes, found.sliced, found.length) < 0.03
    np.testing.assert_allclose(found.eigenvalues, 1, atol=0.05)
    # Shifted by 1 along each axis: Wasserstein-1 is the shift.
    assert against_normal(z + 1, rng).axes == pytest.approx(1, abs=0.03)
    # Twice as wide: E|2x - x| = E|x| = √(2/π).
    assert against_normal(2 * z, rng).sliced == pytest.approx((2 / np.pi) ** 0.5, abs=0.03)


def test_separate_groups_are_clusters(rng: np.random.Generator) -> None:
    y = np.arange(200) % 2
    tight = rng.standard_normal((200, 2)) + 100 * y[:, None]
    found = clustered(tight, y, tight, y)
    assert found.neighbours == 1
    assert found.silhouette > 0.95
    none = rng.standard_normal((200, 2))
    assert clustered(none[:100], y[:100], none[100:], y[100:]).neighbours < 0.7


def test_directions_in_use_are_the_rank_of_the_codes(rng: np.random.Generator) -> None:
    codes = rng.standard_normal((100, 2)) @ rng.standard_normal((2, 3)) + 5
    assert directions_in_use(codes.astype(np.float32)) == 2
    assert directions_in_use(rng.standard_normal((100, 3))) == 3


def test_loss_of_mean_and_variance_is_the_objectives(lab: Lab) -> None:
    run = lab.fit("y5")
    x = torch.from_numpy(flat(lab.digits.array[:4])).reshape(-1, *run.schema.model_shape)
    mean, log_var = parameters(run.model, x)
    torch.manual_seed(5)
    noise = torch.randn_like(mean)
    ours = reconstruction(run.model, x, drawn(mean, log_var, noise)) + kl(mean, log_var)
    torch.manual_seed(5)
    with torch.no_grad():
        theirs = run.objective(Batch(x)).total
    assert float(ours.detach().mean()) == pytest.approx(float(theirs), rel=1e-6)


def test_estimates_of_a_gradient_agree_in_the_mean(lab: Lab) -> None:
    run = lab.fit("y5")
    x = torch.from_numpy(flat(lab.digits.array[:1])).reshape(-1, *run.schema.model_shape)
    found = estimated(run.model, x, 20_000, torch.Generator().manual_seed(0))
    path, centred = found.reparameterised.mean(dim=0), found.centred.mean(dim=0)
    error = (found.centred.var(dim=0) / 20_000).sum().sqrt()
    assert float((path - centred).norm()) < 3 * float(error)


def test_gradients_pass_only_where_the_noise_is_apart() -> None:
    finding = ENTRY["K2"].measure(Brief())
    assert finding.holds is True
    assert max(finding.measured[f"largest_difference_{name}"] for name in ("mean", "log_var")) < 1e-6
    assert finding.yardstick["gradient_without_reparameterisation"] == 0
    spreads = [finding.measured["spread_reparameterised"], *list(finding.yardstick.values())[2:0:-1]]
    assert spreads == sorted(spreads)


def test_noise_shrinks_without_the_similarity_loss(lab: Lab) -> None:
    data = lab.some(lab.digits, 300)
    without, strict = (watched(lab, data, beta, 4) for beta in (0.0, 4.0))
    assert len(without) == 3
    assert without[-1].sigma < strict[-1].sigma
    assert without[-1].kl > strict[-1].kl


def test_the_share_of_noise_is_that_of_drawn_codes(lab: Lab) -> None:
    run, images = lab.fit("y5"), lab.digits.array[:500]
    mean, sigma = posterior(run, images)
    noise = sigma * np.random.default_rng(0).standard_normal((200, *sigma.shape))
    share = noise.var(axis=(0, 1)).sum() / (mean + noise).var(axis=(0, 1)).sum()
    assert noise_of(run, images)[1] == pytest.approx(share, rel=0.02)


def test_a_spread_counts_trainings_that_are_no_better_than_the_mean(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stability, "trained", lambda *args: trained(*args[:4], 1, args[5]))
    found = stability.spread(lab, {}, 1e-9, 200, 2, 1)
    assert found.failures == 2
    assert found.variation == pytest.approx(found.errors.std(ddof=1) / found.errors.mean())


@pytest.mark.parametrize("name", ["K3", "K7", "K8", "K10", "K14"])
def test_a_finding_has_sentence_figures_and_flat_numbers(
    name: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stability, "trained", lambda *args: trained(*args[:4], 1, args[5]))
    finding: Finding = ENTRY[name].measure(lab)
    assert isinstance(finding.holds, bool)
    assert finding.sentence.endswith(".")
    assert all(figure.caption.endswith(".") and "<" in figure.html for figure in finding.figures)
    assert "nan" not in finding.sentence
    for value in json.loads(json.dumps(asdict(finding)))["measured"].values():
        assert isinstance(value, (bool, float, int, str, list))
