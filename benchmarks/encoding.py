"""Rows encoded per second by Narrows, by scikit-learn's PCA, and by the torch module of the same model.

    python benchmarks/encoding.py [--rows N] [--rounds N] [--latent-dim D] [--out FILE.json]

Data: MNIST's training images, or noise of their shape. Models: the default MLP, the same on float64
values, and a convolutional one. The torch module gets a tensor of scaled values in batches of 1000, whose
preparation is not timed; the others get the images as they are. All run in turn for several rounds, and
medians are compared.
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
"""Rows that models are fitted to; the quality of the fit does not matter here."""


def images(rows: int) -> Array:
    try:
        return read("mnist").array[:rows]
    except InputError:
        return np.random.default_rng(0).integers(0, 256, (rows, 28, 28), dtype=np.uint8)


def raw(ae: Autoencoder, x: Array) -> Callable[[], object]:
    """The model's encoder on prepared batches."""
    model = ae.run_.model.eval()
    tensor = torch.as_tensor(x.astype(np.float32))[:, None] / 255

    def encode() -> object:
        with torch.inference_mode():
            return torch.cat([model.encode(Batch(batch)) for batch in torch.split(tensor, 1000)])

    return encode


def ways(x: Array, size: int) -> dict[str, Callable[[], object]]:
    """By name, functions that encode `x`."""
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
    rates = {name: len(x) / statistics.median(each) for name, each in seconds.items()}
    print(
        f"{len(x):,} images, {given.latent_dim} latent dimensions, {given.rounds} rounds, "
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
