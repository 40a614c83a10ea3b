"""Held-out errors of the same training as engines compute it: in float32, with oneDNN's products and so on.

    python benchmarks/engine_quality.py [--seeds N] [--ways products,compiled] [--out FILE.json]

Five seeds of initial weights and noise for each of five data sets, on one split each: the digits, 6,000
images of MNIST with and without convolutions, a table, and a denoiser of digits. The error is the objective
on the held-out rows, computed in float32 under the same noise. Exits with 1 when a way costs more than the
spread of float32 over the seeds: `auto` must not choose it then. About ten minutes of CPU, and as many for
the compiler.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer

from narrows.data.examples import Data
from narrows.data.readers import as_data, read
from narrows.fitting.choices import choose
from narrows.fitting.fit import initial_model, training_rows, validation_rows
from narrows.fitting.parts import split_data
from narrows.training.batches import Rows
from narrows.training.computing import Computing
from narrows.training.loop import learn
from narrows.training.meter import evaluate

WAYS = {
    "plain": Computing(threads=1),
    "products": Computing("products", threads=1),
    "bfloat16": Computing("bfloat16", threads=1),
    "channels last": Computing(channels_last=True, threads=1),
    "compiled": Computing(compiled=True, threads=1),
}


def mnist(rows: int) -> Data:
    return as_data(read("mnist").array[:rows])


def sets() -> dict[str, tuple[Data, str, int]]:
    """By name: data, recipe and epochs."""
    digits = as_data(read("digits").array)
    return {
        "digits, autoencoder": (digits, "autoencoder", 12),
        "MNIST, y5": (mnist(6000), "y5", 8),
        "MNIST, p3": (mnist(6000), "p3", 8),
        "table, vae": (as_data(np.asarray(load_breast_cancer().data)), "vae", 40),
        "digits, denoising": (digits, "denoising", 12),
    }


def held_out_error(data: Data, recipe: str, epochs: int, seed: int, computing: Computing) -> float:
    """The objective on the held-out rows after a training."""
    parts = split_data(data, 0)
    plan = choose(parts, recipe, None, {"training": {"epochs": epochs}}, {}, "cpu")
    torch.manual_seed(seed)
    objective = initial_model(parts, plan, None)
    rows, validation = training_rows(parts, plan), validation_rows(parts, plan)
    learn(objective, rows, validation, plan.training, computing=computing)
    schema = data.schema
    held_out = Rows(schema.arrange(parts.held_out.array), plan.scaling, collate=schema.collate)
    return evaluate(objective, held_out)["total"]


def row(name: str, errors: dict[str, list[float]]) -> dict[str, Any]:
    """Means and spreads of each way, and whether it costs more than the spread of float32."""
    mean = {way: statistics.mean(found) for way, found in errors.items()}
    spread = {way: statistics.stdev(found) for way, found in errors.items()}
    worse = [way for way in errors if mean[way] > mean["plain"] + spread["plain"]]
    cells = "   ".join(f"{way} {mean[way]:.4f} ± {spread[way]:.4f}" for way in errors)
    print(f"{name:<22}{cells}{f'   costs more: {worse}' if worse else ''}", flush=True)
    return {"name": name, "errors": errors, "mean": mean, "spread": spread, "worse": worse}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    ways = dict.fromkeys(["plain", *given.ways.split(",")])
    rows = []
    for name, (data, recipe, epochs) in sets().items():
        errors = {
            way: [held_out_error(data, recipe, epochs, seed, WAYS[way]) for seed in range(given.seeds)]
            for way in ways
        }
        rows.append(row(name, errors))
    if given.out:
        given.out.write_text(json.dumps({"torch": torch.__version__, "rows": rows}, indent=1), "utf-8")
    raise SystemExit(any(each["worse"] for each in rows))


if __name__ == "__main__":
    main()
