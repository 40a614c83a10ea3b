"""Compression without loss of test sets and tables beside PNG, WebP, JPEG XL, bz2, xz, zstd, brotli, Parquet.

    NARROWS_DATA=… python benchmarks/compression.py [--runs FOLDER] [--epochs 3] [--only mnist,shuttle]

Models are fitted to the training part, once, and kept in the folder; each test set is one file, which is
decoded and compared. Speeds are of one thread. 100 changed copies of the last file have to be refused or to
give the same. It ends with an error when a claim fails: bits per pixel of MNIST of two values (> 127) up to
.165, of grey MNIST up to 1.35, of Fashion-MNIST up to 3.55, and everything equal.
"""

from __future__ import annotations

import argparse
import gzip
import os
import resource
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from narrows.core.errors import InputError
from narrows.data.examples import Data
from narrows.data.readers import as_data, read
from narrows.data.reading import Reading
from narrows.evaluation.codecs import packed, pays_after
from narrows.fitting.fit import fit
from narrows.runs.folder import load_run, model_bytes, save_run
from narrows.runs.run import Run
from narrows.tasks.compression.container import from_bytes, to_bytes
from narrows.tasks.compression.lossless import pack, unpack

FOLDER = Path(os.environ.get("NARROWS_DATA", "data"))
CLAIMS = {"mnist-binary": 0.165, "mnist": 1.35, "fashion-mnist": 3.55}
TABLES = {"shuttle": "32_shuttle", "mammography": "23_mammography", "thyroid": "38_thyroid"}


def images(name: str, part: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    folder = "fashion_mnist" if name == "fashion-mnist" else "mnist"
    raw = gzip.decompress((FOLDER / folder / f"{part}-images-idx3-ubyte.gz").read_bytes())
    pixels = np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 28, 28)
    return (pixels > 127).astype(np.uint8) if name == "mnist-binary" else pixels.copy()


def mixed(n: int = 20_000) -> str:
    """A CSV file of orders: prices, counts, a word, a boolean, with missing cells."""
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 4, n)
    price = np.round(np.exp(rng.normal([2, 3, 4, 5], 0.2, (n, 4))[np.arange(n), kind]), 2)
    count = rng.poisson(1 + kind)
    names = ["pen", "book", "lamp", "chair"]
    lines = ["product,price,count,total,express"]
    for k, p, c, fast in zip(kind, price, count, rng.random(n) < 0.2 + 0.15 * kind, strict=True):
        shown = "" if rng.random() < 0.03 else f"{p:.2f}"
        lines.append(f"{names[k]},{shown},{c},{p * c:.2f},{'yes' if fast else 'no'}")
    return "\n".join(lines) + "\n"


def sets(runs: Path) -> Iterator[tuple[str, Data, Data]]:
    """Name, what a model is fitted to, and what is compressed: of tables the same rows."""
    for name in CLAIMS:
        yield name, as_data(images(name, "train")), as_data(images(name, "t10k"))
    for name, file in TABLES.items():
        table = as_data(np.load(FOLDER / "anomaly" / f"{file}.npz")["X"])
        yield name, table, table
    (runs / "mixed.csv").write_text(mixed())
    orders = read(str(runs / "mixed.csv"), Reading())
    yield "mixed CSV", orders, orders


def fitted(name: str, data: Data, folder: Path, epochs: int | None) -> Run:
    if not folder.is_dir():
        training = {} if epochs is None else {"training": {"epochs": epochs}}
        begun = time.process_time()
        save_run(fit(data, recipe="lossless", overrides=training), folder)
        print(f"{name}: fitted in {(time.process_time() - begun) / 60:.1f} CPU minutes", flush=True)
    return load_run(folder)


def measure(name: str, run: Run, data: Data) -> tuple[list[str], bytes]:
    """The claims that failed, and the file."""
    values = data.array
    times = [time.process_time()]
    content = to_bytes(pack(run, values))
    times.append(time.process_time())
    found = unpack(run, from_bytes(content, name), name).values
    times.append(time.process_time())
    equal = np.array_equal(found, values, equal_nan=values.dtype.kind == "f")
    bits, weights = 8 * len(content) / values.size, model_bytes(run)
    speed = [values.nbytes / 1e6 / (b - a) for a, b in pairwise(times)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\n{name}: {len(values):,} examples, {values.nbytes:,} bytes, in {len(content):,}: "
        f"{bits:.4f} bits a value; equal: {equal}; encoded at {speed[0]:.2f} MB/s, "
        f"decoded at {speed[1]:.2f} MB/s; peak {peak:.0f} MiB; "
        f"the model has {weights:,} bytes ({model_bytes(run, 2):,} in float16)",
        flush=True,
    )
    for each in packed([values], run.schema):
        if each.size is None:
            print(f"  {each.name:14} not tried: {each.why}")
            continue
        after = pays_after(len(content) / len(values), each.size / len(values), weights)
        verdict = "smaller than ours" if after is None else f"the model pays after {after:,} examples"
        print(
            f"  {each.name:14} {each.size:12,} bytes {8 * each.size / values.size:8.4f} bits; {verdict}",
            flush=True,
        )
    failed = [] if equal else [f"{name}: decoded values differ"]
    if name in CLAIMS and bits > CLAIMS[name]:
        failed.append(f"{name}: {bits:.4f} bits a pixel, claimed are {CLAIMS[name]}")
    return failed, content


def changed(run: Run, content: bytes, n: int = 100) -> list[str]:
    """Copies with a changed or cut byte that were neither refused nor equal."""
    rng, refused, wrong = np.random.default_rng(0), 0, 0
    for _ in range(n):
        copy = bytearray(content)
        if rng.random() < 0.3:
            del copy[int(rng.integers(len(copy))) :]
        else:
            copy[int(rng.integers(len(copy)))] ^= int(rng.integers(1, 256))
        try:
            wrong += to_bytes(from_bytes(bytes(copy), "changed")) != content
        except InputError:
            refused += 1
    print(f"\nchanged files: {refused} of {n} refused, {wrong} read as something else")
    return [f"{wrong} changed files were read"] if wrong else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=Path, default=Path("compression-runs"))
    parser.add_argument("--epochs", type=int, help="of images; chosen from their number if not given")
    parser.add_argument("--only", default="", help="names, with commas between them")
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    wanted = {name for name in given.only.split(",") if name}
    failed: list[str] = []
    last: tuple[Run, bytes] | None = None
    for name, training, data in sets(given.runs):
        if wanted and name not in wanted:
            continue
        epochs = given.epochs if name in CLAIMS else None
        run = fitted(name, training, given.runs / name.replace(" ", "-"), epochs)
        wrong, content = measure(name, run, data)
        failed, last = failed + wrong, (run, content)
    failed += changed(*last) if last else []
    raise SystemExit("\n".join(failed) or 0)


if __name__ == "__main__":
    main()
