"""What a run says of each place of a scan: code, error, anomaly score and cluster; and means of clusters."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from narrows.core.errors import InputError
from narrows.data.columns import Array
from narrows.data.examples import Data
from narrows.data.scan import Scan
from narrows.data.sources import Source
from narrows.evaluation.errors import errors
from narrows.runs.run import Run
from narrows.tasks.anomalies.detector import Detector
from narrows.tasks.maps.clusters import Labels, cluster
from narrows.training.progress import Counting, uncounted


class Maps(NamedTuple):
    """Results for each of the `n` places of a scan, in its order.

    Attributes:
        scan: the places.
        codes: `(n, code_size)`.
        errors: mean squared error per value, on the model's scale, `(n,)`.
        scores: anomaly scores, `(n,)`; None if they were left out.
        clusters: `(n,)`, 0 is the largest.
        means: the mean signal of each cluster, `(clusters, *signal)`.
        poses: how each pattern lies, `(n,)` by name, where the run finds that.
    """

    scan: Scan
    codes: Array
    errors: NDArray[np.float64]
    scores: NDArray[np.float64] | None
    clusters: Labels
    means: NDArray[np.float64]
    poses: Mapping[str, Array] = MappingProxyType({})

    @property
    def arrays(self) -> dict[str, Array]:
        """All maps by name, each in the shape of the scan; of clusters their numbers."""
        named: dict[str, Array] = {f"z{i}": column for i, column in enumerate(self.codes.T)}
        named |= self.poses
        named |= {"error": self.errors} | ({} if self.scores is None else {"anomaly": self.scores})
        return {name: self.scan.picture(each) for name, each in (named | {"cluster": self.clusters}).items()}

    @property
    def sizes(self) -> list[int]:
        """The number of places in each cluster."""
        return np.bincount(self.clusters, minlength=len(self.means)).tolist()


def measure(
    run: Run, data: Data, count: int | None = None, *, scored: bool = True, progress: Counting = uncounted
) -> Maps:
    """The maps of a scan.

    Args:
        run: fitted to signals like these.
        data: of a scan; its signals are read in blocks.
        count: of clusters; see `narrows.tasks.maps.clusters.cluster`.
        scored: whether anomaly scores are computed, too.
        progress: shows how far it is.

    Raises:
        InputError: for data that are no scan.
    """
    if data.scan is None:
        raise InputError(
            f"{data.name} is no scan: its examples have no places beside each other; say which axes are "
            f"places with --axes, as YX|E or YX|KyKx."
        )
    codes, wrong = codes_and_errors(run, data.source, progress)
    scores = Detector(run, progress).scores(data.source) if scored else None
    clusters = cluster(run, data.source, codes, count)
    means = cluster_means(data.source, clusters, progress)
    return Maps(data.scan, codes, wrong, scores, clusters, means, run.poses(data.source))


def codes_and_errors(run: Run, source: Source, progress: Counting) -> tuple[Array, NDArray[np.float64]]:
    """The code of each example, and its mean squared error per value."""
    found = []
    for rows in progress(source.blocks(), len(source.blocks()), "codes and errors"):
        block = source.take(rows)
        scaled = run.scaler.prepare(block)
        wrong = errors(run.scaled(block), run.reconstruct_scaled(scaled)).per_value
        found.append((run.encode(scaled), wrong))
    codes, wrong = map(np.concatenate, zip(*found, strict=True))
    return source.in_order(codes), source.in_order(wrong)


def cluster_means(source: Source, clusters: Labels, progress: Counting) -> NDArray[np.float64]:
    """The mean of the examples of each cluster, `(clusters, *signal)`; missing values are left out."""
    shape = (int(clusters.max()) + 1, *source.shape[1:])
    sums, counts = np.zeros(shape), np.zeros(shape)
    for rows in progress(source.blocks(), len(source.blocks()), "means of clusters"):
        block, owner = source.take(rows).astype(np.float64), clusters[np.asarray(rows)]
        there = ~np.isnan(block)
        np.add.at(sums, owner, np.where(there, block, 0.0))
        np.add.at(counts, owner, there)
    return sums / np.maximum(counts, 1)
