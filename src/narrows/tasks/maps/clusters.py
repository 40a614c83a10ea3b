"""Clusters of codes: those of the mixture that a model was trained with, or k-means."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.core.records import Batch
from narrows.data.columns import Array
from narrows.data.examples import draw_rows
from narrows.data.sources import Source
from narrows.model.bottlenecks.mixture import Mixture
from narrows.model.build import Model
from narrows.runs.run import Run

FITTED, MEASURED = 20_000, 2_000
"""Codes that k-means is fitted to, and codes of which the silhouette is measured, at the most."""

MOST = 8
"""Clusters that are tried, where their number is not given."""

Labels = NDArray[np.intp]


def cluster(run: Run, source: Source, codes: Array, count: int | None) -> Labels:
    """The cluster of each example, `(n,)`, from 0 for the largest.

    Args:
        run: whose codes they are.
        source: the examples.
        codes: `(n, code_size)`.
        count: of clusters; None takes those of a mixture, or as many from 2 to `MOST` as give k-means the
            largest silhouette (Rousseeuw 1987, "Silhouettes", J. Comput. Appl. Math. 20).

    Raises:
        InputError: for another number of clusters than a mixture has, or more than there are codes.
    """
    mixture = run.model.bottleneck
    if isinstance(mixture, Mixture) and count in (None, mixture.components):
        return by_size(run.apply(source, likeliest))
    if count is not None and not 2 <= count < len(codes):
        raise InputError(f"{count} clusters were asked for; wanted are 2 or more, and fewer than examples.")
    spread = codes.std(axis=0)
    standard = (codes - codes.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return by_size(k_means(standard, count))


def likeliest(model: Model, batch: Batch) -> torch.Tensor:
    """The likeliest component of each example, `(batch,)`."""
    index = model.bottleneck(model.encoder(batch.x, batch.context), batch.context, sample=False).index
    assert index is not None
    return index


def k_means(codes: Array, count: int | None) -> Labels:
    """The cluster of each of `codes (n, d)` by k-means."""
    from sklearn.cluster import KMeans

    known = codes[draw_rows(len(codes), FITTED)]
    counts = range(2, min(MOST, len(codes) - 1) + 1) if count is None else [count]
    fitted = [KMeans(k, n_init=3, random_state=0).fit(known) for k in counts]
    best = max(fitted, key=lambda each: silhouette(known, each.labels_)) if len(fitted) > 1 else fitted[0]
    return np.asarray(best.predict(codes), dtype=np.intp)


def silhouette(codes: Array, labels: Labels) -> float:
    """The mean silhouette of a sample of `codes (n, d)`; -1 if all are in one cluster."""
    from sklearn.metrics import silhouette_score

    rows = draw_rows(len(codes), MEASURED)
    if len(np.unique(labels[rows])) < 2:
        return -1.0
    return float(silhouette_score(codes[rows], labels[rows]))


def by_size(labels: Array) -> Labels:
    """`labels (n,)` numbered from 0, the largest cluster first.

    >>> by_size(np.array([5, 2, 2, 7, 2, 7])).tolist()
    [2, 0, 0, 1, 0, 1]
    """
    found, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    rank = np.empty(len(found), dtype=np.intp)
    rank[np.argsort(-counts, kind="stable")] = np.arange(len(found))
    return rank[inverse]
