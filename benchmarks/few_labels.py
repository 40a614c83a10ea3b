"""Few labels: an encoder trained without labels compared with random weights, values and PCA.

    python benchmarks/few_labels.py [--data NAME] [--labels 1,10] [--draws N] [--run RUN] [--out FILE.json]
    python benchmarks/few_labels.py --rare SETS [--labels 5,20,100] [--draws N] [--out FILE.json]

Prints the accuracy of every method on the test rows, of MNIST the 10,000 test images, by the number of
labels per class, as `narrows probe` does with its defaults. Labels are drawn from the training rows. The
encoder is that of `narrows fit mnist --recipe mixture-vae`, trained here or read with --run.

With --rare the ADBench sets `SETS` in `$NARROWS_DATA/anomaly`, by parts of their names and commas between
them, become tables in which one class has 3 % of the training rows. Labels are drawn in equal numbers per
class, and at random until as many of the rare class are expected. Prints recall and AUC of the rare class
and the balanced accuracy for ours, the fine-tuned encoder, and for a logistic regression on the standardised
values and on principal components.
Fails if ours is more than two points below the regression on the values: if the 95 % interval of the
difference over draws is below -0.02.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import t

from narrows.data.examples import Data
from narrows.data.readers import as_data, read
from narrows.fitting.fit import fit
from narrows.runs.folder import load_run
from narrows.tasks.few_labels.fine_tuning import bottleneck_for
from narrows.tasks.few_labels.labelled_split import LabelledSplit
from narrows.tasks.few_labels.probe import METHODS, Experiment, probe

RATE, MOST = 0.03, 6000
"""The share of the rare class in the training rows, and these rows at the most."""

TOLERANCE = 0.02
"""How far below the regression on the values ours may be."""

COMPARED = {"fine_tuned": "ours", "pixels": "values", "pca": "PCA"}
"""The methods compared on rare classes, by their keys."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--rare", metavar="SETS")
    parser.add_argument("--labels")
    parser.add_argument("--draws", type=int)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    sizes = [int(part) for part in (given.labels or ("5,20,100" if given.rare else "1,10,100")).split(",")]
    if given.rare:
        found = [row for name in given.rare.split(",") for row in rare_rows(name, sizes, given.draws or 10)]
        measured: dict[str, Any] = {"rows": found}
    else:
        measured = accuracies(given.data, sizes, given.draws or 5, given.run)
    if given.out:
        given.out.write_text(json.dumps({"machine": platform.machine(), **measured}, indent=1))
    lost = [row for row in measured["rows"] if row.get("below")]
    for row in lost:
        print(f"{row['set']}, {row['labels']} labels {row['drawn']}: {' and '.join(row['below'])} below")
    sys.exit(1 if lost else 0)


def accuracies(name: str, sizes: list[int], draws: int, run: Path | None) -> dict[str, Any]:
    """What `probe` returns for the data called `name`, printed."""
    start = time.perf_counter()

    def show(row: dict[str, Any]) -> None:
        shares = ", ".join(f"{method} {row[method]:.4f}" for method in METHODS)
        print(f"{time.perf_counter() - start:6.0f} s, {row['labels']} per class: {shares}", flush=True)

    pretrained = None if run is None else load_run(run)
    measured = probe(read(name), sizes, draws=draws, pretrained=pretrained, on_row=show)
    print(f"{'labels':>6} " + " ".join(f"{method:>16}" for method in METHODS))
    for row in measured["rows"]:
        cells = (f"{100 * row[method]:8.2f} ± {spread(row, method):5.2f}" for method in METHODS)
        print(f"{row['labels']:>6} " + " ".join(cells))
    return measured


def spread(row: dict[str, Any], method: str) -> float:
    """Half the width of the 95 % interval, in percent."""
    ends = row[f"{method}_ci95"]
    return 100 * (row[method] - ends[0]) if ends else 0.0


def rare_rows(name: str, sizes: list[int], draws: int) -> list[dict[str, Any]]:
    """A row for each way to draw labels and each number of them, printed."""
    experiment = rare_experiment(name)
    y, rows = experiment.parts.y, []
    for drawn in ("equal", "random"):
        for size in sizes:
            found = []
            for seed in range(draws):
                known = (
                    experiment.parts.draw(size, seed) if drawn == "equal" else random_labels(y, size, seed)
                )
                found.append(experiment.measures(known, seed, tuple(COMPARED)))
            rows.append({"set": name, "labels": size, "drawn": drawn, **compare(found)})
            show_rare(rows[-1])
    return rows


def rare_experiment(name: str) -> Experiment:
    """A run fitted without labels to the table of a set, and the table."""
    parts = LabelledSplit(rare_table(name), 0)
    overrides = {"bottleneck": bottleneck_for("mixture-vae", 2)}
    run = fit(rare_table(name), recipe="mixture-vae", overrides=overrides)
    return Experiment(run, parts, torch.device("cpu"))


def rare_table(name: str) -> Data:
    """Two thirds of the common rows and as many rare ones as make `RATE`; the rest is to judge on."""
    (path,) = Path(os.environ["NARROWS_DATA"], "anomaly").glob(f"*_{name}.npz")
    with np.load(path) as held:
        x, y = held["X"].astype(np.float64), held["y"].astype(np.int64)
    rng = np.random.default_rng(0)
    common, rare = (rng.permutation(np.flatnonzero(y == c)) for c in (0, 1))
    common = common[: round(MOST * (1 - RATE) * 3 / 2)]
    first = 2 * len(common) // 3
    second = min(round(first * RATE / (1 - RATE)), 2 * len(rare) // 3)
    learned = rng.permutation(np.concatenate([common[:first], rare[:second]]))
    judged = np.concatenate([common[first:], rare[second : second + MOST // 4]])
    data, test = (as_data(x[rows], labels=y[rows], name=name) for rows in (learned, judged))
    return replace(data, test=test)


def random_labels(y: NDArray[np.intp], size: int, seed: int) -> NDArray[np.intp]:
    """The labels of rows drawn at random, so many that `size` of class 1 are expected; 2 at least."""
    order = np.random.default_rng(seed).permutation(len(y))
    shown = order[: round(size / (y == 1).mean())]
    shown = np.concatenate([shown, order[y[order] == 1][:2]])
    known = np.full(len(y), -1)
    known[shown] = y[shown]
    return known


def compare(found: list[dict[str, float]]) -> dict[str, Any]:
    """Means over draws, and the measures of ours that are below those of the values by more than noise."""
    row: dict[str, Any] = {key: float(np.mean([one[key] for one in found])) for key in found[0]}
    below = []
    for measure in ("recall", "auc"):
        gain = np.array([one[f"fine_tuned_{measure}"] - one[f"pixels_{measure}"] for one in found])
        error = gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else np.inf
        if gain.mean() + t.ppf(0.975, max(1, len(gain) - 1)) * error < -TOLERANCE:
            below.append(measure)
    return {**row, "below": below}


def show_rare(row: dict[str, Any]) -> None:
    """Print recall and AUC of the rare class, and the balanced accuracy, for each method."""
    cells = [
        " ".join(
            [name, *(f"{100 * row[f'{key}_{measure}']:5.1f}" for measure in ("recall", "auc", "balanced"))]
        )
        for key, name in COMPARED.items()
    ]
    print(f"{row['set']:>16} {row['drawn']:>6} {row['labels']:>4}  " + " | ".join(cells), flush=True)


if __name__ == "__main__":
    main()
