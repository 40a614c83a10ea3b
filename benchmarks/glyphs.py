"""The set `glyphs` beside MNIST and beside the 8×8 digits of scikit-learn, enlarged to 28×28.

    python benchmarks/glyphs.py

Prints the squared error of PCA on test images relative to their variance, the rank that holds 99.9 % of
the training images' variance, the accuracy of 5 nearest neighbours, and that of k-means with 10 clusters
under the best matching with the labels (mean of several seeds, and range). All on 6,000 training and 1,000
test images of MNIST and of glyphs, and on a split of the 1,797 digits. The strength of the distortions was
chosen on glyphs of other seeds. Exits with 1 if a value of glyphs is further from MNIST's than the tolerance,
or further than that of the enlarged digits.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from torch.nn.functional import interpolate

from narrows.data.datasets import load

DIMENSIONS = (1, 2, 4, 8, 16, 32, 64)
SEEDS = 6
TOLERANCES = {"PCA": 0.05, "rank": 100, "neighbours": 0.04, "k-means": 0.08}


@dataclass(frozen=True)
class Parts:
    """Training and test images as rows in [0, 1], with their labels."""

    x: NDArray[np.float32]
    y: NDArray[np.intp]
    test_x: NDArray[np.float32]
    test_y: NDArray[np.intp]


def rows(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (images.reshape(len(images), -1) / 255).astype(np.float32)


def parts(name: str) -> Parts:
    """The first 6,000 training images, and 1,000 test images from all of the test part."""
    data = load(name)
    test, step = data.held_out, len(data.held_out) // 1000
    return Parts(rows(data.array[:6000]), data.labels[:6000], rows(test.array[::step]), test.labels[::step])


def enlarged_digits() -> Parts:
    """Every fifth of scikit-learn's digits is a test image."""
    small = load("digits")
    large = interpolate(torch.as_tensor(small.array)[:, None].float() / 16, (28, 28), mode="bilinear")
    x, tested = large.flatten(1).numpy(), np.arange(len(large)) % 5 == 4
    return Parts(x[~tested], small.labels[~tested], x[tested], small.labels[tested])


def clustered(p: Parts) -> list[float]:
    found = []
    for seed in range(SEEDS):
        clusters = KMeans(10, n_init=3, random_state=seed).fit(p.x).labels_
        table = np.zeros((10, 10))
        np.add.at(table, (clusters, p.y), 1)
        found.append(table[linear_sum_assignment(-table)].sum() / len(p.y))
    return found


def measured(p: Parts) -> tuple[dict[str, float], list[float]]:
    pca = PCA().fit(p.x)
    error = np.square(p.test_x - pca.mean_).sum()
    left = 1 - np.square(pca.transform(p.test_x)).sum(axis=0).cumsum() / error
    clusters = clustered(p)
    return {
        **{f"PCA {d}": left[d - 1] for d in DIMENSIONS},
        "rank": 1 + np.searchsorted(pca.explained_variance_ratio_.cumsum(), 0.999),
        "neighbours": KNeighborsClassifier(5).fit(p.x, p.y).score(p.test_x, p.test_y),
        "k-means": mean(clusters),
    }, clusters


def main() -> None:
    sets = {"glyphs": parts("glyphs"), "MNIST": parts("mnist"), "enlarged digits": enlarged_digits()}
    values, missed = {}, []
    for name, data in sets.items():
        values[name], clusters = measured(data)
        print(f"{name}: k-means from {min(clusters):.3f} to {max(clusters):.3f}", flush=True)
    print(f"{'':12}" + "".join(f"{name:>17}" for name in sets))
    for check, mnist in values["MNIST"].items():
        ours, enlarged = values["glyphs"][check], values["enlarged digits"][check]
        print(
            f"{check:12}" + "".join(f"{v:17.{0 if check == 'rank' else 3}f}" for v in (ours, mnist, enlarged))
        )
        if abs(ours - mnist) > min(TOLERANCES[check.split()[0]], abs(enlarged - mnist)):
            missed.append(check)
    print(f"Further from MNIST than claimed: {', '.join(missed) or 'none'}.")
    raise SystemExit(bool(missed))


if __name__ == "__main__":
    main()
