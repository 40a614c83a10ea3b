"""Autoencoders of sequences beside PCA of the window, and the speed of their training.

    python benchmarks/sequences.py codes [--sets GunPoint …] [--latent-dims 4 8 16] [--seeds N]
    python benchmarks/sequences.py lengths [--seeds N]
    python benchmarks/sequences.py ecg [--seeds N]
    python benchmarks/sequences.py speed

`codes`: three sets of the UCR archive in `$NARROWS_DATA/timeseries/UCR`, both parts of each together, split
by the seed. Prints the median held-out error of the defaults and of PCA with as many components, and the
accuracy of logistic regression on the codes of the training rows, tested on the held-out ones. Fails if an
error is not below PCA's. `lengths`: sequences of different length and of several channels from `pip install
aeon`, the same way; fails if padding changes a code by more than 1e-6 or a reconstruction has another length.
`ecg`: ECG5000, fitted to the normal beats among the first 500, tested on the other 4500; fails below an AUROC
of .994 or a balanced accuracy of .965 in any seed. `speed`: sequences per second of processor time in
training, beside a loop that trains a recurrent network on one sequence at a time, as tutorials have it; fails
if the default network is not 20 times as fast.

Data that are not there are skipped, with a message.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from narrows import AnomalyDetector, Autoencoder
from narrows.data.readers import as_data
from narrows.data.split import split
from narrows.evaluation.pca import Pca
from narrows.fitting.fit import fit

Floats = NDArray[np.float64]

SETS = ("GunPoint", "ItalyPowerDemand", "ArrowHead")
AUROC, BALANCED, FASTER, PADDED = 0.994, 0.965, 20, 1e-6

ROOT = Path(os.environ.get("NARROWS_DATA", "data")) / "timeseries"


class Labelled(NamedTuple):
    """Sequences `(n, time, channels)`, NaN beyond their ends, and their classes `(n,)`."""

    x: Floats
    y: NDArray[np.str_]


class Measured(NamedTuple):
    """Of one fit: our error and PCA's, accuracies on our codes and PCA's, the verdict, seconds."""

    error: float
    pca: float
    accuracy: float
    pca_accuracy: float
    verdict: str
    seconds: float


def ucr(name: str) -> Labelled | None:
    """Both parts of a UCR set, or nothing where it is not there."""
    return read([ROOT / "UCR" / f"{name}_{part}.ts" for part in ("TRAIN", "TEST")])


def of_aeon(name: str) -> Labelled | None:
    """A set that aeon ships, or nothing without aeon; its files are read without importing it."""
    found = find_spec("aeon")
    folders = [] if found is None else [*(found.submodule_search_locations or ())]
    data = Path(*folders[:1]) / "datasets" / "data" / name
    return read([data / f"{name}_{part}.ts" for part in ("TRAIN", "TEST")])


def read(files: list[Path]) -> Labelled | None:
    """The sequences of .ts files, shorter ones padded with NaN; nothing where a file is not there."""
    if not all(file.exists() for file in files):
        return None
    lines = [line for file in files for line in file.read_text().splitlines() if line and line[0] not in "@#"]
    *channels, labels = zip(*(line.strip().split(":") for line in lines), strict=True)
    rows = [[np.array(text.split(","), np.float64) for text in each] for each in zip(*channels, strict=True)]
    x = np.full((len(rows), max(len(row[0]) for row in rows), len(channels)), np.nan)
    for i, row in enumerate(rows):
        x[i, : len(row[0])] = np.transpose(row)
    return Labelled(x, np.array(labels))


def measure(data: Labelled, latent_dim: int, seed: int) -> tuple[Measured, Autoencoder]:
    """Fit the defaults, and compare codes and errors with PCA on the same rows."""
    start = time.perf_counter()
    ae = Autoencoder(latent_dim, kind="sequences", random_state=seed).fit(data.x)
    seconds = time.perf_counter() - start
    parts = split(len(data.x), seed=seed)
    assert parts.held_out is not None
    scaled = np.asarray(ae.run_.scaled(data.x), np.float64).reshape(len(data.x), -1)
    pca = Pca.fit(scaled[parts.train], latent_dim)
    projected = np.where(np.isnan(scaled), 0.0, scaled - pca.mean) @ pca.directions.T
    accuracies = [accuracy(z, data.y, parts.train, parts.held_out) for z in (ae.transform(data.x), projected)]
    found = ae.run_.metrics["held_out"]
    return Measured(found["mse"], found["pca_mse"], *accuracies, ae.run_.metrics["verdict"], seconds), ae


def accuracy(z: Floats, y: NDArray[np.str_], train: NDArray[np.intp], test: NDArray[np.intp]) -> float:
    """Of logistic regression on standardised codes."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000)).fit(z[train], y[train])
    return float(model.score(z[test], y[test]))


HEAD = "set               codes     error       PCA  ratio  [lowest highest]  accuracy   PCA  seconds"


def line(name: str, latent_dim: int, found: list[Measured]) -> str:
    """Medians over seeds."""
    ratios = [each.error / each.pca for each in found]
    middle = [float(np.median(column)) for column in zip(*(each[:4] for each in found), strict=True)]
    seconds = np.median([each.seconds for each in found])
    return (
        f"{name:<18}{latent_dim:>5}{middle[0]:>10.5f}{middle[1]:>10.5f}{np.median(ratios):>7.3f}"
        f"  [{min(ratios):.3f} {max(ratios):.3f}]{middle[2]:>12.3f}{middle[3]:>6.3f}{seconds:>9.1f}"
    )


def codes(sets: list[str], latent_dims: list[int], seeds: int) -> list[str]:
    """The table of `codes`, and what fails."""
    failed = []
    print(HEAD)
    for name in sets:
        data = ucr(name)
        if data is None:
            print(f"{name} is not in {ROOT / 'UCR'}: skipped.")
            continue
        for latent_dim in latent_dims:
            found = [measure(data, latent_dim, seed)[0] for seed in range(seeds)]
            print(line(name, latent_dim, found), flush=True)
            if np.median([each.error / each.pca for each in found]) >= 1:
                failed.append(f"{name} with {latent_dim} codes is not below PCA")
    return failed


def lengths(seeds: int) -> list[str]:
    """The table of `lengths`, and what fails."""
    failed = []
    print(HEAD)
    for name in ("JapaneseVowels", "BasicMotions"):
        data = of_aeon(name)
        if data is None:
            print(f"{name} is not there, because aeon is not installed: skipped.")
            continue
        found, models = zip(*(measure(data, 8, seed) for seed in range(seeds)), strict=True)
        print(line(name, 8, list(found)), found[0].verdict)
        apart = max(padding_changes(model, data.x) for model in models)
        print(f"  padding changes codes by {apart:.1e} at the most")
        ended = np.isnan(np.asarray(models[0].reconstruct(data.x))).any(axis=2)
        same = np.array_equal(ended, np.isnan(data.x).all(axis=2))
        failed += [f"{name}: padding changes codes"] * (apart > PADDED)
        failed += [f"{name}: reconstructions have another length"] * (not same)
    return failed


def padding_changes(model: Autoencoder, x: Floats) -> float:
    """The largest difference between codes of the shorter half of sequences by themselves, and of all."""
    ends = (~np.isnan(x).all(axis=2)).sum(axis=1)
    short = np.argsort(ends, kind="stable")[: len(x) // 2]
    alone = model.transform([x[i, : ends[i]] for i in short])
    return float(np.abs(alone - model.transform(x)[short]).max())


def ecg(seeds: int) -> list[str]:
    """ECG5000 by the detector with its defaults, and what fails."""
    file = ROOT / "ECG5000_binary.npz"
    if not file.exists():
        print(f"{file} is not there: skipped.")
        return []
    with np.load(file) as stored:
        x, odd = stored["X"], stored["y_anomaly"] == 1
    failed = []
    for seed in range(seeds):
        model = Autoencoder(kind="sequences", random_state=seed)
        detector = AnomalyDetector(model).fit(x[:500][~odd[:500]])
        scores = -detector.score_samples(x[500:])
        auroc = roc_auc_score(odd[500:], scores)
        balanced = balanced_accuracy_score(odd[500:], scores > -detector.offset_)
        print(f"ECG5000, seed {seed}: AUROC {auroc:.4f}, balanced accuracy {balanced:.4f}", flush=True)
        failed += [f"ECG5000, seed {seed}"] * (auroc < AUROC or balanced < BALANCED)
    return failed


class Recurrent(nn.Module):
    """The autoencoder of tutorials: LSTM to a code, the code at every step to LSTM, for one sequence."""

    def __init__(self, channels: int, latent_dim: int, hidden: int = 64) -> None:
        super().__init__()
        self.down = nn.LSTM(channels, hidden, batch_first=True), nn.LSTM(hidden, latent_dim, batch_first=True)
        self.up = nn.LSTM(latent_dim, hidden, batch_first=True), nn.LSTM(hidden, hidden, batch_first=True)
        self.out = nn.Linear(hidden, channels)
        self.layers = nn.ModuleList([*self.down, *self.up])

    def forward(self, x: Tensor) -> Tensor:
        """`x (time, channels)` reconstructed."""
        h = torch.sigmoid(self.down[0](x[None])[0])
        z = torch.tanh(self.down[1](h)[1][0])[0]
        h = torch.sigmoid(self.up[0](z[None].expand(1, len(x), -1))[0])
        y: Tensor = self.out(self.up[1](h)[0])[0]
        return y


def one_at_a_time(x: Tensor, latent_dim: int) -> float:
    """Sequences `x (n, time, channels)` per second of one epoch, a step of the optimizer for each."""
    model = Recurrent(x.shape[2], latent_dim)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    start = time.process_time()
    for each in x:
        optimizer.zero_grad()
        (model(each) - each).square().sum().backward()
        optimizer.step()
    return len(x) / (time.process_time() - start)


def in_batches(x: Floats, network: str) -> float:
    """Sequences `x (n, time, channels)` per second of our training, from the end of its first epoch."""
    ends: list[float] = []
    fit(
        as_data(x, kind="sequences"),
        latent_dim=8,
        overrides={"encoder": network, "training": {"epochs": 10}},
        on_epoch=lambda _: ends.append(time.process_time()),
    )
    return len(split(len(x), seed=0).train) * (len(ends) - 1) / (ends[-1] - ends[0])


def speed() -> list[str]:
    """Sequences per second of our training and of the loop, and what fails."""
    n, steps, channels = 400, 140, 1
    rng = np.random.default_rng(0)
    x = np.sin(rng.uniform(0, 6, (n, 1, channels)) + np.arange(steps)[:, None] / 9)
    x = (x + 0.1 * rng.standard_normal(x.shape)).astype(np.float32)
    slow = one_at_a_time(torch.as_tensor(x[:100]), 8)
    failed = []
    for network, wanted in (("tcn", FASTER), ("gru", 0)):
        ours = in_batches(x, network)
        print(
            f"{network}: {ours:.0f} sequences of {steps} steps per second, one at a time {slow:.0f}: "
            f"{ours / slow:.0f} times"
        )
        failed += [f"{network} is not {wanted} times as fast"] * (ours < wanted * slow)
    return failed


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("what", choices=("codes", "lengths", "ecg", "speed"))
    parser.add_argument("--sets", nargs="+", default=[*SETS], metavar="NAME")
    parser.add_argument("--latent-dims", nargs="+", type=int, default=[4, 8, 16], metavar="D")
    parser.add_argument("--seeds", type=int, default=5)
    given = parser.parse_args()
    if given.what == "codes":
        failed = codes(given.sets, given.latent_dims, given.seeds)
    elif given.what == "speed":
        failed = speed()
    else:
        failed = {"lengths": lengths, "ecg": ecg}[given.what](given.seeds)
    sys.exit("; ".join(failed) + "." if failed else 0)


if __name__ == "__main__":
    main()
