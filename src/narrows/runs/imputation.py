"""Fill in the missing cells of a table.

The reconstruction of a missing cell is limited by the bottleneck: of a table of 30 columns that follow one
another it loses what four latent dimensions do not hold. So the cell is predicted from the other cells of its
row, the reconstruction of the row without it, and its mean in the nearest reference rows. A ridge regression
on the reference rows weighs them, one for each column; its penalty is that of the least leave-one-out error.
Cells of a row that lacks several are predicted in turn, several times, as by chained equations (van Buuren &
Groothuis-Oudshoorn 2011, "mice", Journal of Statistical Software 45).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.data.examples import draw_rows
from narrows.data.schema import Array, Schema
from narrows.runs.scaler import Scaled

if TYPE_CHECKING:
    from sklearn.linear_model import RidgeCV
    from sklearn.neighbors import NearestNeighbors

Floats = NDArray[np.float64]

NEIGHBOURS = 5
"""Nearest reference rows whose mean is taken."""

ROUNDS = 4
"""How often the cells of a row that lacks several are predicted."""

FEWEST_ROWS, MOST_ROWS, MOST_VALUES = 500, 5000, 2**18
"""Reference rows that are used: as many as hold this number of values, within these bounds."""

FEWEST_CELLS = 20
"""Reference rows that have a cell in a column; with fewer its missing cells are reconstructed."""

MOST_FEATURES = 200
"""Features of a regression, those that correlate most with the column."""

PENALTIES = 10.0 ** np.arange(-4, 2)
"""Penalties of the regression among which it chooses, for each row."""


class Regression(NamedTuple):
    """The regression of a column, and what it takes."""

    ridge: RidgeCV
    neighbours: NearestNeighbors
    targets: Floats
    chosen: NDArray[np.intp]
    mean: Floats
    std: Floats


class Imputer:
    """Fills in missing cells, by the reconstructions of a model and by reference rows.

    Rows are on the model's scale, flat, NaN where a cell is missing. Missing cells of the reference rows are
    filled in as well.

    Args:
        schema: of a table.
        reconstruct: reconstructions, flat, of rows.
        reference: `(m, values)`; without any, missing cells are reconstructed.
    """

    def __init__(self, schema: Schema, reconstruct: Callable[[Scaled], Array], reference: Array) -> None:
        assert schema.starts is not None
        self.schema, self.reconstruct = schema, reconstruct
        self.columns = [slice(*ends) for ends in pairwise([*schema.starts.tolist(), schema.size])]
        self.regressions: dict[int, Regression | None] = {}
        most = min(MOST_ROWS, max(FEWEST_ROWS, MOST_VALUES // schema.size))
        rows = reference[draw_rows(len(reference), most)].astype(np.float64)
        self.present = ~np.isnan(rows)
        self.reference = rows
        if not self.present.all():
            self.reference = self._reconstructed(rows)
            self.reference = self(rows)
            self.regressions.clear()

    def __call__(self, rows: Floats) -> Floats:
        """`rows (n, values)` with the expected values of missing cells."""
        missing = np.isnan(rows)
        lacking = np.flatnonzero(missing.any(axis=1))
        filled = rows.astype(np.float64)
        if len(lacking):
            filled[lacking] = self._filled(filled[lacking], missing[lacking])
        return filled

    def likeliest(self, rows: Floats) -> Floats:
        """As when called, but with a word, or one of two numbers if there are no others, not their mean."""
        filled, missing = self(rows), np.isnan(rows)
        natures = [column.nature for column in self.schema.model_columns]
        for column, nature in zip(self.columns, natures, strict=True):
            among = missing[:, column.start]
            reference = self.reference[self.present[:, column.start], column]
            filled[among, column] = likeliest(filled[among, column], reference, nature)
        return filled

    def completed(self, rows: Floats) -> tuple[Floats, Floats]:
        """The `likeliest` of `rows`, and their reconstructions."""
        filled = self.likeliest(rows)
        return filled, self.reconstruction(filled)

    def reconstruction(self, rows: Floats) -> Floats:
        """Reconstructions of `rows (n, values)` on the model's scale, which may lack cells."""
        return self.reconstruct(Scaled(rows.astype(np.float32), self.schema)).astype(np.float64)

    def _filled(self, rows: Floats, missing: NDArray[np.bool_]) -> Floats:
        filled = self._reconstructed(rows)
        by_column = np.stack([missing[:, column.start] for column in self.columns], axis=1)
        for turn in range(ROUNDS):
            among = by_column & (turn == 0 or (by_column.sum(axis=1) > 1)[:, None])
            for j, column in enumerate(self.columns):
                if among[:, j].any():
                    filled[among[:, j], column] = self._predicted(filled[among[:, j]], j)
        return filled

    def _reconstructed(self, rows: Floats) -> Floats:
        """`rows` with their reconstruction where a cell is missing."""
        return np.where(np.isnan(rows), self.reconstruction(rows), rows)

    def _predicted(self, rows: Floats, j: int) -> Floats:
        """The values `(n, width)` of column `j` of `rows`, whose own cell is not used."""
        if j not in self.regressions:
            self.regressions[j] = self._regression(j)
        found = self.regressions[j]
        if found is None:
            return rows[:, self.columns[j]]
        others = np.delete(rows, self.columns[j], axis=1)
        near = weighted_means(found.targets, *found.neighbours.kneighbors(others))
        features = (self._features(rows, j, near)[:, found.chosen] - found.mean) / found.std
        values = found.ridge.predict(features).reshape(len(rows), -1)
        return np.clip(values, found.targets.min(axis=0), found.targets.max(axis=0))

    def _features(self, rows: Floats, j: int, near: Floats) -> Floats:
        """The other cells of `rows`, their reconstruction without column `j`, and its mean `near` them."""
        without = rows.copy()
        without[:, self.columns[j]] = np.nan
        others = np.delete(rows, self.columns[j], axis=1)
        return np.hstack([others, self.reconstruction(without), near])

    def _regression(self, j: int) -> Regression | None:
        """The regression of column `j` on the reference rows that have it; None for too few of them."""
        from sklearn.linear_model import RidgeCV
        from sklearn.neighbors import NearestNeighbors

        column = self.columns[j]
        rows = self.reference[self.present[:, column.start]]
        if len(rows) < FEWEST_CELLS or rows.shape[1] == column.stop - column.start:
            return None
        targets = rows[:, column]
        neighbours = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(np.delete(rows, column, axis=1))
        # Without rows to look for, kneighbors takes none for its own neighbour.
        near = weighted_means(targets, *neighbours.kneighbors())
        features = self._features(rows, j, near)
        chosen = most_correlated(features, targets)
        mean, std = features[:, chosen].mean(axis=0), features[:, chosen].std(axis=0)
        ridge = RidgeCV(alphas=PENALTIES * len(rows))
        ridge.fit((features[:, chosen] - mean) / std, targets)
        return Regression(ridge, neighbours, targets, chosen, mean, std)


def likeliest(values: Floats, reference: Floats, nature: str = "number") -> Floats:
    """The word, or one of two numbers, that `values (n, width)` of a column are closest to; else `values`.

    >>> likeliest(np.array([[0.4, 0.6]]), np.eye(2), "category")
    array([[0., 1.]])
    >>> likeliest(np.array([[0.2]]), np.array([[0.0], [3.0]]))
    array([[0.]])
    """
    if nature == "category":
        return np.eye(values.shape[1])[values.argmax(axis=1)]
    two = np.unique(reference)
    return two[(values > two.mean()).astype(np.intp)] if len(two) == 2 else values


def weighted_means(targets: Floats, distances: Floats, nearest: NDArray[np.intp]) -> Floats:
    """Means of the `targets (m, width)` of the `nearest (n, k)`, with the inverse `distances` as weights."""
    weights = 1 / (distances + 1e-3 * distances.mean(axis=1, keepdims=True) + 1e-12)
    return np.einsum("nk,nkw->nw", weights / weights.sum(axis=1, keepdims=True), targets[nearest])


def most_correlated(features: Floats, targets: Floats) -> NDArray[np.intp]:
    """The numbers of the features that vary and correlate most with one of the targets, in order."""
    centred, aims = features - features.mean(axis=0), targets - targets.mean(axis=0)
    std = centred.std(axis=0)
    varying = np.flatnonzero(std > 1e-9)
    spread = np.maximum(aims.std(axis=0), 1e-12)
    correlation = np.abs(centred[:, varying].T @ aims / std[varying, None] / spread).max(axis=1)
    return np.sort(varying[np.argsort(-correlation, kind="stable")[:MOST_FEATURES]])
