"""What a model is compared with beside PCA, where the kind of its data has more: methods for counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from narrows.core.steps import step
from narrows.data.examples import Data
from narrows.data.kinds.statistics import is_counts, is_whole
from narrows.data.schema import Array
from narrows.data.split import Index
from narrows.evaluation.errors import Errors, errors, means
from narrows.evaluation.nmf import Beside, Nmf, rows_for
from narrows.evaluation.ratios import Methods
from narrows.fitting.parts import ScaledParts, SplitData
from narrows.runs.run import Run

METHODS: dict[str, Callable[[Array, int], Nmf]] = {"NMF": Nmf}
"""By the names in `Schema.of_counts`, what fits rows `(n, values)`, not negative, with so many components."""

LOOKED_AT = 1_000
"""Training rows that tell whether values are counts."""


def further(
    run: Run, parts: SplitData, rows: ScaledParts, compared: Methods, apart: Index | None
) -> tuple[Beside, ...]:
    """The errors of further methods for data of counts, on a sample of the held-out rows.

    They are fitted on the model's scale, measured from where a count of 0 lies.

    Args:
        run: after training.
        parts: its data.
        rows: the same, scaled.
        compared: the errors of the held-out rows.
        apart: the numbers of outlying held-out rows, which are left out.
    """
    names, theirs = run.schema.of_counts, compared.yardstick
    if run.restoring or not names or theirs is None or not counted(parts.train):
        return ()
    train, held_out = rows.train.flat, rows.held_out.flat
    zero = run.scaled(np.zeros((1, *run.schema.shape), run.schema.dtype))
    known = drawn(np.arange(len(train)), train.shape[1])
    usual = np.setdiff1d(np.arange(len(held_out)), np.empty(0) if apart is None else apart)
    judged = drawn(usual, train.shape[1])
    x, unit, dimensions = complete(train[known], train), run.scaling.unit, run.model.code_size
    found = []
    for name in names:
        step(f"verdict: fitting {name}")
        method = METHODS[name](x - zero, dimensions)
        made = method.reconstruct(complete(held_out[judged], train) - zero) + zero
        of = errors(held_out[judged], made)
        mses = [each.mse * unit for each in (of, part(theirs, judged), part(compared.ours, judged))]
        found.append(Beside(name, dimensions, len(known), len(judged), len(judged) == len(usual), *mses))
    return tuple(found)


def counted(train: Data) -> bool:
    """Whether values are counts: likely ones, whole numbers in a scan, or such before their preparation."""
    x = train.source.take(range(min(LOOKED_AT, len(train))))
    prepared = train.scan is not None and train.scan.preparation.counts != "none"
    return prepared or (is_whole(x) if train.scan is not None else is_counts(x))


def drawn(rows: Index, values: int) -> Index:
    """As many of `rows` of so many values as are fitted to, drawn at random, in order."""
    return np.sort(np.random.default_rng(0).permutation(rows)[: rows_for(values)])


def complete(x: Array, train: Array) -> Array:
    """`x (n, values)` with the training mean in place of what is missing."""
    return np.where(np.isnan(x), means(train), x) if np.isnan(x).any() else x


def part(found: Errors, rows: Index) -> Errors:
    """The errors of some rows."""
    return Errors(*(each[rows] for each in found))
