"""The anomaly score of a run, and the contribution of each column or pixel to it.

A row is compared with the reference rows that the run keeps in several ways
(`narrows.tasks.anomalies.comparisons`), each of which says how surprising it is; the score combines them
(`narrows.tasks.anomalies.score`). No option of it depends on the data.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
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
from narrows.training.progress import Counting, uncounted

MAX_ROWS, MAX_VALUES = 1024, 2**22
"""Rows that are scored at a time, and their values, at the most."""

FEWEST = 20
"""Held-out rows from which on they alone tell what is usual."""

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


class Explained(NamedTuple):
    """Scores `(n,)` and p-values `(n,)`, and what each column or pixel adds to the scores, `(n, …)`."""

    scores: Floats
    p: Floats
    contributions: Floats


class Detector:
    """The anomaly score of a fitted run.

    Args:
        run: a run that keeps reference rows.
        progress: shows how far the preparation and the scores are.

    Raises:
        InputError: for a run without reference rows.
    """

    noun = "rows"

    def __init__(self, run: Run, progress: Counting = uncounted) -> None:
        run.schema.check_independent("Anomaly scores")
        kept = run.evidence.reference
        if kept is None:
            raise InputError(keeps_no("rows"))
        self.run, self.kept, self.progress = run, kept, progress
        self.values = np.concatenate([kept.known, kept.held_out])
        self.known = set(fingerprints(run.scaled(self.values)))
        self.reference = self.reconstructed(self.values)
        fitted = slice(len(kept.known))
        # A copy, so that features of the reference rows are not kept.
        whole = self.reference.part(slice(None))
        self.comparisons = comparisons(run.schema, self.values, whole, fitted, progress)

    @cached_property
    def of_kept(self) -> Floats:
        """Scores of all kept rows, each compared with the others; those held out of the fitting are last."""
        return total(amounts(self.comparisons, [each.of_reference for each in self.comparisons.all]))

    @property
    def wild_score(self) -> float:
        """The score that no usual row is expected to exceed."""
        return math.log(len(self.values)) + WILD

    @property
    def may_be_far(self) -> bool:
        """Whether the cells of a row can be far (`narrows.tasks.anomalies.far_cells`)."""
        return bool(self.run.schema.columns)

    @cached_property
    def wild(self) -> NDArray[np.bool_]:
        """Which of the held-out rows are anomalies themselves, as no usual row has so high a score."""
        scores = self.of_kept[-len(self.kept.held_out) :]
        wild = scores > self.wild_score
        return np.zeros_like(wild) if wild.all() else wild

    @property
    def few(self) -> bool:
        """Whether too few rows were held out to tell what is usual."""
        return bool((~self.wild).sum() < FEWEST)

    @cached_property
    def held_out(self) -> Floats:
        """Scores of the kept rows that were held out of the fitting, without the `wild` ones.

        Where they are `few`, the scores of all kept rows, which may be lower than those of new rows.
        """
        scores = self.of_kept[-len(self.wild) :][~self.wild]
        return np.concatenate([self.of_kept[: -len(self.wild)], scores]) if self.few else scores

    def reconstructed(self, values: Array) -> Reconstructed:
        """`values (n, …)` as they came, and their reconstructions; missing cells are filled in first.

        What an example has not, as further nodes of a graph, is 0 in both.
        """
        scaled, made = self.run.scaled(values), self.run.reconstruct_scaled(values).astype(np.float64)
        known = np.array([each in self.known for each in fingerprints(scaled)], dtype=np.bool_)
        rows, lacking = scaled.astype(np.float64), np.isnan(scaled).any(axis=1)
        if self.run.schema.holds_nan:
            rows, made = np.nan_to_num(rows), np.where(np.isnan(rows), 0.0, made)
        elif lacking.any():
            rows[lacking], made[lacking] = self.run.imputer.completed(rows[lacking])
        return Reconstructed(rows, made, known)

    def surprises(self, rows: Reconstructed) -> list[Floats]:
        """The surprises of each comparison, `(n, ranks)`."""
        return [each.surprises(rows) for each in self.comparisons.all]

    def amounts(self, rows: Reconstructed) -> list[Floats]:
        """What each surprise adds to the score of its row, `(n, ranks)` for each comparison."""
        return amounts(self.comparisons, self.surprises(rows))

    def scores(self, values: Values) -> Floats:
        """Scores `(n,)` of `values (n, …)` as they came: about 1 for usual rows, higher is more unusual."""
        found = np.concatenate([self._scores(piece) for piece in self._pieces(values, "scores")])
        return as_source(values).in_order(found)

    def _pieces(self, values: Values, what: str) -> Iterable[Array]:
        return self.progress(pieces(values), number_of_pieces(values), what)

    def _scores(self, values: Array) -> Floats:
        far = FarCells.of(self.run, values)
        return self._with_far(far, self._total(far.rows))

    def _with_far(self, far: FarCells, scores: Floats) -> Floats:
        """Scores of rows, those of the same rows without far cells given as `scores (n,)`."""
        return far.scores(scores, self._total, self.extremes, lambda: float(self.held_out.max()))

    def _total(self, values: Array) -> Floats:
        """Scores `(n,)` of `values (n, …)` without far cells."""
        return total(self.amounts(self.reconstructed(values)))

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
        return self.explained(values).contributions

    def explained(self, values: Values) -> Explained:
        """Scores, p-values and contributions of `values (n, …)` as they came."""
        found = [self._explained(piece) for piece in self._pieces(values, "scores and contributions")]
        scores, contributions = map(as_source(values).in_order, map(np.concatenate, zip(*found, strict=True)))
        return Explained(scores, p_values(scores, self.held_out), contributions)

    def _explained(self, values: Array) -> tuple[Floats, Floats]:
        """Scores and contributions of a piece."""
        far = FarCells.of(self.run, values)
        rows = self.reconstructed(far.rows)
        added = self.amounts(rows)
        scores = self._with_far(far, total(added))
        pairs = zip(self.comparisons.all, added, strict=True)
        by_value = np.sum([each.contributions(rows, amount) for each, amount in pairs], axis=0)
        return scores, far.attributed(self.run.schema.by_part(by_value), scores)

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


def keeps_no(what: str) -> str:
    """The message about a run that keeps nothing to compare with; `what` it would be."""
    return (
        f"This run keeps no {what} to compare others with, as it is of an older version or unfinished; fit "
        f"it (again) with this one."
    )


def fingerprints(scaled: Array) -> Iterator[bytes]:
    """For each row on the model's scale bytes that are equal for equal rows."""
    # Adding 0 turns -0 into 0.
    return (row.tobytes() for row in np.nan_to_num(scaled, nan=1e30) + np.float32(0))


def total(amounts: Sequence[Floats]) -> Floats:
    """Scores `(n,)` from what each surprise adds, `(n, ranks)` of each comparison."""
    return np.round(np.sum([each.sum(axis=1) for each in amounts], axis=0), DECIMALS)


def piece_size(values: Values) -> int:
    """How many rows are scored at a time."""
    return max(1, min(MAX_ROWS, MAX_VALUES // max(1, math.prod(values.shape[1:]))))


def number_of_pieces(values: Values) -> int:
    """The number of `pieces`."""
    step = piece_size(values)
    return sum(-(-len(block) // step) for block in as_source(values).blocks())


def pieces(values: Values) -> Iterator[Array]:
    """`values`, a few rows at a time, in the order of their blocks."""
    step = piece_size(values)
    for _, block in as_source(values).pieces():
        for first in range(0, len(block), step):
            yield block[first : first + step]
