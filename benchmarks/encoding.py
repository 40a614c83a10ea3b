"""How many rows a second are encoded: ours, scikit-learn's PCA, and the raw torch module of the same model.

    python benchmarks/encoding.py [--rows N] [--rounds N] [--latent-dim D] [--out FILE.json]

All images of MNIST's training part (else noise of their shape), three models: the default MLP, the same on
numbers of 64 bits, and a convolutional one. The raw module gets what it wants, a tensor of scaled
numbers in batches of 1000, which is not counted; ours and PCA get the images as they are. In turn for several
rounds; medians count.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA

from narrows import Autoencoder
from narrows.core.errors import InputError
from narrows.core.records import Batch
from narrows.data.readers import read
from narrows.data.schema import Array

FITTED = 5000
"""Rows that models are fitted to; how well does not matter here."""


def images(rows: int) -> Array:
    try:
        return read("mnist").array[:rows]
    except InputError:
        return np.random.default_rng(0).integers(0, 256, (rows, 28, 28), dtype=np.uint8)


def raw(ae: Autoencoder, x: Array) -> Callable[[], object]:
    """The model's own encoder over batches that are ready."""
    model = ae.run_.model.eval()
    tensor = torch.as_tensor(x.astype(np.float32))[:, None] / 255

    def encode() -> object:
        with torch.inference_mode():
            return torch.cat([model.encode(Batch(batch)) for batch in torch.split(tensor, 1000)])

    return encode


def ways(x: Array, size: int) -> dict[str, Callable[[], object]]:
    """Each way to encode `x`, by name."""
    flat = x.reshape(len(x), -1)
    how: dict[str, Any] = {"training": {"epochs": 1}}
    mlp = Autoencoder(size, **how).fit(x[:FITTED])
    conv = Autoencoder(size, encoder="conv", **how).fit(x[:FITTED])
    wide = (flat / 255.0).reshape(x.shape)
    wide_mlp = Autoencoder(size, **how).fit(wide[:FITTED])
    pca = PCA(size).fit(flat[:FITTED])
    return {
        "PCA": lambda: pca.transform(flat),
        "MLP, raw module": raw(mlp, x),
        "MLP, transform": lambda: mlp.transform(x),
        "MLP, transform of float64": lambda: wide_mlp.transform(wide),
        "conv, raw module": raw(conv, x),
        "conv, transform": lambda: conv.transform(x),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--latent-dim", type=int, default=16)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    x = images(given.rows)
    named = ways(x, given.latent_dim)
    seconds: dict[str, list[float]] = {name: [] for name in named}
    for _ in range(given.rounds):
        for name, encode in named.items():
            start = time.perf_counter()
            encode()
            seconds[name].append(time.perf_counter() - start)
    rates = {name: len(x) / statistics.median(found) for name, found in seconds.items()}
    print(
        f"{len(x):,} images, {given.latent_dim} numbers, {given.rounds} rounds, "
        f"{torch.get_num_threads()} threads"
    )
    for name, rate in rates.items():
        print(f"{name:<28}{rate:>12,.0f} rows/s{rate / rates['PCA']:>8.2f} x PCA's")
    for network in ("MLP", "conv"):
        share = rates[f"{network}, transform"] / rates[f"{network}, raw module"]
        print(f"{network}: transform runs at {share:.2f} of the raw module's rate")
    if given.out:
        given.out.write_text(json.dumps(rates, indent=1))


if __name__ == "__main__":
    main()
