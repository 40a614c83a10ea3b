"""The comparisons of rows with reference rows that an anomaly score consists of.

The columns of a table are compared in three ways: by the distance to neighbours, by that distance where the
residual of the model stands beside the row, and by the Mahalanobis distance. Images and series are compared
by the distance to neighbours, of the row alone and beside the residual, in two sets of features each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array, Schema
from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.features import FeatureMap, neighbouring, range_scaled, standardised
from narrows.tasks.anomalies.linear import Mahalanobis
from narrows.tasks.anomalies.neighbours import NEAR, Neighbours

Mask = NDArray[np.bool_]

FLOOR = 0.1
"""Residuals are divided by their deviation, but at least by this share of that of the rows."""


class Reconstructed(NamedTuple):
    """Rows and their reconstructions, `(n, values)` on the model's scale; and which are reference rows."""

    rows: Floats
    reconstructions: Floats
    in_reference: Mask

    def part(self, chosen: Mask | slice) -> Reconstructed:
        """Some of the rows."""
        return Reconstructed(self.rows[chosen], self.reconstructions[chosen], self.in_reference[chosen])


class Comparison(Protocol):
    """One comparison, which gives each row one surprise or more.

    Attributes:
        name: of it.
        near: which surprises are of single rows, `(ranks,)`.
        wide: which surprises are of groups of rows, `(ranks,)`.
    """

    name: str
    near: Mask
    wide: Mask

    def surprises(self, rows: Reconstructed) -> Floats:
        """The surprises of rows, `(n, ranks)`."""

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        """The `amounts (n, ranks)` divided among values, `(n, values)`; the sums over rows stay the same."""


class OfRows:
    """Distances of rows to their neighbours in one set of features."""

    def __init__(self, features: FeatureMap, reference: Reconstructed, name: str) -> None:
        self.name, self.features = name, features
        self.neighbours = Neighbours(features(reference.rows))
        self.near = np.isin(self.neighbours.ranks, NEAR)
        self.wide = ~self.near

    def surprises(self, rows: Reconstructed) -> Floats:
        return self.neighbours.surprises(self.features(rows.rows), rows.in_reference)

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        shares = self.neighbours.shares(self.features(rows.rows), rows.in_reference, amounts)
        return self.features.to_values(shares)

    def neighbour_means(self, rows: Reconstructed, reference: Reconstructed) -> Floats:
        """The means of the neighbours of each row, `(n, values)`."""
        of_rows = self.features(rows.rows)
        return self.neighbours.neighbour_means(of_rows, rows.in_reference, reference.rows)


class BesideResiduals:
    """Distances of rows to their neighbours where the residual of the model stands beside the row.

    Residuals are divided by their deviation: it is as surprising where the model errs little and this row is
    off by little more as where both are large.
    """

    def __init__(self, features: FeatureMap, reference: Reconstructed, name: str) -> None:
        self.name, self.features = name, features
        of_rows, residuals = self.apart(reference)
        variance, power = of_rows.var(axis=0).mean(), (residuals**2).mean(axis=0)
        power = power.mean() if features.common_unit else power
        self.gain = np.sqrt(variance / np.maximum(power + FLOOR**2 * variance, 1e-300))
        self.neighbours = Neighbours(self.compared(reference))
        self.near = np.isin(self.neighbours.ranks, NEAR)
        self.wide = np.zeros_like(self.near)

    def apart(self, rows: Reconstructed) -> tuple[Floats, Floats]:
        """Features of rows and of their residuals, `(n, features)` both."""
        of_rows = self.features(rows.rows)
        return of_rows, of_rows - self.features(rows.reconstructions)

    def compared(self, rows: Reconstructed) -> Floats:
        """Features of rows with those of the residuals beside them, `(n, 2 · features)`."""
        of_rows, residuals = self.apart(rows)
        return np.hstack([of_rows, self.gain * residuals])

    def surprises(self, rows: Reconstructed) -> Floats:
        return self.neighbours.surprises(self.compared(rows), rows.in_reference)

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        both = self.neighbours.shares(self.compared(rows), rows.in_reference, amounts)
        return self.features.to_values(np.add(*np.hsplit(both, 2)))


class Linear:
    """The Mahalanobis distance of rows."""

    near, wide = np.ones(1, dtype=np.bool_), np.zeros(1, dtype=np.bool_)

    def __init__(self, features: FeatureMap, reference: Reconstructed, name: str) -> None:
        self.name, self.features = name, features
        self.distance = Mahalanobis(features(reference.rows))

    def surprises(self, rows: Reconstructed) -> Floats:
        return self.distance.surprises(self.features(rows.rows))

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        return self.features.to_values(self.distance.shares(self.features(rows.rows), amounts))


class Together:
    """Comparisons of the same kind in several sets of features, whose surprises count alike."""

    def __init__(self, parts: Sequence[Comparison]) -> None:
        self.name, self.parts = parts[0].name, parts
        self.near, self.wide = (np.concatenate([getattr(p, of) for p in parts]) for of in ("near", "wide"))
        self.ends = np.cumsum([len(each.near) for each in parts])[:-1]

    def surprises(self, rows: Reconstructed) -> Floats:
        return np.hstack([each.surprises(rows) for each in self.parts])

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        pairs = zip(self.parts, np.split(amounts, self.ends, axis=1), strict=True)
        return np.sum([each.contributions(rows, part) for each, part in pairs], axis=0)


class Comparisons(NamedTuple):
    """The comparisons that suit the data.

    Attributes:
        of_rows: the comparison by neighbours whose means explain a score.
        all: every comparison.
        groups_decide: whether the distance to a group of rows is a score by itself, or one comparison more.
    """

    of_rows: OfRows
    all: tuple[Comparison, ...]
    groups_decide: bool


def comparisons(schema: Schema, values: Array, reference: Reconstructed, fitted: slice) -> Comparisons:
    """The comparisons that suit the data.

    Args:
        schema: of the data.
        values: `(m, …)`, the reference rows as they came.
        reference: the same on the model's scale.
        fitted: those of them that were not held out of the fitting.
    """
    maps = neighbouring(schema, values, reference.rows)
    return of_maps(maps, reference) if maps else of_columns(schema.starts, reference, fitted)


def of_maps(maps: Sequence[FeatureMap], reference: Reconstructed) -> Comparisons:
    """The comparisons of values that have neighbours, in each set of features."""
    of_rows = [OfRows(each, reference, "rows") for each in maps]
    beside = [BesideResiduals(each, reference, "residuals") for each in maps]
    return Comparisons(of_rows[0], (Together(of_rows), Together(beside)), groups_decide=False)


def of_columns(starts: NDArray[np.intp] | None, reference: Reconstructed, fitted: slice) -> Comparisons:
    """The comparisons of columns, each with a unit of its own."""
    by_range, by_std = (make(reference.rows, starts) for make in (range_scaled, standardised))
    of_rows, linear = OfRows(by_range, reference, "rows"), Linear(by_std, reference.part(fitted), "linear")
    beside = BesideResiduals(by_std, reference, "residuals")
    return Comparisons(of_rows, (of_rows, beside, linear), groups_decide=True)
