"""The anomaly score of a run, and the contribution of each column or pixel to it.

A row is compared with the reference rows that the run keeps in several ways
(`narrows.tasks.anomalies.comparisons`), each of which says how surprising it is; the score combines them
(`narrows.tasks.anomalies.score`). No option of it depends on the data.
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
from narrows.tasks.anomalies.comparisons import Reconstructed, comparisons
from narrows.tasks.anomalies.conformal import p_values
from narrows.tasks.anomalies.far_cells import FarCells, extremes
from narrows.tasks.anomalies.score import amounts

MAX_ROWS, MAX_VALUES = 4096, 2**22
"""Rows that are scored at a time, and their values, at the most."""

WILD = 5.0
"""A score is wild above the logarithm of the number of reference rows plus this: of 148 = e⁵ samples of so
many usual rows one has such a score."""

DECIMALS = 9
"""Decimals of a score. Further ones depend on the batch that a row is scored in, so that a held-out row could
exceed its own score as the threshold."""


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
        self.values = np.concatenate([kept.known, kept.held_out])
        self.known = set(fingerprints(run.scaled(self.values)))
        self.reference = self.reconstructed(self.values)
        fitted = slice(len(kept.known))
        self.comparisons = comparisons(run.schema, self.values, self.reference, fitted)

    @cached_property
    def of_kept(self) -> Floats:
        """Scores of all kept rows, each compared with the others; those held out of the fitting are last."""
        return self.scores(self.values)

    @cached_property
    def wild(self) -> NDArray[np.bool_]:
        """Which of the held-out rows are anomalies themselves, as no usual row has so high a score."""
        scores = self.of_kept[-len(self.kept.held_out) :]
        wild = scores > math.log(len(self.values)) + WILD
        return np.zeros_like(wild) if wild.all() else wild

    @cached_property
    def held_out(self) -> Floats:
        """Scores of the kept rows that were held out of the fitting, without the `wild` ones."""
        return self.of_kept[-len(self.wild) :][~self.wild]

    def reconstructed(self, values: Array) -> Reconstructed:
        """`values (n, …)` as they came, and their reconstructions; missing cells are filled in first."""
        scaled, made = self.run.scaled(values), self.run.reconstruct_scaled(values).astype(np.float64)
        known = np.array([each in self.known for each in fingerprints(scaled)], dtype=np.bool_)
        rows, lacking = scaled.astype(np.float64), np.isnan(scaled).any(axis=1)
        if lacking.any():
            rows[lacking] = self.run.imputer.likeliest(rows[lacking])
            made[lacking] = self.run.imputer.reconstruction(rows[lacking])
        return Reconstructed(rows, made, known)

    def surprises(self, rows: Reconstructed) -> list[Floats]:
        """The surprises of each comparison, `(n, ranks)`."""
        return [each.surprises(rows) for each in self.comparisons.all]

    def amounts(self, rows: Reconstructed) -> list[Floats]:
        """What each surprise adds to the score of its row, `(n, ranks)` for each comparison."""
        return amounts(self.comparisons, self.surprises(rows))

    def scores(self, values: Values) -> Floats:
        """Scores `(n,)` of `values (n, …)` as they came: about 1 for usual rows, higher is more unusual."""
        return np.concatenate([self._scores(FarCells.of(self.run, piece)) for piece in pieces(values)])

    def _scores(self, far: FarCells) -> Floats:
        return far.scores(self._total, self.extremes, lambda: float(self.held_out.max()))

    def _total(self, values: Array) -> Floats:
        """Scores `(n,)` of `values (n, …)` without far cells."""
        found = self.amounts(self.reconstructed(values))
        return np.round(np.sum([each.sum(axis=1) for each in found], axis=0), DECIMALS)

    @cached_property
    def extremes(self) -> Floats:
        """The ends and the rarest words of each column in the reference rows, `(k, columns)`."""
        return extremes(self.run.schema.columns, self.values)

    def scored(self, values: Values) -> Scored:
        """Scores and p-values of `values (n, …)` as they came."""
        scores = self.scores(values)
        return Scored(scores, p_values(scores, self.held_out))

    def contributions(self, values: Values) -> Floats:
        """What each column `(n, columns)`, or pixel `(n, height, width)`, adds to the score of its row.

        The sum over a row is its score.
        """
        return np.concatenate([self._by_part(FarCells.of(self.run, piece)) for piece in pieces(values)])

    def _by_part(self, far: FarCells) -> Floats:
        by_part = self.run.schema.by_part(self._contributions(self.reconstructed(far.rows)))
        return far.attributed(by_part, self._scores(far)) if far.cells.any() else by_part

    def _contributions(self, rows: Reconstructed) -> Floats:
        """What each value adds to the score, `(n, values)`."""
        pairs = zip(self.comparisons.all, self.amounts(rows), strict=True)
        return np.sum([each.contributions(rows, added) for each, added in pairs], axis=0)

    def neighbour_means(self, values: Array) -> Floats:
        """Weighted means of the neighbours of each of `values`, `(n, values)`.

        They are in the model's layout, not scaled: of a category the share of each of its words.
        """
        rows = self.reconstructed(FarCells.of(self.run, values).rows)
        means = self.comparisons.of_rows.neighbour_means(rows, self.reference)
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
