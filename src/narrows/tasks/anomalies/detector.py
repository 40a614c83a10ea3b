"""Rows that do not belong: a score for each, what it means, and which columns or pixels made it.

A row is compared with those that the run keeps, by its distances to their neighbours at every scale
(`narrows.tasks.anomalies.neighbour_score`): as it is, and as the model sees it, which is what the model
makes of it beside what it leaves unexplained; each in the ways that suit the kind of values
(`narrows.tasks.anomalies.features`). Nothing in it is chosen for the data at hand.
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
from narrows.runs.run import Run
from narrows.tasks.anomalies.baselines import OUTLIERS
from narrows.tasks.anomalies.conformal import p_values
from narrows.tasks.anomalies.features import View, views
from narrows.tasks.anomalies.neighbour_score import Floats, Neighbours

AS_SEEN = 1 / 3
"""The share of the score that comes from the row as the model sees it."""

PIECE, NUMBERS = 4096, 2**22
"""Rows that are scored at a time, and their values, at the most."""

DIGITS = 9
"""Decimals of a score: those beyond depend on the rows beside it, and would part a row from its threshold."""


class Look(NamedTuple):
    """Rows on the model's scale, what the model makes of them, and which are among the run's kept rows."""

    rows: Floats
    guess: Floats
    among: NDArray[np.bool_]


class Comparison:
    """Rows compared with a run's kept ones `inside`, as one view shows both.

    Once as they are, and once as the model sees them: what it makes of them beside what it leaves open.
    """

    def __init__(self, view: View, inside: Look) -> None:
        self.view = view
        self.plain, self.seen = (Neighbours(features) for features in self.features(inside))

    def features(self, look: Look) -> tuple[Floats, Floats]:
        """Of rows as they are `(n, features)`, and as the model sees them `(n, 2 · features)`."""
        rows, guess = self.view(look.rows), self.view(look.guess)
        return rows, np.hstack([guess, rows - guess])

    def scores(self, look: Look) -> Floats:
        """How unusual rows are as they are and as the model sees them, `(n, 2)`, each with its weight."""
        plain, seen = self.features(look)
        return np.column_stack([
            (1 - AS_SEEN) * self.plain.scores(plain, look.among),
            AS_SEEN * self.seen.scores(seen, look.among),
        ])  # fmt: skip

    def by_value(self, look: Look, amounts: Floats) -> Floats:
        """Which values `(n, values)` the `amounts (n, 2)` of the scores come from."""
        plain, seen = self.features(look)
        halves = np.hsplit(self.seen.shares(seen, look.among), 2)
        shares = self.plain.shares(plain, look.among)
        return self.view.by_value(amounts[:, :1] * shares + amounts[:, 1:] * (halves[0] + halves[1]))

    def usual(self, look: Look, inside: Look) -> Floats:
        """What those of the rows `inside` that each row is compared with are on average, `(n, values)`."""
        return self.plain.usual(self.view(look.rows), look.among, inside.rows)


class Found(NamedTuple):
    """Of each row its score, higher is odder, and how probable one as high is for a row like the held-out."""

    scores: Floats
    p: Floats


class Detector:
    """The score of anomalies that belongs to a fitted run.

    Args:
        run: a run that keeps rows to compare others with.

    Raises:
        InputError: for one that does not.
    """

    def __init__(self, run: Run) -> None:
        kept = run.evidence.reference
        if kept is None:
            raise InputError(
                "This run keeps no rows to compare others with, as it is of an older version or unfinished; "
                "fit it (again) with this one."
            )
        self.run, self.kept = run, kept
        inside = np.concatenate([kept.train, kept.validation])
        self.known = set(fingerprints(run.scaled(inside)))
        self.inside = self.look(inside)
        looks = views(run.schema, inside, self.inside.rows)
        self.comparisons = [Comparison(view, self.inside) for view in looks]

    @cached_property
    def held_out(self) -> Floats:
        """Scores of the kept rows that were held out of the fitting."""
        return self.scores(self.kept.held_out)

    def look(self, values: Array) -> Look:
        """`values` as they came, as the views see them; a missing cell is as the model fills it in."""
        scaled, guess = self.run.scaled(values), self.run.reconstruct_scaled(values).astype(np.float64)
        among = np.array([name in self.known for name in fingerprints(scaled)], dtype=np.bool_)
        return Look(np.where(np.isnan(scaled), guess, scaled), guess, among)

    def scores(self, values: Values) -> Floats:
        """The score of each of `values (n, …)` as they came: 0 is usual, higher is odder."""
        found = np.concatenate([self.summands(self.look(piece)).sum(axis=1) for piece in parts(values)])
        return np.round(found, DIGITS)

    def find(self, values: Values) -> Found:
        """Scores and p-values of `values (n, …)` as they came."""
        scores = self.scores(values)
        return Found(scores, p_values(scores, self.held_out))

    def contributions(self, values: Values) -> Floats:
        """What each column `(n, columns)`, or pixel `(n, height, width)`, adds to the score of its row.

        They sum to the score where that is above 0; who is usual has nothing to explain.
        """
        found = []
        for piece in parts(values):
            look = self.look(piece)
            summands = self.summands(look)
            odd = summands.sum(axis=1) > 0
            made = np.zeros(look.rows.shape)
            if odd.any():
                made[odd] = self._made(Look(*(part[odd] for part in look)), summands[odd])
            found.append(self.run.schema.by_part(made))
        return np.concatenate(found)

    def _made(self, look: Look, summands: Floats) -> Floats:
        """What each value adds to scores above 0 that `summands (n, 2 · views)` make, `(n, values)`."""
        high = np.maximum(summands, 0.0)
        amounts = high * (summands.sum(axis=1) / high.sum(axis=1))[:, None]
        both = np.split(amounts, len(self.comparisons), axis=1)
        made = [of.by_value(look, two) for of, two in zip(self.comparisons, both, strict=True)]
        return np.sum(made, axis=0)

    def usual(self, values: Array) -> Floats:
        """What the rows that each of `values` is compared with are on average, `(n, values)`.

        They are real numbers in the model's layout: of words the share of each.
        """
        rows = torch.as_tensor(self.comparisons[0].usual(self.look(values), self.inside))
        found = self.run.scaling.inverse(rows.reshape(-1, *self.run.schema.model_shape))
        return found.flatten(1).numpy().astype(np.float64)

    def summands(self, look: Look) -> Floats:
        """What the score is the sum of, `(n, 2 · views)`: rows as they are, and as the model sees them."""
        return np.hstack([of.scores(look) for of in self.comparisons]) / len(self.comparisons)

    def yardsticks(self, values: Array) -> dict[str, Floats]:
        """What the classical methods make of `values`, fitted to the same rows on the same scale."""
        look = self.look(values)
        return {name: score(self.inside.rows, look.rows, look.among) for name, score in OUTLIERS.items()}


def fingerprints(scaled: Array) -> Iterator[bytes]:
    """What tells rows on the model's scale apart."""
    # Adding 0 makes one number of 0 and -0.
    return (row.tobytes() for row in np.nan_to_num(scaled, nan=1e30) + np.float32(0))


def parts(values: Values) -> Iterator[Array]:
    step = max(1, min(PIECE, NUMBERS // max(1, math.prod(values.shape[1:]))))
    for _, piece in as_source(values).pieces():
        for first in range(0, len(piece), step):
            yield piece[first : first + step]
