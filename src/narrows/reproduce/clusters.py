"""A Gaussian-mixture VAE that clusters without labels, the last reference of lecture S."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.model.bottlenecks.mixture import Mixture
from narrows.reproduce.drawings import wall
from narrows.reproduce.findings import Figure, Finding, at_least, median_of
from narrows.reproduce.lab import Entry, Lab, flat
from narrows.reproduce.tables import percent, table
from narrows.runs.inference import inference
from narrows.runs.run import Run

CLUSTERS = 10


def mixture(lab: Lab) -> Finding:
    test = lab.digits.held_out
    assert test.labels is not None
    runs = lab.fit_seeds("s5")
    shares = [responsibilities(run, test.array) for run in runs]
    found = median_of([accuracy(share.argmax(1), test.labels) for share in shares])
    pixels = accuracy(k_means(lab, flat(lab.digits.array), flat(test.array)), test.labels)
    codes = accuracy(k_means_of_codes(lab), test.labels)
    accuracies = {
        "mixture VAE": found.value,
        "k-means on pixels": pixels,
        "k-means on codes of a plain autoencoder": codes,
    }
    confident = float((shares[0].max(1) > 0.9).mean())
    return Finding(
        {"accuracy": found.value, "share_above_90_percent": confident},
        {"k_means_pixels": pixels, "k_means_plain_codes": codes},
        (
            at_least("accuracy of the clusters", found, pixels, "k-means on pixels"),
            at_least("accuracy of the clusters", found, codes, "k-means on codes of a plain autoencoder"),
        ),
        f"Trained without labels, the VAE assigns {percent(found.value)} of the test images to the "
        f"cluster that is matched with their digit. k-means assigns {percent(pixels)} on the pixels and "
        f"{percent(codes)} on the codes of a plain autoencoder of the same size. Cluster assignments are "
        f"probabilities; for {percent(confident)} of the images the largest is above 90 %.",
        figures(lab, runs[0], shares[0], accuracies),
    )


def figures(lab: Lab, run: Run, shares: Array, accuracies: Mapping[str, float]) -> tuple[Figure, ...]:
    return (
        wall(
            means_and_members(run, lab.digits.held_out.array, shares),
            12,
            "One row per cluster: the decoded mean, then the test images with the largest probabilities.",
        ),
        wall(samples_of_clusters(run, lab.seed), 12, "One row per cluster: new digits sampled from it."),
        table(
            ("method", "accuracy"),
            ((name, percent(value)) for name, value in accuracies.items()),
            "Accuracy under the best matching of ten clusters with ten digits.",
        ),
    )


def bottleneck(run: Run) -> Mixture:
    assert isinstance(run.model.bottleneck, Mixture)
    return run.model.bottleneck


def responsibilities(run: Run, images: Array) -> Array:
    """The probability `(n, clusters)` of each cluster for 8-bit images `(n, height, width)`."""
    x = torch.as_tensor(images[:, None] / np.float32(255))
    with inference(run.model):
        batches = [
            bottleneck(run).responsibilities(run.model.encoder(part, {})) for part in torch.split(x, 1000)
        ]
        return torch.cat(batches).numpy()


def accuracy(clusters: Array, labels: Array) -> float:
    """The share of rows whose cluster is matched with their label, under the best one-to-one matching.

    Kuhn 1955, "The Hungarian method for the assignment problem", Naval Research Logistics 2.
    """
    from scipy.optimize import linear_sum_assignment

    counts = np.zeros((clusters.max() + 1, labels.max() + 1))
    np.add.at(counts, (clusters, labels), 1)
    return float(counts[linear_sum_assignment(counts, maximize=True)].sum() / len(labels))


def k_means(lab: Lab, train: Array, test: Array) -> Array:
    """The cluster of each test row `(n,)`; k-means is fitted to the training rows."""
    from sklearn.cluster import KMeans

    return KMeans(CLUSTERS, n_init=3, random_state=lab.seed).fit(train).predict(test)


def k_means_of_codes(lab: Lab) -> Array:
    """The cluster of each test image `(n,)` by k-means on the codes of a plain autoencoder."""
    changes = {"corruption": "none", "bottleneck": "plain"}
    run = lab.fit("s5", latent_dim=10, epochs=lab.pick(12, 8), overrides=changes)
    return k_means(lab, run.encode(lab.digits.array), run.encode(lab.digits.held_out.array))


def means_and_members(run: Run, images: Array, shares: Array) -> Array:
    """For each cluster 12 images in [0, 1]: its decoded mean, and its members of largest probability."""
    means = run.decode(bottleneck(run).means.detach().numpy()) / 255
    rows = [[means[k], *(images[np.argsort(-shares[:, k])[:11]] / 255)] for k in range(CLUSTERS)]
    return np.concatenate([np.stack(row) for row in rows])


def samples_of_clusters(run: Run, seed: int) -> Array:
    """For each cluster 12 new images in [0, 1], sampled from its normal distribution."""
    clusters = bottleneck(run)
    noise = torch.randn(CLUSTERS, clusters.latent_dim, 12, generator=torch.Generator().manual_seed(seed))
    with inference(run.model):
        offsets = torch.linalg.solve_triangular(clusters.whitening(), noise, upper=False)
        z = (clusters.means[:, :, None] + offsets).mT.flatten(0, 1)
    return run.decode(z.numpy()) / 255


S5 = Entry(
    "S5",
    "Gaussian-mixture VAE",
    "The lecture's reference: a VAE with a mixture as prior finds interpretable clusters.",
    mixture,
)
