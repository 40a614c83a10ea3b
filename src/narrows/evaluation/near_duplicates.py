"""Near-copies: held-out rows that nearly equal a training row, so that their error is too small.

Augmented copies, repeated measurements of one patient, patches of one picture and duplicated rows
have one thing in common: sorted by distance, a few training rows lie close to a held-out row, and
then comes a gap before the next. In smooth data of `m` dimensions there are gaps by chance: the
ratio of the distances to neighbours k and k + 1 exceeds t with probability t^(-m k). So a gap counts
when the ratio is at least 3, its chance below 1 in 1000 in the dimension that the neighbours beyond
it have (maximum likelihood: Levina & Bickel 2004, NIPS 17), the gap wider than the range of the near
ones, and those nearer than 0.3 of the median distance.

Frames of a film have no gap, each being like the next; see `narrows.evaluation.row_order`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from narrows.core.findings import Finding
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.errors import Floats

LOOKED_AT = 500
"""Held-out rows that are examined at the most; fewer where a row has over 8192 values."""

NEIGHBOURS = 128
"""Training rows that are compared with each exactly; three quarters of them may be near ones."""

DIRECTIONS = 64
"""Random directions in which distances are estimated, to find neighbours in rows of many values."""

FEW_VALUES = 10
"""A column with fewer different values is ignored where other columns have more."""

CHUNK = 2**24
"""Numbers of the training rows that are compared at a time."""

GAP, CHANCE, NEAR = 3.0, 1e-3, 0.3
"""The least ratio of two distances that is a gap, its largest probability, and the largest distance of a
near-copy in units of the median distance."""

MANY, AT_LEAST = 0.1, 3
"""The share of the rows with near-copies, and their number, from which on they are reported."""


@dataclass(frozen=True, slots=True)
class Copies:
    """How many held-out rows have near-copies among the training rows.

    Attributes:
        looked_at: held-out rows that were examined.
        same: of these, how many equal a training row, value by value.
        near: how many have near-copies: a gap separates their nearest training rows from the others.
    """

    looked_at: int
    same: int
    near: int

    @property
    def copied(self) -> bool:
        """Whether there are more near-copies than by chance.

        At most 3 % of the rows had any in smooth data of 1 to 5 dimensions, and at most 5 % in 27
        real tables and sets of images, most of those equal rows. Of 40 images with 50 copies each,
        whose noise was 1, 5, 10 and 20 % of the spread, it was 100, 100, 83 to 100 and 0 to 16 %; of
        200 images with 5 copies 100, 100, 20 to 100 and 0 to 11 %; of 200 rows of 8 columns 100, 100,
        80 and 2 %, of 3 columns 97, 27, 4 and 1 %; and of sets of images in which every sixth row was
        of such a family 17, 16, 6 to 14 and 0 %. Small clusters far apart look the same. In a table,
        a nearly constant column is noise once it is standardised, and may hide copies.
        """
        return self.near >= max(AT_LEAST, MANY * self.looked_at)

    @property
    def finding(self) -> Finding | None:
        """A warning of near-copies."""
        if not self.copied:
            return None
        share = f"{100 * self.near / self.looked_at:.0f} %"
        text = (
            f"{share} of the held-out rows looked at have a near-copy among the training rows, so the "
            f"held-out error may be too good."
        )
        return Finding("near-copies", "warning", text, "Name what belongs together with --groups.")


def find_copies(train: Array, held_out: Array) -> Copies:
    """Look for near-copies of held-out rows among the training rows.

    Args:
        train: `(n, values)` on the model's scale; NaN, a missing cell, counts as 0.
        held_out: likewise.
    """
    size = max(50, LOOKED_AT * 8192 // max(8192, train.shape[1]))
    chosen = np.sort(np.random.default_rng(0).permutation(len(held_out))[:size])
    rows = filled(held_out[chosen])
    used, step = resolution(np.concatenate([rows, filled(train[:size])]))
    where, typical = neighbours(train, rows, used)
    distances, same = compare_exactly(train, rows, where, used)
    floor = np.maximum(step, 1e-6 * typical)[:, None]
    near = has_gap(np.maximum(np.sort(distances, axis=1), floor), typical)
    return Copies(len(rows), int(same.sum()), int(near.sum()))


def filled(x: Array) -> Array:
    """`x` with 0 where a cell is missing, as the model sees it."""
    missing = np.isnan(x)
    return np.where(missing, np.float32(0), x) if missing.any() else x


def resolution(rows: Array) -> tuple[NDArray[np.bool_], float]:
    """The columns to compare, and the least step between two values of them.

    Columns of a few values are passed over where others have more: stepping from one of their
    combinations to the next is a gap by nature.
    """
    steps = np.diff(np.sort(rows.T, axis=1), axis=1)
    varied = (steps > 0).sum(axis=1) >= FEW_VALUES
    used = varied if varied.any() else np.ones_like(varied)
    found = steps[used]
    return used, float(found.min(where=found > 0, initial=1.0))


def neighbours(train: Array, rows: Array, used: NDArray[np.bool_]) -> tuple[Index, Floats]:
    """The training rows nearest to each of `rows`, and the median distance to all, as estimated."""
    projected = directions(used)
    targets = torch.as_tensor(rows) @ projected
    best, where = torch.empty(len(rows), 0), torch.empty(len(rows), 0, dtype=torch.long)
    size = max(1, CHUNK // max(1024, train.shape[1]))
    for start in range(0, len(train), size):
        found = torch.cdist(targets, torch.as_tensor(filled(train[start : start + size])) @ projected)
        best = torch.cat([best, found], dim=1)
        where = torch.cat([where, torch.arange(start, start + found.shape[1]).expand_as(found)], dim=1)
        best, place = best.topk(min(NEIGHBOURS, best.shape[1]), largest=False)
        where = where.gather(1, place)
    some = np.random.default_rng(0).permutation(len(train))[: min(1000, size)]
    typical = torch.cdist(targets, torch.as_tensor(filled(train[some])) @ projected).median(dim=1)
    return where.numpy(), typical.values.double().numpy()


def directions(used: NDArray[np.bool_]) -> Tensor:
    """A matrix that keeps the used columns or, of many, distances in a few random directions.

    Distances in k random directions are right up to one part in √(2 k) (Johnson & Lindenstrauss 1984).
    """
    columns = np.flatnonzero(used)
    if len(columns) <= DIRECTIONS:
        return torch.eye(len(used))[:, columns]
    drawn = torch.randn(len(used), DIRECTIONS, generator=torch.Generator().manual_seed(0))
    return drawn * torch.as_tensor(used)[:, None] / DIRECTIONS**0.5


def compare_exactly(
    train: Array, rows: Array, where: Index, used: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """The distances of each row to its neighbours, and whether one of them is the same throughout."""
    distances, same = np.empty(where.shape), np.empty(len(rows), dtype=np.bool_)
    weights = np.stack([used, np.ones_like(used)], axis=1).astype(rows.dtype)
    for i, row in enumerate(rows):
        difference = filled(train[where[i]]) - row
        np.square(difference, out=difference)
        squares = difference @ weights
        distances[i], same[i] = np.sqrt(squares[:, 0]), (squares[:, 1] == 0).any()
    return distances, same


def has_gap(distances: Floats, typical: Floats) -> NDArray[np.bool_]:
    """Whether a gap sets off the nearest of sorted `distances (rows, neighbours)`, no 0 among them."""
    log = np.log(distances)
    most = log.shape[1] * 3 // 4
    near = np.arange(1, most + 1)
    beyond = np.cumsum((log[:, -1:] - log)[:, ::-1], axis=1)[:, ::-1][:, 1 : most + 1]
    dimension = (log.shape[1] - near - 1) / np.maximum(beyond, 1e-9)
    gap = np.diff(log, axis=1)[:, :most]
    log_chance = -dimension * near * gap
    within = log[:, :most] - log[:, :1]
    close = log[:, :most] <= np.log(np.maximum(NEAR * typical, 1e-300))[:, None]
    found = (gap >= np.log(GAP)) & (gap >= within) & (log_chance <= np.log(CHANCE)) & close
    return np.asarray(found.any(axis=1))
