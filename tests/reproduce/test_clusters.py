from __future__ import annotations

import numpy as np
import pytest
import torch

from narrows.model.bottlenecks.mixture import Mixture
from narrows.reproduce.clusters import (
    CLUSTERS,
    accuracy,
    bottleneck,
    means_and_members,
    responsibilities,
    samples_of_clusters,
)
from narrows.reproduce.lab import Lab
from narrows.runs.run import Run


@pytest.fixture(scope="module")
def run(lab: Lab) -> Run:
    return lab.fit("s5")


def test_accuracy_is_that_of_the_best_matching() -> None:
    assert accuracy(np.array([2, 2, 0, 0, 1]), np.array([0, 0, 1, 1, 1])) == 0.8
    y = np.arange(60) % 6
    assert accuracy((y + 2) % 6, y) == 1
    assert accuracy(np.zeros(60, dtype=int), y) == pytest.approx(1 / 6), (
        "one cluster is matched with one class"
    )


def test_responsibilities_are_shares_of_the_clusters(lab: Lab, run: Run) -> None:
    images = lab.digits.held_out.array[:50]
    found = responsibilities(run, images)
    assert found.shape == (50, CLUSTERS)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(responsibilities(run, images[7:8]).argmax(), found[7].argmax())


def test_each_row_begins_with_the_decoded_mean_and_continues_with_the_likeliest(lab: Lab, run: Run) -> None:
    images = lab.digits.held_out.array
    found = responsibilities(run, images)
    pictures = means_and_members(run, images, found).reshape(CLUSTERS, 12, 28, 28)
    means = run.decode(bottleneck(run).means.detach().numpy()) / 255
    np.testing.assert_allclose(pictures[:, 0], means)
    likeliest = found.argmax(axis=0)
    np.testing.assert_allclose(pictures[:, 1], images[likeliest] / 255)


def test_new_digits_come_from_the_cluster_of_their_row(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without noise all are the mean; with it they have the covariance of the cluster."""
    seen = []
    monkeypatch.setattr(Run, "decode", lambda _, z: seen.append(z) or z)
    samples_of_clusters(run, 0)
    mixture = bottleneck(run)
    assert isinstance(mixture, Mixture)
    z = torch.as_tensor(seen[0]).reshape(CLUSTERS, 12, mixture.latent_dim)
    white = torch.einsum("kij,knj->kni", mixture.whitening().detach(), z - mixture.means.detach()[:, None])
    noise = torch.randn(CLUSTERS, mixture.latent_dim, 12, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(white, noise.mT, atol=1e-3, rtol=1e-3)
