"""How well scores tell edges from other pairs of nodes, and methods without training that score them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import eigsh
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score
from sklearn.utils.extmath import randomized_svd

from narrows.data.graphs.edges import Pairs
from narrows.data.graphs.propagation import adjacency, normalised_adjacency

Floats = NDArray[np.float64]

Scores = Callable[[Pairs], Floats]
"""The scores `(m,)` of pairs of nodes `(m, 2)`; higher for likelier edges."""

CHUNK = 2**12
"""Pairs that are scored at a time."""


class LinkScores(NamedTuple):
    """Scores of the same pairs of nodes by one method.

    Attributes:
        positive: of held-out edges, `(m,)`.
        negative: of pairs that no edge joins, `(k,)`.
    """

    positive: Floats
    negative: Floats

    @property
    def auc(self) -> float:
        """The share of edges and other pairs, two by two, where the edge has the higher score; ½ of a tie."""
        return float(self.wins[0].mean())

    @property
    def ap(self) -> float:
        """The average precision."""
        both = np.concatenate(self)
        truth = np.repeat([1, 0], [len(self.positive), len(self.negative)])
        return float(average_precision_score(truth, both))

    @property
    def wins(self) -> tuple[Floats, Floats]:
        """Of each edge the share of other pairs below it; of each of these the share of edges above it."""
        m, k = map(len, self)
        ranks = rankdata(np.concatenate(self))
        own = rankdata(self.positive), rankdata(self.negative)
        return (ranks[:m] - own[0]) / k, 1 - (ranks[m:] - own[1]) / m


def auc_gain(ours: LinkScores, theirs: LinkScores) -> tuple[float, float]:
    """95 % interval of the difference of two AUC on the same pairs, by the variance of its parts.

    DeLong, DeLong & Clarke-Pearson 1988, "Comparing the areas under two or more correlated receiver
    operating characteristic curves", Biometrics 44. Edges count as independent of each other.
    """
    differences = [a - b for a, b in zip(ours.wins, theirs.wins, strict=True)]
    gain = float(differences[0].mean())
    spread = np.sqrt(sum(each.var(ddof=1) / len(each) if len(each) > 1 else np.inf for each in differences))
    return gain - 1.96 * float(spread), gain + 1.96 * float(spread)


@dataclass(frozen=True, eq=False)
class Known:
    """What methods without training are fitted to: the training edges, and the features of the nodes.

    Attributes:
        edges: `(m, 2)`.
        n: the number of nodes.
        features: `(n, features)`, by how they are scaled; none for nodes without.
    """

    edges: Pairs
    n: int
    features: Mapping[str, Floats] = field(default_factory=dict)


def yardsticks(known: Known, dimensions: int) -> dict[str, Scores]:
    """Methods without training by name; those that suit the features."""
    if known.features:
        s = normalised_adjacency(known.edges, known.n)
        return {
            f"the SVD of S²X{how}, {dimensions} components": smoothed_svd(s, x, dimensions)
            for how, x in known.features.items()
        }
    return {
        f"the SVD of S², {SPECTRAL} components": spectral(known),
        "Katz": katz(known),
        "the product of degrees": degrees(known),
    }


def smoothed_svd(s: sparse.csr_matrix, features: Floats, dimensions: int) -> Scores:
    """The cosine of the rows of the truncated SVD of S²X, S the normalised adjacency with self-loops."""
    smooth = s @ (s @ features)
    rows, values, _ = randomized_svd(smooth, min(dimensions, *smooth.shape), random_state=0)
    return inner_products(unit_length(rows * values))


SPECTRAL = 128
"""Components of the SVD of S², at the most."""


def spectral(known: Known) -> Scores:
    """The inner products of the rows of the truncated SVD of S²: S has the same vectors and the roots.

    Where eigenvalues are equal, as of a graph in many parts, their vectors depend on random numbers, which
    are fixed.
    """
    count, rng = min(SPECTRAL, known.n - 1), np.random.default_rng(0)
    s, start = normalised_adjacency(known.edges, known.n), rng.standard_normal(known.n)
    values, vectors = eigsh(s, count, v0=start, rng=rng)
    return inner_products(vectors * np.abs(values))


BETA = 0.05
"""The factor of each further step of a walk in the Katz index."""


def katz(known: Known) -> Scores:
    """Σ βᵏ (Aᵏ)_ij over the lengths k of walks up to 5 (Katz 1953, Psychometrika 18)."""
    a = adjacency(known.edges, known.n)

    def score(pairs: Pairs) -> Floats:
        return np.concatenate([walks(a, *chunk.T) for chunk in chunks(pairs, 500)])

    return score


def walks(a: sparse.csr_matrix, i: NDArray[np.int64], j: NDArray[np.int64]) -> Floats:
    """The Katz index of the pairs `i, j`, from walks that begin at both ends and meet."""
    one, other = a[i], a[j]
    two, second = one @ a, other @ a
    meetings = (a[i, j], one.multiply(other), two.multiply(other), two.multiply(second))
    counts = [np.asarray(each.sum(axis=1)).ravel() for each in (*meetings[1:], (two @ a).multiply(second))]
    return sum(
        (BETA ** (k + 2) * count for k, count in enumerate(counts)), BETA * np.asarray(meetings[0]).ravel()
    )


def degrees(known: Known) -> Scores:
    """(d_i + 1) (d_j + 1): who has many neighbours gets more (Barabási & Albert 1999, Science 286)."""
    near = 1 + np.bincount(known.edges.ravel(), minlength=known.n)
    return inner_products(near.astype(np.float64)[:, None])


def inner_products(rows: Floats) -> Scores:
    """The inner products of `rows (n, dimensions)`."""

    def score(pairs: Pairs) -> Floats:
        return np.concatenate([np.einsum("ij,ij->i", *rows[c.T]) for c in chunks(pairs, CHUNK)])

    return score


def chunks(pairs: Pairs, size: int) -> Iterator[Pairs]:
    """`pairs`, so many at a time."""
    return (pairs[first : first + size] for first in range(0, len(pairs), size))


def unit_length(rows: Floats) -> Floats:
    """`rows (n, dimensions)` of length 1; rows of zeros stay."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
