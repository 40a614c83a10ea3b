"""Linear probes of the nodes of a graph: of their codes, beside their features and the SVD of S²X.

All nodes, edges and features are known when the model is fitted; labels are not.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from narrows.data.examples import Data
from narrows.data.graphs.propagation import normalised_adjacency
from narrows.data.schema import Array
from narrows.evaluation.errors import Floats
from narrows.evaluation.link_prediction import unit_length
from narrows.runs.run import Run
from narrows.tasks.few_labels.labelled_split import LabelledSplit
from narrows.tasks.few_labels.linear_probes import Probes

STEPS = 2
"""Over so many steps along the edges codes are averaged; chosen on validation nodes of Citeseer."""


def node_probes(data: Data, run: Run, parts: LabelledSplit) -> Probes:
    """Probes of the nodes with the numbers in `parts`, in each of `representations`."""
    of_all = representations(data, run)
    index = parts.values, parts.test_values
    return Probes(parts, {name: [rows[some] for some in index] for name, rows in of_all.items()})


def representations(data: Data, run: Run) -> dict[str, Floats]:
    """The nodes as `(n, values)`: codes, features, features averaged over neighbours, and the SVD of these.

    Codes have length 1, as the decoder compares their angles, and are averaged over neighbours, as the
    components of the SVD are. Of nodes without features S takes the place of S²X: the SVD is spectral.
    """
    s = normalised_adjacency(np.asarray(data.source.context["edges"]), len(data))
    codes = averaged(s, unit_length(run.encode(data.source).astype(np.float64)))
    if run.schema.domain(run.scaling).nodes:
        return {"pretrained": codes, "svd": averaged(s, components(s, run.model.code_size))}
    x = unit_length(run.scaler.prepare(data.source).flat.astype(np.float64))
    smooth = s @ (s @ x)
    svd = averaged(s, components(smooth, run.model.code_size))
    return {"pretrained": codes, "features": x, "smoothed": smooth, "svd": svd}


def components(rows: Array | sparse.csr_matrix, count: int) -> Floats:
    """The leading `count` components of the SVD of `rows`, `(n, count)`."""
    from sklearn.utils.extmath import randomized_svd

    left, values, _ = randomized_svd(rows, min(count, *rows.shape), random_state=0)
    return np.asarray(left * values)


def averaged(s: sparse.csr_matrix, rows: Floats) -> Floats:
    """The mean of S h to Sᵏ h of the rows h, k `STEPS`.

    Zhu & Koniusz 2021, "Simple spectral graph convolution", ICLR.
    """
    total, h = np.zeros_like(rows), rows
    for _ in range(STEPS):
        h = s @ h
        total += h
    return total / STEPS
