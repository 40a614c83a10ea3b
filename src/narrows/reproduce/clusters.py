"""Deck S's last reference: clusters found without labels by a Gaussian-mixture VAE."""

from __future__ import annotations

import numpy as np
import torch

from narrows.data.schema import Array
from narrows.model.bottlenecks.mixture import Mixture
from narrows.reproduce.drawings import wall
from narrows.reproduce.lab import Entry, Finding, Lab, flat
from narrows.reproduce.tables import percent, table
from narrows.runs.inference import inference
from narrows.runs.run import Run

CLUSTERS = 10


def mixture(lab: Lab) -> Finding:
    test = lab.digits.held_out
    assert test.labels is not None
    run = lab.fit("s5", epochs=lab.pick(None, 40))
    found = responsibilities(run, test.array)
    numbers = {
        "mixture": accuracy(found.argmax(1), test.labels),
        "pixels": accuracy(k_means(lab, flat(lab.digits.array), flat(test.array)), test.labels),
        "plain codes": accuracy(plain(lab), test.labels),
    }
    wanted = lab.pick(0.85, 0.4)
    sure = float((found.max(1) > 0.9).mean())
    return Finding(
        {"accuracy": numbers["mixture"], "share_surer_than_90": sure},
        {
            "k_means_pixels": numbers["pixels"],
            "k_means_plain_codes": numbers["plain codes"],
            "wanted": wanted,
        },
        numbers["mixture"] >= wanted,
        f"Without a label, {percent(numbers['mixture'])} of the test images are in the cluster that stands "
        f"for their digit. k-means comes to {percent(numbers['pixels'])} on the pixels and "
        f"{percent(numbers['plain codes'])} on the codes of a plain autoencoder of the same size. "
        f"Memberships are soft; {percent(sure)} of the images belong to one cluster by more than 90 %.",
        (
            wall(means_and_members(run, test.array, found), 12, MEMBERS),
            wall(drawn(run, lab.seed), 12, "Each row a cluster: new digits drawn from it."),
            table(
                ["clusters of", "accuracy"],
                [[name, percent(value)] for name, value in numbers.items()],
                "Under the best matching of ten clusters with ten digits.",
            ),
        ),
    )


MEMBERS = "Each row a cluster: its mean decoded, then test images that belong to it most surely."


def bottleneck(run: Run) -> Mixture:
    assert isinstance(run.model.bottleneck, Mixture)
    return run.model.bottleneck


def responsibilities(run: Run, images: Array) -> Array:
    """How much of each image of bytes `(n, height, width)` each cluster has, `(n, clusters)`."""
    x = torch.as_tensor(images[:, None] / np.float32(255))
    with inference(run.model):
        shares = [
            bottleneck(run).responsibilities(run.model.encoder(part, {})) for part in torch.split(x, 1000)
        ]
        return torch.cat(shares).numpy()


def accuracy(found: Array, labels: Array) -> float:
    """The share of rows whose cluster stands for their label, under the best one-to-one matching.

    Kuhn 1955, "The Hungarian method for the assignment problem", Naval Research Logistics 2.
    """
    from scipy.optimize import linear_sum_assignment

    counts = np.zeros((found.max() + 1, labels.max() + 1))
    np.add.at(counts, (found, labels), 1)
    return float(counts[linear_sum_assignment(counts, maximize=True)].sum() / len(labels))


def k_means(lab: Lab, train: Array, test: Array) -> Array:
    """The cluster of each test row `(n,)`, found on the training rows."""
    from sklearn.cluster import KMeans

    return KMeans(CLUSTERS, n_init=3, random_state=lab.seed).fit(train).predict(test)


def plain(lab: Lab) -> Array:
    """The cluster of each test image by k-means on the codes of a plain autoencoder."""
    changes = {"corruption": "none", "bottleneck": "plain"}
    run = lab.fit("s5", latent_dim=10, epochs=lab.pick(12, 30), overrides=changes)
    return k_means(lab, run.encode(lab.digits.array), run.encode(lab.digits.held_out.array))


def means_and_members(run: Run, images: Array, found: Array) -> Array:
    """For each cluster 12 pictures in [0, 1]: its mean decoded, and its surest members."""
    means = run.decode(bottleneck(run).means.detach().numpy()) / 255
    rows = [[means[k], *(images[np.argsort(-found[:, k])[:11]] / 255)] for k in range(CLUSTERS)]
    return np.concatenate([np.stack(row) for row in rows])


def drawn(run: Run, seed: int) -> Array:
    """For each cluster 12 new pictures in [0, 1], from its normal distribution."""
    clusters = bottleneck(run)
    noise = torch.randn(CLUSTERS, clusters.latent_dim, 12, generator=torch.Generator().manual_seed(seed))
    with inference(run.model):
        apart = torch.linalg.solve_triangular(clusters.whitening(), noise, upper=False)
        z = (clusters.means[:, :, None] + apart).mT.flatten(0, 1)
    return run.decode(z.numpy()) / 255


S5 = Entry(
    "S5",
    "Gaussian-mixture VAE",
    "The deck's reference: a VAE whose prior is a mixture finds interpretable clusters.",
    mixture,
)
