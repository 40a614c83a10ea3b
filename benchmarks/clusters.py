"""Clusters found without labels: the mixture VAE beside k-means, on MNIST's 10,000 test images.

    python benchmarks/clusters.py [--data NAME] [--seeds N] [--epochs N] [--out FILE.json]

Every method sees the 60,000 training images without labels and knows that there are 10 clusters.
Accuracy is the share of test images in the cluster that stands for their label, under the best
one-to-one matching of clusters with labels (Kuhn 1955). The networks have the same widths and train
for the same number of epochs. The mixture trains in two stages, each with an optimizer and a
schedule of its own, as two calls of the training loop with `settle` in between.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans
from torch import Tensor

from narrows.bottlenecks.mixture import Mixture
from narrows.data.kinds import Data
from narrows.data.readers import read
from narrows.data.scaling import choose
from narrows.model import Model, Objective, build
from narrows.rows import Rows
from narrows.train import Training, train

NETWORK = {"encoder": {"name": "mlp", "widths": [512, 256]}, "loss": {"name": "bernoulli"}}
MIXTURE = {
    **NETWORK,
    "corruption": {"name": "mask", "share": 0.3},
    "bottleneck": {
        "name": "mixture",
        "latent_dim": 10,
        "components": 10,
        "covariance": "full",
        "pretrain": 0.5,
    },
}
PLAIN = {**NETWORK, "bottleneck": {"name": "plain", "latent_dim": 10}}
SETTLING = 20_000


class Parts:
    """The images to train on and to judge on; a few of the former where the loop wants a validation."""

    def __init__(self, data: Data) -> None:
        assert data.test is not None
        assert isinstance(data.values, np.ndarray)
        assert isinstance(data.test.values, np.ndarray)
        laid_out = data.schema.arrange(data.values)
        scaling = choose(laid_out, data.schema).scaling
        self.domain = scaling.domain(data.schema)
        self.train, self.validation = Rows(laid_out, scaling), Rows(laid_out[:1000], scaling)
        self.test = Rows(data.schema.arrange(data.test.values), scaling)
        self.labels = np.asarray(data.test.labels)


def accuracy(found: np.ndarray[Any, Any], labels: np.ndarray[Any, Any]) -> float:
    """The share of rows whose cluster stands for their label, under the best matching."""
    counts = np.zeros((found.max() + 1, labels.max() + 1))
    np.add.at(counts, (found, labels), 1)
    return float(counts[linear_sum_assignment(counts, maximize=True)].sum() / len(labels))


@torch.no_grad()
def codes(model: Model, rows: Rows) -> Tensor:
    model.eval()
    return torch.cat([model.encode(batch.x) for batch in rows.batches(1000)])


@torch.no_grad()
def clusters(model: Model, rows: Rows) -> np.ndarray[Any, Any]:
    """The likeliest cluster of each row."""
    bottleneck = model.eval().bottleneck
    assert isinstance(bottleneck, Mixture)
    shares = [bottleneck.responsibilities(model.encoder(b.x, {})) for b in rows.batches(1000)]
    return torch.cat(shares).argmax(1).numpy()


def learn(objective: Objective, parts: Parts, epochs: int) -> None:
    for _ in train(objective, parts.train, parts.validation, how(epochs)):
        pass


def how(epochs: int) -> Training:
    return Training(epochs=epochs, batch_size=128, learning_rate=2e-3, patience=epochs)


def k_means(train_on: np.ndarray[Any, Any], judge_on: np.ndarray[Any, Any], seed: int) -> Any:
    return KMeans(10, n_init=3, random_state=seed).fit(train_on).predict(judge_on)


def mixture(parts: Parts, seed: int, epochs: int) -> dict[str, float]:
    torch.manual_seed(seed)
    start = time.perf_counter()
    objective = build(MIXTURE, parts.domain)
    bottleneck = objective.model.bottleneck
    assert isinstance(bottleneck, Mixture)
    first = round(bottleneck.pretrain * epochs)
    learn(objective, parts, first)
    bottleneck.settle(codes(objective.model, parts.train)[torch.randperm(len(parts.train))[:SETTLING]])
    settled = accuracy(clusters(objective.model, parts.test), parts.labels)
    learn(objective, parts, epochs - first)
    seconds = time.perf_counter() - start
    final = accuracy(clusters(objective.model, parts.test), parts.labels)
    return {"settled": settled, "mixture": final, "seconds": seconds}


def plain(parts: Parts, seed: int, epochs: int) -> float:
    """k-means on the codes of a plain autoencoder."""
    torch.manual_seed(seed)
    objective = build(PLAIN, parts.domain)
    learn(objective, parts, epochs)
    found = k_means(
        codes(objective.model, parts.train).numpy(), codes(objective.model, parts.test).numpy(), seed
    )
    return accuracy(found, parts.labels)


def pixels(parts: Parts, seed: int) -> float:
    flat = [rows.values.flatten(1).float().numpy() / 255 for rows in (parts.train, parts.test)]
    return accuracy(k_means(flat[0], flat[1], seed), parts.labels)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", default="mnist", choices=["mnist", "fashion-mnist"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    parts = Parts(read(given.data))
    records = []
    for seed in range(given.seeds):
        record = {
            "k-means on pixels": pixels(parts, seed),
            "k-means on plain codes": plain(parts, seed, given.epochs),
            **mixture(parts, seed, given.epochs),
        }
        records.append(record)
        print(f"seed {seed}: " + ", ".join(f"{k} {v:.3f}" for k, v in record.items()), flush=True)
    medians = {key: statistics.median(r[key] for r in records) for key in records[0]}
    print("median: " + ", ".join(f"{k} {v:.3f}" for k, v in medians.items()))
    if given.out:
        machine = {"machine": platform.processor(), "threads": torch.get_num_threads()}
        given.out.write_text(json.dumps({**machine, "runs": records, "medians": medians}, indent=1), "utf-8")


if __name__ == "__main__":
    main()
