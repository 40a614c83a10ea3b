"""What a latent dimension means: its correlation with columns, what is lost without it, what it changes.

Measured on held-out rows when a run is assessed, and kept with its evidence. Latent dimensions are counted
from 0, as in the names that scikit-learn gives them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.core.registry import within
from narrows.data.columns import value_names
from narrows.data.schema import Array
from narrows.evaluation.errors import means
from narrows.model.build import BYPASSED
from narrows.runs.evidence import Dimensions
from narrows.runs.run import Run
from narrows.runs.scaler import Scaled

ROWS = 1000
"""Held-out rows that are used at the most."""

MOST = 64
"""Latent dimensions that are measured at the most: those that vary most."""

BINS = 10
"""Bins of equal count into which a latent dimension is cut at the most, to see what it explains."""


def meanings(run: Run, held_out: Scaled) -> Dimensions | None:
    """What the latent dimensions mean, from held-out rows.

    Returns:
        Correlations and shares only of a table; None for a model whose output does not follow from a code.
    """
    if run.model.bypassed:
        return None
    some = held_out.rows(np.sort(np.random.default_rng(0).permutation(len(held_out))[:ROWS]))
    x, codes = some.flat, run.encode(some).astype(np.float32)
    chosen = np.sort(np.argsort(-codes.std(axis=0), kind="stable")[:MOST])
    found = Dimensions(chosen, importance(run, x, codes, chosen))
    if not run.schema.columns:
        return found
    share = np.stack([explained(codes[:, j], x) for j in chosen])
    return replace(found, correlation=rank_correlation(codes[:, chosen], x), share=share)


LEAST = 1e-3
"""The share of the variance below which a model explains nothing."""


def importance(run: Run, x: Array, codes: Array, chosen: Array) -> NDArray[np.float64]:
    """The increase of the error when each dimension in `chosen` is set to its mean.

    In units of the variance that the whole code explains; 0 where it explains none.
    """

    def error(z: Array) -> float:
        return float(np.nanmean((run.decode_scaled(z) - x) ** 2))

    whole, mean = error(codes), codes.mean(axis=0)
    variance = float(np.nanmean((x - means(x)) ** 2))
    there = variance - whole
    if there <= LEAST * variance:
        return np.zeros(len(chosen))
    every = np.arange(codes.shape[1])
    without = [error(np.where(every == j, mean, codes)) for j in chosen]
    return np.array([(e - whole) / there for e in without])


def explained(z: Array, x: Array) -> NDArray[np.float64]:
    """The adjusted share of the variance of each column of `x (n, columns)` that bins of `z (n,)` explain."""
    bins = max(2, min(BINS, len(z) // 10))
    edges = np.unique(np.quantile(z, np.linspace(0, 1, bins + 1)[1:-1]))
    member = (np.searchsorted(edges, z, side="right")[:, None] == np.arange(len(edges) + 1)).astype(
        np.float64
    )
    seen = ~np.isnan(x)
    n = np.maximum(seen.sum(axis=0), 1)
    centred = np.where(seen, x - np.where(seen, x, 0).sum(axis=0) / n, 0.0)
    count, total = member.T @ seen, (centred**2).sum(axis=0)
    between = ((member.T @ centred) ** 2 / np.maximum(count, 1)).sum(axis=0)
    share = np.where(total > 0, between / np.where(total > 0, total, 1.0), 0.0)
    used = (count > 0).sum(axis=0)
    adjusted = 1 - (1 - share) * (n - 1) / np.maximum(n - used, 1)
    return np.asarray(np.where(n > used, np.clip(adjusted, 0.0, 1.0), 0.0))


def rank_correlation(a: Array, b: Array) -> NDArray[np.float64]:
    """Spearman's correlation of each column of `a (n, p)` with each of `b (n, q)`; 0 of what is constant.

    A missing cell gets the mean rank.
    """
    from scipy.stats import rankdata

    ranks = [rankdata(x, axis=0, nan_policy="omit") for x in (a, b)]
    centred = [np.nan_to_num(r - means(r)) for r in ranks]
    lengths = [np.sqrt((c**2).sum(axis=0)) for c in centred]
    unit = [c / np.where(n > 0, n, 1.0) for c, n in zip(centred, lengths, strict=True)]
    return np.asarray(unit[0].T @ unit[1])


def dimensions(run: Run) -> list[dict[str, Any]]:
    """The latent dimensions, the most important first, each with all columns of a table, the closest first.

    Returns:
        Rows of `dimension` and `importance`; of a table also of `column`, `correlation` and `share`.

    Raises:
        InputError: for a run of which that was not measured.
    """
    found = run.evidence.meaning
    if found is None:
        raise InputError(
            "What the latent dimensions mean was not measured for this run: its output bypasses the latent "
            "code, or an earlier version of Narrows fitted it."
        )
    rows: list[dict[str, Any]] = []
    for i in np.argsort(-found.importance, kind="stable"):
        own = {"dimension": int(found.dimensions[i]), "importance": float(found.importance[i])}
        rows += [own] if found.share is None else [{**own, **column} for column in columns(run, found, i)]
    return rows


def columns(run: Run, found: Dimensions, i: int) -> Iterator[dict[str, Any]]:
    """The columns of a table, the closest to the `i`-th dimension of `found` first."""
    assert found.share is not None
    assert found.correlation is not None
    names = value_names(run.schema.columns)
    for j in np.argsort(-found.share[i], kind="stable"):
        correlation, share = float(found.correlation[i, j]), float(found.share[i, j])
        yield {"column": names[j], "correlation": correlation, "share": share}


def traversal(run: Run, dimension: int, steps: int = 9) -> Array:
    """What changes along a latent dimension: examples `(steps, *shape)`, as the data came.

    The dimension goes from its 1st to its 99th percentile among the held-out codes, and all others stay at
    their median.

    Args:
        run: the fitted run.
        dimension: which latent dimension, counted from 0.
        steps: examples on the way, with both ends.

    Raises:
        InputError: for a dimension that the code does not have, or a model that decodes no codes.
    """
    within("steps", steps, 2, 10_000)
    within("dimension", dimension, 0, run.model.code_size - 1)
    if run.unfinished or run.model.bypassed:
        raise InputError(run.unfinished or BYPASSED)
    codes = run.evidence.codes
    assert codes is not None
    path = np.repeat(np.median(codes, axis=0, keepdims=True), steps, axis=0)
    low, high = np.quantile(codes[:, dimension], [0.01, 0.99])
    path[:, dimension] = np.linspace(low, high, steps)
    return run.decode(path)
