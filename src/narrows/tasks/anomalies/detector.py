"""The anomaly score of a run, and the contribution of each column or pixel to it.

A row is compared with the reference rows that the run keeps, by their nearest-neighbour distances
(`narrows.tasks.anomalies.neighbour_score`) in features that suit the data
(`narrows.tasks.anomalies.features`). Two comparisons are added: of the row itself, and of its reconstruction
together with the residual. No option of the score depends on the data.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.schema import Array
from narrows.data.sources import Values, as_source
from narrows.evaluation.errors import Floats
from narrows.runs.run import Run
from narrows.tasks.anomalies.baselines import BASELINES
from narrows.tasks.anomalies.conformal import p_values
from narrows.tasks.anomalies.far_cells import FarCells, extremes
from narrows.tasks.anomalies.features import FeatureMap, feature_maps
from narrows.tasks.anomalies.neighbour_score import NeighbourScore

MODEL_WEIGHT = 1 / 3
"""The weight of the comparison of reconstructions and residuals; that of the rows themselves has the rest."""

MAX_ROWS, MAX_VALUES = 4096, 2**22
"""Rows that are scored at a time, and their values, at the most."""

DECIMALS = 9
"""Decimals of a score. Further ones depend on the batch that a row is scored in, so that a held-out row could
exceed its own score as the threshold."""


class Reconstructed(NamedTuple):
    """Rows and their reconstructions, `(n, values)` on the model's scale; and which are reference rows."""

    rows: Floats
    reconstructions: Floats
    in_reference: NDArray[np.bool_]


class Comparison:
    """A comparison with the reference rows in one set of features.

    Rows are compared by their features, and by those of their reconstructions and residuals.

    Args:
        features: the set.
        reference: the reference rows.
    """

    def __init__(self, features: FeatureMap, reference: Reconstructed) -> None:
        self.features = features
        self.of_rows, self.of_model = (NeighbourScore(each) for each in self.compared(reference))

    def compared(self, rows: Reconstructed) -> tuple[Floats, Floats]:
        """Features of rows `(n, features)`, and of reconstructions and residuals `(n, 2 · features)`."""
        of_rows, of_reconstructions = self.features(rows.rows), self.features(rows.reconstructions)
        return of_rows, np.hstack([of_reconstructions, of_rows - of_reconstructions])

    def scores(self, rows: Reconstructed) -> Floats:
        """The weighted scores of the two comparisons, `(n, 2)`."""
        of_rows, of_model = self.compared(rows)
        return np.column_stack([
            (1 - MODEL_WEIGHT) * self.of_rows.scores(of_rows, rows.in_reference),
            MODEL_WEIGHT * self.of_model.scores(of_model, rows.in_reference),
        ])  # fmt: skip

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        """The `amounts (n, 2)` of the two comparisons divided among values, `(n, values)`."""
        of_rows, of_model = self.compared(rows)
        halves = np.hsplit(self.of_model.shares(of_model, rows.in_reference), 2)
        shares = self.of_rows.shares(of_rows, rows.in_reference)
        by_feature = amounts[:, :1] * shares + amounts[:, 1:] * (halves[0] + halves[1])
        return self.features.to_values(by_feature)

    def neighbour_means(self, rows: Reconstructed, reference: Reconstructed) -> Floats:
        """The weighted means of the neighbours of each row, `(n, values)`."""
        return self.of_rows.neighbour_means(self.features(rows.rows), rows.in_reference, reference.rows)


class Scored(NamedTuple):
    """Scores `(n,)`, higher is more unusual, and their p-values `(n,)`."""

    scores: Floats
    p: Floats


class Detector:
    """The anomaly score of a fitted run.

    Args:
        run: a run that keeps reference rows.

    Raises:
        InputError: for a run without reference rows.
    """

    def __init__(self, run: Run) -> None:
        kept = run.evidence.reference
        if kept is None:
            raise InputError(
                "This run keeps no rows to compare others with, as it is of an older version or unfinished; "
                "fit it (again) with this one."
            )
        self.run, self.kept = run, kept
        self.known = set(fingerprints(run.scaled(kept.known)))
        self.reference = self.reconstructed(kept.known)
        features = feature_maps(run.schema, kept.known, self.reference.rows)
        self.comparisons = [Comparison(each, self.reference) for each in features]

    @cached_property
    def held_out(self) -> Floats:
        """Scores of the kept rows that were held out of the fitting."""
        return self.scores(self.kept.held_out)

    def reconstructed(self, values: Array) -> Reconstructed:
        """`values (n, …)` as they came, and their reconstructions; missing cells are filled in first."""
        scaled, made = self.run.scaled(values), self.run.reconstruct_scaled(values).astype(np.float64)
        known = np.array([each in self.known for each in fingerprints(scaled)], dtype=np.bool_)
        rows, lacking = scaled.astype(np.float64), np.isnan(scaled).any(axis=1)
        if lacking.any():
            rows[lacking] = self.run.imputer.likeliest(rows[lacking])
            made[lacking] = self.run.imputer.reconstruction(rows[lacking])
        return Reconstructed(rows, made, known)

    def terms(self, rows: Reconstructed) -> Floats:
        """The terms of the score, `(n, 2 · features)`: of rows and of the model, for each set of features."""
        return np.hstack([each.scores(rows) for each in self.comparisons]) / len(self.comparisons)

    def scores(self, values: Values) -> Floats:
        """Scores `(n,)` of `values (n, …)` as they came: about 0 for usual rows, higher is more unusual."""
        return np.concatenate([self._scores(FarCells.of(self.run, piece)) for piece in pieces(values)])

    def _scores(self, far: FarCells) -> Floats:
        return far.scores(self._total, self.extremes, lambda: float(self.held_out.max()))

    def _total(self, values: Array) -> Floats:
        """Scores `(n,)` of `values (n, …)` without far cells."""
        return np.round(self.terms(self.reconstructed(values)).sum(axis=1), DECIMALS)

    @cached_property
    def extremes(self) -> Floats:
        """The ends and the rarest words of each column in the reference rows, `(k, columns)`."""
        return extremes(self.run.schema.columns, self.kept.known)

    def scored(self, values: Values) -> Scored:
        """Scores and p-values of `values (n, …)` as they came."""
        scores = self.scores(values)
        return Scored(scores, p_values(scores, self.held_out))

    def contributions(self, values: Values) -> Floats:
        """What each column `(n, columns)`, or pixel `(n, height, width)`, adds to the score of its row.

        The sum over a row is its score where that is above 0; else all are 0.
        """
        return np.concatenate([self._by_part(FarCells.of(self.run, piece)) for piece in pieces(values)])

    def _by_part(self, far: FarCells) -> Floats:
        by_part = self.run.schema.by_part(self._contributions(self.reconstructed(far.rows)))
        return far.attributed(by_part, self._scores(far)) if far.cells.any() else by_part

    def _contributions(self, rows: Reconstructed) -> Floats:
        """What each value adds to the score, `(n, values)`; 0 in rows whose score is not above 0."""
        terms, amounts = self.terms(rows), np.zeros(rows.rows.shape)
        high = terms.sum(axis=1) > 0
        if high.any():
            amounts[high] = self._positive(Reconstructed(*(part[high] for part in rows)), terms[high])
        return amounts

    def _positive(self, rows: Reconstructed, terms: Floats) -> Floats:
        """What each value adds to scores above 0, `(n, values)`; positive terms are scaled to the score."""
        positive = np.maximum(terms, 0.0)
        scaled = positive * (terms.sum(axis=1) / positive.sum(axis=1))[:, None]
        amounts = np.split(scaled, len(self.comparisons), axis=1)
        made = [of.contributions(rows, two) for of, two in zip(self.comparisons, amounts, strict=True)]
        return np.sum(made, axis=0)

    def neighbour_means(self, values: Array) -> Floats:
        """Weighted means of the neighbours of each of `values`, `(n, values)`.

        They are in the model's layout, not scaled: of a category the share of each of its words.
        """
        rows = self.reconstructed(FarCells.of(self.run, values).rows)
        means = self.comparisons[0].neighbour_means(rows, self.reference)
        shaped = torch.as_tensor(means).reshape(-1, *self.run.schema.model_shape)
        return self.run.scaling.inverse(shaped).flatten(1).numpy().astype(np.float64)

    def baselines(self, values: Array) -> dict[str, Floats]:
        """Scores of `values` by the classical methods, fitted to the same rows on the same scale."""
        rows = self.reconstructed(FarCells.of(self.run, values).rows)
        return {
            name: score(self.reference.rows, rows.rows, rows.in_reference)
            for name, score in BASELINES.items()
        }


def fingerprints(scaled: Array) -> Iterator[bytes]:
    """For each row on the model's scale bytes that are equal for equal rows."""
    # Adding 0 turns -0 into 0.
    return (row.tobytes() for row in np.nan_to_num(scaled, nan=1e30) + np.float32(0))


def pieces(values: Values) -> Iterator[Array]:
    """`values`, a few rows at a time."""
    step = max(1, min(MAX_ROWS, MAX_VALUES // max(1, math.prod(values.shape[1:]))))
    for _, piece in as_source(values).pieces():
        for first in range(0, len(piece), step):
            yield piece[first : first + step]
