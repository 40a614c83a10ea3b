"""Differences of the exported graphs of every recipe from the model, by ONNX Runtime and torch.export.

    python benchmarks/parity.py [--rows N] [--epochs N] [--recipes A,B] [--out FILE.json]

Each recipe is fitted for a few epochs to MNIST's first images as floats (or to noise of their shape), and
encoder and decoder are exported. Other images are encoded and decoded in batches of 1, 2 and 64. Prints
the largest differences: of codes relative to the largest code, of decoded pixels relative to the range of
the data.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch

from narrows.core.errors import InputError
from narrows.data.readers import as_data, read
from narrows.data.schema import Array
from narrows.fitting.fit import fit
from narrows.model.recipes import RECIPES
from narrows.runs.run import Run
from narrows.tasks.export import export_onnx, export_torch

BATCHES = (1, 2, 64)


def images(rows: int) -> Array:
    try:
        return (read("mnist").array[:rows] / np.float32(255)).astype(np.float32)
    except InputError:
        return np.random.default_rng(0).random((rows, 28, 28), dtype=np.float32)


def compare(run: Run, values: Array, folder: Path) -> dict[str, float]:
    """The largest differences over all batches, and the sizes of the files."""
    graphs = export_onnx(run, folder)
    sessions = {name: onnxruntime.InferenceSession(file) for name, file in graphs.items()}
    programs = [torch.export.load(file).module() for file in export_torch(run, folder)]
    largest = {"onnx_codes": 0.0, "onnx_values": 0.0, "torch_codes": 0.0, "torch_values": 0.0}
    for n in BATCHES:
        codes = run.encode(values[:n])
        decoded = run.decode(codes)
        scale = max(1e-300, float(np.abs(codes).max()))
        theirs: dict[str, tuple[Any, Any]] = {
            "onnx": (
                sessions["encoder"].run(None, {"values": values[:n]})[0],
                sessions["decoder"].run(None, {"codes": codes})[0],
            ),
            "torch": (
                programs[0](torch.as_tensor(values[:n])).detach().numpy(),
                programs[1](torch.as_tensor(codes)).detach().numpy(),
            ),
        }
        for way, (their_codes, their_values) in theirs.items():
            largest[f"{way}_codes"] = max(
                largest[f"{way}_codes"], float(np.abs(their_codes - codes).max()) / scale
            )
            largest[f"{way}_values"] = max(
                largest[f"{way}_values"], float(np.abs(their_values - decoded).max())
            )
    return {**largest, **{f"{name}_bytes": file.stat().st_size for name, file in graphs.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=600)
    parser.add_argument("--epochs", type=int, default=8, help="training in stages needs several")
    parser.add_argument("--recipes", default=",".join(RECIPES))
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    values = images(given.rows + 64)
    data, fresh = as_data(values[: given.rows]), values[given.rows :]
    print(f"{'':<20}{'ONNX Runtime':>25}{'torch.export':>27}")
    print(f"{'recipe':<20}{'codes':>12}{'values':>13}{'codes':>13}{'values':>14}{'MB':>7}{'s':>6}")
    records = []
    for recipe in given.recipes.split(","):
        start = time.perf_counter()
        run = fit(data, recipe=recipe, overrides={"training": {"epochs": given.epochs}})
        with tempfile.TemporaryDirectory() as place:
            differences = compare(run, fresh, Path(place))
        records.append({"recipe": recipe, **differences})
        size = (differences["encoder_bytes"] + differences["decoder_bytes"]) / 1e6
        print(
            f"{recipe:<20}{differences['onnx_codes']:>12.1e}{differences['onnx_values']:>13.1e}"
            f"{differences['torch_codes']:>13.1e}{differences['torch_values']:>14.1e}"
            f"{size:>7.2f}{time.perf_counter() - start:>6.0f}",
            flush=True,
        )
    for name in ("onnx_codes", "onnx_values", "torch_codes", "torch_values"):
        print(f"largest of {len(records)} recipes, {name}: {max(r[name] for r in records):.1e}")
    if given.out:
        given.out.write_text(json.dumps(records, indent=1))


if __name__ == "__main__":
    main()
