"""Gross errors planted in tables of other packages: their ranks by the detector and by classical scores.

    python benchmarks/gross_errors.py [--tables statsmodels:star98,vega:cars,…] [--seeds N] [--out FILE.json]

Tables are named by package: `statsmodels:NAME`, `vega:NAME` (vega_datasets) and `palmerpenguins:penguins`,
from `pip install 'narrows[bench]'`, or are the path of a CSV file. Text columns with more than 30 words are
left out, and of more than 6000 rows 6000 are drawn. Five errors are planted in five rows: a number ten times
too large, two numbers exchanged, a word or flag that contradicts its row, a number in another unit, and two
related numbers at opposite ends. The detector is fitted to the table with its errors, with its defaults, and
the other scores to the same rows.

Prints the mean rank of the five rows by each score, 3 at best, and how many of them are flagged. Fails if the
detector's mean rank in a table, over the seeds, is more than 10 % above that of PCA's error or of the
isolation forest.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas
from numpy.typing import NDArray

from narrows import AnomalyDetector, Autoencoder
from narrows.estimators.containers import values

MOST_WORDS, MOST_ROWS, FEWEST_ROWS = 30, 6000, 5

TABLES = "statsmodels:star98,statsmodels:modechoice,statsmodels:randhie,vega:airports"

Frame = pandas.DataFrame


def table(name: str) -> Frame:
    """The table called `name`, with columns that can be learned."""
    package, _, of_package = name.partition(":")
    if package == "statsmodels":
        frame = importlib.import_module(f"statsmodels.datasets.{of_package}").load_pandas().data
    elif package == "vega":
        frame = getattr(importlib.import_module("vega_datasets").local_data, of_package)()
    elif package == "palmerpenguins":
        frame = importlib.import_module("palmerpenguins").load_penguins()
    else:
        frame = pandas.read_csv(name)
    numbers = [column for column in frame if is_number(frame[column])]
    words = [
        column for column in frame if column not in numbers and 1 < frame[column].nunique() <= MOST_WORDS
    ]
    frame = frame[[column for column in frame if column in (*numbers, *words)]].dropna(how="all")
    frame = frame.sample(min(len(frame), MOST_ROWS), random_state=0).reset_index(drop=True)
    return frame.astype(dict.fromkeys(numbers, float))


def is_number(column: pandas.Series) -> bool:
    return pandas.api.types.is_numeric_dtype(column) and not pandas.api.types.is_bool_dtype(column)


class Planter:
    """Plants errors in a copy of a table; each method changes one row."""

    def __init__(self, frame: Frame, seed: int) -> None:
        self.clean, self.frame = frame, frame.copy()
        self.rng = np.random.default_rng(seed)
        self.numbers = [
            column for column in frame if is_number(frame[column]) and frame[column].nunique() > 10
        ]
        self.words = [column for column in frame if 2 <= frame[column].nunique() <= MOST_WORDS]
        self.words = [column for column in self.words if column not in self.numbers]

    def plant(self) -> NDArray[np.intp]:
        """Plant the five errors in five rows without missing numbers; returns the rows."""
        complete = np.flatnonzero(self.clean[self.numbers].notna().all(axis=1))
        rows = self.rng.choice(complete, 5, replace=False)
        for row, error in zip(rows, self.errors, strict=True):
            error(int(row))
        return rows

    @property
    def errors(self) -> tuple[Callable[[int], None], ...]:
        return self.times_ten, self.exchanged, self.contradicting, self.other_unit, self.opposite_ends

    def usual_number(self, row: int) -> str:
        """A column of which the row has a usual value, that is not near 0."""
        size = self.clean[self.numbers].abs()
        fit = [c for c in self.numbers if size.at[row, c] > max(0.3 * size[c].median(), 1e-9)]
        return str(self.rng.choice(fit or self.numbers))

    def times_ten(self, row: int) -> None:
        self.frame.at[row, column] = 10 * self.clean.at[row, (column := self.usual_number(row))]

    def other_unit(self, row: int) -> None:
        """A thousand times, as grams for kilograms, or 25.4 times, as millimetres for inches."""
        column = self.usual_number(row)
        self.frame.at[row, column] = self.rng.choice([1000, 25.4]) * self.clean.at[row, column]

    def exchanged(self, row: int) -> None:
        """Of six pairs of columns the one whose exchange changes the row most."""
        pairs = [self.rng.choice(self.numbers, 2, replace=False) for _ in range(6)]
        spread = self.clean[self.numbers].std()
        apart = [
            abs(self.clean.at[row, a] - self.clean.at[row, b]) * (1 / spread[a] + 1 / spread[b])
            for a, b in pairs
        ]
        one, other = pairs[int(np.argmax(apart))]
        self.frame.loc[row, [one, other]] = self.clean.loc[row, [other, one]].to_numpy()

    def contradicting(self, row: int) -> None:
        """The word whose rows are furthest from this one; where no other word returns, a changed sign."""
        scaled = (self.clean[self.numbers] - self.clean[self.numbers].mean()) / self.clean[self.numbers].std()
        apart = {}
        for column in self.words:
            groups = scaled.groupby(self.clean[column], observed=True)
            means = groups.mean()[groups.size() >= FEWEST_ROWS]
            means = means.drop(index=self.clean.at[row, column], errors="ignore")
            if len(means):
                apart[column] = ((means - scaled.loc[row]) ** 2).sum(axis=1).idxmax()
        column = str(self.rng.choice([*apart] or self.numbers))
        self.frame.at[row, column] = apart.get(column, -self.clean.at[row, column])

    def opposite_ends(self, row: int) -> None:
        """The two columns with the largest correlation, one high and the other where few such rows are."""
        related = self.clean[self.numbers].corr().to_numpy(copy=True)
        np.fill_diagonal(related, 0)
        one, other = np.unravel_index(np.nanargmax(np.abs(related)), related.shape)
        end = 0.02 if related[one, other] > 0 else 0.98
        for column, share in ((self.numbers[one], 0.98), (self.numbers[other], end)):
            self.frame.at[row, column] = self.clean[column].quantile(share)


def ranks(scores: NDArray[np.float64], rows: NDArray[np.intp]) -> float:
    """The mean rank of `rows`, the highest score first."""
    return float((np.argsort(np.argsort(-scores, kind="stable"))[rows] + 1).mean())


def measured(frame: Frame, seed: int) -> dict[str, float]:
    """The mean rank by each score, and how many of the five rows, and of all, are flagged."""
    planter = Planter(frame, seed)
    rows = planter.plant()
    detector = AnomalyDetector(Autoencoder(random_state=seed)).fit(planter.frame)
    flagged = detector.predict(planter.frame) < 0
    array = values(detector.autoencoder_, planter.frame)
    others = detector.detector_.baselines(array)
    return {
        "ours": ranks(detector.detector_.scores(array), rows),
        **{name: ranks(scores, rows) for name, scores in others.items()},
        "flagged of 5": float(flagged[rows].sum()),
        "flagged": float(flagged.sum()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tables", default=TABLES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    results, behind = {}, []
    for name in given.tables.split(","):
        frame = table(name)
        found = pandas.DataFrame([measured(frame, seed) for seed in range(given.seeds)]).mean()
        results[name] = found.to_dict()
        print(
            f"{name:<24} {len(frame):5} rows  " + "  ".join(f"{k} {v:.1f}" for k, v in found.items()),
            flush=True,
        )
        behind += [name] if found["ours"] > 1.1 * found[["PCA error", "isolation forest"]].min() else []
    if given.out:
        given.out.write_text(json.dumps(results, indent=1))
    sys.exit(f"More than 10 % behind in {', '.join(behind)}." if behind else 0)


if __name__ == "__main__":
    main()
