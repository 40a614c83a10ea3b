"""The comparisons of rows with reference rows that an anomaly score consists of.

The columns of a table are compared in three ways: by the distance to neighbours, by that distance where the
residual of the model stands beside the row, and by the Mahalanobis distance. Images and series are compared
by the distance to neighbours, of the row alone and beside the residual, in two sets of features each.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from narrows.data.schema import Array, Schema
from narrows.evaluation.errors import Floats
from narrows.tasks.anomalies.features import FeatureMap, neighbouring, range_scaled, standardised
from narrows.tasks.anomalies.linear import Mahalanobis
from narrows.tasks.anomalies.neighbours import NEAR, Neighbours
from narrows.training.progress import Counting

Mask = NDArray[np.bool_]

T = TypeVar("T")

FLOOR, FLOOR_ON_TIME = 0.1, 2.0
"""Residuals are divided by their deviation, but at least by this share of that of the rows; the second is of
sequences, which a model often reconstructs as well where they are unusual."""


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """Rows and their reconstructions, and what comparisons computed of them.

    Attributes:
        rows: `(n, values)` on the model's scale.
        reconstructions: of them, `(n, values)`.
        in_reference: which of them are reference rows, `(n,)`.
        computed: by what it is.
    """

    rows: Floats
    reconstructions: Floats
    in_reference: Mask
    computed: dict[Hashable, Any] = field(default_factory=dict)

    def once(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What `compute` returns, computed at the first call with this `key`."""
        if key not in self.computed:
            self.computed[key] = compute()
        found: T = self.computed[key]
        return found

    def features(self, of: FeatureMap) -> Floats:
        """The features of the rows, `(n, features)`."""
        return self.once((of, "rows"), lambda: of(self.rows))

    def residuals(self, of: FeatureMap) -> Floats:
        """The features of the rows less those of the reconstructions, `(n, features)`."""
        return self.once((of, "residuals"), lambda: self.features(of) - of(self.reconstructions))

    def part(self, chosen: Mask | slice) -> Reconstructed:
        """Some of the rows."""
        return Reconstructed(self.rows[chosen], self.reconstructions[chosen], self.in_reference[chosen])


class Comparison(Protocol):
    """One comparison, which gives each row one surprise or more.

    Attributes:
        name: of it.
        near: which surprises are of single rows, `(ranks,)`.
        wide: which surprises are of groups of rows, `(ranks,)`.
        of_reference: the surprises of the reference rows, each compared with the others, `(m, ranks)`.
    """

    name: str
    near: Mask
    wide: Mask
    of_reference: Floats

    def surprises(self, rows: Reconstructed) -> Floats:
        """The surprises of rows, `(n, ranks)`."""

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        """The `amounts (n, ranks)` divided among values, `(n, values)`; the sums over rows stay the same."""


class OfRows:
    """Distances of rows to their neighbours in one set of features.

    Args:
        features: the set of features.
        reference: the reference rows.
        name: of the comparison.
        nearest_only: whether the nearest neighbour alone counts, and groups of rows are not detected.
    """

    def __init__(
        self, features: FeatureMap, reference: Reconstructed, name: str, *, nearest_only: bool = False
    ) -> None:
        self.name, self.features = name, features
        self.neighbours = Neighbours(reference.features(features))
        self.of_reference = self.neighbours.of_reference
        self.near = near_ranks(self.neighbours, nearest_only)
        self.wide = ~np.isin(self.neighbours.ranks, NEAR) & (not nearest_only)

    def surprises(self, rows: Reconstructed) -> Floats:
        return self.neighbours.surprises(rows.features(self.features), rows.in_reference)

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        shares = self.neighbours.shares(rows.features(self.features), rows.in_reference, amounts)
        return self.features.to_values(shares)

    def neighbour_means(self, rows: Reconstructed, reference: Reconstructed) -> Floats:
        """The means of the neighbours of each row, `(n, values)`."""
        of_rows = rows.features(self.features)
        return self.neighbours.neighbour_means(of_rows, rows.in_reference, reference.rows)


class BesideResiduals:
    """Distances of rows to their neighbours where the residual of the model stands beside the row.

    Residuals are divided by their deviation: it is as surprising where the model errs little and this row is
    off by little more as where both are large.

    Args:
        features: the set of features.
        reference: the reference rows.
        name: of the comparison.
        floor: residuals are divided at least by this share of the deviation of the rows.
        nearest_only: whether the nearest neighbour alone counts.
    """

    def __init__(
        self,
        features: FeatureMap,
        reference: Reconstructed,
        name: str,
        *,
        floor: float = FLOOR,
        nearest_only: bool = False,
    ) -> None:
        self.name, self.features = name, features
        of_rows, residuals = reference.features(features), reference.residuals(features)
        variance, power = of_rows.var(axis=0).mean(), (residuals**2).mean(axis=0)
        power = power.mean() if features.common_unit else power
        self.gain = np.sqrt(variance / np.maximum(power + floor**2 * variance, 1e-300))
        self.neighbours = Neighbours(self.compared(reference))
        self.of_reference = self.neighbours.of_reference
        self.near = near_ranks(self.neighbours, nearest_only)
        self.wide = np.zeros_like(self.near)

    def compared(self, rows: Reconstructed) -> Floats:
        """Features of rows with those of the residuals beside them, `(n, 2 · features)`."""
        return np.hstack([rows.features(self.features), self.gain * rows.residuals(self.features)])

    def surprises(self, rows: Reconstructed) -> Floats:
        return self.neighbours.surprises(self.compared(rows), rows.in_reference)

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        both = self.neighbours.shares(self.compared(rows), rows.in_reference, amounts)
        return self.features.to_values(np.add(*np.hsplit(both, 2)))


class Linear:
    """The Mahalanobis distance of rows from the `fitted` ones of the reference rows."""

    near, wide = np.ones(1, dtype=np.bool_), np.zeros(1, dtype=np.bool_)

    def __init__(self, features: FeatureMap, reference: Reconstructed, name: str, fitted: slice) -> None:
        self.name, self.features = name, features
        self.distance = Mahalanobis(reference.features(features)[fitted])
        self.of_reference = self.surprises(reference)

    def surprises(self, rows: Reconstructed) -> Floats:
        return self.distance.surprises(rows.features(self.features))

    def contributions(self, rows: Reconstructed, amounts: Floats) -> Floats:
        return self.features.to_values(self.distance.shares(rows.features(self.features), amounts))


class Together:
    """Comparisons of the same kind in several sets of features, whose surprises count alike."""

    def __init__(self, parts: Sequence[Comparison]) -> None:
        self.name, self.parts = parts[0].name, parts
        self.near, self.wide = (np.concatenate([getattr(p, of) for p in parts]) for of in ("near", "wide"))
        self.of_reference = np.hstack([each.of_reference for each in parts])
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


def comparisons(
    schema: Schema, values: Array, reference: Reconstructed, fitted: slice, progress: Counting
) -> Comparisons:
    """The comparisons that suit the data.

    Args:
        schema: of the data.
        values: `(m, …)`, the reference rows as they came.
        reference: the same on the model's scale.
        fitted: those of them that were not held out of the fitting.
        progress: shows how many of them are prepared.
    """
    maps = neighbouring(schema, values, reference.rows)
    if not maps:
        return of_columns(schema.starts, reference, fitted)
    return of_maps(maps, reference, progress, on_time=schema.over_time)


def of_maps(
    maps: Sequence[FeatureMap], reference: Reconstructed, progress: Counting, *, on_time: bool
) -> Comparisons:
    """The comparisons of values that have neighbours, in each set of features.

    Of sequences (`on_time`) the nearest neighbour alone counts: courses shift and vary, so that even of usual
    ones only few are near to each other.
    """
    n, floor = len(maps), FLOOR_ON_TIME if on_time else FLOOR
    of_rows = [
        OfRows(each, reference, "rows", nearest_only=on_time)
        for each in progress(maps, n, "comparisons of rows")
    ]
    beside = [
        BesideResiduals(each, reference, "residuals", floor=floor, nearest_only=on_time)
        for each in progress(maps, n, "comparisons of residuals")
    ]
    return Comparisons(of_rows[0], (Together(of_rows), Together(beside)), groups_decide=False)


def near_ranks(neighbours: Neighbours, nearest_only: bool) -> Mask:
    """Which ranks of neighbours detect single rows, `(ranks,)`."""
    return np.isin(neighbours.ranks, NEAR[:1] if nearest_only else NEAR)


def of_columns(starts: NDArray[np.intp] | None, reference: Reconstructed, fitted: slice) -> Comparisons:
    """The comparisons of columns, each with a unit of its own."""
    by_range, by_std = (make(reference.rows, starts) for make in (range_scaled, standardised))
    of_rows, linear = OfRows(by_range, reference, "rows"), Linear(by_std, reference, "linear", fitted)
    beside = BesideResiduals(by_std, reference, "residuals")
    return Comparisons(of_rows, (of_rows, beside, linear), groups_decide=True)
