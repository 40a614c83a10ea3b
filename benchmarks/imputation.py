"""One missing cell in each new row of a table, when the training rows are complete.

    python benchmarks/imputation.py [TABLE.csv …]

Prints the error of the cells that are filled in, beside scikit-learn's imputers with their defaults: the root
mean squared error of numbers in standard deviations of their column, and the accuracy of words. And the share
of rows that the anomaly detector flags at 0.01 when they are complete, and when they lack the cell. Without
tables four are taken that are in scikit-learn or in the folder `$NARROWS_DATA/anomaly`; the constants of
`narrows.runs.imputation` were chosen on others.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

from narrows.data.examples import Data
from narrows.data.readers import as_data, read
from narrows.fitting.fit import fit
from narrows.runs.run import Run
from narrows.tasks.anomalies.conformal import threshold
from narrows.tasks.anomalies.detector import Detector

SPLITS, TRAINING = 3, 0.75
MOST_ROWS = 2000

PEERS: dict[str, Callable[[], Any]] = {
    "mean": SimpleImputer,
    "KNNImputer": KNNImputer,
    "IterativeImputer": lambda: IterativeImputer(random_state=0),
}


def tables(files: list[str]) -> dict[str, Data]:
    """The tables of `files`, or those that are always there."""
    if files:
        return {Path(file).stem: read(file) for file in files}
    folder = Path(os.environ.get("NARROWS_DATA", "")) / "anomaly"
    names = {"vowels": "40_vowels", "letter": "20_letter", "annthyroid": "2_annthyroid"}
    found = {name: as_data(normal(folder / f"{file}.npz")) for name, file in names.items()}
    return {"diabetes": as_data(load_diabetes().data), **found}


def normal(file: Path) -> np.ndarray:
    """The rows of a set of ADBench that are no anomalies."""
    with np.load(file) as archive:
        return np.asarray(archive["X"][archive["y"] == 0])


def measured(data: Data, split: int) -> dict[str, tuple[float, float]]:
    """RMSE and accuracy of each method, and the shares of flagged rows, for one split."""
    rng = np.random.default_rng(split)
    order = rng.permutation(len(data))[:MOST_ROWS]
    first = round(TRAINING * len(order))
    train, new = data.rows(order[:first]), data.rows(order[first:]).array.astype(np.float64)
    mask = np.zeros(new.shape, dtype=np.bool_)
    mask[np.arange(len(new)), rng.integers(0, new.shape[1], len(new))] = True
    run = fit(train, seed=split)
    damaged = np.where(mask, np.nan, new)
    filled = {name: peer(run, train.array, damaged, make()) for name, make in PEERS.items()}
    filled["ours"] = run.impute(damaged)
    result = {name: errors(run, train.array, new, each, mask) for name, each in filled.items()}
    detector = Detector(run)
    score = threshold(detector.held_out, 0.01).score
    flagged = [float((detector.scores(rows) > score).mean()) for rows in (new, damaged)]
    return {**result, "flagged": (flagged[0], flagged[1])}


def peer(run: Run, train: np.ndarray, damaged: np.ndarray, imputer: Any) -> np.ndarray:
    """`damaged` rows filled in by a peer, on standardised numbers and one-hot words, as we get them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = imputer.fit(run.scaled(train)).transform(run.scaled(damaged))
    return run.unscaled(rows, run.scaled(train).mean(axis=0, keepdims=True))


def errors(
    run: Run, train: np.ndarray, new: np.ndarray, filled: np.ndarray, mask: np.ndarray
) -> tuple[float, float]:
    """The RMSE of hidden numbers in standard deviations, and the accuracy of hidden words."""
    words = np.array([bool(column.levels) for column in run.schema.columns])
    std = np.where(train.std(axis=0) > 0, train.std(axis=0), 1.0)
    squared, right = ((filled - new) / std) ** 2, filled == new
    numbers, texts = mask & ~words, mask & words
    return float(np.sqrt(squared[numbers].mean())), float(right[texts].mean()) if texts.any() else np.nan


def main(files: list[str]) -> None:
    names = [*PEERS, "ours"]
    print(" ".join(f"{name:>22}" for name in ["", *names, "flagged complete", "lacking a cell"]))
    for table, data in tables(files).items():
        runs = [measured(data, split) for split in range(SPLITS)]
        mean = {name: np.mean([run[name] for run in runs], axis=0) for name in runs[0]}
        cells = [
            f"{mean[n][0]:.3f}" + ("" if np.isnan(mean[n][1]) else f" / {mean[n][1]:.2f}") for n in names
        ]
        shares = [f"{share:.4f}" for share in mean["flagged"]]
        print(" ".join(f"{cell:>22}" for cell in [table, *cells, *shares]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
